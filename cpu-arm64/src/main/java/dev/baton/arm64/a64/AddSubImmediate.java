package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Add/subtract (immediate). */
public final class AddSubImmediate {
    private AddSubImmediate() { }

    private static long imm(int sh, int imm12) {
        return (long) imm12 << 12 * sh;
    }

    /** {@code ADD <Xd|SP>, <Xn|SP>, #<imm>{, <shift>}}. Alias: MOV (to/from SP). */
    public static Insn add(int sf, int sh, int imm12, int n, int d) {
        return new Add(sf, d, n, imm(sh, imm12));
    }

    /** {@code ADDS <Xd>, <Xn|SP>, #<imm>{, <shift>}}. Alias: CMN. */
    public static Insn adds(int sf, int sh, int imm12, int n, int d) {
        return new Adds(sf, Operands.destination(d), n, imm(sh, imm12));
    }

    /** {@code SUB <Xd|SP>, <Xn|SP>, #<imm>{, <shift>}}. */
    public static Insn sub(int sf, int sh, int imm12, int n, int d) {
        return new Add(sf, d, n, -imm(sh, imm12));
    }

    /** {@code SUBS <Xd>, <Xn|SP>, #<imm>{, <shift>}}. Alias: CMP. */
    public static Insn subs(int sf, int sh, int imm12, int n, int d) {
        return new Subs(sf, Operands.destination(d), n, imm(sh, imm12));
    }

    static final class Add extends Shapes.DNImm {
        Add(int sf, int d, int n, long imm) {
            super(sf, d, n, imm);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] + imm & mask;
        }
    }

    static final class Adds extends Shapes.DNImm {
        Adds(int sf, int d, int n, long imm) {
            super(sf, d, n, imm << Operands.up(sf));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand1 = c.x[n] << w;
            long result = operand1 + imm;
            c.nzcv = SharedPseudocode.nzcvOfAdd(operand1, imm, result);
            c.x[d] = result >>> w;
        }
    }

    static final class Subs extends Shapes.DNImm {
        Subs(int sf, int d, int n, long imm) {
            super(sf, d, n, imm << Operands.up(sf));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand1 = c.x[n] << w;
            long result = operand1 - imm;
            c.nzcv = SharedPseudocode.nzcvOfSub(operand1, imm, result);
            c.x[d] = result >>> w;
        }
    }
}
