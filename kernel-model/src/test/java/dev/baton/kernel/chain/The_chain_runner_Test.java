package dev.baton.kernel.chain;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.finding.Finding;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class The_chain_runner_Test {
    private final FakeMachines machines = new FakeMachines();

    private RunResult run(String text) {
        return run(text, Progress.NONE);
    }

    private RunResult run(String text, Progress progress) {
        ChainFile file = ChainFile.parse("c.yaml", null, text.getBytes(StandardCharsets.UTF_8));
        return new ChainRunner(machines, progress).run(file).getFirst();
    }

    private static String chain(String firstExpect, String lastSteps, String rest) {
        return """
                baton: 1
                name: c
                machine: {memory: 16M, limit: 1M}
                kernels: {a: {era: 7.2}, b: {era: 7.2}}
                generations:
                  - kernel: a
                    steps: [boot, preserve: {orders: [0, 1, 2]}, load, kexec]
                    expect: {%s}
                  - kernel: b
                    steps: [boot, restore, %s]
                    expect: {kho: kho-v4, folios-restored: 3}
                %s
                """.formatted(firstExpect, lastSteps, rest);
    }

    private static final Finding FINDING = new Finding("a-made-up-rule", Finding.Severity.ERROR, "a load saw old bytes", 0, 0x1000, 7,
            Map.of("missing", "DC CVAC of kern_reloc_arg"), "DDI 0487");

    @Test
    void passes_a_chain_that_does_what_it_says() {
        RunResult r = run(chain("kho: none, folios-preserved: 3, console: [generation 1 is a], entry: {x1: 0}", "power-off", ""));
        assertAll(
                () -> assertEquals(List.of(), r.failures()),
                () -> assertEquals(RunResult.Verdict.PASSED, r.verdict()),
                () -> assertEquals(Outcome.Exit.POWER_OFF, r.exit()),
                () -> assertEquals(2, r.generations().size()),
                () -> assertEquals(List.of("Linux version fake, generation 2 is b"), r.generations().get(1).console()));
    }

    @Test
    void names_every_expectation_that_fails() {
        RunResult r = run(chain("kho: kho-v4, folios-preserved: 2, console: [generation 2], console-never: [version], "
                + "entry: {x1: 5, x9: 0}, fdt: [{node: /, property: model}]", "power-off",
                "expect: {errors: [lost], console: [generation 2, generation 1]}"));
        assertEquals(List.of(
                "generation 1: no console line contains 'generation 2'",
                "generation 1: a console line must not contain 'version': Linux version fake, generation 1 is a",
                "generation 1: KHO state found at boot: expected kho-v4, found none",
                "generation 1: folios preserved: expected 2, found 3",
                "generation 1: x1 at entry: expected 0x5, found 0x0",
                "generation 1: x9 at entry: expected 0x0, found no such register",
                "generation 1: the device tree it was started with was not found",
                "the run: no console line after the one expected before contains 'generation 1'",
                "errors: expected 'lost', found none"), r.failures());
        assertEquals(1, RunResult.exitCode(List.of(r)));
    }

    @Test
    void holds_memory_against_the_bytes_expected() {
        machines.atStart = (m, g) -> m.bus().ram(FakeMachines.RAM).place(FakeMachines.RAM + 64, new byte[] {1, 2, 3}, 0, 3);
        assertEquals(List.of(), run(chain("memory: [{at: 0x40000040, bytes: 01 02 03}]", "power-off", "")).failures());
        assertEquals(List.of("generation 1: memory at 0x40000040: expected ff, found 01", "generation 1: memory at 0x10: expected RAM"),
                run(chain("memory: [{at: 0x40000040, bytes: ff}, {at: 0x10, bytes: 00}]", "power-off", "")).failures());
    }

    @Test
    void fails_when_the_jump_was_not_compared_with_the_plan() {
        machines.atStart = (m, g) -> g.oracleDifferences.add("x0 differs");
        RunResult r = run(chain("", "power-off", ""));
        assertEquals(List.of("generation 1: at the jump x0 differs"), r.failures());
        assertEquals(RunResult.Verdict.PASSED, run(chain("oracle: unchecked", "power-off", "")).verdict());
    }

    @Test
    void fails_on_a_finding_that_is_not_expected_and_on_one_that_does_not_come() {
        String expected = "expect: {findings: [{rule: a-made-up-rule, what: old bytes, details: {missing: kern_reloc_arg}}]}";
        assertEquals(List.of("expected a finding a-made-up-rule, found none"), run(chain("", "power-off", expected)).failures());
        machines.atStart = (m, g) -> m.findings().report("once", FINDING);
        assertEquals(List.of(), run(chain("", "power-off", expected)).failures());
        assertEquals(List.of("finding not expected: a-made-up-rule: a load saw old bytes"), run(chain("", "power-off", "")).failures());
        assertEquals(List.of("finding a-made-up-rule: expected 'nothing' in its missing, found 'DC CVAC of kern_reloc_arg'"),
                run(chain("", "power-off", expected.replace("kern_reloc_arg", "nothing"))).failures());
    }

    @Test
    void says_where_each_cpu_is_when_the_instruction_limit_ends_a_loop() {
        machines.loopsIn = 2;
        RunResult r = run(chain("", "power-off", ""));
        assertAll(
                () -> assertEquals(RunResult.Verdict.STUCK, r.verdict()),
                () -> assertEquals(3, RunResult.exitCode(List.of(r))),
                () -> assertEquals(1_000_000, r.instructions()),
                () -> assertTrue(r.failures().contains("the run ended by stuck, expected power-off"), r.failures()::toString),
                () -> assertTrue(r.stuck().get(0).startsWith("cpu0 running at fake+0x1000: "), r.stuck()::toString),
                () -> assertEquals("  fake+0x1004 -> fake+0x1000", r.stuck().get(1)),
                () -> assertEquals("last console line: Linux version fake, generation 2 is b", r.stuck().getLast()));
    }

    @Test
    void takes_a_halt_that_is_expected_for_a_success() {
        assertEquals(RunResult.Verdict.PASSED, run(chain("", "halt", "expect: {exit: stuck}")).verdict());
        assertEquals(RunResult.Verdict.STUCK, run(chain("", "halt", "")).verdict());
    }

    @Test
    void counts_the_generations_that_start() {
        machines.loopsIn = 1;
        RunResult r = run(chain("", "power-off", ""));
        assertTrue(r.failures().contains("1 generations started, expected 2"), r.failures()::toString);
        assertEquals(RunResult.Verdict.PASSED,
                run(chain("folios-preserved: 0", "power-off", "expect: {exit: stuck, generations: 1}")).verdict());
    }

    @Test
    void writes_repetitions_out_and_bounds_growth() {
        String text = """
                baton: 1
                name: c
                machine: {memory: 16M}
                kernels: {a: {era: 7.2}}
                generations:
                  - {kernel: a, repeat: 100, steps: [preserve: {orders: [0]}, load, kexec]}
                  - {kernel: a, steps: [restore, power-off]}
                expect: {growth: {segments: 0, segment-bytes: 0, allocated: 1K, reserved: 0}}
                """;
        RunResult r = run(text);
        assertEquals(List.of(), r.failures());
        assertEquals(101, r.generations().size());
        machines.atStart = (m, g) -> {
            for (int i = 0; i < g.number; i++) {
                g.loaded.add(new dev.baton.kernel.GenerationReport.Segment("leak", 0, 10));
            }
            g.allocatedBytes = 4096L * g.number;
        };
        assertEquals(List.of("growth: generation 2 has 3 segments, generation 100 has 101: expected at most 0 more",
                "growth: generation 2 has 4116 bytes in segments, generation 100 has 5096: expected at most 0 more",
                "growth: generation 2 has 8192 bytes allocated, generation 100 has 409600: expected at most 1024 more"),
                run(text).failures());
    }

    @Test
    void runs_a_deterministic_chain_twice_and_compares() {
        RunResult same = run(chain("", "power-off", "expect: {deterministic: true}"));
        assertEquals(RunResult.Verdict.PASSED, same.verdict());
        assertEquals(2, machines.booted);
        machines.atStart = (m, g) -> m.bus().ram(FakeMachines.RAM).place(FakeMachines.RAM, new byte[] {(byte) machines.booted}, 0, 1);
        RunResult other = run(chain("", "power-off", "expect: {deterministic: true}"));
        assertTrue(other.failures().getFirst().startsWith("two runs ended in different states: 0x"), other.failures()::toString);
    }

    @Test
    void skips_a_chain_whose_files_are_absent_with_the_reason() {
        RunResult r = run(chain("", "power-off", "requires: [{file: no/such/Image, hint: run scripts/fetch}]"));
        assertEquals(RunResult.Verdict.SKIPPED, r.verdict());
        assertEquals(List.of("no/such/Image: no such file; run scripts/fetch"), r.failures());
        assertEquals(0, RunResult.exitCode(List.of(r)));
        assertEquals(0, machines.booted);
    }

    @Test
    void ends_when_the_last_awaited_line_of_a_kernel_that_is_not_ours_came() throws java.io.IOException {
        java.nio.file.Path image = java.nio.file.Files.createTempFile("Image", "");
        try {
            String text = """
                    baton: 1
                    name: c
                    machine: {memory: 16M, limit: 1M}
                    kernels: {a: {era: 7.2}, r: {image: "%s"}}
                    generations:
                      - {kernel: a, steps: [load, kexec]}
                      - {kernel: r, steps: [await: {console: line 7}, await: {console: line 42}]}
                    expect: {exit: running}
                    """.formatted(image);
            RunResult r = run(text);
            assertEquals(List.of(), r.failures());
            assertEquals("a real kernel's line 42", r.generations().get(1).console().getLast());
            RunResult never = run(text.replace("line 42", "no such text"));
            assertEquals(RunResult.Verdict.STUCK, never.verdict());
            assertTrue(never.stuck().contains("no console line contained 'no such text'"), never.stuck()::toString);
        } finally {
            java.nio.file.Files.delete(image);
        }
    }

    @Test
    void tells_its_progress_at_each_generation_and_as_it_goes() {
        machines.loopsIn = 2;
        List<String> seen = new ArrayList<>();
        run(chain("", "power-off", "").replace("limit: 1M", "limit: 20M"), (s, generation, instructions, nanos, line) ->
                seen.add(generation + " " + instructions + " " + line));
        assertEquals(List.of("1 1 ", "2 5 Linux version fake, generation 1 is a", "2 8000000 Linux version fake, generation 2 is b",
                "2 16000000 Linux version fake, generation 2 is b"), seen);
    }
}
