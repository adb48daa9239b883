package dev.baton.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Translation;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.trace.TraceHash;
import dev.baton.devices.board.VirtConfig;
import dev.baton.kernel.Era;
import dev.baton.kernel.UserStep;
import dev.baton.kernel.UserStep.KernelFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.function.UnaryOperator;

class A_run_is_a_function_of_its_inputs {
    private static final long STEP = 500;

    private record Outcome(long traceHash, long stateHash, long instructions, String console) { }

    private static ModelledMachine machine(String caches) {
        return new ModelledMachine(VirtConfig.defaults().withCpus(2).withMemory(64 << 20).withCaches(CachePolicy.parse(caches)));
    }

    /** Two generations of one era, with folios handed over where the era can. */
    private static KernelFile chain(ModelledMachine m, Era era) {
        KernelFile last = m.kernel("second", era, new UserStep.PowerOff());
        return m.kernel("first", era, ModelledMachine.load(last), new UserStep.Kexec());
    }

    private static Outcome run(String caches, Era era, UnaryOperator<Arm64Config> tier) {
        try (ModelledMachine m = machine(caches)) {
            m.tier = tier;
            TraceHash hash = new TraceHash();
            m.start(chain(m, era));
            m.machine().trace(hash);
            assertEquals(StopReason.POWER_OFF, m.machine().run(m.limit), m::console);
            return new Outcome(hash.value(), m.machine().stateHash(), m.machine().instructions(), m.console());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "strict", "adversarial", "random:3"})
    void repeated_it_is_the_same_to_the_bit(String caches) {
        assertEquals(run(caches, Era.V7_2, UnaryOperator.identity()), run(caches, Era.V7_2, UnaryOperator.identity()));
    }

    @Test
    void another_seed_of_random_eviction_leaves_another_machine() {
        assertNotEquals(run("random:3", Era.V7_2, UnaryOperator.identity()).stateHash(),
                run("random:4", Era.V7_2, UnaryOperator.identity()).stateHash());
    }

    @ParameterizedTest
    @EnumSource
    void the_stepper_T0_and_T1_with_and_without_idioms_see_the_same_events(Era era) {
        Outcome t0 = run("strict", era, c -> c.withTranslation(Translation.NEVER));
        assertEquals(t0, run("strict", era, c -> c.withIdioms(false)));
        assertEquals(t0, run("strict", era, c -> c.withStepper(true)));
        assertEquals(t0, run("strict", era, c -> c.withTranslation(Translation.ALWAYS)));
        assertEquals(t0, run("strict", era, c -> c.withTranslation(Translation.ALWAYS).withIdioms(false)));
    }

    /** Somewhere in the copy loop of the relocation routine: the next kernel has not begun, and the console says Bye! */
    private static void runIntoRelocation(ModelledMachine m) {
        for (long n = 0; n < m.limit; n += STEP) {
            assertEquals(StopReason.LIMIT, m.machine().run(STEP), m::console);
            if (m.console().contains("Bye!") && m.host.symbol(m.machine().cpu(0).pc()).startsWith("relocate_")) {
                return;
            }
        }
        throw new AssertionError("the run never came to the relocation: " + m.console());
    }

    @ParameterizedTest
    @EnumSource(names = {"V4_8", "V7_2"})
    void a_snapshot_in_the_middle_of_relocation_goes_on_as_the_original_did(Era era) {
        byte[] snapshot;
        long rest;
        long original;
        long trace;
        try (ModelledMachine m = machine("strict")) {
            m.start(chain(m, era));
            runIntoRelocation(m);
            snapshot = m.machine().snapshot();
            long before = m.machine().instructions();
            trace = finish(m);
            rest = m.machine().instructions() - before;
            original = m.machine().stateHash();
            assertTrue(rest > 10_000, "most of the second kernel was still to come, " + rest);
        }
        try (ModelledMachine m = machine("strict")) {
            KernelFile first = chain(m, era);
            m.build(m.host);
            m.machine().restore(snapshot);
            long before = m.machine().instructions();
            assertEquals(trace, finish(m));
            assertEquals(rest, m.machine().instructions() - before);
            assertEquals(original, m.machine().stateHash());
            assertEquals(List.of(), m.findings());
            assertTrue(m.console().contains("'second'"), () -> first.label() + ": " + m.console());
        }
    }

    private static long finish(ModelledMachine m) {
        TraceHash hash = new TraceHash();
        Machine machine = m.machine();
        machine.trace(hash);
        assertEquals(StopReason.POWER_OFF, machine.run(m.limit), m::console);
        return hash.value();
    }
}
