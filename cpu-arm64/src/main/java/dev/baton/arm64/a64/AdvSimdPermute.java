package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Advanced SIMD permute, extract and table lookup. */
public final class AdvSimdPermute {
    private AdvSimdPermute() { }

    /** {@code UZP1 <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}, UZP2 with {@code odd} = 1. */
    public static Insn uzp(int q, int size, int m, int odd, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), odd != 0 ? new Vectors.Pairwise(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return b;
            }
        } : new Vectors.Pairwise(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return a;
            }
        });
    }

    /** {@code TRN1 <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}, TRN2 with {@code odd} = 1. */
    public static Insn trn(int q, int size, int m, int odd, int n, int d) {
        if (size == 3) {
            return zip(q, size, m, odd, n, d);
        }
        int up = 8 << size;
        long even = Lanes.EVEN[size];
        return odd != 0 ? new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return a >>> up & even | b & ~even;
            }
        } : new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return a & even | (b & even) << up;
            }
        };
    }

    /** {@code ZIP1 <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}, ZIP2 with {@code second} = 1. */
    public static Insn zip(int q, int size, int m, int second, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Zip(q, size, 2 * m, second, 2 * n, 2 * d));
    }

    /** {@code EXT <Vd>.<T>, <Vn>.<T>, <Vm>.<T>, #<index>}. */
    public static Insn ext(int q, int m, int imm4, int n, int d) {
        return Vectors.unless(q == 0 && imm4 > 7, new Ext(q, 2 * m, imm4, 2 * n, 2 * d));
    }

    /** {@code TBL <Vd>.<Ta>, {<Vn>.16B, ...}, <Vm>.<Ta>}: of {@code len} + 1 registers. */
    public static Insn tbl(int q, int m, int len, int n, int d) {
        return new Table(q, 2 * m, len, n, 2 * d, false);
    }

    /** {@code TBX <Vd>.<Ta>, {<Vn>.16B, ...}, <Vm>.<Ta>}: of {@code len} + 1 registers. */
    public static Insn tbx(int q, int m, int len, int n, int d) {
        return new Table(q, 2 * m, len, n, 2 * d, true);
    }

    private abstract static class Permutation extends Insn {
        final boolean q;
        final int m;
        final int n;
        final int d;

        Permutation(int q, int m, int n, int d) {
            this.q = q != 0;
            this.m = m;
            this.n = n;
            this.d = d;
        }

        final void check(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
        }

        final void result(Arm64Cpu c, long low, long top) {
            c.v[d] = low;
            c.v[d + 1] = q ? top : 0;
        }
    }

    static final class Zip extends Permutation {
        private final int size;
        private final int second;

        Zip(int q, int size, int m, int second, int n, int d) {
            super(q, m, n, d);
            this.size = size;
            this.second = second;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            long a = c.v[q ? n + second : n];
            long b = c.v[q ? m + second : m];
            if (size == 3) {
                result(c, a, b);
            } else if (q || second == 0) {
                result(c, Lanes.interleave(a, b, size), Lanes.interleave(a >>> 32, b >>> 32, size));
            } else {
                result(c, Lanes.interleave(a >>> 32, b >>> 32, size), 0);
            }
        }
    }

    static final class Ext extends Permutation {
        private final int index;

        Ext(int q, int m, int index, int n, int d) {
            super(q, m, n, d);
            this.index = index;
        }

        private long from(long low, long top) {
            int by = 8 * (index & 7);
            return by == 0 ? low : low >>> by | top << 64 - by;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            long[] v = c.v;
            if (!q) {
                result(c, from(v[n], v[m]), 0);
            } else if (index < 8) {
                result(c, from(v[n], v[n + 1]), from(v[n + 1], v[m]));
            } else {
                result(c, from(v[n + 1], v[m]), from(v[m], v[m + 1]));
            }
        }
    }

    /** n is an architectural number here: the table's registers wrap around from V31 to V0. */
    static final class Table extends Permutation {
        private final int bytes;
        private final boolean keeps;

        Table(int q, int m, int len, int n, int d, boolean keeps) {
            super(q, m, n, d);
            bytes = 16 * (len + 1);
            this.keeps = keeps;
        }

        private long lookUp(long[] v, long indices, long old) {
            long r = 0;
            for (int i = 0; i < 64; i += 8) {
                int index = (int) (indices >>> i) & 0xff;
                r |= index < bytes ? (v[2 * n + (index >>> 3) & 63] >>> 8 * (index & 7) & 0xff) << i : old & 0xffL << i;
            }
            return r;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            long[] v = c.v;
            long low = lookUp(v, v[m], keeps ? v[d] : 0);
            result(c, low, q ? lookUp(v, v[m + 1], keeps ? v[d + 1] : 0) : 0);
        }
    }
}
