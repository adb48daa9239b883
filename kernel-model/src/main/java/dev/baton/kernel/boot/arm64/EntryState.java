package dev.baton.kernel.boot.arm64;

import dev.baton.core.cpu.Cpu;

import java.util.Map;

/**
 * What a kernel found at its first instruction.
 *
 * @param image physical address of the Image
 * @param el    exception level
 * @param daif  as MRS reads it
 * @param mmuOn M and C of SCTLR at that level; at EL0, which has no SCTLR and where no kernel is entered, true
 * @param x     x0 to x3
 */
public record EntryState(long image, int el, long daif, boolean mmuOn, long... x) {
    static final long ALL_MASKED = 0x3c0;
    private static final int SCTLR_M_C = 0x5;

    /** From the registers of a CPU about to execute the first instruction. */
    public static EntryState of(Cpu cpu) {
        int el = (int) (cpu.register("pstate") >>> 2 & 3);
        boolean mmuOn = el == 0 || (cpu.register("sctlr_el" + el) & SCTLR_M_C) == SCTLR_M_C;
        return new EntryState(cpu.register("pc"), el, cpu.register("pstate") & ALL_MASKED, mmuOn,
                cpu.argument(0), cpu.argument(1), cpu.argument(2), cpu.argument(3));
    }

    /** From {@code boot_args}, which the guest's entry code wrote; {@code va} is its address. */
    static EntryState saved(Cpu cpu, long image, long va) {
        return new EntryState(image, (int) (cpu.loadVirtual(va + 40, 8) >>> 2 & 3), cpu.loadVirtual(va + 32, 8),
                cpu.loadVirtual(va + 48, 8) != 0,
                cpu.loadVirtual(va, 8), cpu.loadVirtual(va + 8, 8), cpu.loadVirtual(va + 16, 8), cpu.loadVirtual(va + 24, 8));
    }

    public long dtb() {
        return x[0];
    }

    public void into(Map<String, Long> facts) {
        facts.put("image", image);
        facts.put("el", (long) el);
        facts.put("daif", daif);
        facts.put("mmu", mmuOn ? 1L : 0L);
        for (int i = 0; i < x.length; i++) {
            facts.put("x" + i, x[i]);
        }
    }
}
