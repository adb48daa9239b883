package dev.baton.core.mem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** The two views of RAM, line by line: absent, present, dirty, stale. */
class RamViewsTest {
    private static final long BASE = 0x4000_0000L;
    private static final long X = BASE + 0x3040;

    private final List<String> events = new ArrayList<>();
    private final List<Ram> open = new ArrayList<>();

    private final Accessor cpu = new Accessor() {
        @Override
        public int index() {
            return 0;
        }

        @Override
        public long pc() {
            return 0x1000;
        }
    };

    private Ram ram(CachePolicy policy) {
        Ram r = new Ram(BASE, 1 << 20, policy);
        r.checks(new MemoryChecks() {
            @Override
            public void pocReadOfDirtyLine(Accessor who, long pa, int size, long cached, long poc, boolean fetch) {
                events.add((fetch ? "fetch" : "load") + " of dirty " + Long.toHexString(pa) + " " + cached + "/" + poc);
            }

            @Override
            public void cachedReadOfStaleLine(Accessor who, long pa, int size, long cached, long poc) {
                events.add("stale read " + Long.toHexString(pa) + " " + cached + "/" + poc);
            }

            @Override
            public void writeBackOverPocStore(Accessor who, long line, byte[] cached, byte[] poc) {
                events.add("write-back over " + Long.toHexString(line));
            }

            @Override
            public void watchedStore(Accessor who, long pa, long size, View view) {
                events.add("store " + Long.toHexString(pa) + "+" + size + " " + view);
            }

            @Override
            public void watchedMaintenance(Accessor who, long line, Maintenance op) {
                events.add(op + " " + Long.toHexString(line));
            }
        });
        open.add(r);
        return r;
    }

    @AfterEach
    void close() {
        open.forEach(Ram::close);
    }

    @Test
    void a_cacheable_store_is_not_seen_at_the_PoC_until_it_is_cleaned() {
        Ram r = ram(CachePolicy.STRICT);
        r.store(cpu, X, 8, 42, true);
        assertEquals(0, r.load(cpu, X, 8, false));
        assertEquals(List.of("load of dirty 40003040 42/0"), events);
        assertTrue(r.dirty(X));
        r.maintain(cpu, Maintenance.CLEAN, X, 1, true);
        assertFalse(r.dirty(X));
        assertTrue(r.mayBePresent(X));
        assertEquals(42, r.load(cpu, X, 8, false));
        assertEquals(1, events.size());
    }

    @Test
    void under_none_both_views_are_one() {
        Ram r = ram(CachePolicy.NONE);
        r.store(cpu, X, 8, 42, true);
        assertEquals(42, r.load(cpu, X, 8, false));
        r.store(cpu, X, 8, 43, false);
        assertEquals(43, r.load(cpu, X, 8, true));
        assertFalse(r.dirty(X));
        assertEquals(List.of(), events);
    }

    @Test
    void invalidating_a_dirty_line_loses_the_data() {
        Ram r = ram(CachePolicy.STRICT);
        r.store(cpu, X, 8, 42, true);
        r.maintain(cpu, Maintenance.INVALIDATE, X, 1, false);
        assertEquals(0, r.load(cpu, X, 8, true));
    }

    @Test
    void an_absent_line_shows_what_was_stored_at_the_PoC() {
        Ram r = ram(CachePolicy.STRICT);
        r.store(cpu, X, 4, 7, false);
        assertEquals(7, r.load(cpu, X, 4, true));
        assertEquals(List.of(), events);
    }

    @Test
    void a_present_line_goes_stale_under_a_PoC_store_and_reading_it_is_reported() {
        Ram r = ram(CachePolicy.STRICT);
        r.load(cpu, X, 8, true);
        r.store(cpu, X, 8, 9, false);
        assertEquals(9, r.load(cpu, X, 8, false), "the PoC reader sees its own store");
        assertEquals(List.of(), events);
        assertEquals(0, r.load(cpu, X, 8, true));
        assertEquals(List.of("stale read 40003040 0/9"), events);
    }

    /** A stack that was used with the MMU off and is used on with it on: what is popped was pushed through the caches. */
    @Test
    void bytes_of_a_stale_line_stored_through_the_caches_since_are_nobodys_loss() {
        Ram r = ram(CachePolicy.STRICT);
        r.load(cpu, X, 8, true);
        r.store(cpu, X, 8, 9, false);
        r.store(cpu, X, 8, 7, true);
        assertEquals(7, r.load(cpu, X, 8, true));
        r.maintain(cpu, Maintenance.CLEAN_INVALIDATE, X, 1, true);
        assertEquals(7, r.load(cpu, X, 8, false));
        assertEquals(List.of(), events);
    }

