package dev.baton.arm64.mmu;

import dev.baton.core.mem.CodeWatcher;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Makes the use of a stale TLB entry visible where it would hit the fast path: stores to pages that hold leaf descriptors of
 * TLB entries are announced (as stores to decoded code are), and a store to such a descriptor drops the fast entry, never the
 * architectural one. The next access takes the slow path, where its use is judged.
 *
 * <p>A page is let go after {@link #PATIENCE} stores in a row that hit no live entry: it holds tables no longer.
 */
final class TableWatch implements CodeWatcher {
    private static final int PATIENCE = 64;
    private static final int DESCRIPTOR = 8;

    private final PhysicalBus bus;
    private final Tlb tlb;
    private final Consumer<TlbEntry> changed;
    /** Held pages, with the number of stores in a row that hit nothing. */
    private final Map<Long, int[]> held = new HashMap<>();
    private long last = -1;

    /** @param changed told of entries whose leaf descriptor was stored to */
    TableWatch(PhysicalBus bus, Tlb tlb, Consumer<TlbEntry> changed) {
        this.bus = bus;
        this.tlb = tlb;
        this.changed = changed;
        bus.banks().forEach(r -> r.attach(this));
    }

    /** An entry made from the descriptor at {@code address} is in use. */
    void uses(long address) {
        long page = address & -4096L;
        if (page == last) {
            return;
        }
        last = page;
        if (held.putIfAbsent(page, new int[1]) == null) {
            bus.ram(page).codeHeld(page);
        }
    }

    @Override
    public void codeChanged(long pa, long size, View view) {
        int[] misses = held.get(pa & -4096L);
        if (misses == null) {
            return;
        }
        boolean hit = false;
        for (long a = pa & -DESCRIPTOR; a < pa + size; a += DESCRIPTOR) {
            TlbEntry e = tlb.leafAt(a);
            if (e != null) {
                hit = true;
                changed.accept(e);
            }
        }
        misses[0] = hit ? 0 : misses[0] + 1;
        if (misses[0] >= PATIENCE) {
            release(pa & -4096L);
        }
    }

    private void release(long page) {
        held.remove(page);
        last = -1;
        Ram ram = bus.ram(page);
        if (ram != null) {
            ram.codeDropped(page);
        }
    }

    void clear() {
        held.keySet().forEach(page -> bus.ram(page).codeDropped(page));
        held.clear();
        last = -1;
    }
}
