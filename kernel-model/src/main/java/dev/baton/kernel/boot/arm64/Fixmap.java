package dev.baton.kernel.boot.arm64;

/**
 * Compile-time virtual addresses for what has to be reached before the linear map exists: arch/arm64/mm/fixmap.c. Its tables are
 * in the image's BSS and are written through the kernel mapping.
 */
final class Fixmap {
    /** Pages behind the two blocks of the DTB. */
    enum Slot { EARLYCON, PAGE_TABLE, EARLY_MEMREMAP }

    private static final int INDEX_MASK = 511;

    private final CurrentCpu current;
    private final BootImage image;
    private final GuestRoutines guest;

    Fixmap(CurrentCpu current, BootImage image, GuestRoutines guest) {
        this.current = current;
        this.image = image;
        this.guest = guest;
    }

    /** {@code early_fixmap_init}: the three tables, all slots empty. */
    void init() {
        link("swapper_pg_dir", 39, "fixmap_l1");
        link("fixmap_l1", 30, "fixmap_l2");
        set(image.va("fixmap_l2"), KernelLayout.FIXMAP_PAGES, 21, image.pa("fixmap_l3") | KernelLayout.TABLE);
        guest.tableWritten();
    }

    private void link(String table, int shift, String next) {
        set(image.va(table), KernelLayout.FIXMAP, shift, image.pa(next) | KernelLayout.TABLE);
    }

    private void set(long table, long va, int shift, long entry) {
        current.get().storeVirtual(table + (va >>> shift & INDEX_MASK) * 8, 8, entry);
    }

    /**
     * {@code fixmap_remap_fdt}: the two blocks that hold a tree of up to 2 MiB, writable while its seeds are wiped.
     *
     * @return its virtual address
     */
    long fdt(long phys) {
        long block = phys & -KernelLayout.PMD;
        for (int i = 0; i < 2; i++) {
            long va = KernelLayout.FIXMAP + i * KernelLayout.PMD;
            set(image.va("fixmap_l2"), va, 21, block + i * KernelLayout.PMD | KernelLayout.KERNEL | KernelLayout.BLOCK_DESCRIPTOR);
        }
        guest.tableWritten();
        return KernelLayout.FIXMAP + (phys - block);
    }

    /** {@code __set_fixmap}. @return the virtual address of {@code phys} */
    long set(Slot slot, long phys, long attributes) {
        long va = KernelLayout.FIXMAP_PAGES + slot.ordinal() * KernelLayout.PAGE;
        set(image.va("fixmap_l3"), va, 12, phys & KernelLayout.ADDRESS | attributes | KernelLayout.PAGE_DESCRIPTOR);
        guest.tableWritten();
        return va + (phys & KernelLayout.PAGE - 1);
    }

    /** Empties a slot and what TLBs know of it. */
    void clear(Slot slot) {
        long va = KernelLayout.FIXMAP_PAGES + slot.ordinal() * KernelLayout.PAGE;
        set(image.va("fixmap_l3"), va, 12, 0);
        guest.flushTlbPage(va);
    }
}
