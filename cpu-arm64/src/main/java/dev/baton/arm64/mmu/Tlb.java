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

    private final TlbEntry[] slots = new TlbEntry[SETS * WAYS];
    private final byte[] next = new byte[SETS];
    private final int[] count = new int[64];
    /** Hash of a leaf descriptor's address to the slot of an entry made from it, plus 1; a later entry replaces an earlier one. */
    private final short[] byLeaf = new short[LEAVES];
    private final Consumer<TlbEntry> dropped;
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
        for (long m = sizes; m != 0; m &= m - 1) {
            int base = set(regime, va, Long.numberOfTrailingZeros(m)) * WAYS;
            for (int i = base; i < base + WAYS; i++) {
                TlbEntry e = slots[i];
                if (e != null && e.regime() == regime && e.covers(va) && e.vmid() == vmid && (e.global() || e.asid() == asid)) {
                    return e;
                }
            }
        }
        return null;
    }

    void insert(TlbEntry e) {
        int set = set(e.regime(), e.va(), e.shift());
        int slot = free(set);
        if (slot < 0) {
            slot = set * WAYS + next[set];
            next[set] = (byte) ((next[set] + 1) % WAYS);
            remove(slot);
        }
        slots[slot] = e;
        byLeaf[leaf(e.address())] = (short) (slot + 1);
        if (count[e.shift()]++ == 0) {
            sizes |= 1L << e.shift();
        }
    }

    private static int leaf(long address) {
        return (int) (address >>> 3 ^ address >>> 15) & LEAVES - 1;
    }

    /** A live entry made from the leaf descriptor at {@code address}, or null; where several were, one of them. */
    TlbEntry leafAt(long address) {
        int slot = byLeaf[leaf(address)] - 1;
        TlbEntry e = slot < 0 ? null : slots[slot];
        return e != null && e.address() == address ? e : null;
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
        slots[slot] = null;
        if (--count[e.shift()] == 0) {
            sizes &= ~(1L << e.shift());
        }
        dropped.accept(e);
    }

    /** Invalidates by address, of any size. @param asid -1: any. A global entry matches every ASID. */
    void invalidate(int regime, long va, int asid, int vmid) {
        for (long m = sizes; m != 0; m &= m - 1) {
            int base = set(regime, va, Long.numberOfTrailingZeros(m)) * WAYS;
            for (int i = base; i < base + WAYS; i++) {
                TlbEntry e = slots[i];
                if (e != null && e.regime() == regime && e.covers(va) && e.vmid() == vmid && (asid < 0 || e.global() || e.asid() == asid)) {
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

    void forEach(Consumer<TlbEntry> action) {
        for (TlbEntry e : slots) {
            if (e != null) {
                action.accept(e);
            }
        }
    }

    void save(StateWriter out) {
        out.u32((int) Arrays.stream(slots).filter(e -> e != null).count());
        for (int i = 0; i < slots.length; i++) {
            TlbEntry e = slots[i];
            if (e != null) {
                out.u32(i).u32(e.regime()).u64(e.va()).u32(e.shift()).u32(e.asid()).u32(e.vmid()).flag(e.global()).u64(e.pa());
                out.u32(e.attr()).u32(e.ap()).flag(e.pxn()).flag(e.uxn()).u32(e.level()).u64(e.address()).u64(e.descriptor());
            }
        }
        out.bytes(next);
    }

    void load(StateReader in) {
        Arrays.fill(slots, null);
        Arrays.fill(count, 0);
        Arrays.fill(byLeaf, (short) 0);
        sizes = 0;
        for (int n = in.u32(); n > 0; n--) {
            int i = in.u32();
            TlbEntry e = new TlbEntry(in.u32(), in.u64(), in.u32(), in.u32(), in.u32(), in.flag(), in.u64(), in.u32(), in.u32(), in.flag(),
                    in.flag(), in.u32(), in.u64(), in.u64());
            slots[i] = e;
            byLeaf[leaf(e.address())] = (short) (i + 1);
            count[e.shift()]++;
            sizes |= 1L << e.shift();
        }
        System.arraycopy(in.bytes(), 0, next, 0, next.length);
    }
}
