package dev.baton.core.mem;

import dev.baton.core.machine.SplitMix64;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.Arrays;
import java.util.BitSet;

/** What {@code random:SEED} does on its own: lines drawn among the pages that have present ones leave the caches. */
final class RandomEviction {
    /** Lines that may be evicted after each slice. */
    private static final int LINES = 32;

    private final Ram ram;
    private final boolean on;
    private long random;
    /** The pages with present lines, and perhaps some that had them, each once. */
    private int[] evictable = {};
    private int count;
    private final BitSet listed = new BitSet();

    RandomEviction(Ram ram) {
        this.ram = ram;
        on = ram.policy().kind() == CachePolicy.Kind.RANDOM;
        random = ram.policy().seed();
    }

    /** As {@link Ram#evictAtRandom}. */
    void evict(Accessor who, CacheMaintenance maintenance) {
        for (int i = 0; on && i < LINES && count > 0; i++) {
            long r = next();
            int n = (int) Long.remainderUnsigned(r >>> 6, count);
            int p = evictable[n];
            if (ram.pages.present(p) == 0) {
                listed.clear(p);
                evictable[n] = evictable[--count];
            } else {
                maintenance.line(who, p, ram.pageAddress(p) + (r & 63) * Ram.LINE, Maintenance.CLEAN_INVALIDATE, false);
            }
        }
    }

    /** The page has present lines now. */
    void becamePresent(int p) {
        if (on && !listed.get(p)) {
            listed.set(p);
            if (count == evictable.length) {
                evictable = Arrays.copyOf(evictable, Math.max(1024, 2 * count));
            }
            evictable[count++] = p;
        }
    }

    private long next() {
        random += SplitMix64.GAMMA;
        return SplitMix64.mix(random);
    }

    void save(StateWriter out) {
        out.u64(random).ints(Arrays.copyOf(evictable, count));
    }

    void load(StateReader in) {
        random = in.u64();
        evictable = in.ints();
        count = evictable.length;
        listed.clear();
        Arrays.stream(evictable).forEach(listed::set);
    }
}
