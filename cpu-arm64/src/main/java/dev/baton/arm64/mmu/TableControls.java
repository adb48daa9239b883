package dev.baton.arm64.mmu;

/**
 * What the control registers say about walks of one set of tables: one half of a stage 1 regime, or stage 2. Immutable; made
 * when a control register changed.
 */
final class TableControls {
    final int pageBits;
    final int inputBits;
    final int outputBits;
    /** First level of a walk: -1 to 3. */
    final int first;
    /** Address of the first table. */
    final long root;
    /** TCR_ELx.DS: descriptors hold 52-bit addresses in place of the shareability. */
    final boolean ds;
    /** 64 KiB granule with 52-bit addresses (FEAT_LPA). */
    final boolean wide64;
    /** Walks read the cached view. */
    final boolean cacheable;
    final boolean bigEndian;
    /** Every access is a translation fault of level 0: the half is disabled, or its size is out of range. */
    final boolean disabled;
    /** Hardware sets the access flag; it also makes writable what has the DBM bit. */
    final boolean ha;
    final boolean hd;
    /** Hierarchical permissions are disabled. */
    final boolean hpd;
    /** EL0 may not use this half (E0PD). */
    final boolean e0pd;
    /** Shareability from the control register, used with {@link #ds}. */
    final int shareability;
    final int asid;

    private TableControls(Builder b) {
        pageBits = b.pageBits;
        inputBits = b.inputBits;
        outputBits = b.outputBits;
        first = b.first;
        ds = b.ds;
        wide64 = b.pageBits == 16 && b.vmsa.paBits() == 52;
        cacheable = b.cacheable;
        bigEndian = b.bigEndian;
        disabled = b.disabled;
        ha = b.ha;
        hd = b.hd;
        hpd = b.hpd;
        e0pd = b.e0pd;
        shareability = b.shareability;
        asid = b.asid;
        root = base(b.base);
    }

    private static final class Builder {
        private final Vmsa vmsa;
        private int pageBits;
        private int inputBits;
        private int outputBits;
        private int first;
        private boolean ds;
        private boolean cacheable;
        private boolean bigEndian;
        private boolean disabled;
        private boolean ha;
        private boolean hd;
        private boolean hpd;
        private boolean e0pd;
        private int shareability;
        private int asid;
        private long base;

        private Builder(Vmsa vmsa) {
            this.vmsa = vmsa;
        }

        /** {@code TxSZ}: a level 0 translation fault if out of range, which FEAT_LVA requires and the Arm ARM otherwise permits. */
        private void size(int tsz, int limit) {
            int most = !vmsa.ttst() ? 39 : pageBits == 16 ? 47 : 48;
            int least = 64 - limit;
            disabled |= tsz < least || tsz > most;
            inputBits = 64 - Math.clamp(tsz, least, most);
            int stride = pageBits - 3;
            first = 4 - (inputBits - pageBits + stride - 1) / stride;
        }

        private void cacheability(long control, int low, boolean allowed) {
            cacheable = ((control >>> low | control >>> low + 2) & 1) != 0 && allowed;
            shareability = field(control, low + 4, 2);
        }
    }

    private static int field(long v, int low, int bits) {
        return (int) (v >>> low) & (1 << bits) - 1;
    }

    /**
     * Stage 1.
     *
     * @param two   the regime has two halves and ASIDs
     * @param upper which half
     * @param low   and {@code high}: TTBR0 and TTBR1
     */
    static TableControls stage1(Vmsa vmsa, boolean two, boolean upper, long tcr, long low, long high, long sctlr) {
        Builder b = new Builder(vmsa);
        b.pageBits = vmsa.granule(upper ? granule1(field(tcr, 30, 2)) : granule0(field(tcr, 14, 2)));
        b.ds = vmsa.lpa2(b.pageBits, false) && field(tcr, two ? 59 : 32, 1) != 0;
        b.disabled = two && field(tcr, upper ? 23 : 7, 1) != 0;
        b.size(field(tcr, upper ? 16 : 0, 6), vmsa.inputLimit(b.pageBits, b.ds));
        b.outputBits = vmsa.outputBits(field(tcr, two ? 32 : 16, 3), b.pageBits, b.ds);
        b.cacheability(tcr, upper ? 24 : 8, (sctlr & 1 << 2) != 0);
        b.bigEndian = (sctlr & 1 << 25) != 0;
        b.ha = field(tcr, two ? 39 : 21, 1) != 0 && vmsa.hafdbs() >= 1;
        b.hd = b.ha && field(tcr, two ? 40 : 22, 1) != 0 && vmsa.hafdbs() >= 2;
        b.hpd = field(tcr, !two ? 24 : upper ? 42 : 41, 1) != 0 && vmsa.hpds() >= 1;
        b.e0pd = two && vmsa.e0pd() && field(tcr, upper ? 56 : 55, 1) != 0;
        b.base = upper ? high : low;
        int asidMask = field(tcr, 36, 1) != 0 ? 0xffff : 0xff;
        b.asid = two ? (int) ((field(tcr, 22, 1) != 0 ? high : low) >>> 48) & asidMask : 0;
        return new TableControls(b);
    }

