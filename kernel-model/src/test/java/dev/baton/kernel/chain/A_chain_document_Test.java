package dev.baton.kernel.chain;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.mem.CachePolicy;
import dev.baton.kernel.Era;
import dev.baton.kernel.Quirk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

class A_chain_document_Test {
    private static final String SMALL = """
            baton: 1
            name: small
            machine: {cpus: 2, memory: 64MiB, caches: "random:7"}
            kernels:
              a: {era: 7.2, quirks: [kho-append-chosen]}
              b: {era: 6.16}
            generations:
              - kernel: a
                repeat: 3
                steps: [boot, {preserve: {orders: [0, 4]}}, load, kexec]
              - kernel: b
                steps: [restore, power-off]
            """;

    private static ChainFile parse(String text) {
        return ChainFile.parse("c.yaml", null, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String complaint(String text) {
        return assertThrows(ChainException.class, () -> parse(text)).getMessage();
    }

    @Test
    void is_read_with_words_as_they_are_written() {
        Scenario s = Scenario.of(parse(SMALL)).getFirst();
        assertAll(
                () -> assertEquals(64L << 20, s.machine().memory().bytes()),
                () -> assertEquals(new CachePolicy(CachePolicy.Kind.RANDOM, 7), s.machine().caches()),
                () -> assertEquals(Era.V7_2, s.kernels().get("a").era()),
                () -> assertEquals(Era.V6_16, s.kernels().get("b").era()),
                () -> assertEquals(List.of(Quirk.KHO_APPEND_CHOSEN), s.kernels().get("a").quirks()),
                () -> assertEquals(List.of(0, 4), ((Step.Preserve) s.generations().get(2).steps().get(1)).orders()),
                () -> assertEquals(4, s.generations().size()),
                () -> assertEquals(MachineSpec.EnableMethod.PSCI, s.machine().enableMethod()));
    }

    @Test
    void may_be_json_with_comments() {
        String json = """
                { // a comment
                  "baton": 1, "name": "j", "kernels": {"a": {"era": "7.2"}},
                  "generations": [{"kernel": "a", "steps": ["power-off"]}] }
                """;
        assertEquals("j", ChainFile.parse("c.json", null, json.getBytes(StandardCharsets.UTF_8)).chain().name());
    }

    @Test
    void has_variants_that_replace_what_they_write_and_keep_the_rest() {
        List<Scenario> runs = Scenario.of(BuiltInChains.read("arm64-missing-clean"));
        assertAll(
                () -> assertEquals(List.of("arm64-missing-clean/caches-none", "arm64-missing-clean/caches-strict",
                        "arm64-missing-clean/cleaned"),
                        runs.stream().map(Scenario::name).toList()),
                () -> assertEquals(CachePolicy.NONE, runs.get(0).machine().caches()),
                () -> assertEquals(List.of(Quirk.RELOC_ARG_NOT_CLEANED), runs.get(0).kernels().get("first").quirks()),
                () -> assertEquals(Outcome.Exit.STUCK, runs.get(1).expect().exit()),
                () -> assertEquals(List.of(), runs.get(2).kernels().get("first").quirks()),
                () -> assertEquals(Era.RELOC_ARG, runs.get(2).kernels().get("first").era()),
                () -> assertEquals(Outcome.Exit.POWER_OFF, runs.get(2).expect().exit()));
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "cpus: 2       | cpu: 2        | c.yaml:3:11: unknown key 'cpu' at machine.cpu: expected one of board, caches, cpus",
        "cpus: 2       | cpus: many    | c.yaml:3:11: expected a whole number at machine.cpus",
        "cpus: 2       | cpus: 99      | c.yaml:3:11: cpus: expected 1 to 8, found 99",
        "64MiB         | lots          | c.yaml:3:20: size 'lots': expected a number of bytes",
        "64MiB         | 1             | memory: expected whole MiB from 16M to 16G, found 1 bytes",
        "era: 6.16     | era: 6.17     | c.yaml:6:7: era '6.17': expected one of v4.8",
        "era: 6.16     | cmdline: x    | c.yaml:6:3: kernel: expected either an era or an image, found neither",
        "kernel: b     | kernel: c     | c.yaml:11:5: kernel 'c': expected one of a, b",
        "repeat: 3     | repeat: 3000  | c.yaml:9:5: repeat: expected 1 to 1000, found 3000",
        "load, kexec   | load          | expected kexec, power-off or halt as the last step",
        "load, kexec   | kexec, kexec  | expected as the last step",
        "load, kexec   | lod, kexec    | unknown step 'lod': expected one of boot, preserve, restore",
        "[0, 4]        | [0, 11]       | preserve: expected orders of 0 to 10",
        "power-off     | kexec         | kexec: expected another end, no generation follows",
        "name: small   | name: a b     | c.yaml:2:1: key 'name': expected letters, digits, dots and hyphens, found 'a b'",
        "baton: 1      | baton: 2      | c.yaml:1:1: format 2: expected 1",
        "name: small   | name: {       | c.yaml:3:",
        "name: small   | baton: 1      | c.yaml:2:",
        "a: {era       | a: &x {era    | expected no YAML anchors or aliases",
        "kernel: b     | kernel: *x    | expected no YAML anchors or aliases",
    })
    void that_is_wrong_gets_one_sentence_with_its_place(String right, String wrong, String expected) {
        String changed = SMALL.replace(right, wrong);
        assertTrue(!changed.equals(SMALL), "the test must change the document");
        String found = complaint(changed);
        assertTrue(found.contains(expected), found);
        assertEquals(1, found.lines().count(), found);
    }

    @Test
    void cannot_be_larger_or_deeper_than_the_bounds() {
        assertTrue(complaint("#" + "x".repeat(ChainFile.MAX_BYTES)).contains("expected at most 1048576 bytes"));
        String deep = complaint("baton: 1\nname: " + "[".repeat(5000) + "]".repeat(5000));
        assertTrue(deep.startsWith("c.yaml"), deep);
        String wide = complaint("baton: 1\nname: [" + "1,".repeat(250_000) + "1]");
        assertTrue(wide.startsWith("c.yaml"), wide);
    }

    @Test
    void that_is_empty_or_not_text_is_refused() {
        assertTrue(complaint("").startsWith("c.yaml"));
        assertTrue(complaint("- 1").startsWith("c.yaml:1:"), complaint("- 1"));
        byte[] noise = new byte[4096];
        new java.util.Random(1).nextBytes(noise);
        assertTrue(assertThrows(ChainException.class, () -> ChainFile.parse("n.yaml", null, noise)).getMessage().startsWith("n.yaml"));
    }

    @Test
    void of_a_missing_file_says_so() {
        assertEquals("no/such.yaml: cannot be read: no such file",
                assertThrows(ChainException.class, () -> ChainFile.read(Path.of("no/such.yaml"))).getMessage());
    }

    @ParameterizedTest
    @MethodSource("dev.baton.kernel.chain.BuiltInChains#names")
    void of_a_built_in_chain_is_valid_and_named_as_its_file(String name) {
        assertEquals(name, BuiltInChains.read(name).chain().name());
    }
}
