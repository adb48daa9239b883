package dev.baton.kernel.boot.arm64;

import dev.baton.kernel.kexec.Kimage;
import dev.baton.kernel.mm.KernelMemory;

/**
 * Page tables for relocation, in control pages: a copy of the linear map in which everything is valid and writable, and an
 * identity map of one page. arch/arm64/mm/trans_pgd.c, v5.16 on.
 */
final class TransPgd {
    private static final int ENTRIES = 512;
    private static final int PAGE_SHIFT = 12;

    private final KernelMemory memory;
    private final Kimage image;

    TransPgd(KernelMemory memory, Kimage image) {
        this.memory = memory;
        this.image = image;
    }

    private long allocate() {
        long page = image.allocControlPages(0);
        memory.fill(page, KernelLayout.PAGE, (byte) 0);
        return page;
    }

    /** {@code trans_pgd_create_copy} of the lower half of TTBR1's space. @return the new root */
    long copyLinearMap(long swapper) {
        long root = allocate();
        copy(swapper, root, PageTables.TOP, ENTRIES / 2);
        return root;
    }

    private void copy(long from, long to, int shift, int entries) {
        for (int i = 0; i < entries; i++) {
            long entry = memory.u64(from + 8L * i);
            if (entry == 0) {
                continue;
            }
            if (shift > PAGE_SHIFT && (entry & KernelLayout.TABLE) == KernelLayout.TABLE) {
                long next = allocate();
                copy(entry & KernelLayout.ADDRESS, next, shift - 9, ENTRIES);
                memory.u64(to + 8L * i, next | KernelLayout.TABLE);
            } else {
                memory.u64(to + 8L * i, entry & ~KernelLayout.AP_READ_ONLY | 1);
            }
        }
    }

    /** {@code trans_pgd_idmap_page}: bottom-up, 48 bits, PAGE_KERNEL_ROX. @return the root */
    long identityMap(long page) {
        long entry = page | KernelLayout.KERNEL_ROX | KernelLayout.PAGE_DESCRIPTOR;
        for (int shift = PAGE_SHIFT; ; shift += 9) {
            long table = allocate();
            memory.u64(PageTables.slot(table, page, shift), entry);
            if (shift == PageTables.TOP) {
                return table;
            }
            entry = table | KernelLayout.TABLE;
        }
    }
}
