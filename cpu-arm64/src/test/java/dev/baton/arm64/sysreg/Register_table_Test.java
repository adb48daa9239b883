package dev.baton.arm64.sysreg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tables are the index of the machine: no row may contradict another, the assembler or the manual. */
class Register_table_Test {
    /** Younger than the binutils of the distributions we know (2.40). */
    private static final Set<String> UNKNOWN_TO_OLD_ASSEMBLERS = Set.of("ID_AA64PFR2_EL1", "ID_AA64FPFR0_EL1", "ID_AA64ISAR3_EL1",
            "ID_AA64MMFR3_EL1", "ID_AA64MMFR4_EL1");

    @TempDir
    Path dir;

    @Test
    void no_two_rows_share_a_name_or_an_encoding() {
        Set<String> names = new HashSet<>();
        Map<Integer, String> keys = new HashMap<>();
        for (Row r : Row.ALL) {
            assertTrue(names.add(r.name()), r.name() + " is there twice");
            String other = keys.put(r.key(), r.name());
            assertEquals(null, other, () -> other + " and " + r.name() + " have one encoding");
        }
        assertTrue(Row.ALL.size() > 250, "the table was read: " + Row.ALL.size() + " rows");
    }

    @Test
    void every_name_in_a_column_is_known() {
        Set<String> names = new HashSet<>();
        Row.ALL.forEach(r -> names.add(r.name()));
        for (Row r : Row.ALL) {
            r.traps().forEach(Traps::named);
            assertTrue(r.e2h() == null || names.contains(r.e2h()), r.name() + " redirects to " + r.e2h());
            assertTrue(r.alias() == null || names.contains(r.alias()), r.name() + " is an alias of " + r.alias());
            assertTrue(r.feature() == null || Features.known(r.feature()), r.name() + " needs " + r.feature());
            assertTrue(r.after().isEmpty() || r.after().equals("translation"), r.name() + " sets off " + r.after());
        }
    }

    @Test
    void every_row_of_optional_bits_names_a_register_that_has_not_these_bits_without_the_feature() {
        for (Row.FeatureBits b : Row.FeatureBits.ALL) {
            Row r = Row.ALL.stream().filter(x -> x.name().equals(b.register())).findAny().orElseThrow(() -> new AssertionError(b));
            assertEquals(0, r.bits() & b.bits(), () -> b + " are bits of the base architecture in sysreg.tab");
            assertTrue(Features.known(b.feature()), b.feature());
        }
    }

    @Test
    void every_el12_and_el02_name_is_an_alias_and_nothing_else_is() {
        for (Row r : Row.ALL) {
            boolean suffix = r.name().endsWith("_EL12") || r.name().endsWith("_EL02");
            assertEquals(suffix, r.alias() != null, r.name());
            if (suffix) {
                assertEquals(r.name().substring(0, r.name().length() - 1), r.alias());
                assertEquals(5, r.key() >>> 11 & 7, r.name() + ": op1 is 5");
            }
        }
    }

    @Test
    void op1_tells_the_lowest_level_of_el2_and_el3_registers() {
        for (Row r : Row.ALL) {
            int op1 = r.key() >>> 11 & 7;
            if (op1 == 4 || op1 == 5) {
                assertEquals(2, r.el(), r.name());
            } else if (op1 == 6) {
                assertEquals(3, r.el(), r.name());
            }
        }
    }

    @Test
    void every_row_of_a_model_names_a_register_or_a_cache() {
        CpuModel.named("baton-v8").values().keySet().forEach(name -> assertTrue(
                name.startsWith("CCSIDR_L") || Row.ALL.stream().anyMatch(r -> r.name().equals(name) && r.model()) , name));
    }

    @Test
    void the_assembler_agrees_about_every_encoding() throws Exception {
        List<String> source = new ArrayList<>();
        List<Integer> expected = new ArrayList<>();
        for (Row r : Row.ALL) {
            if (!UNKNOWN_TO_OLD_ASSEMBLERS.contains(r.name())) {
                source.add(r.readable() ? "mrs x0, " + r.name() : "msr " + r.name() + ", x0");
                expected.add(0xd500_0000 | (r.readable() ? 1 << 21 : 0) | (r.key() | 1 << 15) << 5);
            }
        }
        for (String line : CpuModel.lines("sysinsn.tab")) {
            String[] f = line.split("\\s+");
            String[] name = f[0].split("_");
            boolean operand = !name[1].matches("IALLU(IS)?|VMALL.*|ALLE.*");
            source.add(name[0] + " " + name[1] + (operand ? ", x0" : ""));
            expected.add(0xd508_0000 | Integer.parseInt(f[1]) << 16 | Integer.parseInt(f[2]) << 12 | Integer.parseInt(f[3]) << 8
                    | Integer.parseInt(f[4]) << 5 | (operand ? 0 : 31));
        }
        List<Integer> words = assemble(source);
        assertEquals(expected.size(), words.size());
        for (int i = 0; i < words.size(); i++) {
            assertEquals(Integer.toHexString(expected.get(i)), Integer.toHexString(words.get(i)), source.get(i));
        }
    }

    private List<Integer> assemble(List<String> source) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/aarch64-linux-gnu-as")), "needs aarch64-linux-gnu-as of binutils");
        Path s = dir.resolve("table.s");
        Files.write(s, source);
        run("aarch64-linux-gnu-as", "-march=armv8.7-a+sve2+sme+rng", "-o", dir.resolve("table.o").toString(), s.toString());
        String text = run("aarch64-linux-gnu-objdump", "-d", dir.resolve("table.o").toString());
        List<Integer> words = new ArrayList<>();
        Matcher m = Pattern.compile("^\\s+[0-9a-f]+:\\s+([0-9a-f]{8})\\s", Pattern.MULTILINE).matcher(text);
        while (m.find()) {
            words.add(Integer.parseUnsignedInt(m.group(1), 16));
        }
        return words;
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, p.waitFor(), out);
        return out;
    }
}
