package dev.baton.kernel.kho;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.baton.kernel.ArrayMemory;
import dev.baton.kernel.mm.MemMap;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PhysRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class The_chunk_list_Test {
    private static final long RAM = 0x4000_0000L;

    private final ArrayMemory memory = new ArrayMemory(RAM, 16 << 20);
    private final List<Long> chunks = new ArrayList<>();
    private PageAllocator pages;
    private MemMap memmap;
    private PreservedBitmaps track;

    @BeforeEach
    void memoryOf16MiB() {
        Memblock m = new Memblock();
        m.add(RAM, memory.size());
        memmap = MemMap.allocate(m, memory);
        pages = PageAllocator.takeOver(m, memory);
        track = new PreservedBitmaps(memory);
    }

    private List<String> read(long first) {
        List<String> blocks = new ArrayList<>();
        if (!new KhoserChunks(memory).walk(first, memmap, (b, order) -> blocks.add(b + " order " + order))) {
            blocks.add("broken");
        }
        return blocks;
    }

    @Test
    void two_orders_are_two_chunks_byte_for_byte() {
        track.set(0x4000_3000L, 0, pages);
        track.set(0x4100_0000L, 0, pages);
        track.set(0x4020_0000L, 9, pages);
        long first = new KhoserChunks(memory).write(track, pages, chunks);
        // Bitmaps are made in the order of the calls: three of 512 bytes in one page of slab.
        long slab = track.slabs().getFirst();
        // offset  0: next; 8: order | count << 32; 16: start of bit 0; 24: bitmap …
        long second = memory.u64(first);
        assertEquals(chunks.get(1), second);
        assertEquals(0L | 2L << 32, memory.u64(first + 8));
        assertEquals(0x4000_0000L, memory.u64(first + 16), "0x40003000 is page 0x40003: index 64 of 4096 pages, bit 3");
        assertEquals(slab, memory.u64(first + 24));
        assertEquals(0x4100_0000L, memory.u64(first + 32), "16 MiB per bitmap at order 0");
        assertEquals(slab + 512, memory.u64(first + 40));
        assertEquals(0, memory.u64(second));
        assertEquals(9L | 1L << 32, memory.u64(second + 8));
        assertEquals(0, memory.u64(second + 16), "8 GiB per bitmap at order 9");
        assertEquals(slab + 1024, memory.u64(second + 24));
        assertEquals(1L << 3, memory.u64(slab), "bit 3");
        assertEquals(1L, memory.u64(slab + 512), "bit 0");
        // 0x40200000 is block 0x201 of 2 MiB: word 8, bit 1.
        assertEquals(1L << 1, memory.u64(slab + 1024 + 8 * 8));
        assertEquals(List.of("[0x40003000-0x40003fff] order 0", "[0x41000000-0x41000fff] order 0", "[0x40200000-0x403fffff] order 9"),
                read(first));
    }

    @Test
    void a_chunk_holds_255_bitmaps_and_the_next_goes_on_with_the_same_order() {
        for (int i = 0; i < 256; i++) {
            track.set(RAM + ((long) i << 24), 0, pages);
        }
        long first = new KhoserChunks(memory).write(track, pages, chunks);
        assertEquals(2, chunks.size());
        assertEquals(255, memory.u32(first + 12));
        assertEquals(0, memory.u32(chunks.get(1) + 8));
        assertEquals(1, memory.u32(chunks.get(1) + 12));
        assertEquals(256, read(first).size());
    }

    @Test
    void a_list_that_does_not_end_leaves_memory_or_lies_about_its_length_is_broken_not_endless() {
        track.set(RAM, 0, pages);
        long first = new KhoserChunks(memory).write(track, pages, chunks);
        memory.u64(first, first);
        assertEquals("broken", read(first).getLast());
        memory.u64(first, 0x10_0000_0000L);
        assertEquals("broken", read(first).getLast());
        memory.u64(first, 0);
        memory.u32(first + 12, 256);
        assertEquals(List.of("broken"), read(first));
        memory.u32(first + 12, 1);
        memory.u64(first + 24, 0x10_0000_0000L);
        assertEquals(List.of("broken"), read(first));
    }

    @Test
    void clearing_needs_a_bitmap() {
        track.set(RAM, 0, pages);
        assertFalse(track.clear(RAM, 1));
        track.clear(RAM, 0);
        assertEquals(List.<PhysRange>of(), track.blocks());
    }
}
