package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** CRC32: polynomials 0x04C11DB7 and, for the C forms, 0x1EDC6F41, over a reflected message of 1, 2, 4 or 8 bytes. */
public final class Crc32 {
    private static final int[] IEEE = table(0xedb8_8320);
    private static final int[] CASTAGNOLI = table(0x82f6_3b78);

    private Crc32() { }

    private static int[] table(int reversedPolynomial) {
        int[] table = new int[256];
        for (int i = 0; i < 256; i++) {
            int r = i;
            for (int bit = 0; bit < 8; bit++) {
                r = (r & 1) != 0 ? r >>> 1 ^ reversedPolynomial : r >>> 1;
            }
            table[i] = r;
        }
        return table;
    }

    /** {@code CRC32{B|H|W|X} <Wd>, <Wn>, <Wm>}. */
    public static Insn crc32(int sz, int m, int n, int d) {
        return new Crc(IEEE, 1 << sz, m, n, d);
    }

    /** {@code CRC32C{B|H|W|X} <Wd>, <Wn>, <Wm>}. */
    public static Insn crc32c(int sz, int m, int n, int d) {
        return new Crc(CASTAGNOLI, 1 << sz, m, n, d);
    }

    static final class Crc extends Shapes.DNM {
        private final int[] table;
        private final int bytes;

        Crc(int[] table, int bytes, int m, int n, int d) {
            super(0, m, n, d);
            this.table = table;
            this.bytes = bytes;
        }

        @Override
        public void execute(Arm64Cpu c) {
            int acc = (int) c.x[n];
            long val = c.x[m];
            for (int i = 0; i < bytes; i++) {
                acc = acc >>> 8 ^ table[(acc ^ (int) (val >>> 8 * i)) & 0xff];
            }
            c.x[d] = acc & mask;
        }
    }
}
