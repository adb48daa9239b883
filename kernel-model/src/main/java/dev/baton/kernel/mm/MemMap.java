package dev.baton.kernel.mm;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;

/**
 * The array of {@code struct page}, in guest memory, as SPARSEMEM_VMEMMAP has it: 64 bytes for each page from the first to
 * the last of memory, in blocks of 2 MiB. Modelled of a page: {@code private}, which carries KHO's mark.
 *
 * <pre>
 *    0  flags, lru, mapping, index (not modelled, 0)
 *   40  u64 private
 * </pre>
 */
public final class MemMap implements Stateful {
    /** {@code sizeof(struct page)}. */
    public static final int STRUCT_PAGE_SIZE = 64;
    private static final int PRIVATE = 40;
    private static final long PMD_SIZE = 2 << 20;

    private final KernelMemory mem;
    private long base;
    private long firstPage;
    private long pages;

    /** To be filled by {@link #load}. */
    public MemMap(KernelMemory mem) {
        this.mem = mem;
    }

    /**
     * {@code sparse_init} and {@code memmap_init}: takes the array from memblock and zeroes it.
     *
     * @throws KernelError ENOMEM, where Linux panics
     */
    public static MemMap allocate(Memblock memblock, KernelMemory mem) {
        MemMap map = new MemMap(mem);
        map.firstPage = PageSize.alignDown(memblock.startOfDram(), PageSize.PAGE_SIZE);
        map.pages = memblock.endOfDram() - map.firstPage + PageSize.PAGE_SIZE - 1 >>> PageSize.PAGE_SHIFT;
        long size = PageSize.alignUp(map.pages * STRUCT_PAGE_SIZE, PMD_SIZE);
        map.base = memblock.alloc(mem, size, PMD_SIZE);
        if (map.base == 0) {
            throw new KernelError(Errno.ENOMEM);
        }
        return map;
    }

    /** Where the array is. */
    public PhysRange range() {
        return PhysRange.of(base, PageSize.alignUp(pages * STRUCT_PAGE_SIZE, PMD_SIZE));
    }

    /** {@code pfn_valid} for a physical address. */
    public boolean valid(long phys) {
        return phys >= firstPage && phys - firstPage >>> PageSize.PAGE_SHIFT < pages;
    }

    /** Address of the first page that has a {@code struct page}. */
    public long firstPage() {
        return firstPage;
    }

    /** Number of struct pages. */
    public long pages() {
        return pages;
    }

    public long privateOf(long phys) {
        return mem.u64(structPage(phys) + PRIVATE);
    }

    public void privateOf(long phys, long value) {
        mem.u64(structPage(phys) + PRIVATE, value);
    }

    private long structPage(long phys) {
        if (!valid(phys)) {
            throw new IllegalArgumentException("no struct page for physical address 0x%x".formatted(phys));
        }
        return base + (phys - firstPage >>> PageSize.PAGE_SHIFT) * STRUCT_PAGE_SIZE;
    }

    @Override
    public void save(StateWriter out) {
        out.section("memmap").u64(base).u64(firstPage).u64(pages);
    }

    @Override
    public void load(StateReader in) {
        in.section("memmap");
        base = in.u64();
        firstPage = in.u64();
        pages = in.u64();
    }
}
