package dev.baton.kernel.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.kernel.mm.Memblock.Region;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Random;

class Memblock_Test {
    private static final long M = 1 << 20;

    private static Memblock ram(long start, long size) {
        Memblock m = new Memblock();
        m.add(start, size);
        return m;
    }

    @Test
    void regions_of_equal_flags_that_touch_are_one() {
        Memblock m = ram(16 * M, M);
        m.add(18 * M, M);
        m.add(17 * M, M);
        assertEquals(List.of(new Region(16 * M, 3 * M, 0)), m.memory());
    }

    @Test
    void marking_scratch_splits_a_region_and_clearing_it_joins_the_pieces() {
        Memblock m = ram(16 * M, 16 * M);
        m.markKhoScratch(20 * M, 4 * M);
        assertEquals(List.of(new Region(16 * M, 4 * M, 0), new Region(20 * M, 4 * M, Memblock.KHO_SCRATCH), new Region(24 * M, 8 * M, 0)),
                m.memory());
        m.clearKhoScratch(20 * M, 4 * M);
        assertEquals(List.of(new Region(16 * M, 16 * M, 0)), m.memory());
    }

    @Test
    void reserving_over_a_region_keeps_its_flags_and_adds_what_is_missing_around_it() {
        Memblock m = ram(16 * M, 16 * M);
        m.reserveKern(20 * M, M);
        m.reserve(19 * M, 3 * M);
        assertEquals(List.of(new Region(19 * M, M, 0), new Region(20 * M, M, Memblock.RSRV_KERN), new Region(21 * M, M, 0)), m.reserved());
    }

    @Test
    void freeing_the_middle_of_a_reservation_leaves_both_ends() {
        Memblock m = ram(16 * M, 16 * M);
        m.reserve(18 * M, 6 * M);
        m.free(20 * M, M);
        assertEquals(List.of(new Region(18 * M, 2 * M, 0), new Region(21 * M, 3 * M, 0)), m.reserved());
    }

    @Test
    void allocation_goes_from_the_top_down_aligned_and_counts_as_the_kernels_own() {
        Memblock m = ram(16 * M, 16 * M);
        m.reserve(31 * M, M);
        assertEquals(31 * M - 4096, m.physAlloc(4096, 4096));
        assertEquals(28 * M, m.physAlloc(M, 2 * M));
        assertEquals(4096 + M, m.reservedKernSize(Memblock.ALLOC_ANYWHERE));
        assertEquals(M, m.reservedKernSize(31 * M - 4096 - 1), "what begins above the limit does not count");
    }

    @Test
    void a_limit_holds_and_a_search_without_room_finds_nothing() {
        Memblock m = ram(16 * M, 16 * M);
        assertEquals(19 * M, m.physAllocRange(M, 4096, 0, 20 * M));
        assertEquals(0, m.physAllocRange(M, 4096, 0, 16 * M));
        assertEquals(0, m.physAlloc(17 * M, 4096));
    }

    @Test
    void size_zero_finds_an_address_and_reserves_nothing() {
        Memblock m = ram(16 * M, 16 * M);
        assertEquals(32 * M, m.physAlloc(0, 4 * M));
        assertEquals(List.of(), m.reserved());
    }

    @Test
    void while_scratch_only_every_allocation_comes_from_scratch() {
        Memblock m = ram(16 * M, 64 * M);
        m.markKhoScratch(32 * M, 4 * M);
        m.setScratchOnly(true);
        assertEquals(35 * M, m.physAlloc(M, M));
        assertEquals(0, m.physAlloc(8 * M, M));
        m.setScratchOnly(false);
        assertEquals(72 * M, m.physAlloc(8 * M, M));
    }

    @Test
    void memory_outside_the_linear_map_is_never_found() {
        Memblock m = ram(16 * M, 16 * M);
        m.markNomap(24 * M, 8 * M);
        assertEquals(23 * M, m.physAlloc(M, M));
    }

    @Test
    void random_operations_agree_with_a_map_of_pages() {
        Random random = new Random(3);
        int n = 256;
        for (int round = 0; round < 200; round++) {
            Memblock m = ram(0x1000, (n - 1) * 4096L);
            boolean[] taken = new boolean[n];
            for (int step = 0; step < 40; step++) {
                int from = 1 + random.nextInt(n - 1);
                int count = 1 + random.nextInt(Math.min(32, n - from));
                boolean reserve = random.nextBoolean();
                if (reserve) {
                    m.reserve(from * 4096L, count * 4096L);
                } else {
                    m.free(from * 4096L, count * 4096L);
                }
                java.util.Arrays.fill(taken, from, from + count, reserve);
            }
            for (int p = 1; p < n; p++) {
                assertEquals(taken[p], m.overlapsReserved(p * 4096L, 4096), "page " + p + " of round " + round);
            }
            long free = m.freeRanges(0).stream().mapToLong(PhysRange::size).sum();
            assertEquals(m.totalMemory() - m.totalReserved(), free);
            for (int i = 1; i < m.reserved().size(); i++) {
                assertTrue(m.reserved().get(i - 1).end() < m.reserved().get(i).base(), "neighbours of equal flags touch");
            }
        }
    }

    @Test
    void a_snapshot_restores_both_lists_and_the_mode() {
        Memblock m = ram(16 * M, 16 * M);
        m.markKhoScratch(20 * M, M);
        m.reserveKern(17 * M, M);
        m.setScratchOnly(true);
        StateWriter out = new StateWriter();
        m.save(out);
        Memblock again = new Memblock();
        again.load(new StateReader(out.toByteArray()));
        assertEquals(m.memory(), again.memory());
        assertEquals(m.reserved(), again.reserved());
        assertTrue(again.scratchOnly());
        assertFalse(new Memblock().scratchOnly());
    }
}
