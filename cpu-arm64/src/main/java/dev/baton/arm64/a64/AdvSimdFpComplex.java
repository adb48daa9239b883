package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.fp.Arithmetic;

/**
 * Complex numbers (FEAT_FCMA): the real part in a lane of even number, the imaginary part in the next. {@code sz} is -1 for half, 0 for
 * single, 1 for double precision.
 */
public final class AdvSimdFpComplex {
    private AdvSimdFpComplex() { }

    /** {@code FCADD <Vd>.<T>, <Vn>.<T>, <Vm>.<T>, #<rotate>}: the second operand turned by 90 degrees (rot 0) or 270. */
    public static Insn fcadd(int q, int sz, int m, int rot, int n, int d) {
        return Vectors.unless(Vectors.single(q, sz + 2), new Add(q, sz + 2, rot != 0, m, n, d));
    }

    /** {@code FCMLA <Vd>.<T>, <Vn>.<T>, <Vm>.<T>, #<rotate>}: of the product two terms, chosen by rot in steps of 90 degrees. */
    public static Insn fcmla(int q, int sz, int m, int rot, int n, int d) {
        return Vectors.unless(Vectors.single(q, sz + 2), new MulAdd(q, sz + 2, rot, -1, m, n, d));
    }

    /** {@code FCMLA <Vd>.4S, <Vn>.4S, <Vm>.S[<index>], #<rotate>}. */
    public static Insn fcmlaElement(int q, int sz, int mm, int m, int rot, int h, int n, int d) {
        return new MulAdd(q, sz + 2, rot, h, mm << 4 | m, n, d);
    }

    /** {@code FCMLA <Vd>.<T>, <Vn>.<T>, <Vm>.H[<index>], #<rotate>}. */
    public static Insn fcmlaHalfElement(int q, int l, int mm, int m, int rot, int h, int n, int d) {
        return Vectors.unless(q == 0 && h != 0, new MulAdd(q, 1, rot, h << 1 | l, mm << 4 | m, n, d));
    }

    private abstract static class Complex extends Insn {
        final int size;
        final int m;
        final int n;
        final int d;
        private final long mask;
        private final long sign;
        private final int lanes;

        Complex(int q, int size, int m, int n, int d) {
            this.size = size;
            this.m = 2 * m;
            this.n = 2 * n;
            this.d = 2 * d;
            mask = Lanes.mask(size);
            sign = Arithmetic.neg(size, 0);
            lanes = 8 << q >> size;
        }

        final long lane(Arm64Cpu c, int register, int i) {
            int bit = i << size + 3;
            return c.v[register + (bit >>> 6)] >>> bit & mask;
        }

        final long negate(long a) {
            return a ^ sign;
        }

        /** The real part of the number whose real part is lane {@code i}. */
        abstract long real(Arm64Cpu c, int i);

        abstract long imaginary(Arm64Cpu c, int i);

        @Override
        public final void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            long[] result = new long[2];
            for (int i = 0; i < lanes; i += 2) {
                int bit = i << size + 3;
                result[bit >>> 6] |= real(c, i) << bit;
                bit += 8 << size;
                result[bit >>> 6] |= imaginary(c, i) << bit;
            }
            c.v[d] = result[0];
            c.v[d + 1] = result[1];
        }
    }

    private static final class Add extends Complex {
        private final boolean backwards;

        Add(int q, int size, boolean backwards, int m, int n, int d) {
            super(q, size, m, n, d);
            this.backwards = backwards;
        }

        @Override
        long real(Arm64Cpu c, int i) {
            long b = lane(c, m, i + 1);
            return Arithmetic.add(c, size, lane(c, n, i), backwards ? b : negate(b));
        }

        @Override
        long imaginary(Arm64Cpu c, int i) {
            long b = lane(c, m, i);
            return Arithmetic.add(c, size, lane(c, n, i + 1), backwards ? negate(b) : b);
        }
    }

    private static final class MulAdd extends Complex {
        /** The imaginary part of the first operand is taken, of the second the parts change places. */
        private final int crossed;
        private final boolean negateReal;
        private final boolean negateImaginary;
        private final int element;

        /** @param element number of the complex number of the second operand, or negative for that of the same lanes */
        MulAdd(int q, int size, int rot, int element, int m, int n, int d) {
            super(q, size, m, n, d);
            crossed = rot & 1;
            negateReal = rot == 1 || rot == 2;
            negateImaginary = rot >= 2;
            this.element = element;
        }

        private int second(int i) {
            return element < 0 ? i : 2 * element;
        }

        @Override
        long real(Arm64Cpu c, int i) {
            long b = lane(c, m, second(i) + crossed);
            return Arithmetic.mulAdd(c, size, lane(c, d, i), lane(c, n, i + crossed), negateReal ? negate(b) : b);
        }

        @Override
        long imaginary(Arm64Cpu c, int i) {
            long b = lane(c, m, second(i) + 1 - crossed);
            return Arithmetic.mulAdd(c, size, lane(c, d, i + 1), lane(c, n, i + crossed), negateImaginary ? negate(b) : b);
        }
    }
}
