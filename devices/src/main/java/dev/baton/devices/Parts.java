package dev.baton.devices;

/** Registers accessed by less, or by more, than their own width: the bytes of the little-endian bus. */
public final class Parts {
    private Parts() { }

    /** The {@code size} bytes at {@code offset} of a 32-bit register. */
    public static long read32(int register, long offset, int size) {
        return low(Integer.toUnsignedLong(register) >>> 8 * (offset & 3), size);
    }

    /** The {@code size} bytes at {@code offset} of a 64-bit register. */
    public static long read64(long register, long offset, int size) {
        return low(register >>> 8 * (offset & 7), size);
    }

    /** A 32-bit register after {@code size} bytes at {@code offset} were replaced by {@code value}. */
    public static int write32(int register, long offset, int size, long value) {
        return (int) insert(Integer.toUnsignedLong(register), (int) (offset & 3), size, value);
    }

    /** A 64-bit register after {@code size} bytes at {@code offset} were replaced by {@code value}. */
    public static long write64(long register, long offset, int size, long value) {
        return insert(register, (int) (offset & 7), size, value);
    }

    private static long insert(long register, int at, int size, long value) {
        long mask = low(-1L, size) << 8 * at;
        return register & ~mask | value << 8 * at & mask;
    }

    /** The low {@code size} bytes. */
    public static long low(long value, int size) {
        return size >= 8 ? value : value & (1L << 8 * size) - 1;
    }
}
