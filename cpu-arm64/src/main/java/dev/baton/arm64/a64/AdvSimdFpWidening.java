package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.fp.Arithmetic;
import dev.baton.arm64.fp.Conversion;

/** Products of half precision added to single precision, rounded once (FEAT_FHM). */
public final class AdvSimdFpWidening {
    private AdvSimdFpWidening() { }

    /**
     * {@code FMLAL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}, FMLSL.
     *
     * @param negate the first factor
     * @param part   of the sources: 0 the lower, 1 the upper half
     */
    public static Insn fmlal(int q, int negate, int part, int m, int n, int d) {
        return new MulAdd(q, negate != 0, part, -1, m, n, d);
    }

    /** {@code FMLAL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.H[<index>]}, FMLSL. */
    public static Insn fmlalElement(int q, int negate, int part, int l, int mm, int m, int h, int n, int d) {
        return new MulAdd(q, negate != 0, part, h << 2 | l << 1 | mm, m, n, d);
    }

    private static final class MulAdd extends Insn {
        private final int lanes;
        private final long negate;
        private final int part;
        private final int element;
        private final int m;
        private final int n;
        private final int d;

        MulAdd(int q, boolean negate, int part, int element, int m, int n, int d) {
            lanes = 2 << q;
            this.negate = negate ? Arithmetic.neg(2, 0) : 0;
            this.part = part * lanes;
            this.element = element;
            this.m = 2 * m;
            this.n = 2 * n;
            this.d = 2 * d;
        }

        private static long half(Arm64Cpu c, int register, int i) {
            return Conversion.widenHalf(c, Lanes.get(c.v[register + (i >>> 2)], 1, i & 3));
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            long[] result = new long[2];
            for (int i = 0; i < lanes; i++) {
                long b = half(c, m, element < 0 ? part + i : element);
                long sum = Arithmetic.mulAdd(c, 2, Lanes.get(c.v[d + (i >>> 1)], 2, i & 1), half(c, n, part + i) ^ negate, b);
                result[i >>> 1] |= sum << 32 * (i & 1);
            }
            c.v[d] = result[0];
            c.v[d + 1] = result[1];
        }
    }
}
