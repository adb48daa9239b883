package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Cryptographic SHA (FEAT_SHA1, FEAT_SHA256): four rounds, or four words of the schedule, at a time; FIPS 180-4. */
public final class CryptoSha {
    private CryptoSha() { }

    /** {@code SHA1C <Qd>, <Sn>, <Vm>.4S}. */
    public static Insn sha1c(int m, int n, int d) {
        return new Sha1Rounds(m, n, d) {
            @Override
            int f(int x, int y, int z) {
                return choose(x, y, z);
            }
        };
    }

    /** {@code SHA1P <Qd>, <Sn>, <Vm>.4S}. */
    public static Insn sha1p(int m, int n, int d) {
        return new Sha1Rounds(m, n, d) {
            @Override
            int f(int x, int y, int z) {
                return x ^ y ^ z;
            }
        };
    }

    /** {@code SHA1M <Qd>, <Sn>, <Vm>.4S}. */
    public static Insn sha1m(int m, int n, int d) {
        return new Sha1Rounds(m, n, d) {
            @Override
            int f(int x, int y, int z) {
                return majority(x, y, z);
            }
        };
    }

    /** {@code SHA1SU0 <Vd>.4S, <Vn>.4S, <Vm>.4S}. */
    public static Insn sha1su0(int m, int n, int d) {
        return new Three(m, n, d) {
            @Override
            void execute(long[] v) {
                long low = v[d + 1] ^ v[d] ^ v[m];
                v[d + 1] = v[n] ^ v[d + 1] ^ v[m + 1];
                v[d] = low;
            }
        };
    }

    /** {@code SHA1SU1 <Vd>.4S, <Vn>.4S}. */
    public static Insn sha1su1(int n, int d) {
        return new Three(n, n, d) {
            @Override
            void execute(long[] v) {
                long low = v[d] ^ (v[n] >>> 32 | v[n + 1] << 32);
                long top = v[d + 1] ^ v[n + 1] >>> 32;
                int t0 = (int) low;
                v[d] = pair(Integer.rotateLeft(t0, 1), Integer.rotateLeft((int) (low >>> 32), 1));
                int last = Integer.rotateLeft((int) (top >>> 32), 1) ^ Integer.rotateLeft(t0, 2);
                v[d + 1] = pair(Integer.rotateLeft((int) top, 1), last);
            }
        };
    }

    /** {@code SHA1H <Sd>, <Sn>}. */
    public static Insn sha1h(int n, int d) {
        return new Three(n, n, d) {
            @Override
            void execute(long[] v) {
                v[d] = pair(Integer.rotateLeft((int) v[n], 30), 0);
                v[d + 1] = 0;
            }
        };
    }

    /** {@code SHA256H <Qd>, <Qn>, <Vm>.4S}. */
    public static Insn sha256h(int m, int n, int d) {
        return new Sha256Rounds(m, n, d, true);
    }

    /** {@code SHA256H2 <Qd>, <Qn>, <Vm>.4S}. */
    public static Insn sha256h2(int m, int n, int d) {
        return new Sha256Rounds(m, n, d, false);
    }

    /** {@code SHA256SU0 <Vd>.4S, <Vn>.4S}. */
    public static Insn sha256su0(int n, int d) {
        return new Three(n, n, d) {
            @Override
            void execute(long[] v) {
                int w1 = (int) (v[d] >>> 32);
                int w2 = (int) v[d + 1];
                int w3 = (int) (v[d + 1] >>> 32);
                int w4 = (int) v[n];
                v[d] = pair((int) v[d] + sigma0(w1), w1 + sigma0(w2));
                v[d + 1] = pair(w2 + sigma0(w3), w3 + sigma0(w4));
            }
        };
    }

