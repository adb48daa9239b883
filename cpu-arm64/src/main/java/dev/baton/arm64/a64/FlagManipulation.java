package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Flag manipulation (FEAT_FlagM, FEAT_FlagM2): rotate right into flags, evaluate into flags, and flags alone. */
public final class FlagManipulation {
    private static final int N = 1 << 31;
    private static final int Z = 1 << 30;
    private static final int C = 1 << 29;
    private static final int V = 1 << 28;

    private FlagManipulation() { }

    /** {@code CFINV}. */
    public static Insn cfinv() {
        return new Cfinv();
    }

    /** {@code XAFLAG}: flags of a comparison in the alternative format to those of FCMP. */
    public static Insn xaflag() {
        return new Xaflag();
    }

    /** {@code AXFLAG}: flags of FCMP to the alternative format. */
    public static Insn axflag() {
        return new Axflag();
    }

    /** {@code RMIF <Xn>, #<shift>, #<mask>}. */
    public static Insn rmif(int shift, int n, int mask) {
        return new Rmif(shift, Operands.source(n), mask << 28);
    }

    /** {@code SETF8 <Wn>}, {@code SETF16 <Wn>}. */
    public static Insn setf(int sz, int n) {
        return new Setf(sz != 0 ? 16 : 24, Operands.source(n));
    }

    static final class Cfinv extends Insn {
        @Override
        public void execute(Arm64Cpu c) {
            c.nzcv ^= C;
        }
    }

    static final class Xaflag extends Insn {
        @Override
        public void execute(Arm64Cpu c) {
            boolean zero = (c.nzcv & Z) != 0;
            boolean carry = (c.nzcv & C) != 0;
            c.nzcv = (!carry && !zero ? N : 0) | (zero && carry ? Z : 0) | (carry || zero ? C : 0) | (!carry && zero ? V : 0);
        }
    }

    static final class Axflag extends Insn {
        @Override
        public void execute(Arm64Cpu c) {
            boolean unordered = (c.nzcv & V) != 0;
            c.nzcv = unordered ? Z : c.nzcv & (Z | C);
        }
    }

    static final class Rmif extends Insn {
        private final int shift;
        private final int n;
        private final int mask;

        Rmif(int shift, int n, int mask) {
            this.shift = shift;
            this.n = n;
            this.mask = mask;
        }

        @Override
        public void execute(Arm64Cpu c) {
            int bits = (int) Long.rotateRight(c.x[n], shift) << 28;
            c.nzcv = c.nzcv & ~mask | bits & mask;
        }
    }

    static final class Setf extends Insn {
        /** Left shift that brings the byte or halfword to the top of a word. */
        private final int up;
        private final int n;

        Setf(int up, int n) {
            this.up = up;
            this.n = n;
        }

        @Override
        public void execute(Arm64Cpu c) {
            int value = (int) c.x[n] << up;
            int beyond = (int) c.x[n] << up - 1;
            c.nzcv = c.nzcv & C | value & N | (value == 0 ? Z : 0) | ((value ^ beyond) & N) >>> 3;
        }
    }
}
