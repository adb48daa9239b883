package dev.baton.arm64.mmu;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The architectural TLB of one CPU: unified, set-associative, one entry per leaf descriptor whatever its size. An entry lives
 * until it is invalidated or, deterministically (round robin within a set), replaced. A lookup probes one set per size
 * present.
 */
final class Tlb {
    static final int SETS = 512;
    static final int WAYS = 4;
    private static final int LEAVES = 4096;
    private static final int MEMO = 256;

    private final TlbEntry[] slots = new TlbEntry[SETS * WAYS];
    private final byte[] next = new byte[SETS];
    private final int[] count = new int[64];
    /** Hash of a leaf descriptor's address to the first slot of a chain of entries with that hash, plus 1. */
    private final short[] byLeaf = new short[LEAVES];
    /** The next slot of the chain, plus 1. */
    private final short[] nextOfLeaf = new short[SETS * WAYS];
    private final Consumer<TlbEntry> dropped;
    /** What {@link #find} last found, by page: an entry that lives still is the answer still. Holds nothing that is state. */
    private final TlbEntry[] memo = new TlbEntry[MEMO];
    private final long[] memoPage = new long[MEMO];
    private final long[] memoKey = new long[MEMO];
    /** Bit n is set while an entry of size 2^n is held. */
    private long sizes;

    /** @param dropped told of every entry that leaves */
    Tlb(Consumer<TlbEntry> dropped) {
        this.dropped = dropped;
    }

    private static int set(int regime, long va, int shift) {
        long page = va >> shift;
        long h = page ^ page >>> 9 ^ page >>> 21 ^ shift * 37L ^ regime * 101L;
        return (int) h & SETS - 1;
    }

    /** @return the entry, or null */
    TlbEntry find(int regime, long va, int asid, int vmid) {
        long page = va >> 12;
        long key = (long) regime << 32 | (long) vmid << 16 | asid;
        int m = (int) (page ^ page >>> 8) & MEMO - 1;
        TlbEntry known = memo[m];
        if (known != null && known.live && memoPage[m] == page && memoKey[m] == key) {
            return known;
        }
        TlbEntry e = search(regime, va, asid, vmid);
        if (e != null) {
            memo[m] = e;
            memoPage[m] = page;
            memoKey[m] = key;
        }
        return e;
    }

    private TlbEntry search(int regime, long va, int asid, int vmid) {
        for (long m = sizes; m != 0; m &= m - 1) {
            int base = set(regime, va, Long.numberOfTrailingZeros(m)) * WAYS;
            for (int i = base; i < base + WAYS; i++) {
                TlbEntry e = slots[i];
                if (e != null && e.regime == regime && e.covers(va) && e.vmid == vmid && (e.global || e.asid == asid)) {
                    return e;
                }
            }
        }
        return null;
    }

    void insert(TlbEntry e) {
        int set = set(e.regime, e.va, e.shift);
        int slot = free(set);
        if (slot < 0) {
            slot = set * WAYS + next[set];
            next[set] = (byte) ((next[set] + 1) % WAYS);
            remove(slot);
        }
        put(slot, e);
    }

    private void put(int slot, TlbEntry e) {
        slots[slot] = e;
        e.live = true;
        int leaf = leaf(e.address);
        nextOfLeaf[slot] = byLeaf[leaf];
        byLeaf[leaf] = (short) (slot + 1);
        count[e.shift]++;
        sizes |= 1L << e.shift;
    }

    private static int leaf(long address) {
        return (int) (address >>> 3 ^ address >>> 15) & LEAVES - 1;
    }

    /** Tells of every live entry made from the leaf descriptor at {@code address}. @return whether there is one */
    boolean forEachOf(long address, Consumer<TlbEntry> action) {
        boolean any = false;
        for (int slot = byLeaf[leaf(address)] - 1; slot >= 0; slot = nextOfLeaf[slot] - 1) {
            if (slots[slot].address == address) {
                any = true;
                action.accept(slots[slot]);
            }
        }
        return any;
    }

    private void unlink(int slot) {
        int leaf = leaf(slots[slot].address);
        if (byLeaf[leaf] == slot + 1) {
            byLeaf[leaf] = nextOfLeaf[slot];
            return;
        }
        int before = byLeaf[leaf] - 1;
        while (nextOfLeaf[before] != slot + 1) {
            before = nextOfLeaf[before] - 1;
        }
        nextOfLeaf[before] = nextOfLeaf[slot];
    }

    private int free(int set) {
        for (int i = set * WAYS; i < set * WAYS + WAYS; i++) {
            if (slots[i] == null) {
                return i;
            }
        }
        return -1;
    }

    private void remove(int slot) {
        TlbEntry e = slots[slot];
        unlink(slot);
        slots[slot] = null;
        e.live = false;
        if (--count[e.shift] == 0) {
            sizes &= ~(1L << e.shift);
        }
        dropped.accept(e);
    }

    /** Forgets one entry that lives. */
    void drop(TlbEntry e) {
        int base = set(e.regime, e.va, e.shift) * WAYS;
        for (int i = base; i < base + WAYS; i++) {
            if (slots[i] == e) {
                remove(i);
            }
        }
    }

    /**
     * Invalidates by address, of any size.
     *
     * @param asid -1: any. A global entry matches every ASID.
     * @param hint which levels and granules it is about
     */
    void invalidate(int regime, long va, int asid, int vmid, LevelHint hint) {
        for (long m = sizes; m != 0; m &= m - 1) {
            int base = set(regime, va, Long.numberOfTrailingZeros(m)) * WAYS;
            for (int i = base; i < base + WAYS; i++) {
                TlbEntry e = slots[i];
                if (e != null && e.regime == regime && e.covers(va) && e.vmid == vmid && (asid < 0 || e.global || e.asid == asid)
                        && hint.covers(e)) {
                    remove(i);
                }
            }
        }
    }

    void invalidateIf(Predicate<TlbEntry> which) {
        if (sizes == 0) {
            return;
        }
        for (int i = 0; i < slots.length; i++) {
            if (slots[i] != null && which.test(slots[i])) {
                remove(i);
            }
        }
    }

    void save(StateWriter out) {
        out.u32((int) Arrays.stream(slots).filter(e -> e != null).count());
        for (int i = 0; i < slots.length; i++) {
            TlbEntry e = slots[i];
            if (e != null) {
                e.save(out.u32(i));
            }
        }
        out.bytes(next);
    }

    void load(StateReader in) {
        Arrays.fill(slots, null);
        Arrays.fill(memo, null);
        Arrays.fill(count, 0);
        Arrays.fill(byLeaf, (short) 0);
        sizes = 0;
        for (int n = in.u32(); n > 0; n--) {
            put(in.u32(), new TlbEntry(in));
        }
        System.arraycopy(in.bytes(), 0, next, 0, next.length);
    }
}
