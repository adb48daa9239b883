package dev.baton.arm64.mmu;

import dev.baton.core.mem.CodeWatcher;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Knows when a TLB entry may have come to disagree with the tables: stores to pages that hold descriptors are announced (as
 * stores to decoded code are). A store to the leaf descriptor of a live entry drops its fast entries, never the architectural
 * one; a store to a descriptor above the leaves, or of stage 2, drops them all. The next access takes the slow path,
 * where its use is judged.
 *
 * <p>A walk that gave the same translation as the entry it was made to judge need not be made again until such a store: the
 * entry is told so by {@link #agree}, and {@link #agrees} remembers. Walking for every access that missed the fast path cost
 * 140 ns a page in a relocation.
 *
 * <p>A page is let go after {@link #PATIENCE} stores in a row that hit nothing: it holds tables no longer. Whoever relied on it
 * is judged anew at the next access, which holds the page again.
 */
final class TableWatch implements CodeWatcher {
    private static final int PATIENCE = 64;
    private static final int DESCRIPTOR = 8;
    private static final int PAGE = 4096;

    /** What is known of a held page. */
    private static final class Page {
        final long pa;
        /** Descriptors above the leaves that walks have read, by position. */
        final long[] tables = new long[PAGE / DESCRIPTOR / 64];
        /** Stores in a row that hit nothing. */
        int misses;

        Page(long pa) {
            this.pa = pa;
        }

        void read(long address) {
            int i = (int) (address & PAGE - 1) / DESCRIPTOR;
            tables[i >> 6] |= 1L << i;
        }

        /** @return whether a walk has read it; that is forgotten */
        boolean forget(long address) {
            int i = (int) (address & PAGE - 1) / DESCRIPTOR;
            boolean was = (tables[i >> 6] & 1L << i) != 0;
            tables[i >> 6] &= ~(1L << i);
            return was;
        }

        boolean holdsTables() {
            long any = 0;
            for (long word : tables) {
                any |= word;
            }
            return any != 0;
        }
    }

    private final PhysicalBus bus;
    private final Tlb tlb;
    private final Consumer<TlbEntry> changed;
    private final Runnable allChanged;
    private final Map<Long, Page> held = new HashMap<>();
    /** The page last asked for, by position in the walk. */
    private final Page[] last = new Page[Descriptors.MOST + 1];
    /** Grows when a descriptor above the leaves was stored to, or a control register of walks. */
    private long epoch;

    /**
     * @param changed    told of entries whose leaf descriptor was stored to
     * @param allChanged told when a descriptor above the leaves was
     */
    TableWatch(PhysicalBus bus, Tlb tlb, Consumer<TlbEntry> changed, Runnable allChanged) {
        this.bus = bus;
        this.tlb = tlb;
        this.changed = changed;
        this.allChanged = allChanged;
        bus.banks().forEach(r -> r.attach(this));
    }

    /** A walk from {@code root} just gave what {@code e} holds, reading {@code d}. */
    void agree(TlbEntry e, Descriptors d, long root) {
        follow(d, d.leaf);
        e.agreed = epoch;
        e.root = root;
    }

    /** The tables still say what {@code e} holds, if walked from {@code root}. */
    boolean agrees(TlbEntry e, long root) {
        return e.agreed == epoch && e.root == root;
    }

    /** An entry is in use that does not agree with the walk that read {@code d}: a change of any of its descriptors matters. */
    void disagree(TlbEntry e, Descriptors d) {
        follow(d, -1);
        page(e.address, Descriptors.MOST);
        e.agreed = -1;
    }

    /** Holds the pages of all descriptors read; all but the one at {@code leaf} lead to others, or are of stage 2. */
    private void follow(Descriptors d, int leaf) {
        for (int i = 0; i < d.count; i++) {
            Page p = page(d.read[i], i);
            if (i != leaf) {
                p.read(d.read[i]);
            }
        }
    }

    /** The page of a descriptor, held. */
    private Page page(long address, int position) {
        long pa = address & -PAGE;
        Page p = last[position];
        if (p != null && p.pa == pa) {
            return p;
        }
        p = held.get(pa);
        if (p == null) {
            p = new Page(pa);
            held.put(pa, p);
            bus.ram(pa).codeHeld(pa);
        }
        last[position] = p;
        return p;
    }

    /** A register that controls walks changed: no entry is known to agree. */
    void controlsChanged() {
        epoch++;
    }

    @Override
    public void codeChanged(long pa, long size, View view) {
        Page p = held.get(pa & -PAGE);
        if (p == null) {
            return;
        }
        boolean hit = false;
        for (long a = pa & -DESCRIPTOR; a < pa + size; a += DESCRIPTOR) {
            hit |= descriptorChanged(p, a);
        }
        p.misses = hit ? 0 : p.misses + 1;
        if (p.misses >= PATIENCE) {
            release(p);
        }
    }

    private boolean descriptorChanged(Page p, long address) {
        boolean leaf = tlb.forEachOf(address, this::leafChanged);
        boolean table = p.forget(address);
        if (table) {
            tablesChanged();
        }
        return leaf || table;
    }

    private void leafChanged(TlbEntry e) {
        e.agreed = -1;
        changed.accept(e);
    }

    private void tablesChanged() {
        epoch++;
        allChanged.run();
    }

    private void release(Page p) {
        held.remove(p.pa);
        Arrays.fill(last, null);
        Ram ram = bus.ram(p.pa);
        if (ram != null) {
            ram.codeDropped(p.pa);
        }
        if (p.holdsTables()) {
            tablesChanged();
        }
        for (long a = p.pa; a < p.pa + PAGE; a += DESCRIPTOR) {
            tlb.forEachOf(a, this::leafChanged);
        }
    }

    void clear() {
        held.keySet().forEach(page -> bus.ram(page).codeDropped(page));
        held.clear();
        Arrays.fill(last, null);
        epoch++;
    }
}
