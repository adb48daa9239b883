package dev.baton.kernel.kho;

import static dev.baton.kernel.mm.PageSize.PAGE_SHIFT;
import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;

import dev.baton.kernel.mm.KernelMemory;
import dev.baton.kernel.mm.MemMap;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PhysRange;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.IntConsumer;

/**
 * The list of preserved memory that 6.16 hands over: pages of {@code struct khoser_mem_chunk}, native byte order.
 *
 * <pre>
 *      0            8            12           16                      32
 *      | u64 next   | u32 order  | u32 count  | u64 start, u64 bitmap | … 255 such pairs
 *
 *   next    physical address of the next chunk, 0 for none
 *   order   of all blocks in this chunk; each order begins a chunk of its own
 *   start   physical address of bit 0's block
 *   bitmap  physical address of 512 bytes: bit b is the block at start + (b << (order + 12))
 * </pre>
 */
final class KhoserChunks {
    private static final int NEXT = 0;
    private static final int ORDER = 8;
    private static final int COUNT = 12;
    private static final int PAIRS = 16;
    static final int PAIRS_MAX = (PAGE_SIZE - PAIRS) / 16;
    private static final int MAX_ORDER = 63 - PAGE_SHIFT - 12;

    private final KernelMemory mem;

    KhoserChunks(KernelMemory mem) {
        this.mem = mem;
    }

    /** {@code kho_mem_serialize}. @param chunks gets every page that was allocated @return the first, 0 if nothing is preserved */
    long write(PreservedBitmaps track, PageAllocator pages, List<Long> chunks) {
        int first = chunks.size();
        for (Map.Entry<Integer, SortedMap<Long, Long>> e : track.orders().entrySet()) {
            int order = e.getKey();
            long chunk = append(order, pages, chunks);
            for (Map.Entry<Long, Long> bitmap : e.getValue().entrySet()) {
                if (mem.u32(chunk + COUNT) == PAIRS_MAX) {
                    chunk = append(order, pages, chunks);
                }
                int n = mem.u32(chunk + COUNT);
                mem.u64(chunk + PAIRS + 16L * n, bitmap.getKey() * PreservedBitmaps.PRESERVE_BITS << PAGE_SHIFT + order);
                mem.u64(chunk + PAIRS + 16L * n + 8, bitmap.getValue());
                mem.u32(chunk + COUNT, n + 1);
            }
        }
        return chunks.size() == first ? 0 : chunks.get(first);
    }

    private long append(int order, PageAllocator pages, List<Long> chunks) {
        long chunk = pages.allocZeroed(0);
        mem.u32(chunk + ORDER, order);
        if (!chunks.isEmpty()) {
            mem.u64(chunks.getLast() + NEXT, chunk);
        }
        chunks.add(chunk);
        return chunk;
    }

    /** What {@link #walk} meets. */
    interface Visitor {
        void block(PhysRange block, int order);
    }

    /**
     * {@code kho_mem_deserialize}.
     *
     * @return false if a pointer leaves memory, a count or an order is out of range, or there are more chunks than pages
     */
    boolean walk(long first, MemMap memmap, Visitor visitor) {
        long left = memmap.pages();
        for (long chunk = first; chunk != 0; chunk = mem.u64(chunk + NEXT)) {
            if (left-- == 0 || chunk % PAGE_SIZE != 0 || !memmap.valid(chunk) || !walkChunk(chunk, memmap, visitor)) {
                return false;
            }
        }
        return true;
    }

    private boolean walkChunk(long chunk, MemMap memmap, Visitor visitor) {
        int order = mem.u32(chunk + ORDER);
        int count = mem.u32(chunk + COUNT);
        if (order < 0 || order > MAX_ORDER || count < 0 || count > PAIRS_MAX) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            long start = mem.u64(chunk + PAIRS + 16L * i);
            long bitmap = mem.u64(chunk + PAIRS + 16L * i + 8);
            if (bitmap % 8 != 0 || !memmap.valid(bitmap) || !memmap.valid(bitmap + PreservedBitmaps.BITMAP_SIZE - 1)) {
                return false;
            }
            eachBit(mem, bitmap, bit ->
                    visitor.block(PhysRange.of(start + ((long) bit << PAGE_SHIFT + order), (long) PAGE_SIZE << order), order));
        }
        return true;
    }

    static void eachBit(KernelMemory mem, long bitmap, IntConsumer consumer) {
        for (int w = 0; w < PreservedBitmaps.PRESERVE_BITS / 64; w++) {
            for (long bits = mem.u64(bitmap + 8L * w); bits != 0; bits &= bits - 1) {
                consumer.accept(64 * w + Long.numberOfTrailingZeros(bits));
            }
        }
    }
}
