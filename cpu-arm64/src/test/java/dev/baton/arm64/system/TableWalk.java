package dev.baton.arm64.system;

import dev.baton.core.mem.Ram;

/** The way from the first table of a stage of translation to a descriptor; tables that are missing on it are made. */
abstract class TableWalk {
    /** Address of the first table. */
    final long root;
    final int pageBits;
    final int inputBits;
    private final Ram ram;
    private final int first;
    final boolean cached;
    private long next;

    /**
     * @param first level of the first table
     * @param base  of the first table, aligned to all of it; the others follow
     */
    TableWalk(Ram ram, int pageBits, int inputBits, int first, long base, boolean cached) {
        this.ram = ram;
        this.pageBits = pageBits;
        this.inputBits = inputBits;
        this.first = first;
        this.cached = cached;
        root = base;
        next = base + Math.max(1L << pageBits, 8L << inputBits - shift(first));
    }

    final int firstLevel() {
        return first;
    }

    /** Address bits that a descriptor of this level leaves to the levels below and the page. */
    final int shift(int level) {
        return pageBits + (3 - level) * (pageBits - 3);
    }

    /** Address of the descriptor at {@code level} for {@code input}; tables down to it are made as needed. */
    final long descriptor(long input, int level) {
        long table = root;
        for (int l = first; ; l++) {
            int bits = l == first ? inputBits - shift(l) : pageBits - 3;
            long address = table + ((input >>> shift(l) & (1L << bits) - 1) << 3);
            if (l == level) {
                return address;
            }
            if ((get(address) & 3) != 3) {
                put(address, next | 3);
                next += 1L << pageBits;
            }
            table = get(address) & 0xffff_ffff_ffffL & -1L << pageBits;
        }
    }

    final long get(long address) {
        return ram.load(null, address, 8, cached);
    }

    final void put(long address, long value) {
        ram.store(null, address, 8, value, cached);
    }
}
