package dev.baton.kernel.mm;

/**
 * Physical memory as kernel C code reaches it: through its linear map, with the CPU's own loads and stores, so what is
 * written is dirty lines like anyone's. Tests use one backed by an array.
 */
public interface KernelMemory {
    long u64(long phys);

    void u64(long phys, long value);

    int u32(long phys);

    void u32(long phys, int value);

    void read(long phys, byte[] into, int offset, int n);

    void write(long phys, byte[] from, int offset, int n);

    void fill(long phys, long n, byte value);

    default byte[] read(long phys, int n) {
        byte[] b = new byte[n];
        read(phys, b, 0, n);
        return b;
    }

    default void write(long phys, byte[] from) {
        write(phys, from, 0, from.length);
    }

    /** Says what the code is doing, for findings that name a writer; "" when done. */
    void activity(String text);
}
