package dev.baton.arm64;

import dev.baton.arm64.sysreg.Features;

/**
 * PSTATE as SPSR_ELx holds it (Arm ARM, "SPSR_EL1"): NZCV 31:28, DIT 24, UAO 23, PAN 22, SS 21, IL 20, SSBS 12, BTYPE 11:10, DAIF
 * 9:6, M 3:0.
 */
public final class ProcessState {
    private static final int PAN = Features.number("FEAT_PAN");
    private static final int UAO = Features.number("FEAT_UAO");
    private static final int DIT = Features.number("FEAT_DIT");
    private static final int SSBS = Features.number("FEAT_SSBS");
    private static final int BTI = Features.number("FEAT_BTI");
    private static final int FLAGS = 0xf000_0000;
    private static final int MASKS = 0x3c0;

    private ProcessState() { }

    /** The value that an exception taken now would leave in SPSR_ELx. */
    public static long of(Arm64Cpu c) {
        long level = c.el << 2 | (c.spSel && c.el > 0 ? 1 : 0);
        return c.nzcv & 0xf000_0000L | bit(c.dit, 24) | bit(c.uao, 23) | bit(c.pan, 22) | bit(c.ss, 21) | bit(c.il, 20) | bit(c.ssbs, 12)
                | c.btype << 10 | c.daif & MASKS | level;
    }

    private static long bit(boolean set, int n) {
        return set ? 1L << n : 0;
    }

    private static boolean bit(long v, int n) {
        return (v >>> n & 1) != 0;
    }

    /** Everything of {@code v}, as for a debugger; nothing is checked. */
    public static void set(Arm64Cpu c, long v) {
        c.parkSp();
        conditions(c, v);
        c.ss = bit(v, 21);
        c.il = bit(v, 20);
        c.el = (int) v >>> 2 & 3;
        c.spSel = bit(v, 0);
        c.selectSp();
        c.mmu.contextChanged();
    }

    /** What every exception return takes from SPSR_ELx, even an illegal one (SetPSTATEFromPSR). */
    public static void conditions(Arm64Cpu c, long v) {
        c.nzcv = (int) v & FLAGS;
        c.daif = (int) v & MASKS;
        c.pan = bit(v, 22) && c.features.has(PAN);
        c.uao = bit(v, 23) && c.features.has(UAO);
        c.dit = bit(v, 24) && c.features.has(DIT);
        c.ssbs = bit(v, 12) && c.features.has(SSBS);
        c.btype = c.features.has(BTI) ? (int) v >>> 10 & 3 : 0;
    }
}
