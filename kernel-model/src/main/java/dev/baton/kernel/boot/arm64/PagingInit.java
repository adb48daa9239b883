package dev.baton.kernel.boot.arm64;

import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PhysRange;

/**
 * {@code paging_init} and {@code map_mem}: the linear map, in tables from memblock that are reached through one fixmap slot until
 * the map they make is there. The image's text is mapped by pages, read-only; the rest by blocks where they fit.
 */
final class PagingInit implements PageTables.Access {
    private final Kernel kernel;
    private long mapped;
    private long window;

    PagingInit(Kernel kernel) {
        this.kernel = kernel;
    }

    void run() {
        PageTables tables = new PageTables(this, kernel.image.pa("swapper_pg_dir"));
        PhysRange text = new PhysRange(kernel.image.phys(), kernel.image.pa("_etext"));
        for (Memblock.Region r : kernel.memblock.memory()) {
            if ((r.flags() & Memblock.NOMAP) == 0) {
                mapAround(tables, r.range(), text);
            }
        }
        map(tables, text, KernelLayout.KERNEL_RO, false);
        kernel.fixmap.clear(Fixmap.Slot.PAGE_TABLE);
        kernel.guest.tableWritten();
    }

    private void mapAround(PageTables tables, PhysRange region, PhysRange text) {
        if (!region.overlaps(text)) {
            map(tables, region, KernelLayout.KERNEL, true);
            return;
        }
        map(tables, new PhysRange(region.start(), Math.max(region.start(), text.start())), KernelLayout.KERNEL, true);
        map(tables, new PhysRange(Math.min(region.end(), text.end()), region.end()), KernelLayout.KERNEL, true);
    }

    private void map(PageTables tables, PhysRange range, long attributes, boolean blocks) {
        long start = range.start() + KernelLayout.PAGE - 1 & -KernelLayout.PAGE;
        long end = range.end() & -KernelLayout.PAGE;
        if (end > start) {
            tables.map(kernel.linear.virt(start), start, end - start, attributes, blocks);
        }
    }

    private long reach(long phys) {
        long page = phys & -KernelLayout.PAGE;
        if (page != mapped) {
            if (mapped != 0) {
                kernel.fixmap.clear(Fixmap.Slot.PAGE_TABLE);
            }
            window = kernel.fixmap.set(Fixmap.Slot.PAGE_TABLE, page, KernelLayout.KERNEL);
            mapped = page;
        }
        return window + (phys & KernelLayout.PAGE - 1);
    }

    @Override
    public long load(long phys) {
        return kernel.cpu().loadVirtual(reach(phys), 8);
    }

    @Override
    public void store(long phys, long entry) {
        kernel.cpu().storeVirtual(reach(phys), 8, entry);
    }

    @Override
    public long allocate() {
        long page = kernel.memblock.physAlloc(KernelLayout.PAGE, KernelLayout.PAGE);
        if (page == 0) {
            throw new KernelError(Errno.ENOMEM);
        }
        kernel.cpu().fillVirtual(reach(page), KernelLayout.PAGE, (byte) 0);
        return page;
    }
}
