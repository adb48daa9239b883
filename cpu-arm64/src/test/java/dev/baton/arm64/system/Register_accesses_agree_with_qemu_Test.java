package dev.baton.arm64.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.sysreg.CpuModel;
import dev.baton.arm64.sysreg.Features;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every register and system instruction of the tables, read, written or executed at EL0, EL1 and EL2 under each trap control:
 * QEMU and we agree about who takes which exception with which syndrome, or that none is taken.
 */
class Register_accesses_agree_with_qemu_Test {
    private static final long CASES = 0x4018_2000L;
    private static final long STUBS = 0x4080_0000L;
    private static final long RW = 1L << 31;
    private static final long TGE = 1L << 27;
    private static final long E2H = 1L << 34;
    private static final long EL0_ALLOWED = 1L << 9 | 1L << 10 | 1L << 14 | 1L << 15 | 1L << 26;

    /** Executing these would take the program's own vectors, stack or return away. */
    private static final Set<String> NEVER_WRITTEN = Set.of("VBAR_EL1", "VBAR_EL2", "VBAR_EL12", "HCR_EL2");

    /**
     * Left out: FP and the GIC, which one model and this machine do not have; registers that QEMU 7.2 does not have; DC ZVA with
     * the MMU off, an alignment fault by the Arm ARM (Device memory) and a store for QEMU.
     */
    private static final Set<String> NOT_COMPARED = Set.of("FPCR", "FPSR", "OSDTRRX_EL1", "OSDTRTX_EL1", "OSECCR_EL1", "MDCCSR_EL0",
            "MDCCINT_EL1", "DBGPRCR_EL1", "DBGCLAIMSET_EL1", "DBGCLAIMCLR_EL1", "DBGAUTHSTATUS_EL1", "DC_ZVA");

    private static boolean compared(String name) {
        return !name.startsWith("ICC_") && !name.startsWith("ICH_") && !NOT_COMPARED.contains(name);
    }

    private record Controls(String name, long hcr, long sctlr, long cntkctl, long cnthctl, long mdcr, long cptr) { }

    private record Case(String what, int el, Controls controls) { }

    @TempDir
    Path dir;

