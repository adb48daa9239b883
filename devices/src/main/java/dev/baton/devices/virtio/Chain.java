package dev.baton.devices.virtio;

import dev.baton.core.mem.BusMaster;

/**
 * One request: a chain of descriptors, virtio 1.1 section 2.6.4.2 and 2.6.5.3. What a driver offers to be read comes first, what the
 * device may write after it; offsets count bytes within either part. Every segment is checked to lie in RAM before anybody sees a
 * chain.
 */
public final class Chain {
    private final BusMaster memory;
    private final int head;
    private final long[] address;
    private final int[] length;
    private final int readable;
    private final int segments;

    /**
     * @param head     index of the first descriptor
     * @param readable how many segments the device may read; the rest it may write
     */
    Chain(BusMaster memory, int head, long[] address, int[] length, int readable, int segments) {
        this.memory = memory;
        this.head = head;
        this.address = address;
        this.length = length;
        this.readable = readable;
        this.segments = segments;
    }

    int head() {
        return head;
    }

    /** Bytes that the device may read. */
    public long readableBytes() {
        return sum(0, readable);
    }

    /** Bytes that the device may write. */
    public long writableBytes() {
        return sum(readable, segments);
    }

    private long sum(int from, int to) {
        long n = 0;
        for (int i = from; i < to; i++) {
            n += length[i];
        }
        return n;
    }

    /** Copies from the readable part. @return how many bytes there were, at most {@code n} */
    public int read(long offset, byte[] into, int at, int n) {
        return copy(0, readable, offset, into, at, n, false);
    }

    /** Copies into the writable part. @return how many bytes had room, at most {@code n} */
    public int write(long offset, byte[] from, int at, int n) {
        return copy(readable, segments, offset, from, at, n, true);
    }

    private int copy(int from, int to, long offset, byte[] bytes, int at, int n, boolean write) {
        long skip = offset;
        int done = 0;
        for (int i = from; i < to && done < n; i++) {
            if (skip >= length[i]) {
                skip -= length[i];
                continue;
            }
            int step = (int) Math.min(n - done, length[i] - skip);
            if (write) {
                memory.write(address[i] + skip, bytes, at + done, step, true);
            } else {
                memory.read(address[i] + skip, bytes, at + done, step, true);
            }
            done += step;
            skip = 0;
        }
        return done;
    }
}
