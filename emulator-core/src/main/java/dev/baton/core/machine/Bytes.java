package dev.baton.core.machine;

import java.util.Arrays;

/** An immutable byte string compared by value; a record would compare a {@code byte[]} by identity. */
public final class Bytes {
    private final byte[] data;

    private Bytes(byte[] data) {
        this.data = data;
    }

    /** A copy of {@code data}. */
    public static Bytes of(byte... data) {
        return new Bytes(data.clone());
    }

    /** Takes {@code data} over without copying: the caller must not write it again. Images of tens of megabytes come this way. */
    public static Bytes wrap(byte[] data) {
        return new Bytes(data);
    }

    public int length() {
        return data.length;
    }

    public byte at(int i) {
        return data[i];
    }

    public byte[] toArray() {
        return data.clone();
    }

    /** The bytes themselves, for bulk reads; not to be written. */
    public byte[] array() {
        return data;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Bytes b && Arrays.equals(data, b.data);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return data.length + " bytes";
    }
}
