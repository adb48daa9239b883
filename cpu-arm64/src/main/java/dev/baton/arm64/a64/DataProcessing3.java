package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Data-processing (3 source). */
public final class DataProcessing3 {
    private DataProcessing3() { }

    /** {@code MADD <Xd>, <Xn>, <Xm>, <Xa>}. Alias: MUL. */
    public static Insn madd(int sf, int m, int a, int n, int d) {
        return new Madd(sf, m, a, n, d);
    }

    /** {@code MSUB <Xd>, <Xn>, <Xm>, <Xa>}. Alias: MNEG. */
    public static Insn msub(int sf, int m, int a, int n, int d) {
        return new Msub(sf, m, a, n, d);
    }

    /** {@code SMADDL <Xd>, <Wn>, <Wm>, <Xa>}. Alias: SMULL. */
    public static Insn smaddl(int m, int a, int n, int d) {
        return new Smaddl(m, a, n, d);
    }

    /** {@code SMSUBL <Xd>, <Wn>, <Wm>, <Xa>}. Alias: SMNEGL. */
    public static Insn smsubl(int m, int a, int n, int d) {
        return new Smsubl(m, a, n, d);
    }

    /** {@code UMADDL <Xd>, <Wn>, <Wm>, <Xa>}. Alias: UMULL. */
    public static Insn umaddl(int m, int a, int n, int d) {
        return new Umaddl(m, a, n, d);
    }

    /** {@code UMSUBL <Xd>, <Wn>, <Wm>, <Xa>}. Alias: UMNEGL. */
    public static Insn umsubl(int m, int a, int n, int d) {
        return new Umsubl(m, a, n, d);
    }

    /** {@code SMULH <Xd>, <Xn>, <Xm>}. */
    public static Insn smulh(int m, int n, int d) {
        return new Smulh(m, n, d);
    }

    /** {@code UMULH <Xd>, <Xn>, <Xm>}. */
    public static Insn umulh(int m, int n, int d) {
        return new Umulh(m, n, d);
    }

    static final class Madd extends Shapes.DNMA {
        Madd(int sf, int m, int a, int n, int d) {
            super(sf, m, a, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[a] + c.x[n] * c.x[m] & mask;
        }
    }

    static final class Msub extends Shapes.DNMA {
        Msub(int sf, int m, int a, int n, int d) {
            super(sf, m, a, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[a] - c.x[n] * c.x[m] & mask;
        }
    }

    static final class Smaddl extends Shapes.DNMA {
        Smaddl(int m, int a, int n, int d) {
            super(1, m, a, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[a] + (long) (int) c.x[n] * (int) c.x[m];
        }
    }

    static final class Smsubl extends Shapes.DNMA {
        Smsubl(int m, int a, int n, int d) {
            super(1, m, a, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[a] - (long) (int) c.x[n] * (int) c.x[m];
        }
    }

    static final class Umaddl extends Shapes.DNMA {
        Umaddl(int m, int a, int n, int d) {
            super(1, m, a, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[a] + (c.x[n] & 0xffff_ffffL) * (c.x[m] & 0xffff_ffffL);
        }
    }

    static final class Umsubl extends Shapes.DNMA {
        Umsubl(int m, int a, int n, int d) {
            super(1, m, a, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[a] - (c.x[n] & 0xffff_ffffL) * (c.x[m] & 0xffff_ffffL);
        }
    }

    static final class Smulh extends Shapes.DNM {
        Smulh(int m, int n, int d) {
            super(1, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Math.multiplyHigh(c.x[n], c.x[m]);
        }
    }

    static final class Umulh extends Shapes.DNM {
        Umulh(int m, int n, int d) {
            super(1, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = Math.unsignedMultiplyHigh(c.x[n], c.x[m]);
        }
    }
}