    @Test
    void but_their_neighbours_are() {
        Ram r = ram(CachePolicy.STRICT);
        r.load(cpu, X, 8, true);
        r.store(cpu, X, 8, 0x0909, false);
        r.store(cpu, X, 1, 7, true);
        assertEquals(7, r.load(cpu, X, 2, true));
        assertEquals(List.of("stale read 40003040 7/2313"), events);
    }

    @Test
    void a_load_past_the_caches_is_told_of_a_byte_stored_through_them_last() {
        Ram r = ram(CachePolicy.STRICT);
        r.load(cpu, X, 8, true);
        r.store(cpu, X, 8, 9, false);
        r.store(cpu, X, 8, 7, true);
        assertEquals(9, r.load(cpu, X, 8, false));
        assertEquals(1, events.size(), events::toString);
    }

    @Test
    void invalidating_before_the_PoC_store_avoids_the_stale_line() {
        Ram r = ram(CachePolicy.STRICT);
        r.load(cpu, X, 8, true);
        r.maintain(cpu, Maintenance.INVALIDATE, X, 1, false);
        r.store(cpu, X, 8, 9, false);
        assertEquals(9, r.load(cpu, X, 8, true));
        assertEquals(List.of(), events);
    }

    @Test
    void invalidating_after_the_PoC_store_repairs_the_stale_line() {
        Ram r = ram(CachePolicy.STRICT);
        r.load(cpu, X, 8, true);
        r.store(cpu, X, 8, 9, false);
        r.maintain(cpu, Maintenance.INVALIDATE, X, 1, false);
        assertEquals(9, r.load(cpu, X, 8, true));
        assertEquals(List.of(), events);
    }

    @Test
    void cleaning_a_stale_clean_line_does_not_undo_the_PoC_store() {
        Ram r = ram(CachePolicy.STRICT);
        r.load(cpu, X, 8, true);
        r.store(cpu, X, 8, 9, false);
        r.maintain(cpu, Maintenance.CLEAN_INVALIDATE, X, 1, true);
        assertEquals(9, r.load(cpu, X, 8, true));
        assertEquals(List.of(), events);
    }

    @Test
    void writing_back_a_line_stored_to_after_it_went_stale_is_reported() {
        Ram r = ram(CachePolicy.STRICT);
        r.load(cpu, X, 8, true);
        r.store(cpu, X, 8, 9, false);
        r.store(cpu, X + 8, 8, 1, true);
        r.maintain(cpu, Maintenance.CLEAN, X, 1, true);
        assertEquals(List.of("write-back over 40003040"), events);
        assertEquals(0, r.load(cpu, X, 8, false), "the older cached bytes won");
    }

    @Test
    void a_line_dirty_before_a_PoC_store_is_dirty_after_it_and_its_write_back_undoes_the_store() {
        Ram r = ram(CachePolicy.STRICT);
        r.store(cpu, X, 8, 1, true);
        r.store(cpu, X, 8, 9, false);
        assertTrue(r.dirty(X));
        r.maintain(cpu, Maintenance.CLEAN_INVALIDATE, X, 1, true);
        assertEquals(List.of("write-back over 40003040"), events);
        assertEquals(1, r.load(cpu, X, 8, false), "the older cached bytes won");
    }

    @Test
    void invalidating_a_dirty_line_before_a_PoC_store_saves_the_store() {
        Ram r = ram(CachePolicy.STRICT);
        r.store(cpu, X, 8, 1, true);
        r.maintain(cpu, Maintenance.INVALIDATE, X, 1, true);
        r.store(cpu, X, 8, 9, false);
        r.maintain(cpu, Maintenance.CLEAN_INVALIDATE, X, 1, true);
        assertEquals(9, r.load(cpu, X, 8, true));
        assertEquals(List.of(), events);
    }

