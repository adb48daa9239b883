package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Data-processing (1 source). */
public final class DataProcessing1 {
    private DataProcessing1() { }

    /** {@code RBIT <Xd>, <Xn>}. */
    public static Insn rbit(int sf, int n, int d) {
        return sf != 0 ? new RbitX(n, d) : new RbitW(n, d);
    }

    /** {@code REV16 <Xd>, <Xn>}. */
    public static Insn rev16(int sf, int n, int d) {
        return sf != 0 ? new Rev16X(n, d) : new Rev16W(n, d);
    }

    /** {@code CLZ <Xd>, <Xn>}. */
    public static Insn clz(int sf, int n, int d) {
        return sf != 0 ? new ClzX(n, d) : new ClzW(n, d);
    }

    /** {@code CLS <Xd>, <Xn>}. */
    public static Insn cls(int sf, int n, int d) {
        return sf != 0 ? new ClsX(n, d) : new ClsW(n, d);
    }

    /** {@code REV <Wd>, <Wn>}. */
    public static Insn revW(int n, int d) {
        return new RevW(n, d);
    }

    /** {@code REV32 <Xd>, <Xn>}. */
    public static Insn rev32(int n, int d) {
        return new Rev32(n, d);
    }

    /** {@code REV <Xd>, <Xn>}. */
    public static Insn revX(int n, int d) {
        return new RevX(n, d);
    }

    private static long rev16(long operand) {
        return (operand & 0x00ff_00ff_00ff_00ffL) << 8 | operand >>> 8 & 0x00ff_00ff_00ff_00ffL;
    }

    static final class RbitX extends Shapes.DN {
        RbitX(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Long.reverse(c.x[n]);
        }
    }

    static final class RbitW extends Shapes.DN {
        RbitW(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Integer.reverse((int) c.x[n]) & 0xffff_ffffL;
        }
    }

    static final class Rev16X extends Shapes.DN {
        Rev16X(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = rev16(c.x[n]);
        }
    }

    static final class Rev16W extends Shapes.DN {
        Rev16W(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = rev16(c.x[n] & 0xffff_ffffL);
        }
    }

    static final class ClzX extends Shapes.DN {
        ClzX(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Long.numberOfLeadingZeros(c.x[n]);
        }
    }

    static final class ClzW extends Shapes.DN {
        ClzW(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Integer.numberOfLeadingZeros((int) c.x[n]);
        }
    }

    static final class ClsX extends Shapes.DN {
        ClsX(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Long.numberOfLeadingZeros(c.x[n] ^ c.x[n] >> 63) - 1;
        }
    }

    static final class ClsW extends Shapes.DN {
        ClsW(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Integer.numberOfLeadingZeros((int) c.x[n] ^ (int) c.x[n] >> 31) - 1;
        }
    }

    static final class RevW extends Shapes.DN {
        RevW(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Integer.reverseBytes((int) c.x[n]) & 0xffff_ffffL;
        }
    }

    static final class Rev32 extends Shapes.DN {
        Rev32(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Long.rotateLeft(Long.reverseBytes(c.x[n]), 32);
        }
    }

    static final class RevX extends Shapes.DN {
        RevX(int n, int d) {
            super(n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Long.reverseBytes(c.x[n]);
        }
    }
}
