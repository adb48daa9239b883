package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/**
 * Shapes of Advanced SIMD instructions. What an instruction does to 64 bits of lanes is its one method; which 64 bits these are,
 * and where the result goes, is the shape's. Register numbers are indices into {@link Arm64Cpu#v}, twice the architecture's.
 */
final class Vectors {
    /** As the argument q: the scalar form, which works on lane 0 and zeroes the rest. */
    static final int SCALAR = 2;

    private Vectors() { }

    /** {@code insn}, or where the encoding is reserved an UNDEFINED instruction. */
    static Insn unless(boolean reserved, Insn insn) {
        return reserved ? Unallocated.encoding() : insn;
    }

    /** Lanes of 64 bits in half a register. */
    static boolean single(int q, int size) {
        return q == 0 && size == 3;
    }

    /** Lanes of one size: destination, and operands that are vectors, or of the second one element for all lanes. */
    abstract static class Operation extends Insn {
        final int d;
        final int n;
        final int m;
        final boolean q;
        final int size;
        final long high;
        /** Of the low 64 bits, those that take part: all but in scalar forms. */
        final long keep;
        /** For an element as second operand: 1 in every lane, index into v, bit there. */
        private long repeat;
        private int element;
        private int bitOfElement;

        Operation(int q, int size, int m, int n, int d) {
            this.d = 2 * d;
            this.n = 2 * n;
            this.m = 2 * m;
            this.q = q == 1;
            this.size = size;
            high = Lanes.HIGH[size];
            keep = q == SCALAR ? Lanes.mask(size) : -1;
        }

        /** @param old the destination's former value; {@code a}, {@code b} those of the operands */
        abstract long half(Arm64Cpu c, long old, long a, long b);

        /** The second operand is element {@code index} of its register, for all lanes. */
        Operation by(int index) {
            int bit = index << size + 3;
            element = m + (bit >>> 6);
            bitOfElement = bit & 63;
            repeat = Lanes.LOW[size];
            return this;
        }

        final long low(Arm64Cpu c) {
            return repeat == 0 ? c.v[m] : splat(c);
        }

        final long top(Arm64Cpu c) {
            return repeat == 0 ? c.v[m + 1] : splat(c);
        }

        private long splat(Arm64Cpu c) {
            return (c.v[element] >>> bitOfElement & Lanes.mask(size)) * repeat;
        }

        final void check(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
        }
    }

    /** Lane by lane. */
    abstract static class Same extends Operation {
        Same(int q, int size, int m, int n, int d) {
            super(q, size, m, n, d);
        }

        @Override
        public final void execute(Arm64Cpu c) {
            check(c);
            long[] v = c.v;
            if (q) {
                long top = top(c);
                long low = half(c, v[d], v[n], low(c));
                v[d + 1] = half(c, v[d + 1], v[n + 1], top);
                v[d] = low;
            } else {
                v[d] = half(c, v[d] & keep, v[n] & keep, low(c) & keep) & keep;
                v[d + 1] = 0;
            }
        }
    }

    /** Neighbouring lanes of the first operand, then of the second: {@code a} are the even ones, {@code b} the odd ones. */
    abstract static class Pairwise extends Operation {
        Pairwise(int q, int size, int m, int n, int d) {
            super(q, size, m, n, d);
        }

        @Override
        public final void execute(Arm64Cpu c) {
            check(c);
            long[] v = c.v;
            if (size == 3) {
                long low = half(c, 0, v[n], v[n + 1]);
                v[d + 1] = half(c, 0, v[m], v[m + 1]);
                v[d] = low;
            } else if (q) {
                long low = pairs(c, v[n], v[n + 1]);
                v[d + 1] = pairs(c, v[m], v[m + 1]);
                v[d] = low;
            } else {
                v[d] = pairs(c, v[n], v[m]);
                v[d + 1] = 0;
            }
        }

        private long pairs(Arm64Cpu c, long a, long b) {
            return half(c, 0, Lanes.evens(a, b, size), Lanes.odds(a, b, size));
        }
    }

    /** Operands of {@code size}, result of twice that; from the upper halves with q. {@code half} sees widened lanes. */
    abstract static class Widening extends Operation {
        /** {@link #size} of the result. */
        final int wide;
        private final boolean unsigned;

        Widening(int q, int size, boolean unsigned, int m, int n, int d) {
            super(q, size, m, n, d);
            this.unsigned = unsigned;
            wide = size + 1;
        }

        final long widen(long v) {
            return unsigned ? Lanes.widen(v, size) : Lanes.widenSigned(v, size);
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            long[] v = c.v;
            if (keep != -1) {
                v[d] = half(c, v[d] & Lanes.mask(wide), widen(v[n] & keep), widen(low(c) & keep)) & Lanes.mask(wide);
                v[d + 1] = 0;
                return;
            }
            long a = q ? v[n + 1] : v[n];
            long b = q ? top(c) : low(c);
            v[d] = half(c, v[d], widen(a), widen(b));
            v[d + 1] = half(c, v[d + 1], widen(a >>> 32), widen(b >>> 32));
        }
    }

    /** As {@link Widening}, but with a first operand that is wide already. */
    abstract static class Wide extends Widening {
        Wide(int q, int size, boolean unsigned, int m, int n, int d) {
            super(q, size, unsigned, m, n, d);
        }

        @Override
        public final void execute(Arm64Cpu c) {
            check(c);
            long[] v = c.v;
            long b = q ? v[m + 1] : v[m];
            v[d] = half(c, 0, v[n], widen(b));
            v[d + 1] = half(c, 0, v[n + 1], widen(b >>> 32));
        }
    }

    /** Operands of twice the {@code size} of the result, which goes to the upper half with q. {@code half} gives wide lanes. */
    abstract static class Narrowing extends Operation {
        /** {@link #size} of the operands. */
        final int wide;

        Narrowing(int q, int size, int m, int n, int d) {
            super(q, size, m, n, d);
            wide = size + 1;
        }

        @Override
        public final void execute(Arm64Cpu c) {
            check(c);
            long[] v = c.v;
            if (keep != -1) {
                v[d] = half(c, 0, v[n] & Lanes.mask(wide), v[m] & Lanes.mask(wide)) & keep;
                v[d + 1] = 0;
                return;
            }
            long low = Lanes.narrow(half(c, 0, v[n], v[m]), size);
            long result = low | Lanes.narrow(half(c, 0, v[n + 1], v[m + 1]), size) << 32;
            if (q) {
                v[d + 1] = result;
            } else {
                v[d] = result;
                v[d + 1] = 0;
            }
        }
    }
}
