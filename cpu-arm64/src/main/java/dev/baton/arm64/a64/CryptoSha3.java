package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Cryptographic SHA512 and SHA3 (FEAT_SHA512, FEAT_SHA3); FIPS 180-4 and 202. */
public final class CryptoSha3 {
    private CryptoSha3() { }

    /** {@code SHA512H <Qd>, <Qn>, <Vm>.2D}. */
    public static Insn sha512h(int m, int n, int d) {
        return new Words(m, n, 0, d) {
            @Override
            void execute(long[] v) {
                long yTop = v[m + 1];
                long x = v[n];
                long top = choose(yTop, x, v[n + 1]) + bigSigma1(yTop) + v[d + 1];
                long t = top + v[m];
                v[d] = choose(t, yTop, x) + bigSigma1(t) + v[d];
                v[d + 1] = top;
            }
        };
    }

    /** {@code SHA512H2 <Qd>, <Qn>, <Vm>.2D}. */
    public static Insn sha512h2(int m, int n, int d) {
        return new Words(m, n, 0, d) {
            @Override
            void execute(long[] v) {
                long y = v[m];
                long yTop = v[m + 1];
                long top = majority(v[n], yTop, y) + bigSigma0(y) + v[d + 1];
                v[d] = majority(top, y, yTop) + bigSigma0(top) + v[d];
                v[d + 1] = top;
            }
        };
    }

    /** {@code SHA512SU0 <Vd>.2D, <Vn>.2D}. */
    public static Insn sha512su0(int n, int d) {
        return new Words(n, n, 0, d) {
            @Override
            void execute(long[] v) {
                long low = v[d] + sigma0(v[d + 1]);
                v[d + 1] += sigma0(v[n]);
                v[d] = low;
            }
        };
    }

    /** {@code SHA512SU1 <Vd>.2D, <Vn>.2D, <Vm>.2D}. */
    public static Insn sha512su1(int m, int n, int d) {
        return new Words(m, n, 0, d) {
            @Override
            void execute(long[] v) {
                v[d] += sigma1(v[n]) + v[m];
                v[d + 1] += sigma1(v[n + 1]) + v[m + 1];
            }
        };
    }

    /** {@code RAX1 <Vd>.2D, <Vn>.2D, <Vm>.2D}. */
    public static Insn rax1(int m, int n, int d) {
        return new Words(m, n, 0, d) {
            @Override
            void execute(long[] v) {
                v[d] = v[n] ^ Long.rotateLeft(v[m], 1);
                v[d + 1] = v[n + 1] ^ Long.rotateLeft(v[m + 1], 1);
            }
        };
    }

    /** {@code EOR3 <Vd>.16B, <Vn>.16B, <Vm>.16B, <Va>.16B}. */
    public static Insn eor3(int m, int a, int n, int d) {
        return new Words(m, n, a, d) {
            @Override
            void execute(long[] v) {
                v[d] = v[n] ^ v[m] ^ v[a];
                v[d + 1] = v[n + 1] ^ v[m + 1] ^ v[a + 1];
            }
        };
    }

    /** {@code BCAX <Vd>.16B, <Vn>.16B, <Vm>.16B, <Va>.16B}. */
    public static Insn bcax(int m, int a, int n, int d) {
        return new Words(m, n, a, d) {
            @Override
            void execute(long[] v) {
                v[d] = v[n] ^ v[m] & ~v[a];
                v[d + 1] = v[n + 1] ^ v[m + 1] & ~v[a + 1];
            }
        };
    }

    /** {@code XAR <Vd>.2D, <Vn>.2D, <Vm>.2D, #<imm6>}. */
    public static Insn xar(int m, int imm6, int n, int d) {
        return new Words(m, n, 0, d) {
            @Override
            void execute(long[] v) {
                v[d] = Long.rotateRight(v[n] ^ v[m], imm6);
                v[d + 1] = Long.rotateRight(v[n + 1] ^ v[m + 1], imm6);
            }
        };
    }

    private static long choose(long x, long y, long z) {
        return (y ^ z) & x ^ z;
    }

    private static long majority(long x, long y, long z) {
        return x & y | (x | y) & z;
    }

    private static long bigSigma0(long w) {
        return Long.rotateRight(w, 28) ^ Long.rotateRight(w, 34) ^ Long.rotateRight(w, 39);
    }

    private static long bigSigma1(long w) {
        return Long.rotateRight(w, 14) ^ Long.rotateRight(w, 18) ^ Long.rotateRight(w, 41);
    }

    private static long sigma0(long w) {
        return Long.rotateRight(w, 1) ^ Long.rotateRight(w, 8) ^ w >>> 7;
    }

    private static long sigma1(long w) {
        return Long.rotateRight(w, 19) ^ Long.rotateRight(w, 61) ^ w >>> 6;
    }

    private abstract static class Words extends Insn {
        final int m;
        final int n;
        final int a;
        final int d;

        Words(int m, int n, int a, int d) {
            this.m = 2 * m;
            this.n = 2 * n;
            this.a = 2 * a;
            this.d = 2 * d;
        }

        abstract void execute(long[] v);

        @Override
        public final void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            execute(c.v);
        }
    }
}