    /** @param monitors the model has performance monitors */
    private static List<Controls> controls(boolean monitors) {
        List<Controls> all = new ArrayList<>();
        all.add(new Controls("plain", RW, 0, 0, 3, 0, 0x33ff));
        for (int bit : new int[] {16, 17, 18, 21, 22, 23, 24, 25, 26, 28, 30, 35, 36, 53}) {
            all.add(new Controls("HCR_EL2 bit " + bit, RW | 1L << bit, EL0_ALLOWED, 0x303, 3, 0, 0x33ff));
        }
        all.add(new Controls("EL0 allowed", RW, EL0_ALLOWED, 0x303, 3, 0, 0x33ff));
        all.add(new Controls("TSCXT", RW | 1L << 53, 1 << 20, 0, 3, 0, 0x33ff));
        all.add(new Controls("CNTHCTL 0", RW, 0, 0x303, 0, 0, 0x33ff));
        all.add(new Controls("CNTHCTL 1", RW, 0, 0x303, 1, 0, 0x33ff));
        all.add(new Controls("MDCR TDA TDOSA TDRA", RW, 0, 0, 3, 7 << 9, 0x33ff));
        all.add(new Controls("MDCR TDE", RW, EL0_ALLOWED, 0x303, 3, 1 << 8, 0x33ff));
        if (monitors) {
            for (int bit = 0; bit < 4; bit++) {
                all.add(new Controls("PMUSERENR_EL0 bit " + bit, RW, 0, 0, 3, 6 | 1L << 59 | 1L << 60 + bit, 0x33ff));
            }
            all.add(new Controls("PMUSERENR_EL0 0", RW, 0, 0, 3, 6 | 1L << 59, 0x33ff));
            all.add(new Controls("MDCR TPM", RW, 0, 0, 3, 6 | 1 << 6 | 1L << 59 | 1L << 60, 0x33ff));
            all.add(new Controls("MDCR TPMCR", RW, 0, 0, 3, 6 | 1 << 5 | 1L << 59 | 1L << 60, 0x33ff));
        }
        all.add(new Controls("CPTR TCPAC", RW, 0, 0, 3, 0, 0x8000_33ffL));
        all.add(new Controls("TGE", RW | TGE, 0, 0, 3, 0, 0x33ff));
        all.add(new Controls("E2H", RW | E2H, 0, 0x303, 0xc00, 0, 0x300000));
        all.add(new Controls("E2H, CNTHCTL 0", RW | E2H, EL0_ALLOWED, 0x303, 0, 0, 0x300000));
        all.add(new Controls("E2H TGE", RW | E2H | TGE, 0, 0, 0xc00, 0, 0x300000));
        all.add(new Controls("E2H TGE, EL0 allowed", RW | E2H | TGE, EL0_ALLOWED, 0, 0xf03, 0, 0x300000));
        all.add(new Controls("E2H TGE and traps", RW | E2H | TGE | 0x7ffL << 16, EL0_ALLOWED, 0, 0xf03, 0, 0x300000));
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"baton-v8", "neoverse-n1", "max"})
    void who_takes_which_exception(String model) throws Exception {
        try (QemuSystem q = new QemuSystem(dir, 2, model)) {
            Features features = CpuModel.named(model).features();
            Map<String, Long> stubs = stubs(q, features);
            List<Case> cases = new ArrayList<>();
            List<Long> words = new ArrayList<>();
            for (Controls c : controls(features.has("FEAT_PMUv3"))) {
                stubs.forEach((what, address) -> {
                    for (int el = 0; el <= 2; el++) {
                        if ((el != 1 || (c.hcr & TGE) == 0) && !known(what, el, c)) {
                            cases.add(new Case(what, el, c));
                            words.addAll(List.of(address, (long) el, c.hcr, c.sctlr, c.cntkctl, c.cnthctl, c.mdcr, c.cptr));
                        }
                    }
                });
            }
            for (int i = 0; i < 8; i++) {
                words.add(0L);
            }
            q.program("registers.S");
            q.place(CASES, QemuSystem.words(words.stream().mapToLong(Long::longValue).toArray()));
            compare(cases, q.qemu(), q.ours());
        }
    }

    /**
     * QEMU 7.2 lets EL2 use the _EL12 and _EL02 names without E2H, where the Arm ARM says UNDEFINED; and for CNTPCT_EL0 at EL0 it
     * looks at CNTHCTL_EL2.EL1PCEN, the timer's bit, instead of EL1PCTEN. For SCXTNUM_EL0 and EL1 it lets SCTLR_EL2.TSCXT trap EL1
     * and HCR_EL2.EnSCXT the applications of a host. It does not look at MDCR_EL2.TPMCR.
     */
    private static boolean known(String what, int el, Controls c) {
        boolean alias = what.endsWith("_EL12") || what.endsWith("_EL02");
        boolean host = (c.hcr & (E2H | TGE)) == (E2H | TGE);
        boolean contextNumber = what.contains("SCXTNUM_EL") && (el == 1 && c.name.equals("TSCXT") || el == 0 && host);
        boolean monitorControl = what.endsWith("PMCR_EL0") && c.name.endsWith("TPMCR") && el < 2;
        return contextNumber || monitorControl || el == 2 && alias && (c.hcr & E2H) == 0
                || el == 0 && what.endsWith("CNTPCT_EL0") && c.cnthctl == 1;
    }

    private static void compare(List<Case> cases, List<String> qemu, List<String> ours) {
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            String theirs = i < qemu.size() ? qemu.get(i) : "nothing";
            String here = i < ours.size() ? ours.get(i) : "nothing";
            if (!theirs.equals(here)) {
                Case c = cases.get(i);
                differences.add("%s at EL%d under %s: QEMU %s, here %s".formatted(c.what, c.el, c.controls.name, theirs, here));
            }
        }
        String first = String.join("\n", differences.stream().limit(20).toList());
        assertEquals("", first, differences.size() + " of " + cases.size() + " differ");
        assertTrue(cases.size() > 15_000, "the matrix is there: " + cases.size());
    }

    /** Each instruction followed by a BRK, assembled in one go; by its text. */
    private Map<String, Long> stubs(QemuSystem q, Features features) throws IOException, InterruptedException {
        List<String> instructions = new ArrayList<>();
        for (String[] f : rows("sysreg.tab", features)) {
            if (compared(f[0])) {
                String generic = "s%s_%s_c%s_c%s_%s".formatted(f[1], f[2], f[3], f[4], f[5]);
                instructions.add("mrs x0, " + generic + " // " + f[0]);
                if (!NEVER_WRITTEN.contains(f[0])) {
                    instructions.add("msr " + generic + ", x0 // " + f[0]);
                }
            }
        }
        for (String[] f : rows("sysinsn.tab", features)) {
            if (compared(f[0])) {
                instructions.add("sys #%s, c%s, c%s, #%s, x0 // %s".formatted(f[1], f[2], f[3], f[4], f[0]));
            }
        }
        Path source = dir.resolve("stubs.s");
        Files.writeString(source, String.join("\n brk #0\n", instructions) + "\n brk #0\n");
        q.place(STUBS, q.assemble(source));
        Map<String, Long> stubs = new LinkedHashMap<>();
        for (int i = 0; i < instructions.size(); i++) {
            stubs.put(instructions.get(i), STUBS + 8L * i);
        }
        return stubs;
    }

    /** Those that the model has. */
    private static List<String[]> rows(String table, Features features) throws IOException {
        try (var in = new BufferedReader(new InputStreamReader(
                dev.baton.arm64.sysreg.SystemRegisters.class.getResourceAsStream(table), StandardCharsets.UTF_8))) {
            return in.lines().filter(l -> !l.isBlank() && l.charAt(0) != '#').map(l -> l.split("\\s+"))
                    .filter(f -> Arrays.stream(f).allMatch(o -> !o.startsWith("feat:") || features.has(o.substring(5)))).toList();
        }
    }
}
