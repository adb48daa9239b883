package dev.baton.arm64.mmu;

import dev.baton.arm64.sysreg.CpuModel;

/**
 * What a CPU model's identification registers say about its translation system (Arm ARM, ID_AA64MMFR0_EL1 to
 * ID_AA64MMFR2_EL1).
 *
 * @param paBits     physical address size, 32 to 52
 * @param granule16  16 KiB granule
 * @param lpa2Of4    52-bit descriptors (TCR_ELx.DS) with the 4 KiB granule at stage 1
 * @param lpa2Of16   the same with the 16 KiB granule
 * @param lpa2Of4S2  the same at stage 2
 * @param lpa2Of16S2 the same at stage 2
 * @param hafdbs     1: hardware sets the access flag, 2: and the dirty state
 * @param vmid16     16-bit VMIDs
 * @param hpds       1: hierarchical permission disables, 2: page-based hardware attributes
 * @param xnx        XN[1:0] at stage 2 tells EL0 from EL1
 * @param lva        52-bit input addresses with the 64 KiB granule
 * @param ttst       T0SZ up to 48
 * @param fwb        HCR_EL2.FWB
 * @param ttl        TLBI takes level hints
 * @param tlbi       1: Outer Shareable TLBI, 2: and by range
 * @param bbm        2: a block and a table may replace one another without break-before-make
 * @param e0pd       TCR_EL1.{E0PD0, E0PD1}
 */
public record Vmsa(int paBits, boolean granule16, boolean lpa2Of4, boolean lpa2Of16, boolean lpa2Of4S2, boolean lpa2Of16S2, int hafdbs,
                   boolean vmid16, int hpds, boolean xnx, boolean lva, boolean ttst, boolean fwb, boolean ttl, int tlbi, int bbm,
                   boolean e0pd) {
    /** TCR_ELx.{IPS, PS} and PARange, in bits. */
    private static final int[] SIZES = {32, 36, 40, 42, 44, 48, 52, 52};
    private static final long HPD_AND_HWU = 0x3L << 41 | 0xffL << 43;

    public static Vmsa of(CpuModel model) {
        long mmfr0 = model.value("ID_AA64MMFR0_EL1");
        long mmfr1 = model.value("ID_AA64MMFR1_EL1");
        long mmfr2 = model.value("ID_AA64MMFR2_EL1");
        boolean four = field(mmfr0, 28) == 1;
        boolean sixteen = field(mmfr0, 20) == 2;
        return new Vmsa(SIZES[field(mmfr0, 0) & 7], field(mmfr0, 20) != 0, four, sixteen, stage2(mmfr0, 40, four),
                stage2(mmfr0, 32, sixteen),
                field(mmfr1, 0), field(mmfr1, 4) == 2, field(mmfr1, 12), field(mmfr1, 28) != 0, field(mmfr2, 16) != 0,
                field(mmfr2, 28) != 0, field(mmfr2, 40) != 0, field(mmfr2, 48) != 0, field(model.value("ID_AA64ISAR0_EL1"), 56),
                field(mmfr2, 52), field(mmfr2, 60) != 0);
    }

    private static int field(long register, int lsb) {
        return (int) (register >>> lsb) & 15;
    }

    /** TGRANx_2: 0 is as at stage 1, 3 is 52 bits. */
    private static boolean stage2(long mmfr0, int lsb, boolean stage1) {
        int v = field(mmfr0, lsb);
        return v == 0 ? stage1 : v == 3;
    }

    /** Bits of an output address: what the control's size field allows, and the CPU; 52 needs a descriptor format that can say it. */
    int outputBits(int size, int pageBits, boolean ds) {
        int bits = Math.min(SIZES[size], paBits);
        return ds || pageBits == 16 ? bits : Math.min(bits, 48);
    }

    /** The largest input address of either stage. */
    int inputLimit(int pageBits, boolean ds) {
        return ds || pageBits == 16 && lva ? 52 : 48;
    }

    /** The granule used where {@code pageBits} is selected: an absent one is taken for 4 KiB, as the Arm ARM permits. */
    int granule(int pageBits) {
        return pageBits == 14 && !granule16 ? 12 : pageBits;
    }

    boolean lpa2(int pageBits, boolean stage2) {
        return switch (pageBits) {
            case 12 -> stage2 ? lpa2Of4S2 : lpa2Of4;
            case 14 -> stage2 ? lpa2Of16S2 : lpa2Of16;
            default -> false;
        };
    }

    private boolean anyLpa2(boolean stage2) {
        return lpa2(12, stage2) || lpa2(14, stage2);
    }

    /** Whether a TLBI operation, as {@code RVAE1OS}, exists. */
    public boolean hasTlbi(String op) {
        return tlbi >= (op.charAt(0) == 'R' ? 2 : op.endsWith("OS") ? 1 : 0);
    }

    /** Bits of a control register that are RES0 without the features they belong to. */
    public long absentBits(String register) {
        return switch (register) {
            case "TCR_EL1", "TCR_EL2" -> tcrTwoHalves();
            case "TCR_EL3" -> unless(hafdbs >= 1, 1L << 21) | unless(hafdbs >= 2, 1L << 22) | unless(hpds >= 1, 1L << 24)
                    | unless(hpds >= 2, 0xfL << 25) | unless(anyLpa2(false), 1L << 32);
            case "VTCR_EL2" -> unless(vmid16, 1L << 19) | unless(hafdbs >= 1, 1L << 21) | unless(hafdbs >= 2, 1L << 22)
                    | unless(hpds >= 2, 0xfL << 25) | unless(anyLpa2(true), 3L << 32);
            case "HCR_EL2" -> unless(fwb, 1L << 46);
            default -> 0;
        };
    }

    /** TCR_EL2 has this layout when E2H is set; the other one is narrower and shares what it has with this. */
    private long tcrTwoHalves() {
        return unless(hafdbs >= 1, 1L << 39) | unless(hafdbs >= 2, 1L << 40) | unless(hpds >= 1, HPD_AND_HWU & 0x3L << 41)
                | unless(hpds >= 2, HPD_AND_HWU & 0xffL << 43) | unless(e0pd, 0x3L << 55) | unless(anyLpa2(false), 1L << 59);
    }

    private static long unless(boolean present, long bits) {
        return present ? 0 : bits;
    }
}
