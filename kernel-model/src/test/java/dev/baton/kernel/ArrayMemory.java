package dev.baton.kernel;

import dev.baton.kernel.mm.KernelMemory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Memory that is an array: what kernel code writes is there at once, for everyone. */
public final class ArrayMemory implements KernelMemory {
    private final long base;
    private final byte[] bytes;
    private final ByteBuffer words;

    public ArrayMemory(long base, int size) {
        this.base = base;
        this.bytes = new byte[size];
        this.words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    public long base() {
        return base;
    }

    public long size() {
        return bytes.length;
    }

    private int at(long phys, long n) {
        long offset = phys - base;
        if (offset < 0 || offset + n > bytes.length) {
            throw new IllegalArgumentException("no memory at 0x%x+%d".formatted(phys, n));
        }
        return (int) offset;
    }

    @Override
    public long u64(long phys) {
        return words.getLong(at(phys, 8));
    }

    @Override
    public void u64(long phys, long value) {
        words.putLong(at(phys, 8), value);
    }

    @Override
    public int u32(long phys) {
        return words.getInt(at(phys, 4));
    }

    @Override
    public void u32(long phys, int value) {
        words.putInt(at(phys, 4), value);
    }

    @Override
    public void read(long phys, byte[] into, int offset, int n) {
        System.arraycopy(bytes, at(phys, n), into, offset, n);
    }

    @Override
    public void write(long phys, byte[] from, int offset, int n) {
        System.arraycopy(from, offset, bytes, at(phys, n), n);
    }

    @Override
    public void fill(long phys, long n, byte value) {
        int from = at(phys, n);
        Arrays.fill(bytes, from, from + (int) n, value);
    }

    @Override
    public void activity(String text) {
        // Nobody asks who wrote.
    }

    /** All of it, for comparisons. */
    public byte[] snapshot() {
        return bytes.clone();
    }
}
