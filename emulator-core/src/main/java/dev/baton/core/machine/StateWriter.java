package dev.baton.core.machine;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Collects snapshot state as bytes; a section name before each part makes a mismatch on load a sentence, not garbage. */
public final class StateWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    public StateWriter section(String name) {
        return text(name);
    }

    public StateWriter u64(long v) {
        return io(() -> out.writeLong(v));
    }

    public StateWriter u32(int v) {
        return io(() -> out.writeInt(v));
    }

    public StateWriter flag(boolean v) {
        return io(() -> out.writeBoolean(v));
    }

    public StateWriter text(String v) {
        return bytes(v.getBytes(StandardCharsets.UTF_8));
    }

    public StateWriter bytes(byte[] v) {
        return io(() -> {
            out.writeInt(v.length);
            out.write(v);
        });
    }

    public StateWriter longs(long[] v) {
        return io(() -> {
            out.writeInt(v.length);
            for (long x : v) {
                out.writeLong(x);
            }
        });
    }

    public StateWriter ints(int[] v) {
        return io(() -> {
            out.writeInt(v.length);
            for (int x : v) {
                out.writeInt(x);
            }
        });
    }

    public byte[] toByteArray() {
        return bytes.toByteArray();
    }

    private interface Write {
        void run() throws IOException;
    }

    private StateWriter io(Write w) {
        try {
            w.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }
}
