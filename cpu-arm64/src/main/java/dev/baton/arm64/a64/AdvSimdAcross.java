package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Advanced SIMD across lanes, and the scalar pairwise ADDP. */
public final class AdvSimdAcross {
    private AdvSimdAcross() { }

    /** {@code ADDP D<d>, <Vn>.2D}. */
    public static Insn addpScalar(int n, int d) {
        return new Across(1, 3, n, d) {
            @Override
            long reduce(long low, long top) {
                return low + top;
            }
        };
    }

    /** {@code SADDLV <V><d>, <Vn>.<T>}. */
    public static Insn saddlv(int q, int size, int n, int d) {
        return Vectors.unless(size == 3 || size == 2 && q == 0, new Across(q, size + 1, n, d) {
            @Override
            long reduce(long low, long top) {
                return Lanes.sum(low, size, false) + (q ? Lanes.sum(top, size, false) : 0);
            }
        });
    }

    /** {@code SMAXV <V><d>, <Vn>.<T>}. */
    public static Insn smaxv(int q, int size, int n, int d) {
        return Vectors.unless(size == 3 || size == 2 && q == 0, new Across(q, size, n, d) {
            @Override
            long reduce(long low, long top) {
                return Lanes.fold(q ? Lanes.smax(low, top, size) : low, size, false, true);
            }
        });
    }

    /** {@code SMINV <V><d>, <Vn>.<T>}. */
    public static Insn sminv(int q, int size, int n, int d) {
        return Vectors.unless(size == 3 || size == 2 && q == 0, new Across(q, size, n, d) {
            @Override
            long reduce(long low, long top) {
                return Lanes.fold(q ? Lanes.smin(low, top, size) : low, size, false, false);
            }
        });
    }

    /** {@code ADDV <V><d>, <Vn>.<T>}. */
    public static Insn addv(int q, int size, int n, int d) {
        return Vectors.unless(size == 3 || size == 2 && q == 0, new Across(q, size, n, d) {
            @Override
            long reduce(long low, long top) {
                return Lanes.sum(low, size, true) + (q ? Lanes.sum(top, size, true) : 0);
            }
        });
    }

    /** {@code UADDLV <V><d>, <Vn>.<T>}. */
    public static Insn uaddlv(int q, int size, int n, int d) {
        return Vectors.unless(size == 3 || size == 2 && q == 0, new Across(q, size + 1, n, d) {
            @Override
            long reduce(long low, long top) {
                return Lanes.sum(low, size, true) + (q ? Lanes.sum(top, size, true) : 0);
            }
        });
    }

    /** {@code UMAXV <V><d>, <Vn>.<T>}. */
    public static Insn umaxv(int q, int size, int n, int d) {
        return Vectors.unless(size == 3 || size == 2 && q == 0, new Across(q, size, n, d) {
            @Override
            long reduce(long low, long top) {
                return Lanes.fold(q ? Lanes.umax(low, top, size) : low, size, true, true);
            }
        });
    }

    /** {@code UMINV <V><d>, <Vn>.<T>}. */
    public static Insn uminv(int q, int size, int n, int d) {
        return Vectors.unless(size == 3 || size == 2 && q == 0, new Across(q, size, n, d) {
            @Override
            long reduce(long low, long top) {
                return Lanes.fold(q ? Lanes.umin(low, top, size) : low, size, true, false);
            }
        });
    }

    /** All lanes of a vector to one of size {@code result}. */
    private abstract static class Across extends Insn {
        final boolean q;
        private final int result;
        private final int n;
        private final int d;

        Across(int q, int result, int n, int d) {
            this.q = q != 0;
            this.n = 2 * n;
            this.d = 2 * d;
            this.result = result;
        }

        abstract long reduce(long low, long top);

        @Override
        public final void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            c.v[d] = reduce(c.v[n], c.v[n + 1]) & Lanes.mask(result);
            c.v[d + 1] = 0;
        }
    }
}
