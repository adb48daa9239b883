package dev.baton.kernel.kexec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.kernel.ArrayMemory;
import dev.baton.kernel.Era;
import dev.baton.kernel.KernelRandom;
import dev.baton.kernel.TestKernel;
import dev.baton.kernel.mm.PhysRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

class The_kimage_list_Test {
    private static final long RAM = TestKernel.RAM;

    private static KexecSegment segment(String label, long mem, int pages, int bytes, long seed) {
        byte[] b = new byte[bytes];
        new KernelRandom(seed).fill(b);
        return KexecSegment.of(label, Bytes.wrap(b), mem, pages * 4096L);
    }

    private static Kimage load(TestKernel k, KexecSegment... segments) {
        assertTrue(k.kexec.kexecLoad(segments[0].mem(), List.of(segments), 0).ok());
        return k.kexec.image();
    }

    private static TestKernel kernel() {
        return TestKernel.boot(TestKernel.memory(16, ""), Era.V5_16);
    }

    @Test
    void the_list_of_two_small_segments_is_as_the_kernel_builds_it() {
        TestKernel k = kernel();
        Kimage image = load(k, segment("a", RAM + 0x80_0000, 2, 5000, 1), segment("b", RAM + 0x90_0000, 1, 0, 2));
        ArrayMemory m = k.memory;
        long page = image.listPages().getFirst().start();
        assertEquals(page | KexecConstants.IND_INDIRECTION, image.head(), "head is a link for every real image");
        assertEquals(RAM + 0x80_0000 | KexecConstants.IND_DESTINATION, m.u64(page));
        assertEquals(KexecConstants.IND_SOURCE, m.u64(page + 8) & 0xfff);
        assertEquals(KexecConstants.IND_SOURCE, m.u64(page + 16) & 0xfff);
        assertEquals(RAM + 0x90_0000 | KexecConstants.IND_DESTINATION, m.u64(page + 24));
        assertEquals(KexecConstants.IND_SOURCE, m.u64(page + 32) & 0xfff);
        assertEquals(KexecConstants.IND_DONE, m.u64(page + 40));
        long second = m.u64(page + 16) & -4096;
        assertEquals(0, m.read(second, 4096)[5000 - 4096], "the tail of a source page is zero");
        assertArrayEquals(new byte[4096], m.read(m.u64(page + 32) & -4096, 4096));
        assertEquals(image.start(), m.u64(image.phys() + 24));
    }