    @Test
    void reading_back_ones_own_PoC_store_to_a_dirty_line_is_no_finding_but_its_neighbour_is() {
        Ram r = ram(CachePolicy.STRICT);
        r.store(cpu, X, 8, 42, true);
        r.store(cpu, X + 8, 8, 43, true);
        r.store(cpu, X, 8, 9, false);
        assertEquals(9, r.load(cpu, X, 8, false));
        assertEquals(List.of(), events);
        r.load(cpu, X + 8, 8, false);
        assertEquals(List.of("load of dirty 40003048 43/0"), events);
    }

    @Test
    void a_fetch_of_dirty_code_is_reported_as_a_fetch() {
        Ram r = ram(CachePolicy.STRICT);
        r.store(cpu, X, 4, 0x1234, true);
        r.fetch(cpu, X, 4, false);
        assertEquals(List.of("fetch of dirty 40003040 4660/0"), events);
    }

    @Test
    void adversarial_fetches_an_invalidated_line_again_where_it_is_mapped() {
        Ram strict = ram(CachePolicy.STRICT);
        Ram adversarial = ram(CachePolicy.ADVERSARIAL);
        for (Ram r : List.of(strict, adversarial)) {
            r.load(cpu, X, 8, true);
            r.maintain(cpu, Maintenance.INVALIDATE, X, 1, true);
        }
        assertFalse(strict.mayBePresent(X));
        assertTrue(adversarial.mayBePresent(X));
        adversarial.maintain(cpu, Maintenance.INVALIDATE, X, 1, false);
        assertFalse(adversarial.mayBePresent(X), "with the MMU off nothing refetches");
    }

    @Test
    void random_eviction_writes_dirty_lines_back_at_some_time_and_repeats_with_its_seed() {
        assertEquals(roundsUntilWrittenBack(5), roundsUntilWrittenBack(5));
        assertNotEquals(roundsUntilWrittenBack(5), roundsUntilWrittenBack(6));
    }

    private int roundsUntilWrittenBack(long seed) {
        Ram r = ram(new CachePolicy(CachePolicy.Kind.RANDOM, seed));
        r.store(cpu, X, 8, 42, true);
        int rounds = 0;
        while (r.dirty(X)) {
            r.evictAtRandom(cpu);
            assertTrue(++rounds < 1_000_000);
        }
        byte[] b = new byte[8];
        r.peek(X, b, 0, 8, View.POC);
        assertEquals(42, b[0]);
        return rounds;
    }

    @Test
    void direct_access_is_handed_out_only_where_no_check_is_needed() {
        Ram r = ram(CachePolicy.STRICT);
        SoftTlb tlb = new SoftTlb(0, 3);
        r.attach(tlb);
        long va = 0xffff_0000_0000_3000L;
        int slot = tlb.slot(1, va);
        long m = r.fastPage(X, false, true, slot);
        assertNotEquals(0, m, "nothing is present: the PoC view is the only one");
        tlb.fill(1, va, m, true, true);
        long c = r.fastPage(X, true, true, slot);
        assertNotEquals(0, c);
        assertNotEquals(m, c);
        assertEquals(SoftTlb.INVALID, Host.getLong(SoftTlb.entry(tlb.contextBase(1), va)), "the old entry was dropped");
        assertEquals(0, r.fastPage(X, false, false, slot), "present lines make PoC accesses checked ones");
        r.maintain(cpu, Maintenance.CLEAN_INVALIDATE, X & -4096L, 4096, true);
        assertNotEquals(0, r.fastPage(X, false, false, slot));
    }

    @Test
    void a_page_mapped_twice_loses_both_entries() {
        Ram r = ram(CachePolicy.STRICT);
        SoftTlb tlb = new SoftTlb(0, 3);
        r.attach(tlb);
        long[] vas = {0x1000, 0x7000_5000L};
        for (long va : vas) {
            tlb.fill(1, va, r.fastPage(X, true, true, tlb.slot(1, va)), true, true);
        }
        r.maintain(cpu, Maintenance.INVALIDATE, X, 1, false);
        for (long va : vas) {
            assertEquals(SoftTlb.INVALID, Host.getLong(SoftTlb.entry(tlb.contextBase(1), va)));
            assertEquals(SoftTlb.INVALID, Host.getLong(SoftTlb.entry(tlb.contextBase(1), va) + 16));
        }
    }