    private static int granule0(int tg0) {
        return tg0 == 1 ? 16 : tg0 == 2 ? 14 : 12;
    }

    private static int granule1(int tg1) {
        return tg1 == 1 ? 14 : tg1 == 3 ? 16 : 12;
    }

    /** Stage 2. @param cacheDisabled HCR_EL2.CD; @param bigEndian SCTLR_EL2.EE */
    static TableControls stage2(Vmsa vmsa, long vtcr, long vttbr, boolean cacheDisabled, boolean bigEndian) {
        Builder b = new Builder(vmsa);
        b.pageBits = vmsa.granule(granule0(field(vtcr, 14, 2)));
        b.ds = vmsa.lpa2(b.pageBits, true) && field(vtcr, 32, 1) != 0;
        int limit = b.ds || b.pageBits == 16 ? vmsa.paBits() : Math.min(vmsa.paBits(), 48);
        b.size(field(vtcr, 0, 6), limit);
        int start = startLevel(vmsa, b.pageBits, field(vtcr, 6, 2), b.ds && field(vtcr, 33, 1) != 0, b.ds);
        b.disabled |= start > 3 || !consistent(b.pageBits, b.inputBits, start);
        b.first = Math.min(start, 3);
        b.outputBits = vmsa.outputBits(field(vtcr, 16, 3), b.pageBits, b.ds);
        b.cacheability(vtcr, 8, !cacheDisabled);
        b.bigEndian = bigEndian;
        b.ha = field(vtcr, 21, 1) != 0 && vmsa.hafdbs() >= 1;
        b.hd = b.ha && field(vtcr, 22, 1) != 0 && vmsa.hafdbs() >= 2;
        b.base = vttbr;
        return new TableControls(b);
    }

    /** VTCR_EL2.{SL2, SL0} (AArch64.S2StartLevel and AArch64.S2InvalidSL); 4 where reserved. */
    private static int startLevel(Vmsa vmsa, int pageBits, int sl0, boolean sl2, boolean ds) {
        if (pageBits == 12) {
            boolean reserved = sl2 && sl0 != 0 || sl0 == 3 && !vmsa.ttst() || sl0 == 2 && vmsa.paBits() < 44;
            return reserved ? 4 : sl2 ? -1 : sl0 == 3 ? 3 : 2 - sl0;
        }
        boolean reserved = sl0 == 3 && !(pageBits == 14 && ds) || sl0 == 2 && vmsa.paBits() < (pageBits == 14 ? 42 : 44);
        return reserved ? 4 : 3 - sl0;
    }

    /** AArch64.S2InconsistentSL: at most 16 first tables are concatenated. */
    private static boolean consistent(int pageBits, int inputBits, int start) {
        int stride = pageBits - 3;
        int least = (3 - start) * stride + pageBits + 1;
        return inputBits >= least && inputBits <= least + stride - 1 + 4;
    }

    /** Address of the first table in a TTBR (AArch64.S1TTBaseAddress, S2TTBaseAddress). */
    private long base(long ttbr) {
        long size = 8L << Math.max(0, inputBits - shift(first));
        if (ds || wide64 && outputBits == 52) {
            return (ttbr & 0xffff_ffff_ffc0L | (ttbr >>> 2 & 15) << 48) & -Math.max(size, 64);
        }
        return ttbr & 0xffff_ffff_fffeL & -size;
    }

    /** log2 of what one descriptor of {@code level} maps. */
    int shift(int level) {
        return pageBits + (3 - level) * (pageBits - 3);
    }

    /** Offset in its table of the descriptor for {@code address}. */
    long offset(long address, int level) {
        int bits = level == first ? inputBits - shift(level) : pageBits - 3;
        return (address >>> shift(level) & (1L << bits) - 1) << 3;
    }

    /** The address in a descriptor, its low {@code bits} bits 0. */
    long address(long descriptor, int bits) {
        long low = descriptor & 0xffff_ffff_ffffL;
        if (ds) {
            low |= descriptor & 3L << 48 | (descriptor >>> 8 & 3) << 50;
        } else if (wide64) {
            low |= (descriptor >>> 12 & 15) << 48;
        }
        return low & -1L << bits;
    }

    /** AArch64.BlockDescSupported. */
    boolean blockAllowed(int level) {
        return switch (pageBits) {
            case 12 -> level == 2 || level == 1 || level == 0 && ds;
            case 14 -> level == 2 || level == 1 && ds;
            default -> level == 2 || level == 1 && wide64;
        };
    }

    boolean beyond(long address) {
        return address >>> outputBits != 0;
    }

    /** Whether a descriptor maps memory, rather than leading on or being invalid. */
    boolean leaf(long descriptor, int level) {
        return level == 3 ? (descriptor & 3) == 3 : (descriptor & 3) == 1 && blockAllowed(level);
    }
}