    /** {@code SHA256SU1 <Vd>.4S, <Vn>.4S, <Vm>.4S}. */
    public static Insn sha256su1(int m, int n, int d) {
        return new Three(m, n, d) {
            @Override
            void execute(long[] v) {
                int r0 = (int) v[d] + (int) (v[n] >>> 32) + sigma1((int) v[m + 1]);
                int r1 = (int) (v[d] >>> 32) + (int) v[n + 1] + sigma1((int) (v[m + 1] >>> 32));
                int r2 = (int) v[d + 1] + (int) (v[n + 1] >>> 32) + sigma1(r0);
                int r3 = (int) (v[d + 1] >>> 32) + (int) v[m] + sigma1(r1);
                v[d] = pair(r0, r1);
                v[d + 1] = pair(r2, r3);
            }
        };
    }

    private static long pair(int low, int top) {
        return low & 0xffff_ffffL | (long) top << 32;
    }

    private static int choose(int x, int y, int z) {
        return (y ^ z) & x ^ z;
    }

    private static int majority(int x, int y, int z) {
        return x & y | (x | y) & z;
    }

    private static int sigma0(int w) {
        return Integer.rotateRight(w, 7) ^ Integer.rotateRight(w, 18) ^ w >>> 3;
    }

    private static int sigma1(int w) {
        return Integer.rotateRight(w, 17) ^ Integer.rotateRight(w, 19) ^ w >>> 10;
    }

    private abstract static class Three extends Insn {
        final int m;
        final int n;
        final int d;

        Three(int m, int n, int d) {
            this.m = 2 * m;
            this.n = 2 * n;
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

    private abstract static class Sha1Rounds extends Three {
        Sha1Rounds(int m, int n, int d) {
            super(m, n, d);
        }

        abstract int f(int x, int y, int z);

        @Override
        final void execute(long[] v) {
            int x0 = (int) v[d];
            int x1 = (int) (v[d] >>> 32);
            int x2 = (int) v[d + 1];
            int x3 = (int) (v[d + 1] >>> 32);
            int y = (int) v[n];
            for (int e = 0; e < 4; e++) {
                int word = (int) (v[m + (e >> 1)] >>> 32 * (e & 1));
                int next = y + Integer.rotateLeft(x0, 5) + f(x1, x2, x3) + word;
                y = x3;
                x3 = x2;
                x2 = Integer.rotateLeft(x1, 30);
                x1 = x0;
                x0 = next;
            }
            v[d] = pair(x0, x1);
            v[d + 1] = pair(x2, x3);
        }
    }

    /** SHA256hash: state a to d in the first operand of the pseudocode, e to h in the second. */
    static final class Sha256Rounds extends Three {
        private final boolean first;

        Sha256Rounds(int m, int n, int d, boolean first) {
            super(m, n, d);
            this.first = first;
        }

        @Override
        void execute(long[] v) {
            int x = first ? d : n;
            int y = first ? n : d;
            int a = (int) v[x];
            int b = (int) (v[x] >>> 32);
            int cc = (int) v[x + 1];
            int dd = (int) (v[x + 1] >>> 32);
            int e = (int) v[y];
            int f = (int) (v[y] >>> 32);
            int g = (int) v[y + 1];
            int h = (int) (v[y + 1] >>> 32);
            for (int i = 0; i < 4; i++) {
                int word = (int) (v[m + (i >> 1)] >>> 32 * (i & 1));
                int t = h + bigSigma1(e) + choose(e, f, g) + word;
                int next = t + bigSigma0(a) + majority(a, b, cc);
                h = g;
                g = f;
                f = e;
                e = dd + t;
                dd = cc;
                cc = b;
                b = a;
                a = next;
            }
            v[d] = first ? pair(a, b) : pair(e, f);
            v[d + 1] = first ? pair(cc, dd) : pair(g, h);
        }

        private static int bigSigma0(int w) {
            return Integer.rotateRight(w, 2) ^ Integer.rotateRight(w, 13) ^ Integer.rotateRight(w, 22);
        }

        private static int bigSigma1(int w) {
            return Integer.rotateRight(w, 6) ^ Integer.rotateRight(w, 11) ^ Integer.rotateRight(w, 25);
        }
    }
}
