package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.fp.Arithmetic;
import dev.baton.arm64.fp.BFloat16;

/** BFloat16 (FEAT_BF16): conversions, sums of products, products added to single precision. */
public final class AdvSimdFpBFloat {
    private AdvSimdFpBFloat() { }

    /** {@code BFCVT <Hd>, <Sn>}. */
    public static Insn bfcvt(int n, int d) {
        return new Bf(0, 0, n, d) {
            @Override
            void execute(Arm64Cpu c, long[] v) {
                v[d] = BFloat16.convert(c, Lanes.get(v[n], 2, 0));
                v[d + 1] = 0;
            }
        };
    }

    /** {@code BFCVTN{2} <Vd>.<Ta>, <Vn>.4S}. */
    public static Insn bfcvtn(int q, int n, int d) {
        return new Bf(q, 0, n, d) {
            @Override
            void execute(Arm64Cpu c, long[] v) {
                long r = 0;
                for (int i = 0; i < 4; i++) {
                    r |= BFloat16.convert(c, single(v, n, i)) << 16 * i;
                }
                v[d + q] = r;
                if (q == 0) {
                    v[d + 1] = 0;
                }
            }
        };
    }

    /** {@code BFDOT <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn bfdot(int q, int m, int n, int d) {
        return new Dot(q, -1, m, n, d);
    }

    /** {@code BFDOT <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.2H[<index>]}. */
    public static Insn bfdotElement(int q, int l, int mm, int m, int h, int n, int d) {
        return new Dot(q, h << 1 | l, mm << 4 | m, n, d);
    }

    /** {@code BFMMLA <Vd>.4S, <Vn>.8H, <Vm>.8H}: rows of four of the first operand, times rows of the second. */
    public static Insn bfmmla(int m, int n, int d) {
        return new Bf(1, m, n, d) {
            @Override
            void execute(Arm64Cpu c, long[] v) {
                long low = row(v, v[d], v[n]);
                v[d + 1] = row(v, v[d + 1], v[n + 1]);
                v[d] = low;
            }

            private long row(long[] v, long old, long a) {
                return sum(Lanes.get(old, 2, 0), a, v[m]) | sum(Lanes.get(old, 2, 1), a, v[m + 1]) << 32;
            }

            private static long sum(long addend, long a, long b) {
                return BFloat16.dotAdd(BFloat16.dotAdd(addend, Lanes.get(a, 2, 0), Lanes.get(b, 2, 0)), Lanes.get(a, 2, 1),
                        Lanes.get(b, 2, 1));
            }
        };
    }

    /** {@code BFMLALB <Vd>.4S, <Vn>.8H, <Vm>.8H}; {@code top} is 1 for BFMLALT. */
    public static Insn bfmlal(int top, int m, int n, int d) {
        return new MulAdd(top, -1, m, n, d);
    }

    /** {@code BFMLALB <Vd>.4S, <Vn>.8H, <Vm>.H[<index>]}, BFMLALT. */
    public static Insn bfmlalElement(int top, int l, int mm, int m, int h, int n, int d) {
        return new MulAdd(top, h << 2 | l << 1 | mm, m, n, d);
    }

    private abstract static class Bf extends Insn {
        final int q;
        final int m;
        final int n;
        final int d;

        Bf(int q, int m, int n, int d) {
            this.q = q;
            this.m = 2 * m;
            this.n = 2 * n;
            this.d = 2 * d;
        }

        static long single(long[] v, int register, int i) {
            return Lanes.get(v[register + (i >>> 1)], 2, i & 1);
        }

        abstract void execute(Arm64Cpu c, long[] v);

        @Override
        public final void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            execute(c, c.v);
        }
    }

    private static final class Dot extends Bf {
        private final int element;

        Dot(int q, int element, int m, int n, int d) {
            super(q, m, n, d);
            this.element = element;
        }

        @Override
        void execute(Arm64Cpu c, long[] v) {
            long[] result = new long[2];
            for (int i = 0; i < 2 << q; i++) {
                long b = single(v, m, element < 0 ? i : element);
                result[i >>> 1] |= BFloat16.dotAdd(single(v, d, i), single(v, n, i), b) << 32 * (i & 1);
            }
            v[d] = result[0];
            v[d + 1] = result[1];
        }
    }

    private static final class MulAdd extends Bf {
        private final int top;
        private final int element;

        MulAdd(int top, int element, int m, int n, int d) {
            super(1, m, n, d);
            this.top = top;
            this.element = element;
        }

        private static long widened(long[] v, int register, int i) {
            return Lanes.get(v[register + (i >>> 2)], 1, i & 3) << 16;
        }

        @Override
        void execute(Arm64Cpu c, long[] v) {
            long[] result = new long[2];
            for (int i = 0; i < 4; i++) {
                long b = widened(v, m, element < 0 ? 2 * i + top : element);
                result[i >>> 1] |= Arithmetic.mulAdd(c, 2, single(v, d, i), widened(v, n, 2 * i + top), b) << 32 * (i & 1);
            }
            v[d] = result[0];
            v[d + 1] = result[1];
        }
    }
}
