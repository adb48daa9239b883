package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Advanced SIMD copy, vector and scalar: elements and general registers into each other. */
public final class AdvSimdCopy {
    private AdvSimdCopy() { }

    /** The lowest one in imm5 says the lane's size; 4 and above is reserved. */
    private static int size(int imm5) {
        return imm5 == 0 ? 4 : Integer.numberOfTrailingZeros(imm5);
    }

    private static boolean reserved(int q, int imm5) {
        return size(imm5) > 3 || Vectors.single(q, size(imm5));
    }

    /** {@code DUP <Vd>.<T>, <Vn>.<Ts>[<index>]}, and the scalar form with q = {@link Vectors#SCALAR}. */
    public static Insn dupElement(int q, int imm5, int n, int d) {
        return reserved(q, imm5) ? Unallocated.encoding() : new DupElement(q, size(imm5), imm5 >> size(imm5) + 1, n, d);
    }

    /** {@code DUP <Vd>.<T>, <R><n>}. */
    public static Insn dupGeneral(int q, int imm5, int n, int d) {
        return reserved(q, imm5) ? Unallocated.encoding() : new DupGeneral(q, size(imm5), n, d);
    }

    /** {@code SMOV <Wd>, <Vn>.<Ts>[<index>]} or {@code <Xd>} (q = 1). */
    public static Insn smov(int q, int imm5, int n, int d) {
        int size = size(imm5);
        return size > 2 || size == 2 && q == 0 ? Unallocated.encoding() : new Smov(q, size, imm5 >> size + 1, n, d);
    }

    /** {@code UMOV <Wd>, <Vn>.<Ts>[<index>]} or {@code <Xd>} (q = 1). */
    public static Insn umov(int q, int imm5, int n, int d) {
        int size = size(imm5);
        return size > 3 || size == 3 != (q == 1) ? Unallocated.encoding() : new Umov(size, imm5 >> size + 1, n, d);
    }

    /** {@code INS <Vd>.<Ts>[<index>], <R><n>}. */
    public static Insn insGeneral(int imm5, int n, int d) {
        int size = size(imm5);
        return size > 3 ? Unallocated.encoding() : new InsGeneral(size, imm5 >> size + 1, n, d);
    }

    /** {@code INS <Vd>.<Ts>[<index1>], <Vn>.<Ts>[<index2>]}. */
    public static Insn insElement(int imm5, int imm4, int n, int d) {
        int size = size(imm5);
        return size > 3 ? Unallocated.encoding() : new InsElement(size, imm5 >> size + 1, imm4 >> size, n, d);
    }

    /** An element: where it is in {@link Arm64Cpu#v}. */
    private abstract static class Element extends Insn {
        final int word;
        final int bit;
        final long mask;

        Element(int register, int size, int index) {
            int at = index << size + 3;
            word = 2 * register + (at >> 6);
            bit = at & 63;
            mask = Lanes.mask(size);
        }

        final void check(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
        }
    }

    static final class DupElement extends Element {
        private final long repeat;
        private final long repeatTop;
        private final int d;

        DupElement(int q, int size, int index, int n, int d) {
            super(n, size, index);
            repeat = q == Vectors.SCALAR ? 1 : Lanes.LOW[size];
            repeatTop = q == 1 ? repeat : 0;
            this.d = 2 * d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            long value = c.v[word] >>> bit & mask;
            c.v[d] = value * repeat;
            c.v[d + 1] = value * repeatTop;
        }
    }

    static final class DupGeneral extends Element {
        private final long repeat;
        private final boolean whole;
        private final int n;

        DupGeneral(int q, int size, int n, int d) {
            super(d, size, 0);
            this.n = Operands.source(n);
            repeat = Lanes.LOW[size];
            whole = q == 1;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            long value = (c.x[n] & mask) * repeat;
            c.v[word] = value;
            c.v[word + 1] = whole ? value : 0;
        }
    }

    static final class Smov extends Element {
        private final int up;
        private final long keep;
        private final int d;

        Smov(int q, int size, int index, int n, int d) {
            super(n, size, index);
            this.d = Operands.destination(d);
            up = 64 - (8 << size);
            keep = Operands.mask(q);
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.x[d] = c.v[word] >>> bit << up >> up & keep;
        }
    }

    static final class Umov extends Element {
        private final int d;

        Umov(int size, int index, int n, int d) {
            super(n, size, index);
            this.d = Operands.destination(d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.x[d] = c.v[word] >>> bit & mask;
        }
    }

    static final class InsGeneral extends Element {
        private final int n;

        InsGeneral(int size, int index, int n, int d) {
            super(d, size, index);
            this.n = Operands.source(n);
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.v[word] = c.v[word] & ~(mask << bit) | (c.x[n] & mask) << bit;
        }
    }

    static final class InsElement extends Element {
        private final int from;
        private final int fromBit;

        InsElement(int size, int index, int index2, int n, int d) {
            super(d, size, index);
            int at = index2 << size + 3;
            from = 2 * n + (at >> 6);
            fromBit = at & 63;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.v[word] = c.v[word] & ~(mask << bit) | (c.v[from] >>> fromBit & mask) << bit;
        }
    }
}
