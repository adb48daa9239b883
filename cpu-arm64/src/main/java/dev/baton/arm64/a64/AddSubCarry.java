package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Add/subtract (with carry). */
public final class AddSubCarry {
    private AddSubCarry() { }

    /** {@code ADC <Xd>, <Xn>, <Xm>}. */
    public static Insn adc(int sf, int m, int n, int d) {
        return new Adc(sf, m, n, d);
    }

    /** {@code ADCS <Xd>, <Xn>, <Xm>}. */
    public static Insn adcs(int sf, int m, int n, int d) {
        return new Adcs(sf, m, n, d);
    }

    /** {@code SBC <Xd>, <Xn>, <Xm>}. Alias: NGC. */
    public static Insn sbc(int sf, int m, int n, int d) {
        return new Sbc(sf, m, n, d);
    }

    /** {@code SBCS <Xd>, <Xn>, <Xm>}. Alias: NGCS. */
    public static Insn sbcs(int sf, int m, int n, int d) {
        return new Sbcs(sf, m, n, d);
    }

    private static int carry(Arm64Cpu c) {
        return c.nzcv >>> 29 & 1;
    }

    /** AddWithCarry on operands brought to the top of 64 bits; the carry in comes at the lowest bit of the width. */
    private static long addWithCarry(Arm64Cpu c, long operand1, long operand2, int w) {
        long result = operand1 + operand2 + ((long) carry(c) << w);
        c.nzcv = SharedPseudocode.nzcvOfAdd(operand1, operand2, result);
        return result >>> w;
    }

    static final class Adc extends Shapes.DNM {
        Adc(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] + c.x[m] + carry(c) & mask;
        }
    }

    static final class Adcs extends Shapes.DNM {
        Adcs(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = addWithCarry(c, c.x[n] << w, c.x[m] << w, w);
        }
    }

    static final class Sbc extends Shapes.DNM {
        Sbc(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] + ~c.x[m] + carry(c) & mask;
        }
    }

    static final class Sbcs extends Shapes.DNM {
        Sbcs(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = addWithCarry(c, c.x[n] << w, ~c.x[m] << w, w);
        }
    }
}
