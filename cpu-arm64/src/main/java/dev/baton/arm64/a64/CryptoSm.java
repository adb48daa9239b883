package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Cryptographic SM3 and SM4 (FEAT_SM3, FEAT_SM4); GB/T 32905-2016 and 32907-2016. */
public final class CryptoSm {
    /** The field of SM4's S-box: x^8 + x^7 + x^6 + x^5 + x^4 + x^2 + 1. */
    private static final int FIELD = 0x1f5;
    /** Row 0 of the circulant matrix of its affine maps, and what they add. */
    private static final int AFFINE_ROW = 0xa7;
    private static final int AFFINE_CONSTANT = 0xd3;
    private static final byte[] SUB = substitution();

    private CryptoSm() { }

    /** {@code SM3PARTW1 <Vd>.4S, <Vn>.4S, <Vm>.4S}. */
    public static Insn sm3partw1(int m, int n, int d) {
        return new Words(m, n, 0, d) {
            @Override
            void execute(int[] a, int[] b, int[] e, int[] unused) {
                int first = p1(a[0] ^ b[0] ^ rol(e[1], 15));
                int second = p1(a[1] ^ b[1] ^ rol(e[2], 15));
                int third = p1(a[2] ^ b[2] ^ rol(e[3], 15));
                a[3] = p1(a[3] ^ b[3] ^ rol(first, 15));
                a[0] = first;
                a[1] = second;
                a[2] = third;
            }
        };
    }

    /** {@code SM3PARTW2 <Vd>.4S, <Vn>.4S, <Vm>.4S}. */
    public static Insn sm3partw2(int m, int n, int d) {
        return new Words(m, n, 0, d) {
            @Override
            void execute(int[] a, int[] b, int[] e, int[] unused) {
                int first = b[0] ^ rol(e[0], 7);
                for (int i = 0; i < 4; i++) {
                    a[i] ^= b[i] ^ rol(e[i], 7);
                }
                a[3] ^= p1(rol(first, 15));
            }
        };
    }

    /** {@code SM3SS1 <Vd>.4S, <Vn>.4S, <Vm>.4S, <Va>.4S}. */
    public static Insn sm3ss1(int m, int a, int n, int d) {
        return new Words(m, n, a, d) {
            @Override
            void execute(int[] r, int[] b, int[] e, int[] f) {
                r[3] = rol(rol(b[3], 12) + e[3] + f[3], 7);
                r[0] = 0;
                r[1] = 0;
                r[2] = 0;
            }
        };
    }

    /** {@code SM3TT1A <Vd>.4S, <Vn>.4S, <Vm>.S[<imm2>]}. */
    public static Insn sm3tt1a(int m, int imm2, int n, int d) {
        return new Words(m, n, 0, d) {
            @Override
            void execute(int[] a, int[] b, int[] e, int[] unused) {
                tt1(a, b, a[1] ^ a[3] ^ a[2], e[imm2]);
            }
        };
    }

    /** {@code SM3TT1B <Vd>.4S, <Vn>.4S, <Vm>.S[<imm2>]}. */
    public static Insn sm3tt1b(int m, int imm2, int n, int d) {
        return new Words(m, n, 0, d) {
            @Override
            void execute(int[] a, int[] b, int[] e, int[] unused) {
                tt1(a, b, a[3] & a[1] | a[3] & a[2] | a[1] & a[2], e[imm2]);
            }
        };
    }

    /** {@code SM3TT2A <Vd>.4S, <Vn>.4S, <Vm>.S[<imm2>]}. */
    public static Insn sm3tt2a(int m, int imm2, int n, int d) {
        return new Words(m, n, 0, d) {
            @Override
            void execute(int[] a, int[] b, int[] e, int[] unused) {
                tt2(a, b, a[1] ^ a[3] ^ a[2], e[imm2]);
            }
        };
    }

    /** {@code SM3TT2B <Vd>.4S, <Vn>.4S, <Vm>.S[<imm2>]}. */
    public static Insn sm3tt2b(int m, int imm2, int n, int d) {
        return new Words(m, n, 0, d) {
            @Override
            void execute(int[] a, int[] b, int[] e, int[] unused) {
                tt2(a, b, a[3] & a[2] | ~a[3] & a[1], e[imm2]);
            }
        };
    }

