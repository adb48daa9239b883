package dev.baton.arm64.system;

import dev.baton.core.mem.Ram;

/**
 * Translation tables for tests: {@code Tables.of(ram, 12, 48, base).page(va, pa, flags)} builds what is missing above the leaf.
 * Descriptors are stored through the cached view, as a kernel with the MMU on does.
 */
final class Tables extends TableWalk {
    // Leaf flags, Arm ARM D8.3
    static final long AF = 1L << 10;
    static final long NG = 1L << 11;
    static final long SH_INNER = 3L << 8;
    static final long USER = 1L << 6;
    static final long READ_ONLY = 1L << 7;
    static final long PXN = 1L << 53;
    static final long UXN = 1L << 54;
    /** MAIR index 0. */
    static final long NORMAL = AF | SH_INNER;
    static final long NON_CACHEABLE = AF | SH_INNER | 1 << 2;
    static final long DEVICE = AF | 2 << 2;
    /** MAIR_ELx for the indices above: Normal Write-Back, Normal Non-cacheable, Device-nGnRE. */
    static final long MAIR = 0x0444ff;

    private boolean wide;

    Tables(Ram ram, int pageBits, int inputBits, long base, boolean cached) {
        super(ram, pageBits, inputBits, firstLevel(pageBits, inputBits), base, cached);
    }

    /** Leaf descriptors in the format of TCR_ELx.DS: address bits 51:50 in place of the shareability. */
    Tables wide() {
        wide = true;
        return this;
    }

    private long leaf(long pa, long flags) {
        return wide ? pa & 0x3_ffff_ffff_ffffL | pa >>> 50 << 8 | flags & ~SH_INNER : pa | flags;
    }

    private static int firstLevel(int pageBits, int inputBits) {
        int stride = pageBits - 3;
        return 4 - (inputBits - pageBits + stride - 1) / stride;
    }

    Tables page(long va, long pa, long flags) {
        put(descriptor(va, 3), leaf(pa, flags) | 3);
        return this;
    }

    Tables block(long va, int level, long pa, long flags) {
        put(descriptor(va, level), leaf(pa, flags) | 1);
        return this;
    }

    /** Adds bits (APTable, XNTable, PXNTable) to the table descriptor at {@code level} above {@code va}. */
    Tables hierarchy(long va, int level, long bits) {
        long address = descriptor(va, level);
        put(address, get(address) | bits);
        return this;
    }

    /** TCR_EL1 (or TCR_EL2 of a host) with this shape in both halves, 16-bit ASIDs, 48-bit output, cacheable walks. */
    long tcr() {
        long tg0 = pageBits == 12 ? 0 : pageBits == 14 ? 2 : 1;
        long tg1 = pageBits == 12 ? 2 : pageBits == 14 ? 1 : 3;
        long half = 64 - inputBits | (cached ? 1 << 8 | 1 << 10 : 0) | 3 << 12;
        return half | half << 16 | tg0 << 14 | tg1 << 30 | 5L << 32 | 1L << 36;
    }

    /** Turns stage 1 of EL1&amp;0 on, with these tables in both halves. */
    Tables enableEl1(Bare b, long sctlrMore) {
        b.set("MAIR_EL1", MAIR);
        b.set("TCR_EL1", tcr());
        b.set("TTBR0_EL1", root);
        b.set("TTBR1_EL1", root);
        b.set("SCTLR_EL1", 1 | 1 << 2 | 1 << 12 | sctlrMore);
        return this;
    }
}
