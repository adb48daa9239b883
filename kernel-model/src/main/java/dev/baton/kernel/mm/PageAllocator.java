package dev.baton.kernel.mm;

import static dev.baton.kernel.mm.PageSize.MAX_PAGE_ORDER;
import static dev.baton.kernel.mm.PageSize.PAGEBLOCK_ORDER;
import static dev.baton.kernel.mm.PageSize.PAGE_SHIFT;
import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;

import java.util.Arrays;

/**
 * The buddy allocator (mm/page_alloc.c) with orders 0 to 10 and two migrate types: ordinary, and CMA, from which unmovable
 * allocations are never served. A free list gives its head; what is freed goes to the head, what boot frees goes to the tail,
 * the upper half of a split goes to the head: placement depends on nothing but the calls made.
 *
 * <p>Left out of Linux's: zones, per-CPU lists, fallback between ordinary types.
 */
public final class PageAllocator implements Stateful {
    private static final int ORDERS = MAX_PAGE_ORDER + 1;
    private static final int NORMAL = 0;
    private static final int CMA = 1;

    private static final byte RESERVED = 0;
    private static final byte FREE_TAIL = 1;
    private static final byte USED_TAIL = 2;
    private static final byte FREE_HEAD = 0x20;
    private static final byte USED_HEAD = 0x40;
    private static final int ORDER_MASK = 0xf;

    private static final int NONE = -1;

    private final KernelMemory mem;
    private long firstPfn;
    private byte[] state = {};
    private int[] next = {};
    private int[] previous = {};
    private byte[] pageblockType = {};
    private final int[] head = new int[2 * ORDERS];
    private final int[] tail = new int[2 * ORDERS];
    private long managedPages;
    private long freePages;
    private long freeCmaPages;

    /** To be filled by {@link #load}. */
    public PageAllocator(KernelMemory mem) {
        this.mem = mem;
        Arrays.fill(head, NONE);
        Arrays.fill(tail, NONE);
    }

    /**
     * {@code memblock_free_all}: everything that is memory and not reserved becomes free; page blocks that begin in scratch are
     * CMA; memblock's scratch-only mode ends.
     */
    public static PageAllocator takeOver(Memblock memblock, KernelMemory mem) {
        PageAllocator pages = new PageAllocator(mem);
        // Aligned so that a buddy's index is the index with one bit flipped.
        pages.firstPfn = PageSize.alignDown(memblock.startOfDram() >>> PAGE_SHIFT, 1 << MAX_PAGE_ORDER);
        int n = Math.toIntExact(PageSize.alignUp(memblock.endOfDram() >>> PAGE_SHIFT, 1 << MAX_PAGE_ORDER) - pages.firstPfn);
        pages.state = new byte[n];
        pages.next = new int[n];
        pages.previous = new int[n];
        pages.pageblockType = new byte[n >>> PAGEBLOCK_ORDER];
        for (Memblock.Region m : memblock.memory()) {
            if ((m.flags() & Memblock.KHO_SCRATCH) != 0) {
                pages.markCma(m.range());
            }
        }
        for (PhysRange free : memblock.freeRanges(0)) {
            pages.freeBootRange(free);
        }
        memblock.setScratchOnly(false);
        return pages;
    }

    private void markCma(PhysRange range) {
        long block = (long) PAGE_SIZE << PAGEBLOCK_ORDER;
        for (long p = PageSize.alignUp(range.start(), block); p < range.end(); p += block) {
            pageblockType[indexOf(p) >>> PAGEBLOCK_ORDER] = CMA;
        }
    }

    private void freeBootRange(PhysRange range) {
        long pfn = range.start() + PAGE_SIZE - 1 >>> PAGE_SHIFT;
        long end = range.end() >>> PAGE_SHIFT;
        while (pfn < end) {
            int order = Math.min(MAX_PAGE_ORDER, Long.numberOfTrailingZeros(pfn));
            while (pfn + (1L << order) > end) {
                order--;
            }
            managedPages += 1L << order;
            insert((int) (pfn - firstPfn), order, true);
            pfn += 1L << order;
        }
    }

    /** {@code alloc_pages} for kernel data: unmovable, never CMA. @throws KernelError ENOMEM */
    public long alloc(int order) {
        return alloc(order, false);
    }

    /** As {@link #alloc(int)}, zeroed. */
    public long allocZeroed(int order) {
        long phys = alloc(order);
        mem.fill(phys, (long) PAGE_SIZE << order, (byte) 0);
        return phys;
    }

    /** {@code alloc_pages}. @param movable may come from CMA @throws KernelError ENOMEM; E2BIG above the largest order */
    public long alloc(int order, boolean movable) {
        if (order > MAX_PAGE_ORDER) {
            throw new KernelError(Errno.E2BIG);
        }
        int found = take(order, NORMAL);
        if (found == NONE && movable) {
            found = take(order, CMA);
        }
        if (found == NONE) {
            throw new KernelError(Errno.ENOMEM);
        }
        markUsed(found, order);
        return physOf(found);
    }

    private int take(int order, int type) {
        for (int o = order; o <= MAX_PAGE_ORDER; o++) {
            int block = head[type * ORDERS + o];
            if (block != NONE) {
                remove(block, o);
                for (int split = o; split > order; ) {
                    split--;
                    insert(block + (1 << split), split, false);
                }
                return block;
            }
        }
        return NONE;
    }

