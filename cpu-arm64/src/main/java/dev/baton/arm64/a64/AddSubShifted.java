package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Add/subtract (shifted register). */
public final class AddSubShifted {
    private AddSubShifted() { }

    private static boolean unallocated(int sf, int shift, int imm6) {
        return shift == 3 || sf == 0 && imm6 > 31;
    }

    /** {@code ADD <Xd>, <Xn>, <Xm>{, <shift> #<amount>}}. */
    public static Insn add(int sf, int shift, int m, int imm6, int n, int d) {
        if (unallocated(sf, shift, imm6)) {
            return Unallocated.encoding();
        }
        return imm6 == 0 ? new Add(sf, m, n, d) : new AddShift(sf, shift, m, imm6, n, d);
    }

    /** {@code ADDS <Xd>, <Xn>, <Xm>{, <shift> #<amount>}}. Alias: CMN. */
    public static Insn adds(int sf, int shift, int m, int imm6, int n, int d) {
        if (unallocated(sf, shift, imm6)) {
            return Unallocated.encoding();
        }
        return imm6 == 0 ? new Adds(sf, m, n, d) : new AddsShift(sf, shift, m, imm6, n, d);
    }

    /** {@code SUB <Xd>, <Xn>, <Xm>{, <shift> #<amount>}}. Alias: NEG. */
    public static Insn sub(int sf, int shift, int m, int imm6, int n, int d) {
        if (unallocated(sf, shift, imm6)) {
            return Unallocated.encoding();
        }
        return imm6 == 0 ? new Sub(sf, m, n, d) : new SubShift(sf, shift, m, imm6, n, d);
    }

    /** {@code SUBS <Xd>, <Xn>, <Xm>{, <shift> #<amount>}}. Aliases: CMP, NEGS. */
    public static Insn subs(int sf, int shift, int m, int imm6, int n, int d) {
        if (unallocated(sf, shift, imm6)) {
            return Unallocated.encoding();
        }
        return imm6 == 0 ? new Subs(sf, m, n, d) : new SubsShift(sf, shift, m, imm6, n, d);
    }

    static final class Add extends Shapes.DNM {
        Add(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] + c.x[m] & mask;
        }
    }

    static final class AddShift extends Shapes.DNMShift {
        AddShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, type, m, amount, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] + SharedPseudocode.shiftReg(c.x[m], type, amount, w) & mask;
        }
    }

    static final class Adds extends Shapes.DNM {
        Adds(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand1 = c.x[n] << w;
            long operand2 = c.x[m] << w;
            long result = operand1 + operand2;
            c.nzcv = SharedPseudocode.nzcvOfAdd(operand1, operand2, result);
            c.x[d] = result >>> w;
        }
    }

    static final class AddsShift extends Shapes.DNMShift {
        AddsShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, type, m, amount, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand1 = c.x[n] << w;
            long operand2 = SharedPseudocode.shiftReg(c.x[m], type, amount, w) << w;
            long result = operand1 + operand2;
            c.nzcv = SharedPseudocode.nzcvOfAdd(operand1, operand2, result);
            c.x[d] = result >>> w;
        }
    }

    static final class Sub extends Shapes.DNM {
        Sub(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] - c.x[m] & mask;
        }
    }

    static final class SubShift extends Shapes.DNMShift {
        SubShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, type, m, amount, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] - SharedPseudocode.shiftReg(c.x[m], type, amount, w) & mask;
        }
    }

    static final class Subs extends Shapes.DNM {
        Subs(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand1 = c.x[n] << w;
            long operand2 = c.x[m] << w;
            long result = operand1 - operand2;
            c.nzcv = SharedPseudocode.nzcvOfSub(operand1, operand2, result);
            c.x[d] = result >>> w;
        }
    }

    static final class SubsShift extends Shapes.DNMShift {
        SubsShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, type, m, amount, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand1 = c.x[n] << w;
            long operand2 = SharedPseudocode.shiftReg(c.x[m], type, amount, w) << w;
            long result = operand1 - operand2;
            c.nzcv = SharedPseudocode.nzcvOfSub(operand1, operand2, result);
            c.x[d] = result >>> w;
        }
    }
}
