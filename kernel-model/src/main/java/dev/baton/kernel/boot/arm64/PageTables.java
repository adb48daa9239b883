package dev.baton.kernel.boot.arm64;

/** Writes maps of four levels, 4 KiB granule. {@code __create_pgd_mapping} of arch/arm64/mm/mmu.c. */
final class PageTables {
    /** How tables are reached and where new ones come from. */
    interface Access {
        /** The entry at a physical address. */
        long load(long phys);

        void store(long phys, long entry);

        /** Physical address of a zeroed page. */
        long allocate();
    }

    static final int TOP = 39;
    private static final int LARGEST_BLOCK = 30;
    private static final int PAGE_SHIFT = 12;
    private static final int BITS = 9;

    private final Access access;
    private final long root;

    /** @param root physical address of the level 0 table */
    PageTables(Access access, long root) {
        this.access = access;
        this.root = root;
    }

    /** Maps [va, va + size), all page aligned, with blocks of 1 GiB and 2 MiB where they fit if {@code blocks}. */
    void map(long va, long pa, long size, long attributes, boolean blocks) {
        fill(root, TOP, va, pa, size, attributes, blocks);
    }

    private void fill(long table, int shift, long va, long pa, long size, long attributes, boolean blocks) {
        long unit = 1L << shift;
        for (long done = 0; done < size; ) {
            long at = va + done;
            long chunk = Math.min(size - done, unit - (at & unit - 1));
            long slot = slot(table, at, shift);
            if (shift == PAGE_SHIFT) {
                access.store(slot, pa + done | attributes | KernelLayout.PAGE_DESCRIPTOR);
            } else if (blocks && shift <= LARGEST_BLOCK && chunk == unit && (pa + done & unit - 1) == 0 && access.load(slot) == 0) {
                access.store(slot, pa + done | attributes | KernelLayout.BLOCK_DESCRIPTOR);
            } else {
                fill(next(slot), shift - BITS, at, pa + done, chunk, attributes, blocks);
            }
            done += chunk;
        }
    }

    /** Where in {@code table}, of the level that resolves from bit {@code shift}, the entry for {@code va} is. */
    static long slot(long table, long va, int shift) {
        return table + (va >>> shift & (1 << BITS) - 1) * 8;
    }

    private long next(long slot) {
        long entry = access.load(slot);
        if (entry == 0) {
            entry = access.allocate() | KernelLayout.TABLE;
            access.store(slot, entry);
        }
        return entry & KernelLayout.ADDRESS;
    }
}