    private void markUsed(int block, int order) {
        Arrays.fill(state, block, block + (1 << order), USED_TAIL);
        state[block] = (byte) (USED_HEAD | order);
    }

    /** {@code __free_pages}. @throws IllegalStateException unless {@code phys} was allocated with that order (Linux: bad page state) */
    public void free(long phys, int order) {
        int block = indexOf(phys);
        if (state[block] != (USED_HEAD | order)) {
            throw new IllegalStateException("BUG: Bad page state: freeing 0x%x as order %d, state 0x%02x"
                    .formatted(phys, order, state[block]));
        }
        merge(block, order);
    }

    private void merge(int block, int order) {
        int merged = block;
        int o = order;
        for (; o < MAX_PAGE_ORDER; o++) {
            int buddy = merged ^ 1 << o;
            if (state[buddy] != (FREE_HEAD | o) || type(buddy) != type(merged)) {
                break;
            }
            remove(buddy, o);
            merged = Math.min(merged, buddy);
        }
        insert(merged, o, false);
    }

    /** Memory that was reserved since boot becomes an allocated block: a restored folio. */
    public void adoptReserved(long phys, int order) {
        int block = indexOf(phys);
        for (int i = block; i < block + (1 << order); i++) {
            if (state[i] != RESERVED) {
                throw new IllegalStateException("page 0x%x is not reserved, state 0x%02x".formatted(physOf(i), state[i]));
            }
        }
        managedPages += 1L << order;
        markUsed(block, order);
    }

    /** {@code init_cma_reserved_pageblock} for each page block of a reserved range: free, for movable allocations only. */
    public void releaseAsCma(PhysRange range) {
        markCma(range);
        long block = (long) PAGE_SIZE << PAGEBLOCK_ORDER;
        for (long p = range.start(); p + block <= range.end(); p += block) {
            adoptReserved(p, PAGEBLOCK_ORDER);
            free(p, PAGEBLOCK_ORDER);
        }
    }

    /** Pages that boot gave to the allocator or that were restored since: {@code totalram_pages}. */
    public long managedPages() {
        return managedPages;
    }

    /** Bytes free, CMA included. */
    public long freeBytes() {
        return freePages << PAGE_SHIFT;
    }

    /** Bytes free in CMA page blocks. */
    public long freeCmaBytes() {
        return freeCmaPages << PAGE_SHIFT;
    }

    /** Bytes allocated. */
    public long usedBytes() {
        return managedPages - freePages << PAGE_SHIFT;
    }

    /** True if every page of the range is on a free list. */
    public boolean isFree(PhysRange range) {
        for (int i = indexOf(range.start()); i < indexOf(range.end() - 1) + 1; i++) {
            if (state[i] != FREE_TAIL && (state[i] & FREE_HEAD) == 0) {
                return false;
            }
        }
        return true;
    }

    private int type(int block) {
        return pageblockType[block >>> PAGEBLOCK_ORDER];
    }

    private int indexOf(long phys) {
        long index = (phys >>> PAGE_SHIFT) - firstPfn;
        if (index < 0 || index >= state.length) {
            throw new IllegalArgumentException("0x%x is not memory of this kernel".formatted(phys));
        }
        return (int) index;
    }

    private long physOf(int index) {
        return firstPfn + index << PAGE_SHIFT;
    }

    private void insert(int block, int order, boolean atTail) {
        int list = type(block) * ORDERS + order;
        if (atTail) {
            link(tail[list], block, NONE, list);
        } else {
            link(NONE, block, head[list], list);
        }
        Arrays.fill(state, block, block + (1 << order), FREE_TAIL);
        state[block] = (byte) (FREE_HEAD | order);
        count(block, 1L << order);
    }

    private void link(int before, int block, int after, int list) {
        previous[block] = before;
        next[block] = after;
        if (before == NONE) {
            head[list] = block;
        } else {
            next[before] = block;
        }
        if (after == NONE) {
            tail[list] = block;
        } else {
            previous[after] = block;
        }
    }

    private void remove(int block, int order) {
        int list = type(block) * ORDERS + order;
        if (previous[block] == NONE) {
            head[list] = next[block];
        } else {
            next[previous[block]] = next[block];
        }
        if (next[block] == NONE) {
            tail[list] = previous[block];
        } else {
            previous[next[block]] = previous[block];
        }
        state[block] = (byte) (state[block] & ORDER_MASK | USED_HEAD);
        count(block, -(1L << order));
    }

    private void count(int block, long pages) {
        freePages += pages;
        if (type(block) == CMA) {
            freeCmaPages += pages;
        }
    }

    @Override
    public void save(StateWriter out) {
        out.section("pages").u64(firstPfn).bytes(state).ints(next).ints(previous).bytes(pageblockType).ints(head).ints(tail)
                .u64(managedPages).u64(freePages).u64(freeCmaPages);
    }

    @Override
    public void load(StateReader in) {
        in.section("pages");
        firstPfn = in.u64();
        state = in.bytes();
        next = in.ints();
        previous = in.ints();
        pageblockType = in.bytes();
        System.arraycopy(in.ints(), 0, head, 0, head.length);
        System.arraycopy(in.ints(), 0, tail, 0, tail.length);
        managedPages = in.u64();
        freePages = in.u64();
        freeCmaPages = in.u64();
    }
}
