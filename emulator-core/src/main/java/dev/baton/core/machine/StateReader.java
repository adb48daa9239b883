package dev.baton.core.machine;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Reads what {@link StateWriter} wrote, in the same order. A snapshot that does not fit is an {@link IllegalArgumentException}. */
public final class StateReader {
    private final DataInputStream in;

    public StateReader(byte[] bytes) {
        in = new DataInputStream(new ByteArrayInputStream(bytes));
    }

    /** @throws IllegalArgumentException if the next section has another name */
    public StateReader section(String name) {
        String found = text();
        if (!found.equals(name)) {
            throw new IllegalArgumentException("snapshot: expected section '" + name + "', found '" + found + "'");
        }
        return this;
    }

    public long u64() {
        return io(in::readLong);
    }

    public int u32() {
        return io(in::readInt);
    }

    public boolean flag() {
        return io(in::readBoolean);
    }

    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    public byte[] bytes() {
        return io(() -> {
            byte[] v = new byte[length(1)];
            in.readFully(v);
            return v;
        });
    }

    public long[] longs() {
        return io(() -> {
            long[] v = new long[length(8)];
            for (int i = 0; i < v.length; i++) {
                v[i] = in.readLong();
            }
            return v;
        });
    }

    public int[] ints() {
        return io(() -> {
            int[] v = new int[length(4)];
            for (int i = 0; i < v.length; i++) {
                v[i] = in.readInt();
            }
            return v;
        });
    }

    private int length(int unit) throws IOException {
        int n = in.readInt();
        if (n < 0 || (long) n * unit > in.available()) {
            throw new IllegalArgumentException("snapshot: a field of " + n + " items is longer than the snapshot");
        }
        return n;
    }

    private interface Read<T> {
        T run() throws IOException;
    }

    private static <T> T io(Read<T> r) {
        try {
            return r.run();
        } catch (IOException e) {
            throw new IllegalArgumentException("snapshot: ends too early", e);
        }
    }
}
