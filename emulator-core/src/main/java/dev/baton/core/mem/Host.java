package dev.baton.core.mem;

import jdk.internal.misc.Unsafe;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Raw host memory behind guest RAM and the software TLBs: the one small class through which the hot paths touch it.
 *
 * <p>Two implementations stand behind the same methods. The fast one is {@code jdk.internal.misc.Unsafe}: a
 * {@code MemorySegment} exhausts C2's inlining budget after about eleven accesses in one compiled method. The checked one
 * ({@code -Dbaton.memory=checked}) verifies that every access lies inside a block handed out by {@link #reserve}; tests
 * and doubt use it. The choice is a static final, so the branch costs nothing.
 */
public final class Host {
    /** True when every access is checked against the reserved blocks. */
    public static final boolean CHECKED = "checked".equals(System.getProperty("baton.memory"));

    private static final Unsafe U = Unsafe.getUnsafe();
    private static final TreeMap<Long, Long> BLOCKS = new TreeMap<>();
    private static final Map<Long, Long> RAW = new TreeMap<>();

    /** Requests of at least this size are served by a fresh anonymous mapping: zeroed, and costing nothing until touched. */
    private static final long FRESH_MAPPING = 128L << 20;

    private Host() { }

    /**
     * Reserves zeroed host memory. Large blocks come from a fresh anonymous mapping, so untouched pages cost nothing;
     * malloc maps every request above its highest dynamic threshold (32 MiB) and never serves it from a recycled chunk.
     *
     * @param bytes size, 1 or more
     * @return host address, 4096-byte aligned
     */
    public static long reserve(long bytes) {
        boolean fresh = bytes >= 1 << 20;
        long size = fresh ? Math.max(bytes, FRESH_MAPPING) + 4096 : bytes + 4096;
        long raw = U.allocateMemory(size);
        if (!fresh) {
            U.setMemory(raw, size, (byte) 0);
        }
        long aligned = (raw + 4095) & -4096L;
        synchronized (BLOCKS) {
            BLOCKS.put(aligned, bytes);
            RAW.put(aligned, raw);
        }
        return aligned;
    }

    /** Gives back a block of {@link #reserve}. */
    public static void release(long address) {
        Long raw;
        synchronized (BLOCKS) {
            BLOCKS.remove(address);
            raw = RAW.remove(address);
        }
        if (raw != null) {
            U.freeMemory(raw);
        }
    }

    private static void check(long a, long n) {
        Map.Entry<Long, Long> block;
        synchronized (BLOCKS) {
            block = BLOCKS.floorEntry(a);
        }
        if (block == null || a - block.getKey() > block.getValue() - n) {
            throw new IndexOutOfBoundsException("host access of " + n + " bytes at 0x" + Long.toHexString(a)
                    + " lies in no reserved block");
        }
    }

    public static byte getByte(long a) {
        if (CHECKED) {
            check(a, 1);
        }
        return U.getByte(a);
    }

    public static short getShort(long a) {
        if (CHECKED) {
            check(a, 2);
        }
        return U.getShort(a);
    }

    public static int getInt(long a) {
        if (CHECKED) {
            check(a, 4);
        }
        return U.getInt(a);
    }

    public static long getLong(long a) {
        if (CHECKED) {
            check(a, 8);
        }
        return U.getLong(a);
    }

    public static void putByte(long a, byte v) {
        if (CHECKED) {
            check(a, 1);
        }
        U.putByte(a, v);
    }

    public static void putShort(long a, short v) {
        if (CHECKED) {
            check(a, 2);
        }
        U.putShort(a, v);
    }

    public static void putInt(long a, int v) {
        if (CHECKED) {
            check(a, 4);
        }
        U.putInt(a, v);
    }

    public static void putLong(long a, long v) {
        if (CHECKED) {
            check(a, 8);
        }
        U.putLong(a, v);
    }

    /** Reads {@code size} bytes (1, 2, 4, 8) little-endian, zero-extended. */
    public static long get(long a, int size) {
        return switch (size) {
            case 1 -> getByte(a) & 0xffL;
            case 2 -> getShort(a) & 0xffffL;
            case 4 -> getInt(a) & 0xffff_ffffL;
            default -> getLong(a);
        };
    }

    /** Writes the low {@code size} bytes (1, 2, 4, 8) little-endian. */
    public static void put(long a, int size, long v) {
        switch (size) {
            case 1 -> putByte(a, (byte) v);
            case 2 -> putShort(a, (short) v);
            case 4 -> putInt(a, (int) v);
            default -> putLong(a, v);
        }
    }

    /** Copies {@code n} bytes; the ranges may overlap (as {@code memmove}). */
    public static void copy(long from, long to, long n) {
        if (CHECKED && n > 0) {
            check(from, n);
            check(to, n);
        }
        U.copyMemory(from, to, n);
    }

    public static void fill(long a, long n, byte v) {
        if (CHECKED && n > 0) {
            check(a, n);
        }
        U.setMemory(a, n, v);
    }

    public static void read(long a, byte[] into, int offset, int n) {
        if (CHECKED && n > 0) {
            check(a, n);
        }
        Objects.checkFromIndexSize(offset, n, into.length);
        U.copyMemory(null, a, into, Unsafe.ARRAY_BYTE_BASE_OFFSET + offset, n);
    }

    /** A copy of the {@code n} bytes at {@code a}. */
    static byte[] bytes(long a, int n) {
        byte[] b = new byte[n];
        read(a, b, 0, n);
        return b;
    }

    public static void write(long a, byte[] from, int offset, int n) {
        if (CHECKED && n > 0) {
            check(a, n);
        }
        Objects.checkFromIndexSize(offset, n, from.length);
        U.copyMemory(from, Unsafe.ARRAY_BYTE_BASE_OFFSET + offset, null, a, n);
    }

    /** First offset in [0, n) at which the two ranges differ, in 8-byte steps, or -1. {@code n} is a multiple of 8. */
    public static long mismatch(long a, long b, long n) {
        if (CHECKED && n > 0) {
            check(a, n);
            check(b, n);
        }
        for (long i = 0; i < n; i += 8) {
            if (U.getLong(a + i) != U.getLong(b + i)) {
                return i;
            }
        }
        return -1;
    }
}
