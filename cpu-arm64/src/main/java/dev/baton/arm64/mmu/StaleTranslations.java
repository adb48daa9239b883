package dev.baton.arm64.mmu;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.finding.Finding;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The checks on the use of TLB entries that no longer agree with the translation tables.
 *
 * <p>Using a stale entry is legal; a correct kernel merely never depends on one. Which uses are reported, and why a correct
 * kernel makes none of them:
 * <ul>
 * <li>{@code break-before-make}: the tables now hold another <em>valid</em> translation for the address: other output
 * address, size or memory type, or global where it was not. Break-before-make puts an invalid descriptor, a TLBI and its DSB
 * between the two, so an entry of the first cannot be alive when the second is in memory.
 * <li>{@code tlb-stale-entry-used}: the kernel's own access, through a global mapping, would fault by the tables of now. A
 * kernel touches no address between unmapping (or write-protecting) it and the TLBI. Applications may: another thread can
 * race with {@code munmap}, so entries with an ASID and accesses at EL0 are not judged. An entry that merely grants less
 * than the tables do is not reported either: kernels relax permissions lazily.
 * </ul>
 */
final class StaleTranslations {
    private static final String BBM = "break-before-make";
    private static final String STALE = "tlb-stale-entry-used";

    private final Arm64Cpu cpu;
    private final boolean anySize;

    /** @param anySize FEAT_BBM level 2: a block and a table may replace one another without break-before-make */
    StaleTranslations(Arm64Cpu cpu, boolean anySize) {
        this.cpu = cpu;
        this.anySize = anySize;
    }

    /**
     * @param used       the entry
     * @param now        what a walk gives, null for a fault
     * @param allowed    {@code now} permits the access
     * @param privileged the access is not at EL0
     */
    void judge(TlbEntry used, TlbEntry now, long va, boolean allowed, boolean privileged) {
        if (now != null && !used.mayBecome(now, anySize)) {
            boolean sameDescriptor = used.address == now.address;
            report(sameDescriptor ? BBM : STALE, used, now, va, sameDescriptor
                    ? "a TLB entry is in use whose descriptor was replaced by another valid one without break-before-make"
                    : "a TLB entry of other translation tables is in use: nothing invalidated it when the tables were replaced");
        } else if (!allowed && privileged && used.global) {
            report(STALE, used, now, va, now == null ? "a TLB entry is in use whose translation was removed from the tables"
                    : "a TLB entry permits an access that the tables no longer permit");
        }
    }

    private void report(String rule, TlbEntry used, TlbEntry now, long va, String what) {
        String key = rule + " " + Long.toHexString(used.address) + " " + Long.toHexString(cpu.pc());
        if (cpu.machine.findings().reported(key)) {
            return;
        }
        Map<String, String> details = new LinkedHashMap<>();
        details.put("va", hex(va));
        details.put("entry", "0x%x+0x%x -> 0x%x, ASID %s".formatted(used.va, 1L << used.shift, used.pa,
                used.global ? "any" : used.asid));
        details.put("descriptor", "0x%x at 0x%x".formatted(used.descriptor, used.address));
        details.put("descriptor now", now == null ? "none valid" : "0x%x at 0x%x".formatted(now.descriptor, now.address));
        details.put("missing", "TLBI of " + hex(used.va) + ", DSB, ISB after the tables changed");
        cpu.machine.findings().report(key, new Finding(rule, Finding.Severity.ERROR, what, cpu.index(), cpu.pc(), cpu.machine.clock().now(),
                details, rule.equals(BBM) ? "Arm ARM DDI 0487, Using break-before-make when updating translation table entries"
                        : "Arm ARM DDI 0487, TLB maintenance: software must invalidate entries of changed descriptors"));
    }

    private static String hex(long v) {
        return "0x" + Long.toHexString(v);
    }
}