    @Test
    void a_page_of_the_list_holds_511_entries_and_the_link_to_the_next() {
        TestKernel k = kernel();
        Kimage image = load(k, segment("a", RAM + 0x80_0000, 1021, 4096 * 1021, 1));
        List<PhysRange> pages = image.listPages();
        assertEquals(2, pages.size(), "1 destination and 1021 sources are 2 * 511");
        assertEquals(pages.get(1).start() | KexecConstants.IND_INDIRECTION, k.memory.u64(pages.get(0).start() + 511 * 8));
        assertEquals(KexecConstants.IND_DONE, k.memory.u64(pages.get(1).start() + 511 * 8), "the last slot may hold the end");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void interpreting_the_list_reproduces_the_segments_whatever_they_cover(long seed) {
        Random random = new Random(seed);
        TestKernel k = kernel();
        // Much of memory is in use, so that sources are taken from where destinations are.
        List<Long> held = new ArrayList<>();
        while (k.pages.freeBytes() > 14 << 20) {
            held.add(k.pages.alloc(0));
        }
        for (int i = 0; i < held.size(); i += 1 + random.nextInt(3)) {
            k.pages.free(held.get(i), 0);
        }
        KexecSegment[] segments = randomSegments(random);
        Kimage image = load(k, segments);
        invariants(k, image);
        byte[] before = k.memory.snapshot();
        TestKernel.relocate(k.memory, image);
        assertEquals(List.of(), TestKernel.differences(k.memory, KexecPlan.plan(image)));
        assertOthersUntouched(before, k.memory, image);
    }

    private static KexecSegment[] randomSegments(Random random) {
        List<KexecSegment> list = new ArrayList<>();
        long at = RAM + 4096L * random.nextInt(200);
        for (int i = 0; i < 1 + random.nextInt(6) && at < RAM + (13 << 20); i++) {
            int pages = 1 + random.nextInt(300);
            int bytes = random.nextInt(4096 * pages + 1);
            list.add(segment("s" + i, at, pages, bytes, random.nextLong()));
            at += 4096L * (pages + random.nextInt(200));
        }
        return list.toArray(KexecSegment[]::new);
    }

    private static void invariants(TestKernel k, Kimage image) {
        long[] destination = {0};
        Map<Long, Long> sources = new HashMap<>();
        image.forEachEntry((slot, e) -> {
            long page = e & -4096;
            if ((e & KexecConstants.IND_DESTINATION) != 0) {
                destination[0] = page;
            } else if ((e & KexecConstants.IND_SOURCE) != 0) {
                assertTrue(page == destination[0] || !image.isDestination(page, page + 4095), "a source is a foreign destination");
                assertEquals(null, sources.put(page, destination[0]), "a source is used twice");
                destination[0] += 4096;
            } else {
                assertFalse(image.isDestination(page, page + 4095), "a page of the list is a destination");
            }
        });
        assertEquals(image.segments().stream().mapToLong(KexecSegment::memsz).sum() / 4096, sources.size());
        for (PhysRange c : image.controlPages()) {
            assertFalse(image.isDestination(c.start(), c.end() - 1), "a control page is a destination");
        }
        assertEquals(List.of(), k.rules().stream().filter(r -> !r.equals("kexec-destination-not-ram")).toList());
    }

    private static void assertOthersUntouched(byte[] before, ArrayMemory memory, Kimage image) {
        byte[] after = memory.snapshot();
        for (int page = 0; page < after.length; page += 4096) {
            if (!image.isDestination(RAM + page, RAM + page + 4095)) {
                assertEquals(-1, Arrays.mismatch(before, page, page + 4096, after, page, page + 4096), "page %x changed".formatted(page));
            }
        }
    }

    @Test
    void some_of_those_sources_had_to_be_moved_out_of_the_way() {
        TestKernel k = kernel();
        // All but the first MiB is a destination, so every page the allocator has is one.
        Kimage image = load(k, segment("all", RAM + 0x20_0000, 1700, 4096 * 1700, 9));
        long[] inPlace = {0};
        long[] destination = {0};
        image.forEachEntry((slot, e) -> {
            if ((e & KexecConstants.IND_DESTINATION) != 0) {
                destination[0] = e & -4096;
            } else if ((e & KexecConstants.IND_SOURCE) != 0) {
                inPlace[0] += (e & -4096) == destination[0] ? 1 : 0;
                destination[0] += 4096;
            }
        });
        assertTrue(inPlace[0] > 100, inPlace[0] + " pages are their own source");
        TestKernel.relocate(k.memory, image);
        assertEquals(List.of(), TestKernel.differences(k.memory, KexecPlan.plan(image)));
    }

    /** All pages are in use but those given, which the allocator will hand out in this order. */
    private static void leaveOnly(TestKernel k, long... order) {
        while (k.pages.freeBytes() > 0) {
            k.pages.alloc(0);
        }
        for (int i = order.length - 1; i >= 0; i--) {
            k.pages.free(order[i], 0);
        }
    }

    private static Map<Long, Long> sourcesByDestination(Kimage image) {
        Map<Long, Long> sources = new HashMap<>();
        long[] destination = {0};
        image.forEachEntry((slot, e) -> {
            if ((e & KexecConstants.IND_DESTINATION) != 0) {
                destination[0] = e & -4096;
            } else if ((e & KexecConstants.IND_SOURCE) != 0) {
                sources.put(destination[0], e & -4096);
                destination[0] += 4096;
            }
        });
        return sources;
    }

    private static long page(int n) {
        return RAM + (10 << 20) + 8192L * n;
    }

    @Test
    void a_page_that_is_the_destination_of_a_loaded_page_becomes_its_source_and_gives_up_the_old_one() {
        TestKernel k = kernel();
        long d1 = page(20);
        long d2 = page(30);
        // struct, control code, swap, list, source of d1, then d1 itself when a source for d2 is wanted, control page of post_load
        leaveOnly(k, page(0), page(1), page(2), page(3), page(4), d1, page(5));
        Kimage image = load(k, segment("one", d1, 1, 4096, 1), segment("two", d2, 1, 4096, 2));
        assertEquals(Map.of(d1, d1, d2, page(4)), sourcesByDestination(image));
        TestKernel.relocate(k.memory, image);
        assertEquals(List.of(), TestKernel.differences(k.memory, KexecPlan.plan(image)));
    }

    @Test
    void a_page_that_is_a_later_destination_is_put_aside_and_used_when_its_turn_comes() {
        TestKernel k = kernel();
        long d1 = page(20);
        long d2 = page(30);
        leaveOnly(k, page(0), page(1), page(2), page(3), d2, page(4), page(5));
        Kimage image = load(k, segment("one", d1, 1, 4096, 1), segment("two", d2, 1, 4096, 2));
        assertEquals(Map.of(d1, page(4), d2, d2), sourcesByDestination(image));
    }

    @Test
    void a_control_page_is_looked_for_until_it_is_no_destination_and_the_others_are_given_back() {
        TestKernel k = kernel();
        long d = page(20);
        leaveOnly(k, page(0), d, page(1), page(2), page(3), page(4));
        Kimage image = load(k, segment("one", d, 1, 4096, 1));
        assertEquals(List.of(page(1), page(2)), image.controlPages().stream().limit(2).map(PhysRange::start).toList());
        assertEquals(Map.of(d, d), sourcesByDestination(image));
    }

    @Test
    void unloading_gives_back_every_page_after_any_load() {
        Random random = new Random(5);
        TestKernel k = kernel();
        long used = k.pages.usedBytes();
        for (int i = 0; i < 20; i++) {
            load(k, randomSegments(random));
            assertEquals(used + k.kexec.image().footprint(), k.pages.usedBytes());
        }
        k.kexec.kexecLoad(0, List.of(), 0);
        assertEquals(used, k.pages.usedBytes());
    }

    @Test
    void a_snapshot_keeps_the_image_and_frees_it_whole() {
        TestKernel k = kernel();
        long used = k.pages.usedBytes();
        load(k, segment("a", RAM + 0x20_0000, 1700, 4096 * 1000, 9));
        StateWriter out = new StateWriter();
        k.kexec.save(out);
        var plan = KexecPlan.plan(k.kexec.image());
        k.kexec.load(new StateReader(out.toByteArray()));
        assertEquals(plan, KexecPlan.plan(k.kexec.image()));
        k.kexec.kexecLoad(0, List.of(), 0);
        assertEquals(used, k.pages.usedBytes());
    }

    @Test
    void a_destination_over_firmwares_or_no_memory_is_reported() {
        TestKernel k = kernel();
        load(k, segment("a", RAM + (32 << 20), 1, 4096, 1));
        assertEquals(List.of("kexec-destination-not-ram"), k.rules());
    }
}