    @Test
    void decoded_code_is_announced_when_its_bytes_change_in_either_view() {
        Ram r = ram(CachePolicy.STRICT);
        r.attach((pa, size, view) -> events.add(Long.toHexString(pa) + "+" + size + " " + view));
        r.store(cpu, X, 4, 1, true);
        r.codeHeld(X);
        assertEquals(0, r.fastPage(X, true, true, 1), "stores into held code are checked ones");
        assertNotEquals(0, r.fastPage(X, true, false, 1));
        r.store(cpu, X, 4, 2, true);
        r.maintain(cpu, Maintenance.CLEAN, X, 1, true);
        r.codeDropped(X);
        r.store(cpu, X, 4, 3, true);
        assertEquals(List.of("40003040+4 CACHED", "40003040+64 POC"), events);
    }

    @Test
    void a_watched_line_announces_stores_and_maintenance() {
        Ram r = ram(CachePolicy.STRICT);
        r.watch(X);
        assertEquals(0, r.fastPage(X, true, false, 1));
        r.store(cpu, X, 4, 2, true);
        r.maintain(cpu, Maintenance.CLEAN, X, 1, true);
        assertEquals(List.of("store 40003040+4 CACHED", "CLEAN 40003040"), events);
    }

    @Test
    void whole_pages_and_single_lines_are_maintained_alike() {
        for (Maintenance op : Maintenance.values()) {
            Ram byPage = ram(CachePolicy.STRICT);
            Ram byLine = ram(CachePolicy.STRICT);
            for (Ram r : List.of(byPage, byLine)) {
                for (int i = 0; i < 4096; i += 8) {
                    r.store(cpu, BASE + 0x5000 + i, 8, i + 1, i % 3 != 0);
                }
            }
            byPage.maintain(cpu, op, BASE + 0x5000, 4096, true);
            for (int i = 0; i < 4096; i += 64) {
                byLine.maintain(cpu, op, BASE + 0x5000 + i, 64, true);
            }
            for (View view : View.values()) {
                byte[] a = new byte[4096];
                byte[] b = new byte[4096];
                byPage.peek(BASE + 0x5000, a, 0, 4096, view);
                byLine.peek(BASE + 0x5000, b, 0, 4096, view);
                assertArrayEquals(a, b, op + " " + view);
            }
        }
    }

