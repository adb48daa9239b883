package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Data-processing (2 source) without the CRCs. */
public final class DataProcessing2 {
    private DataProcessing2() { }

    /** {@code UDIV <Xd>, <Xn>, <Xm>}. */
    public static Insn udiv(int sf, int m, int n, int d) {
        return sf != 0 ? new UdivX(m, n, d) : new UdivW(m, n, d);
    }

    /** {@code SDIV <Xd>, <Xn>, <Xm>}. */
    public static Insn sdiv(int sf, int m, int n, int d) {
        return sf != 0 ? new SdivX(m, n, d) : new SdivW(m, n, d);
    }

    /** {@code LSLV <Xd>, <Xn>, <Xm>}. Alias: LSL (register). */
    public static Insn lslv(int sf, int m, int n, int d) {
        return sf != 0 ? new LslvX(m, n, d) : new LslvW(m, n, d);
    }

    /** {@code LSRV <Xd>, <Xn>, <Xm>}. Alias: LSR (register). */
    public static Insn lsrv(int sf, int m, int n, int d) {
        return sf != 0 ? new LsrvX(m, n, d) : new LsrvW(m, n, d);
    }

    /** {@code ASRV <Xd>, <Xn>, <Xm>}. Alias: ASR (register). */
    public static Insn asrv(int sf, int m, int n, int d) {
        return sf != 0 ? new AsrvX(m, n, d) : new AsrvW(m, n, d);
    }

    /** {@code RORV <Xd>, <Xn>, <Xm>}. Alias: ROR (register). */
    public static Insn rorv(int sf, int m, int n, int d) {
        return sf != 0 ? new RorvX(m, n, d) : new RorvW(m, n, d);
    }

    static final class UdivX extends Shapes.DNM {
        UdivX(int m, int n, int d) {
            super(1, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand2 = c.x[m];
            c.x[d] = operand2 == 0 ? 0 : Long.divideUnsigned(c.x[n], operand2);
        }
    }

    static final class UdivW extends Shapes.DNM {
        UdivW(int m, int n, int d) {
            super(0, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand2 = c.x[m] & mask;
            c.x[d] = operand2 == 0 ? 0 : (c.x[n] & mask) / operand2;
        }
    }

    static final class SdivX extends Shapes.DNM {
        SdivX(int m, int n, int d) {
            super(1, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand2 = c.x[m];
            c.x[d] = operand2 == 0 ? 0 : c.x[n] / operand2;
        }
    }

    static final class SdivW extends Shapes.DNM {
        SdivW(int m, int n, int d) {
            super(0, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            int operand2 = (int) c.x[m];
            c.x[d] = operand2 == 0 ? 0 : (int) c.x[n] / operand2 & mask;
        }
    }

    static final class LslvX extends Shapes.DNM {
        LslvX(int m, int n, int d) {
            super(1, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] << c.x[m];
        }
    }

    static final class LslvW extends Shapes.DNM {
        LslvW(int m, int n, int d) {
            super(0, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (int) c.x[n] << c.x[m] & mask;
        }
    }

    static final class LsrvX extends Shapes.DNM {
        LsrvX(int m, int n, int d) {
            super(1, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] >>> c.x[m];
        }
    }

    static final class LsrvW extends Shapes.DNM {
        LsrvW(int m, int n, int d) {
            super(0, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (int) c.x[n] >>> c.x[m] & mask;
        }
    }

    static final class AsrvX extends Shapes.DNM {
        AsrvX(int m, int n, int d) {
            super(1, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] >> c.x[m];
        }
    }

    static final class AsrvW extends Shapes.DNM {
        AsrvW(int m, int n, int d) {
            super(0, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (int) c.x[n] >> c.x[m] & mask;
        }
    }

    static final class RorvX extends Shapes.DNM {
        RorvX(int m, int n, int d) {
            super(1, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Long.rotateRight(c.x[n], (int) c.x[m]);
        }
    }

    static final class RorvW extends Shapes.DNM {
        RorvW(int m, int n, int d) {
            super(0, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Integer.rotateRight((int) c.x[n], (int) c.x[m]) & mask;
        }
    }
}
