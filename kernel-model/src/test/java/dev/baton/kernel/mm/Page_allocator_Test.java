package dev.baton.kernel.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.kernel.ArrayMemory;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class Page_allocator_Test {
    private static final long RAM = 0x4000_0000L;
    private static final long M = 1 << 20;

    private static PageAllocator of(Memblock m) {
        return PageAllocator.takeOver(m, new ArrayMemory(RAM, 32 << 20));
    }

    private static Memblock ram() {
        Memblock m = new Memblock();
        m.add(RAM, 32 * M);
        return m;
    }

    @Test
    void takes_over_what_is_not_reserved() {
        Memblock m = ram();
        m.reserve(RAM, 3 * M + 4096);
        PageAllocator p = of(m);
        assertEquals(29 * M - 4096, p.freeBytes());
        assertEquals(p.freeBytes() >>> 12, p.managedPages());
        assertEquals(0, p.usedBytes());
        assertFalse(p.isFree(PhysRange.of(RAM + 3 * M, 4096)));
        assertTrue(p.isFree(PhysRange.of(RAM + 3 * M + 4096, 4096)));
    }

    @Test
    void blocks_are_aligned_to_their_size_and_do_not_overlap() {
        PageAllocator p = of(ram());
        List<PhysRange> taken = new ArrayList<>();
        Random random = new Random(1);
        while (true) {
            int order = random.nextInt(8);
            long phys;
            try {
                phys = p.alloc(order);
            } catch (KernelError e) {
                assertEquals(Errno.ENOMEM, e.errno());
                break;
            }
            PhysRange r = PhysRange.of(phys, 4096L << order);
            assertEquals(0, phys % r.size());
            assertTrue(taken.stream().noneMatch(r::overlaps));
            taken.add(r);
        }
        assertTrue(p.usedBytes() > 31 * M - (4096L << 8));
    }

    @Test
    void what_is_freed_in_any_order_merges_into_what_boot_gave() {
        PageAllocator p = of(ram());
        List<long[]> taken = new ArrayList<>();
        Random random = new Random(2);
        for (int i = 0; i < 500; i++) {
            int order = random.nextInt(4);
            taken.add(new long[] {p.alloc(order), order});
        }
        java.util.Collections.shuffle(taken, random);
        taken.forEach(t -> p.free(t[0], (int) t[1]));
        assertEquals(32 * M, p.freeBytes());
        for (int i = 0; i < 8; i++) {
            p.alloc(PageSize.MAX_PAGE_ORDER);
        }
        assertEquals(0, p.freeBytes());
    }

    @Test
    void unmovable_pages_never_come_from_scratch_and_movable_ones_may() {
        Memblock m = ram();
        m.markKhoScratch(RAM + 4 * M, 24 * M);
        PageAllocator p = of(m);
        assertEquals(24 * M, p.freeCmaBytes());
        for (int i = 0; i < 2; i++) {
            p.alloc(PageSize.MAX_PAGE_ORDER);
        }
        assertEquals(Errno.ENOMEM, assertThrows(KernelError.class, () -> p.alloc(0)).errno());
        long phys = p.alloc(0, true);
        assertTrue(phys >= RAM + 4 * M && phys < RAM + 28 * M);
    }

    @Test
    void scratch_of_a_cold_boot_becomes_cma_when_it_is_released() {
        Memblock m = ram();
        m.reserve(RAM + 8 * M, 8 * M);
        PageAllocator p = of(m);
        assertEquals(0, p.freeCmaBytes());
        p.releaseAsCma(PhysRange.of(RAM + 8 * M, 8 * M));
        assertEquals(8 * M, p.freeCmaBytes());
        assertEquals(32 * M, p.freeBytes());
        assertEquals(32 * M >>> 12, p.managedPages());
    }

    @Test
    void blocks_of_different_types_never_merge() {
        Memblock m = ram();
        m.markKhoScratch(RAM + 2 * M, 2 * M);
        PageAllocator p = of(m);
        long normal = p.alloc(9);
        assertEquals(RAM, normal, "the only order-9 block");
        p.free(normal, 9);
        for (int i = 0; i < 7; i++) {
            p.alloc(10);
        }
        assertEquals(Errno.ENOMEM, assertThrows(KernelError.class, () -> p.alloc(10)).errno());
        assertEquals(Errno.ENOMEM, assertThrows(KernelError.class, () -> p.alloc(10, true)).errno());
        assertEquals(RAM, p.alloc(9));
        assertEquals(RAM + 2 * M, p.alloc(9, true));
    }

    @Test
    void the_same_calls_place_the_same_pages() {
        PageAllocator a = of(ram());
        PageAllocator b = of(ram());
        for (int i = 0; i < 100; i++) {
            assertEquals(a.alloc(i % 5), b.alloc(i % 5));
        }
    }

    @Test
    void freeing_twice_or_with_another_order_is_a_bug() {
        PageAllocator p = of(ram());
        long phys = p.alloc(2);
        assertThrows(IllegalStateException.class, () -> p.free(phys, 1));
        p.free(phys, 2);
        assertThrows(IllegalStateException.class, () -> p.free(phys, 2));
    }

    @Test
    void a_restored_folio_counts_as_managed_and_can_be_freed() {
        Memblock m = ram();
        m.reserve(RAM + 2 * M, 16 * 4096);
        PageAllocator p = of(m);
        long before = p.managedPages();
        p.adoptReserved(RAM + 2 * M, 4);
        assertEquals(before + 16, p.managedPages());
        assertThrows(IllegalStateException.class, () -> p.adoptReserved(RAM + 2 * M, 4));
        p.free(RAM + 2 * M, 4);
        assertEquals(32 * M, p.freeBytes());
    }

    @Test
    void orders_above_ten_do_not_exist() {
        assertEquals(Errno.E2BIG, assertThrows(KernelError.class, () -> of(ram()).alloc(11)).errno());
    }

    @Test
    void a_snapshot_goes_on_as_the_original_would() {
        PageAllocator p = of(ram());
        for (int i = 0; i < 50; i++) {
            p.alloc(i % 3);
        }
        StateWriter out = new StateWriter();
        p.save(out);
        PageAllocator again = new PageAllocator(new ArrayMemory(RAM, 32 << 20));
        again.load(new StateReader(out.toByteArray()));
        for (int i = 0; i < 50; i++) {
            assertEquals(p.alloc(i % 4), again.alloc(i % 4));
        }
        assertEquals(p.freeBytes(), again.freeBytes());
    }
}