    /** The same accesses one byte at a time on a model that keeps nothing but the rules: two arrays and a bit per line. */
    @Test
    void random_accesses_and_maintenance_agree_with_the_plain_model() {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 200; round++) {
            Ram r = ram(CachePolicy.STRICT);
            PlainModel model = new PlainModel();
            for (int i = 0; i < 300; i++) {
                int at = random.nextInt(2 * 4096 / 8) * 8;
                boolean cacheable = random.nextBoolean();
                switch (random.nextInt(8)) {
                    case 0, 1 -> assertEquals(model.load(at, cacheable), r.load(cpu, BASE + at, 8, cacheable));
                    case 2, 3 -> {
                        long value = random.nextLong();
                        model.store(at, value, cacheable);
                        r.store(cpu, BASE + at, 8, value, cacheable);
                    }
                    case 4 -> {
                        r.fastPage(BASE + at, cacheable, random.nextBoolean(), 1);
                        model.prepared(at, cacheable);
                    }
                    case 5 -> copyInBulk(r, model, at, cacheable, random.nextLong());
                    default -> {
                        Maintenance op = Maintenance.values()[random.nextInt(3)];
                        int n = random.nextBoolean() ? 4096 - (at & 4095) : 8;
                        model.maintain(op, at, n);
                        r.maintain(cpu, op, BASE + at, n, true);
                    }
                }
            }
            r.close();
        }
    }

    private static void copyInBulk(Ram r, PlainModel model, int at, boolean cacheable, long value) {
        long host = r.bulkWrite(BASE + at, cacheable);
        model.prepared(at, cacheable);
        if (host != 0) {
            Host.putLong(host, value);
            r.bulkWritten(null, BASE + at, 8, cacheable);
            model.store(at, value, cacheable);
        }
    }

    /** Two pages. A cacheable access makes the lines of its page present; nothing else is remembered but what C and M hold. */
    private static final class PlainModel {
        private final long[] c = new long[2 * 512];
        private final long[] m = new long[2 * 512];
        private final boolean[] present = new boolean[2 * 64];
        private final long[][] memoryBefore = new long[2 * 64][];

        void touched(int at) {
            int first = (at & -4096) / 64;
            for (int line = first; line < first + 64; line++) {
                if (!present[line]) {
                    present[line] = true;
                    System.arraycopy(m, line * 8, c, line * 8, 8);
                }
            }
        }

        void prepared(int at, boolean cacheable) {
            if (cacheable) {
                touched(at);
            }
        }

        long load(int at, boolean cacheable) {
            prepared(at, cacheable);
            return (cacheable ? c : m)[at / 8];
        }

        void store(int at, long value, boolean cacheable) {
            if (cacheable) {
                touched(at);
                c[at / 8] = value;
                return;
            }
            int line = at / 64;
            if (present[line] && memoryBefore[line] == null) {
                memoryBefore[line] = Arrays.copyOfRange(m, line * 8, line * 8 + 8);
            }
            m[at / 8] = value;
        }

        void maintain(Maintenance op, int at, int n) {
            for (int line = at / 64; line <= (at + n - 1) / 64; line++) {
                if (present[line]) {
                    long[] now = Arrays.copyOfRange(c, line * 8, line * 8 + 8);
                    if (op != Maintenance.INVALIDATE && !Arrays.equals(now, memoryBefore[line])) {
                        System.arraycopy(now, 0, m, line * 8, 8);
                        memoryBefore[line] = null;
                    }
                    if (op != Maintenance.CLEAN) {
                        present[line] = false;
                        memoryBefore[line] = null;
                    }
                }
            }
        }
    }

    @Test
    void a_snapshot_restores_both_views_and_the_state_of_every_line() {
        Ram r = ram(CachePolicy.STRICT);
        r.store(cpu, X, 8, 42, true);
        r.load(cpu, X + 0x1000, 8, true);
        r.store(cpu, X + 0x1000, 8, 9, false);
        r.store(cpu, X + 0x2000, 8, 5, false);
        StateWriter out = new StateWriter();
        r.save(out);
        r.store(cpu, X + 0x3000, 8, 77, true);
        r.store(cpu, X, 8, 43, true);
        r.load(new StateReader(out.toByteArray()));
        assertTrue(r.dirty(X));
        assertEquals(42, r.load(cpu, X, 8, true));
        assertEquals(0, r.load(cpu, X + 0x3000, 8, true));
        assertEquals(5, r.load(cpu, X + 0x2000, 8, true));
        assertEquals(List.of(), events);
        assertEquals(0, r.load(cpu, X + 0x1000, 8, true));
        assertEquals(List.of("stale read 40004040 0/9"), events);
    }

    @Test
    void counts_the_pages_that_were_written_or_read_through_a_cache() {
        for (CachePolicy policy : List.of(CachePolicy.NONE, CachePolicy.STRICT)) {
            Ram r = ram(policy);
            r.load(cpu, X, 8, false);
            r.bulkRead(X, false);
            r.fastPage(X, false, false, 1);
            assertEquals(0, r.touched(), policy.toString());
            r.store(cpu, X, 8, 0, true);
            r.store(cpu, X + 8, 8, 0, false);
            assertEquals(0x1000, r.touched(), policy.toString());
            r.store(cpu, X + 0x1000, 1, 0, false);
            r.bulkWrite(X + 0x2000, true);
            r.bulkWrite(X + 0x3000, false);
            r.overwrite(X + 0x4000, 8, true);
            r.overwrite(X + 0x5000, 8, false);
            r.fastPage(X + 0x6000, true, true, 1);
            r.fastPage(X + 0x7000, false, true, 1);
            r.place(X + 0x8000, new byte[0x1000], 0, 0x1000);
            assertEquals(0xa000, r.touched(), policy.toString());
            r.load(cpu, BASE, 8, true);
            assertEquals(policy == CachePolicy.NONE ? 0xa000 : 0xb000, r.touched(), policy.toString());
            r.maintain(cpu, Maintenance.CLEAN_INVALIDATE, BASE, r.size(), false);
            assertEquals(policy == CachePolicy.NONE ? 0xa000 : 0xb000, r.touched(), policy.toString());
        }
    }

    @Test
    void a_snapshot_knows_the_pages_that_were_touched_and_hold_zeros() {
        Ram r = ram(CachePolicy.STRICT);
        r.store(cpu, X, 8, 0, false);
        r.store(cpu, X + 0x5000, 8, 1, false);
        StateWriter out = new StateWriter();
        r.save(out);
        Ram other = ram(CachePolicy.STRICT);
        other.store(cpu, BASE, 8, 3, false);
        other.load(new StateReader(out.toByteArray()));
        assertEquals(0x2000, other.touched());
    }
}
