package dev.baton.kernel.kho;

import static dev.baton.kernel.mm.PageSize.PAGE_SHIFT;
import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.kernel.mm.KernelMemory;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PhysRange;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * {@code struct kho_mem_track} of 6.16: for each order, bitmaps of 4096 blocks by index. Bitmaps are 512 bytes of slab, eight to a
 * page, in guest memory; the index (two xarrays in Linux) is not handed over and lives here.
 */
final class PreservedBitmaps implements Stateful {
    static final int BITMAP_SIZE = 512;
    static final int PRESERVE_BITS = BITMAP_SIZE * 8;

    private final KernelMemory mem;
    private final SortedMap<Integer, SortedMap<Long, Long>> orders = new TreeMap<>();
    private final List<Long> slabs = new ArrayList<>();
    private int usedOfLastSlab;

    PreservedBitmaps(KernelMemory mem) {
        this.mem = mem;
    }

    /** Order to index to address of the bitmap; both ascending. */
    SortedMap<Integer, SortedMap<Long, Long>> orders() {
        return orders;
    }

    List<Long> slabs() {
        return List.copyOf(slabs);
    }

    /** {@code __kho_preserve_order}. @throws dev.baton.kernel.KernelError ENOMEM */
    void set(long phys, int order, PageAllocator pages) {
        long number = phys >>> PAGE_SHIFT + order;
        SortedMap<Long, Long> bitmaps = orders.computeIfAbsent(order, o -> new TreeMap<>());
        Long bitmap = bitmaps.get(number / PRESERVE_BITS);
        if (bitmap == null) {
            bitmap = allocate(pages);
            bitmaps.put(number / PRESERVE_BITS, bitmap);
        }
        long word = bitmap + number % PRESERVE_BITS / 64 * 8;
        mem.u64(word, mem.u64(word) | 1L << number % 64);
    }

    /** @return false if there is no bitmap for it */
    boolean clear(long phys, int order) {
        long number = phys >>> PAGE_SHIFT + order;
        Long bitmap = orders.getOrDefault(order, new TreeMap<>()).get(number / PRESERVE_BITS);
        if (bitmap == null) {
            return false;
        }
        long word = bitmap + number % PRESERVE_BITS / 64 * 8;
        mem.u64(word, mem.u64(word) & ~(1L << number % 64));
        return true;
    }

    private long allocate(PageAllocator pages) {
        if (slabs.isEmpty() || usedOfLastSlab == PAGE_SIZE) {
            slabs.add(pages.allocZeroed(0));
            usedOfLastSlab = 0;
        }
        long bitmap = slabs.getLast() + usedOfLastSlab;
        usedOfLastSlab += BITMAP_SIZE;
        return bitmap;
    }

    void freeAll(PageAllocator pages) {
        slabs.forEach(s -> pages.free(s, 0));
        slabs.clear();
        orders.clear();
        usedOfLastSlab = 0;
    }

    /** All blocks: ascending orders, ascending addresses. */
    List<PhysRange> blocks() {
        List<PhysRange> blocks = new ArrayList<>();
        orders.forEach((order, bitmaps) -> bitmaps.forEach((index, bitmap) -> {
            long start = index * PRESERVE_BITS << PAGE_SHIFT + order;
            KhoserChunks.eachBit(mem, bitmap, bit -> blocks.add(PhysRange.of(start + ((long) bit << PAGE_SHIFT + order),
                    (long) PAGE_SIZE << order)));
        }));
        return blocks;
    }

    @Override
    public void save(StateWriter out) {
        out.section("bitmaps").longs(slabs.stream().mapToLong(Long::longValue).toArray()).u32(usedOfLastSlab).u32(orders.size());
        orders.forEach((order, bitmaps) -> {
            out.u32(order).u32(bitmaps.size());
            bitmaps.forEach((index, bitmap) -> out.u64(index).u64(bitmap));
        });
    }

    @Override
    public void load(StateReader in) {
        in.section("bitmaps");
        slabs.clear();
        for (long s : in.longs()) {
            slabs.add(s);
        }
        usedOfLastSlab = in.u32();
        orders.clear();
        for (int n = in.u32(); n > 0; n--) {
            SortedMap<Long, Long> bitmaps = new TreeMap<>();
            orders.put(in.u32(), bitmaps);
            for (int k = in.u32(); k > 0; k--) {
                bitmaps.put(in.u64(), in.u64());
            }
        }
    }
}
