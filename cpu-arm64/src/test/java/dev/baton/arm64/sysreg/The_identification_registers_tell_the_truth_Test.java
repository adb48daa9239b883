package dev.baton.arm64.sysreg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.generated.A64Decoder;
import dev.baton.arm64.mmu.Vmsa;
import dev.baton.arm64.table.Disassembler;
import dev.baton.arm64.table.InsnTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Every field of every identification register of every model: the value is one that {@code idfields.tab} knows, an advertised feature
 * is there, and what is not advertised is not.
 */
class The_identification_registers_tell_the_truth_Test {
    private static final List<InsnTable.Row> ROWS = InsnTable.load();

    /** The models, and the variants of max. */
    static List<String> models() {
        List<String> all = new ArrayList<>(CpuModel.names());
        all.add("max,pauth-impdef=on");
        all.add("max,pauth=off");
        all.add("max,lpa2=off");
        return all;
    }

    private static List<String> identification() {
        return Row.ALL.stream().map(Row::name).filter(n -> n.matches("ID_.*|MVFR[0-2]_EL1")).toList();
    }

    @ParameterizedTest
    @MethodSource("models")
    void every_field_has_a_value_with_a_known_meaning(String model) {
        List<String> unknown = new ArrayList<>();
        for (String register : identification()) {
            long value = CpuModel.named(model).value(register);
            for (int lsb = 0; lsb < 64; lsb += 4) {
                int v = (int) (value >>> lsb) & 15;
                if (!known(register, lsb, v)) {
                    unknown.add("%s bits %d:%d are %d".formatted(register, lsb + 3, lsb, v));
                }
            }
        }
        assertEquals(List.of(), unknown);
    }

    private static boolean known(String register, int lsb, int v) {
        IdField field = IdField.ALL.stream().filter(f -> f.register().equals(register) && f.lsb() == lsb).findAny().orElse(null);
        if (field == null) {
            return v == 0;
        }
        if (field.number()) {
            return numbers().getOrDefault(field.name(), Set.of()).contains(v);
        }
        return v == 0 || field.signed() && v == 15 || field.levels().stream().anyMatch(l -> l.value() == v);
    }

    /** The values of number fields that {@link #the_numbers_are_those_of_what_is_there} tries, or that promise nothing. */
    private static Map<String, Set<Integer>> numbers() {
        Map<String, Set<Integer>> m = new LinkedHashMap<>();
        m.put("DebugVer", Set.of(6, 8, 9));
        m.put("BRPs", Set.of(5));
        m.put("WRPs", Set.of(3));
        m.put("CTX_CMPs", Set.of(1));
        m.put("PARange", Set.of(2, 4, 5, 6));
        m.put("ASIDBits", Set.of(2));
        // Secure and Non-secure memory are told apart, or there is one.
        m.put("SNSMem", Set.of(0, 1));
        // 0 as at stage 1, 2 supported, 3 with 52 bits.
        m.put("TGran16_2", Set.of(0, 2, 3));
        m.put("TGran64_2", Set.of(0, 2));
        m.put("TGran4_2", Set.of(0, 2, 3));
        m.put("SpecSEI", Set.of(0));
        return m;
    }

    @ParameterizedTest
    @MethodSource("models")
    void the_numbers_are_those_of_what_is_there(String model) {
        CpuModel m = CpuModel.named(model);
        Vmsa vmsa = Vmsa.of(m);
        long mmfr0 = m.value("ID_AA64MMFR0_EL1");
        assertEquals(new int[] {32, 36, 40, 42, 44, 48, 52}[(int) mmfr0 & 15], vmsa.paBits());
        assertEquals((mmfr0 >>> 40 & 15) == 3, vmsa.lpa2Of4S2());
        assertEquals((mmfr0 >>> 32 & 15) == 3, vmsa.lpa2Of16S2());
        try (ProbedCpu p = new ProbedCpu(model)) {
            assertTrue(p.keeps("TCR_EL1", 1L << 36), "16-bit ASIDs");
            long dfr0 = p.cpu.sysregs.readByName("ID_AA64DFR0_EL1");
            for (int n = 0; n < 16; n++) {
                assertEquals(n <= (dfr0 >>> 12 & 15), there(p, n, 5), "DBGBCR" + n);
                assertEquals(n <= (dfr0 >>> 20 & 15), there(p, n, 7), "DBGWCR" + n);
            }
        }
    }

