package dev.baton.devices.virtio;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.core.mem.BusMaster;

/**
 * The device's side of a split virtqueue, virtio 1.1 section 2.6. The rings lie in guest memory and may hold anything: a descriptor
 * index out of range, a loop, a segment outside RAM or an available index that ran ahead breaks the queue, and its device asks to be
 * reset.
 */
public final class VirtQueue implements Stateful {
    /** Queue size offered. */
    static final int MAX_SIZE = 1024;
    /** Bytes of all segments of a chain; a longer one breaks the queue. */
    static final long MAX_CHAIN_BYTES = 256L << 20;

    private static final int DESCRIPTOR = 16;
    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int INDIRECT = 4;
    private static final int NO_INTERRUPT = 1;
    private static final int NO_VECTOR = 0xffff;

    private final BusMaster memory;
    private final int maximum;

    private int size;
    private boolean ready;
    private long descriptors;
    private long available;
    private long used;
    private int nextAvailable;
    private int nextUsed;
    /** Used index at the last interrupt, for {@link #needsInterrupt}. */
    private int signalled;
    private boolean broken;
    private int vector;

    VirtQueue(BusMaster memory, int maximum) {
        this.memory = memory;
        this.maximum = maximum;
        reset();
    }

    void reset() {
        size = maximum;
        ready = false;
        descriptors = 0;
        available = 0;
        used = 0;
        nextAvailable = 0;
        nextUsed = 0;
        signalled = 0;
        broken = false;
        vector = NO_VECTOR;
    }

    int maximum() {
        return maximum;
    }

    int size() {
        return size;
    }

    /** Ignored unless a power of two up to the maximum. */
    void size(int n) {
        if (n > 0 && n <= maximum && Integer.bitCount(n) == 1) {
            size = n;
        }
    }

    boolean ready() {
        return ready;
    }

    void ready(boolean on) {
        ready = on;
    }

    /** What the rings said was impossible. */
    boolean broken() {
        return broken;
    }

    int vector() {
        return vector;
    }

    void vector(int v) {
        vector = v;
    }

    long descriptors() {
        return descriptors;
    }

    long available() {
        return available;
    }

    long used() {
        return used;
    }

    void descriptors(long pa) {
        descriptors = pa;
    }

    void available(long pa) {
        available = pa;
    }

    void used(long pa) {
        used = pa;
    }

    /** The three parts one after the other, as the legacy interface has them: section 2.6.2. */
    void legacy(long pa, long alignment) {
        descriptors = pa;
        available = pa + (long) DESCRIPTOR * size;
        used = available + 6 + 2L * size + alignment - 1 & -alignment;
        ready = pa != 0;
    }

    private int load16(long pa) {
        return (pa & 1) == 0 ? (int) memory.load(pa, 2, true) : 0;
    }

    /** The driver has offered something that was not taken yet. */
    boolean hasAvailable() {
        return ready && !broken && load16(available + 2) != nextAvailable;
    }

    /** Takes the next request, or null if there is none or the queue is broken. */
    Chain take(boolean eventIndex) {
        if (!ready || broken) {
            return null;
        }
        if ((descriptors & DESCRIPTOR - 1 | available & 1 | used & 3) != 0) {
            broken = true;
            return null;
        }
        int index = load16(available + 2);
        int ahead = index - nextAvailable & 0xffff;
        if (ahead == 0) {
            return null;
        }
        int head = load16(available + 4 + 2L * (nextAvailable & size - 1));
        Chain chain = ahead > size || head >= size ? null : chain(head);
        if (chain == null) {
            broken = true;
            return null;
        }
        nextAvailable = nextAvailable + 1 & 0xffff;
        if (eventIndex) {
            store(used + 4 + 8L * size, 2, nextAvailable);
        }
        return chain;
    }

    /** Where a chain is walked: the ring's own table, or an indirect one. */
    private static final class Walk {
        private final long[] address = new long[MAX_SIZE];
        private final int[] length = new int[MAX_SIZE];
        private int readable;
        private int n;
        private long bytes;
    }

    /** @return null if the chain is not one */
    private Chain chain(int head) {
        Walk w = new Walk();
        long at = descriptors + (long) DESCRIPTOR * head;
        boolean whole;
        if ((load16(at + 12) & INDIRECT) != 0) {
            long table = memory.load(at, 8, true);
            int bytes = (int) memory.load(at + 8, 4, true);
            boolean fits = (load16(at + 12) & NEXT) == 0 && bytes > 0 && bytes % DESCRIPTOR == 0 && bytes / DESCRIPTOR <= MAX_SIZE
                    && aligned(table) && memory.reaches(table, bytes);
            whole = fits && walk(w, table, bytes / DESCRIPTOR, 0);
        } else {
            whole = walk(w, descriptors, size, head);
        }
        return whole ? new Chain(memory, head, w.address, w.length, w.readable, w.n) : null;
    }

    private static boolean aligned(long pa) {
        return (pa & 7) == 0;
    }

    private boolean walk(Walk w, long table, int count, int first) {
        int i = first;
        while (w.n < count) {
            long at = table + (long) DESCRIPTOR * i;
            int flags = load16(at + 12);
            boolean write = (flags & WRITE) != 0;
            if ((flags & INDIRECT) != 0 || !write && w.readable != w.n || !add(w, at)) {
                return false;
            }
            w.readable += write ? 0 : 1;
            if ((flags & NEXT) == 0) {
                return true;
            }
            i = load16(at + 14);
            if (i >= count) {
                return false;
            }
        }
        return false;
    }

    private boolean add(Walk w, long at) {
        long address = memory.load(at, 8, true);
        int length = (int) memory.load(at + 8, 4, true);
        w.bytes += Integer.toUnsignedLong(length);
        if (length < 0 || w.bytes > MAX_CHAIN_BYTES || !memory.reaches(address, length)) {
            return false;
        }
        w.address[w.n] = address;
        w.length[w.n++] = length;
        return true;
    }

    /** Gives a request back, with the number of bytes written into it. */
    void give(Chain chain, int written) {
        long element = used + 4 + 8L * (nextUsed & size - 1);
        store(element, 4, chain.head());
        store(element + 4, 4, written);
        nextUsed = nextUsed + 1 & 0xffff;
        store(used + 2, 2, nextUsed);
    }

    private void store(long pa, int bytes, long value) {
        if ((pa & bytes - 1) == 0) {
            memory.store(pa, bytes, value, true);
        }
    }

    /** After requests were given back: section 2.6.7. Remembers that it answered yes. */
    boolean needsInterrupt(boolean eventIndex) {
        if (nextUsed == signalled) {
            return false;
        }
        int old = signalled;
        signalled = nextUsed;
        if (!eventIndex) {
            return (load16(available) & NO_INTERRUPT) == 0;
        }
        int event = load16(available + 4 + 2L * size);
        return (nextUsed - event - 1 & 0xffff) < (nextUsed - old & 0xffff);
    }

    @Override
    public void save(StateWriter out) {
        out.u32(size).flag(ready).u64(descriptors).u64(available).u64(used).u32(nextAvailable).u32(nextUsed).u32(signalled)
                .flag(broken).u32(vector);
    }

    @Override
    public void load(StateReader in) {
        size = in.u32();
        ready = in.flag();
        descriptors = in.u64();
        available = in.u64();
        used = in.u64();
        nextAvailable = in.u32();
        nextUsed = in.u32();
        signalled = in.u32();
        broken = in.flag();
        vector = in.u32();
    }
}
