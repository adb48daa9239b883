package dev.baton.core.mem;

/**
 * A device's own way to memory. A coherent access snoops the caches: it reaches the line in a cache if it may be there, else memory,
 * and allocates nothing in a page of which no line is present. One that is not coherent reaches the PoC view, and the cache checks see
 * it as they see a CPU's access with the MMU off.
 */
public final class BusMaster implements Accessor {
    private final PhysicalBus bus;
    private final String name;

    /** @param name what findings call it */
    public BusMaster(PhysicalBus bus, String name) {
        this.bus = bus;
        this.name = name;
    }

    @Override
    public int index() {
        return -1;
    }

    @Override
    public long pc() {
        return 0;
    }

    @Override
    public String activity() {
        return name;
    }

    /** All of [pa, pa + n) is RAM. */
    public boolean reaches(long pa, long n) {
        Ram ram = bus.ram(pa);
        return ram != null && n >= 0 && n <= ram.base() + ram.size() - pa;
    }

    /** Loads 1, 2, 4 or 8 bytes, little-endian, naturally aligned. @return 0 where there is no RAM */
    public long load(long pa, int bytes, boolean coherent) {
        Ram ram = bus.ram(pa);
        return ram == null ? 0 : ram.load(this, pa, bytes, coherent && ram.mayBePresent(pa));
    }

    /** Stores the low 1, 2, 4 or 8 bytes, naturally aligned; nothing where there is no RAM. */
    public void store(long pa, int bytes, long value, boolean coherent) {
        Ram ram = bus.ram(pa);
        if (ram != null) {
            ram.store(this, pa, bytes, value, coherent && ram.mayBePresent(pa));
        }
    }

    /** Loads {@code n} bytes; zeros where there is no RAM. */
    public void read(long pa, byte[] into, int offset, int n, boolean coherent) {
        for (int done = 0; done < n; ) {
            int bytes = unit(pa + done, n - done);
            long value = load(pa + done, bytes, coherent);
            for (int i = 0; i < bytes; i++) {
                into[offset + done + i] = (byte) (value >>> 8 * i);
            }
            done += bytes;
        }
    }

    /** Stores {@code n} bytes; nothing where there is no RAM. */
    public void write(long pa, byte[] from, int offset, int n, boolean coherent) {
        for (int done = 0; done < n; ) {
            int bytes = unit(pa + done, n - done);
            long value = 0;
            for (int i = 0; i < bytes; i++) {
                value |= (from[offset + done + i] & 0xffL) << 8 * i;
            }
            store(pa + done, bytes, value, coherent);
            done += bytes;
        }
    }

    /** The longest naturally aligned access at {@code pa} of at most {@code left} bytes. */
    private static int unit(long pa, int left) {
        int aligned = (int) Math.min(8, Long.lowestOneBit(pa | 8));
        return Math.min(aligned, Integer.highestOneBit(left));
    }
}
