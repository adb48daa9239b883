package dev.baton.kernel.boot.arm64;

import dev.baton.core.finding.Finding;
import dev.baton.core.machine.Machine;

import java.util.LinkedHashMap;
import java.util.Map;

/** Entry state against Documentation/arch/arm64/booting.rst (7.2). Each broken rule is one finding, {@code boot-protocol-…}. */
public final class BootProtocol {
    private static final String SOURCE = "Documentation/arch/arm64/booting.rst, section 4";
    private static final long IMAGE_ALIGN = 2 << 20;
    private static final long DTB_LIMIT = 2 << 20;

    private final Machine machine;
    private final int cpu;
    private final EntryState entry;

    public BootProtocol(Machine machine, int cpu, EntryState entry) {
        this.machine = machine;
        this.cpu = cpu;
        this.entry = entry;
    }

    /** Registers and PSTATE at the first instruction. */
    public void checkRegisters() {
        if (entry.mmuOn()) {
            report("mmu", Finding.Severity.ERROR, "the kernel was entered with the MMU on; it must be off", "SCTLR.M and .C", "1");
        }
        if (entry.el() != 1 && entry.el() != 2) {
            report("el", Finding.Severity.ERROR, "the kernel was entered at EL%d; expected EL1 or EL2".formatted(entry.el()), "EL",
                    Integer.toString(entry.el()));
        }
        if (entry.daif() != EntryState.ALL_MASKED) {
            report("daif", Finding.Severity.ERROR, "the kernel was entered with exceptions unmasked; expected PSTATE.DAIF all set", "DAIF",
                    hex(entry.daif()));
        }
        for (int i = 1; i < entry.x().length; i++) {
            if (entry.x()[i] != 0) {
                report("arguments", Finding.Severity.ERROR,
                        "the kernel was entered with x%d = %s; x1 to x3 must be 0".formatted(i, hex(entry.x()[i])),
                        "x" + i, hex(entry.x()[i]));
            }
        }
        if ((entry.image() & IMAGE_ALIGN - 1) != 0) {
            report("image-placement", Finding.Severity.ERROR,
                    "the Image lies at %s, which is not 2 MiB aligned".formatted(hex(entry.image())),
                    "image", hex(entry.image()));
        }
    }

    /** @param size {@code totalsize} of the tree's header */
    public void checkDtb(long size) {
        if ((entry.dtb() & 7) != 0) {
            report("dtb-placement", Finding.Severity.ERROR,
                    "the device tree lies at %s, which is not 8-byte aligned".formatted(hex(entry.dtb())),
                    "dtb", hex(entry.dtb()));
        }
        if (size > DTB_LIMIT) {
            report("dtb-placement", Finding.Severity.ERROR, "the device tree has %d bytes; at most 2 MiB are allowed".formatted(size),
                    "size", Long.toString(size));
        }
    }

    /** A secondary CPU came up at another level than the boot CPU. */
    void inconsistentLevels(int other, int level) {
        report("inconsistent-el", Finding.Severity.ERROR,
                "CPU %d was started at EL%d, the boot CPU at EL%d; all must be started at the same level"
                .formatted(other, level, entry.el()), "EL", Integer.toString(level));
    }

    private static String hex(long v) {
        return "0x" + Long.toHexString(v);
    }

    private void report(String rule, Finding.Severity severity, String what, String name, String value) {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("image", hex(entry.image()));
        details.put(name, value);
        String id = "boot-protocol-" + rule;
        machine.findings().report(id + " " + hex(entry.image()) + " " + name + " " + what,
                new Finding(id, severity, what, cpu, entry.image(), machine.clock().now(), details, SOURCE));
    }
}