    private static void tt1(int[] a, int[] b, int f, int w) {
        shift(a, 9, f + a[0] + (b[3] ^ rol(a[3], 12)) + w);
    }

    private static void tt2(int[] a, int[] b, int f, int w) {
        int tt2 = f + a[0] + b[3] + w;
        shift(a, 19, tt2 ^ rol(tt2, 9) ^ rol(tt2, 17));
    }

    private static void shift(int[] a, int turn, int top) {
        a[0] = a[1];
        a[1] = rol(a[2], turn);
        a[2] = a[3];
        a[3] = top;
    }

    /** {@code SM4E <Vd>.4S, <Vn>.4S}: four rounds. */
    public static Insn sm4e(int n, int d) {
        return new Words(n, n, 0, d) {
            @Override
            void execute(int[] a, int[] keys, int[] unused, int[] unused2) {
                for (int key : keys) {
                    int t = substitute(a[3] ^ a[2] ^ a[1] ^ key);
                    shift(a, 0, a[0] ^ t ^ rol(t, 2) ^ rol(t, 10) ^ rol(t, 18) ^ rol(t, 24));
                }
            }
        };
    }

    /** {@code SM4EKEY <Vd>.4S, <Vn>.4S, <Vm>.4S}: four round keys. */
    public static Insn sm4ekey(int m, int n, int d) {
        return new Words(m, n, 0, d) {
            @Override
            void execute(int[] a, int[] b, int[] constants, int[] unused) {
                System.arraycopy(b, 0, a, 0, 4);
                for (int constant : constants) {
                    int t = substitute(a[3] ^ a[2] ^ a[1] ^ constant);
                    shift(a, 0, a[0] ^ t ^ rol(t, 13) ^ rol(t, 23));
                }
            }
        };
    }

    private static int rol(int v, int n) {
        return Integer.rotateLeft(v, n);
    }

    /** The permutation P1 of SM3. */
    private static int p1(int v) {
        return v ^ rol(v, 15) ^ rol(v, 23);
    }

    private static int substitute(int v) {
        return SUB[v & 0xff] & 0xff | (SUB[v >>> 8 & 0xff] & 0xff) << 8 | (SUB[v >>> 16 & 0xff] & 0xff) << 16 | SUB[v >>> 24] << 24;
    }

    /** The inverse in the field between two affine maps. */
    private static byte[] substitution() {
        byte[] s = new byte[256];
        for (int x = 0; x < 256; x++) {
            s[x] = (byte) affine(inverse(affine(x)));
        }
        return s;
    }

    private static int affine(int x) {
        int y = AFFINE_CONSTANT;
        for (int bit = 0; bit < 8; bit++) {
            int row = (AFFINE_ROW << bit | AFFINE_ROW >>> 8 - bit) & 0xff;
            y ^= (Integer.bitCount(row & x) & 1) << bit;
        }
        return y;
    }

    /** x to the power of 254; of 0, 0. */
    private static int inverse(int x) {
        int r = 1;
        for (int i = 0; i < 254; i++) {
            r = times(r, x);
        }
        return r;
    }

    private static int times(int a, int b) {
        int r = 0;
        for (int bit = 7; bit >= 0; bit--) {
            r <<= 1;
            r ^= (r & 0x100) != 0 ? FIELD : 0;
            r ^= (b >>> bit & 1) != 0 ? a : 0;
        }
        return r;
    }

    private abstract static class Words extends Insn {
        private final int m;
        private final int n;
        private final int a;
        private final int d;

        Words(int m, int n, int a, int d) {
            this.m = 2 * m;
            this.n = 2 * n;
            this.a = 2 * a;
            this.d = 2 * d;
        }

        /** The words of Vd, of which the result is made in place, and of the sources Vn, Vm and Va. */
        abstract void execute(int[] result, int[] first, int[] second, int[] third);

        private static int[] words(long[] v, int r) {
            return new int[] {(int) v[r], (int) (v[r] >>> 32), (int) v[r + 1], (int) (v[r + 1] >>> 32)};
        }

        @Override
        public final void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            int[] r = words(c.v, d);
            execute(r, words(c.v, n), words(c.v, m), words(c.v, a));
            c.v[d] = r[0] & 0xffff_ffffL | (long) r[1] << 32;
            c.v[d + 1] = r[2] & 0xffff_ffffL | (long) r[3] << 32;
        }
    }
}
