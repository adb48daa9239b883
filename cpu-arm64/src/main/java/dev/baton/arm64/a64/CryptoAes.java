package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Cryptographic AES (FEAT_AES): single rounds, FIPS 197. */
public final class CryptoAes {
    private static final byte[] SUB = new byte[256];
    private static final byte[] INVERSE_SUB = new byte[256];

    static {
        // The multiplicative inverse, walking the field by its generator 3 and the inverse of that, then the affine map.
        int p = 1;
        int inverse = 1;
        do {
            p ^= p << 1 ^ ((p & 0x80) != 0 ? 0x11b : 0);
            inverse ^= inverse << 1;
            inverse ^= inverse << 2;
            inverse ^= inverse << 4;
            inverse = inverse & 0xff ^ ((inverse & 0x80) != 0 ? 0x09 : 0);
            int all = inverse * 0x101;
            substitute(p, (all ^ all >> 7 ^ all >> 6 ^ all >> 5 ^ all >> 4 ^ 0x63) & 0xff);
        } while (p != 1);
        substitute(0, 0x63);
    }

    private CryptoAes() { }

    private static void substitute(int from, int to) {
        SUB[from] = (byte) to;
        INVERSE_SUB[to] = (byte) from;
    }

    /** {@code AESE <Vd>.16B, <Vn>.16B}. */
    public static Insn aese(int n, int d) {
        return new Aese(n, d);
    }

    /** {@code AESD <Vd>.16B, <Vn>.16B}. */
    public static Insn aesd(int n, int d) {
        return new Aesd(n, d);
    }

    /** {@code AESMC <Vd>.16B, <Vn>.16B}. */
    public static Insn aesmc(int n, int d) {
        return new Aesmc(n, d);
    }

    /** {@code AESIMC <Vd>.16B, <Vn>.16B}. */
    public static Insn aesimc(int n, int d) {
        return new Aesimc(n, d);
    }

    private abstract static class Round extends Insn {
        final int n;
        final int d;

        Round(int n, int d) {
            this.n = 2 * n;
            this.d = 2 * d;
        }

        final void check(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
        }
    }

    /** Byte {@code at} of the table's byte for byte {@code from} of the state, whose columns are 32 bits each. */
    private static long sub(byte[] table, long low, long top, int from, int at) {
        long word = from < 8 ? low : top;
        return (table[(int) (word >>> 8 * (from & 7)) & 0xff] & 0xffL) << 8 * at;
    }

    /** Eight bytes of SubBytes after ShiftRows: of the columns whose rows 0 to 3 come from {@code a}, {@code b}, ... on. */
    private static long columns(byte[] t, long low, long top, int first, int turn) {
        long r = 0;
        for (int at = 0; at < 8; at++) {
            r |= sub(t, low, top, first + at + turn * 4 * (at & 3) & 15, at);
        }
        return r;
    }

    static final class Aese extends Round {
        Aese(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            long low = c.v[d] ^ c.v[n];
            long top = c.v[d + 1] ^ c.v[n + 1];
            c.v[d] = columns(SUB, low, top, 0, 1);
            c.v[d + 1] = columns(SUB, low, top, 8, 1);
        }
    }

    static final class Aesd extends Round {
        Aesd(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            long low = c.v[d] ^ c.v[n];
            long top = c.v[d + 1] ^ c.v[n + 1];
            c.v[d] = columns(INVERSE_SUB, low, top, 0, -1);
            c.v[d + 1] = columns(INVERSE_SUB, low, top, 8, -1);
        }
    }

    /** Every byte times x in the field of AES. */
    private static long times2(long v) {
        long high = v >>> 7 & Lanes.LOW[0];
        return (v & ~Lanes.HIGH[0]) << 1 ^ high * 0x1b;
    }

    /** Every 32-bit column rotated: row r takes what row r + {@code bytes} had. */
    private static long rotate(long v, int bytes) {
        long low = splat32(0xffff_ffffL >>> 8 * bytes);
        return v >>> 8 * bytes & low | v << 32 - 8 * bytes & ~low;
    }

    private static long splat32(long v) {
        return v << 32 | v;
    }

    private static long mixColumns(long v) {
        long two = times2(v);
        return two ^ rotate(two ^ v, 1) ^ rotate(v, 2) ^ rotate(v, 3);
    }

    /** The inverse is the forward matrix times the circulant (5, 0, 4, 0). */
    private static long inverseMixColumns(long v) {
        long four = times2(times2(v));
        return mixColumns(v ^ four ^ rotate(four, 2));
    }

    static final class Aesmc extends Round {
        Aesmc(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.v[d] = mixColumns(c.v[n]);
            c.v[d + 1] = mixColumns(c.v[n + 1]);
        }
    }

    static final class Aesimc extends Round {
        Aesimc(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.v[d] = inverseMixColumns(c.v[n]);
            c.v[d + 1] = inverseMixColumns(c.v[n + 1]);
        }
    }
}