    private static boolean there(ProbedCpu p, int n, int op2) {
        return p.tries(() -> p.cpu.sysregs.read(Row.key(2, 0, 0, n, op2)));
    }

    @ParameterizedTest
    @MethodSource("models")
    void a_feature_is_there_if_and_only_if_it_is_advertised(String model) {
        Features advertised = CpuModel.named(model).features();
        List<String> lies = new ArrayList<>();
        for (String feature : features()) {
            boolean told = advertised.has(feature);
            for (Map.Entry<String, Boolean> e : tried(model, feature).entrySet()) {
                if (e.getValue() != told) {
                    lies.add(feature + (told ? " is advertised" : " is not advertised") + ", but " + e.getKey() + (told ? " is not there"
                            : " is there"));
                }
            }
        }
        assertEquals(List.of(), lies);
    }

    @Test
    void something_is_tried_for_every_feature_or_there_is_a_reason_why_not() {
        Set<String> untried = new TreeSet<>();
        for (String feature : features()) {
            if (tried("max", feature).isEmpty() == (Evidence.NONE.get(feature) == null)) {
                untried.add(feature);
            }
        }
        assertEquals(Set.of(), untried);
    }

    private static Set<String> features() {
        Set<String> names = new TreeSet<>();
        IdField.ALL.forEach(f -> f.levels().forEach(l -> names.add(l.feature())));
        return names;
    }

    /** What was tried, and whether it was there. */
    private static Map<String, Boolean> tried(String model, String feature) {
        Map<String, Boolean> found = new LinkedHashMap<>();
        for (InsnTable.Row r : ROWS) {
            if (r.features().equals(List.of(feature))) {
                found.put("instruction " + r.name(), decodes(r, CpuModel.named(model).features()));
            }
        }
        for (Row r : Row.ALL) {
            if (feature.equals(r.feature())) {
                found.put("register " + r.name(), accessible(model, r));
            }
        }
        for (Row.FeatureBits b : Row.FeatureBits.ALL) {
            if (b.feature().equals(feature) && exists(model, b.register())) {
                found.put("bits 0x%x of %s".formatted(b.bits(), b.register()), keeps(model, b.register(), b.bits()));
            }
        }
        for (String line : CpuModel.lines("sysinsn.tab")) {
            if (List.of(line.split("\\s+")).contains("feat:" + feature)) {
                found.put("instruction " + line.substring(0, line.indexOf(' ')), executes(model, line.split("\\s+")));
            }
        }
        if (Evidence.ALL.containsKey(feature)) {
            try (ProbedCpu p = new ProbedCpu(model)) {
                found.put("what it gives", Evidence.ALL.get(feature).test(p));
            }
        }
        return found;
    }

    /** A word of the row is what it is to a CPU with everything; without the feature it is UNDEFINED, or falls to a more general row. */
    private static boolean decodes(InsnTable.Row row, Features features) {
        int word = new Random(row.line()).ints(10_000).map(r -> row.value() | r & ~row.mask())
                .filter(w -> Disassembler.row(w).line() == row.line() && !decoded(w, Features.EVERY).equals("Undefined")).findFirst()
                .orElseThrow(() -> new AssertionError(row.name() + " has no word"));
        return decoded(word, features).equals(decoded(word, Features.EVERY));
    }

    private static String decoded(int word, Features features) {
        return A64Decoder.decode(word, 0, features).getClass().getSimpleName();
    }

    private static boolean exists(String model, String register) {
        Row row = Row.ALL.stream().filter(r -> r.name().equals(register)).findAny().orElseThrow();
        return row.feature() == null || CpuModel.named(model).features().has(row.feature());
    }

    private static boolean accessible(String model, Row row) {
        try (ProbedCpu p = new ProbedCpu(model)) {
            p.cpu.el = row.alias() != null ? 2 : 3;
            return p.cpu.sysregs.register(row.name()).mayAccess(p.cpu.sysregs, !row.readable()) != Trap.UNDEFINED;
        }
    }

    private static boolean keeps(String model, String register, long bits) {
        try (ProbedCpu p = new ProbedCpu(model)) {
            return p.keeps(register, bits);
        }
    }

    private static boolean executes(String model, String[] f) {
        try (ProbedCpu p = new ProbedCpu(model)) {
            return p.tries(() -> p.cpu.sysregs.sys(Integer.parseInt(f[1]), Integer.parseInt(f[2]), Integer.parseInt(f[3]),
                    Integer.parseInt(f[4]), 0));
        }
    }
}
