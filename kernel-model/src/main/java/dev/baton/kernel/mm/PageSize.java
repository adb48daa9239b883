package dev.baton.kernel.mm;

/** 4 KiB pages: the only page size that modelled kernels have, and part of the KHO ABI. */
public final class PageSize {
    /** log2 of the page size. */
    public static final int PAGE_SHIFT = 12;
    /** Bytes. */
    public static final int PAGE_SIZE = 1 << PAGE_SHIFT;
    /** The largest buddy block: 4 MiB. */
    public static final int MAX_PAGE_ORDER = 10;
    /** Unit of migrate types: 2 MiB, and with it CMA_MIN_ALIGNMENT_BYTES. */
    public static final int PAGEBLOCK_ORDER = 9;

    private PageSize() { }

    public static long alignUp(long value, long alignment) {
        return value + alignment - 1 & -alignment;
    }

    public static long alignDown(long value, long alignment) {
        return value & -alignment;
    }

    /** {@code get_order()}: the smallest order whose block holds {@code size} bytes. */
    public static int orderOf(long size) {
        long pages = size + PAGE_SIZE - 1 >>> PAGE_SHIFT;
        return pages <= 1 ? 0 : 64 - Long.numberOfLeadingZeros(pages - 1);
    }
}
