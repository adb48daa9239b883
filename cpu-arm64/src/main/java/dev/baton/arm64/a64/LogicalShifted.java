package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Logical (shifted register). Unshifted forms, nearly all of them, have handlers of their own. */
public final class LogicalShifted {
    private LogicalShifted() { }

    private static boolean unallocated(int sf, int imm6) {
        return sf == 0 && imm6 > 31;
    }

    /** {@code AND <Xd>, <Xn>, <Xm>{, <shift> #<amount>}}. */
    public static Insn and(int sf, int shift, int m, int imm6, int n, int d) {
        if (unallocated(sf, imm6)) {
            return Unallocated.encoding();
        }
        return imm6 == 0 ? new And(sf, m, n, d) : new AndShift(sf, shift, m, imm6, n, d);
    }

    /** {@code BIC <Xd>, <Xn>, <Xm>{, <shift> #<amount>}}. */
    public static Insn bic(int sf, int shift, int m, int imm6, int n, int d) {
        if (unallocated(sf, imm6)) {
            return Unallocated.encoding();
        }
        return imm6 == 0 ? new Bic(sf, m, n, d) : new BicShift(sf, shift, m, imm6, n, d);
    }

    /** {@code ORR <Xd>, <Xn>, <Xm>{, <shift> #<amount>}}. Alias: MOV (register). */
    public static Insn orr(int sf, int shift, int m, int imm6, int n, int d) {
        if (unallocated(sf, imm6)) {
            return Unallocated.encoding();
        }
        if (imm6 == 0 && n == 31) {
            return new Move(sf, m, d);
        }
        return imm6 == 0 ? new Orr(sf, m, n, d) : new OrrShift(sf, shift, m, imm6, n, d);
    }

    /** {@code ORN <Xd>, <Xn>, <Xm>{, <shift> #<amount>}}. Alias: MVN. */
    public static Insn orn(int sf, int shift, int m, int imm6, int n, int d) {
        if (unallocated(sf, imm6)) {
            return Unallocated.encoding();
        }
        return imm6 == 0 ? new Orn(sf, m, n, d) : new OrnShift(sf, shift, m, imm6, n, d);
    }

    /** {@code EOR <Xd>, <Xn>, <Xm>{, <shift> #<amount>}}. */
    public static Insn eor(int sf, int shift, int m, int imm6, int n, int d) {
        if (unallocated(sf, imm6)) {
            return Unallocated.encoding();
        }
        return imm6 == 0 ? new Eor(sf, m, n, d) : new EorShift(sf, shift, m, imm6, n, d);
    }

    /** {@code EON <Xd>, <Xn>, <Xm>{, <shift> #<amount>}}. */
    public static Insn eon(int sf, int shift, int m, int imm6, int n, int d) {
        if (unallocated(sf, imm6)) {
            return Unallocated.encoding();
        }
        return imm6 == 0 ? new Eon(sf, m, n, d) : new EonShift(sf, shift, m, imm6, n, d);
    }

    /** {@code ANDS <Xd>, <Xn>, <Xm>{, <shift> #<amount>}}. Alias: TST (shifted register). */
    public static Insn ands(int sf, int shift, int m, int imm6, int n, int d) {
        if (unallocated(sf, imm6)) {
            return Unallocated.encoding();
        }
        return imm6 == 0 ? new Ands(sf, m, n, d) : new AndsShift(sf, shift, m, imm6, n, d);
    }

    /** {@code BICS <Xd>, <Xn>, <Xm>{, <shift> #<amount>}}. */
    public static Insn bics(int sf, int shift, int m, int imm6, int n, int d) {
        if (unallocated(sf, imm6)) {
            return Unallocated.encoding();
        }
        return imm6 == 0 ? new Bics(sf, m, n, d) : new BicsShift(sf, shift, m, imm6, n, d);
    }

    static final class And extends Shapes.DNM {
        And(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (c.x[n] & c.x[m]) & mask;
        }
    }

    static final class AndShift extends Shapes.DNMShift {
        AndShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, type, m, amount, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand2 = SharedPseudocode.shiftReg(c.x[m], type, amount, w);
            c.x[d] = (c.x[n] & operand2) & mask;
        }
    }

    static final class Bic extends Shapes.DNM {
        Bic(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (c.x[n] & ~c.x[m]) & mask;
        }
    }

    static final class BicShift extends Shapes.DNMShift {
        BicShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, type, m, amount, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand2 = SharedPseudocode.shiftReg(c.x[m], type, amount, w);
            c.x[d] = (c.x[n] & ~operand2) & mask;
        }
    }

    /** {@code MOV <Xd>, <Xm>}, the commonest ORR. */
    static final class Move extends Shapes.DNM {
        Move(int sf, int m, int d) {
            super(sf, m, 31, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[m] & mask;
        }
    }

    static final class Orr extends Shapes.DNM {
        Orr(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (c.x[n] | c.x[m]) & mask;
        }
    }

    static final class OrrShift extends Shapes.DNMShift {
        OrrShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, type, m, amount, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand2 = SharedPseudocode.shiftReg(c.x[m], type, amount, w);
            c.x[d] = (c.x[n] | operand2) & mask;
        }
    }

    static final class Orn extends Shapes.DNM {
        Orn(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (c.x[n] | ~c.x[m]) & mask;
        }
    }

    static final class OrnShift extends Shapes.DNMShift {
        OrnShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, type, m, amount, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand2 = SharedPseudocode.shiftReg(c.x[m], type, amount, w);
            c.x[d] = (c.x[n] | ~operand2) & mask;
        }
    }

    static final class Eor extends Shapes.DNM {
        Eor(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (c.x[n] ^ c.x[m]) & mask;
        }
    }

    static final class EorShift extends Shapes.DNMShift {
        EorShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, type, m, amount, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand2 = SharedPseudocode.shiftReg(c.x[m], type, amount, w);
            c.x[d] = (c.x[n] ^ operand2) & mask;
        }
    }

    static final class Eon extends Shapes.DNM {
        Eon(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (c.x[n] ^ ~c.x[m]) & mask;
        }
    }

    static final class EonShift extends Shapes.DNMShift {
        EonShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, type, m, amount, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand2 = SharedPseudocode.shiftReg(c.x[m], type, amount, w);
            c.x[d] = (c.x[n] ^ ~operand2) & mask;
        }
    }

    static final class Ands extends Shapes.DNM {
        Ands(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long result = (c.x[n] & c.x[m]) & mask;
            c.nzcv = SharedPseudocode.nzcvOfLogic(result << w);
            c.x[d] = result;
        }
    }

    static final class AndsShift extends Shapes.DNMShift {
        AndsShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, type, m, amount, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand2 = SharedPseudocode.shiftReg(c.x[m], type, amount, w);
            long result = (c.x[n] & operand2) & mask;
            c.nzcv = SharedPseudocode.nzcvOfLogic(result << w);
            c.x[d] = result;
        }
    }

    static final class Bics extends Shapes.DNM {
        Bics(int sf, int m, int n, int d) {
            super(sf, m, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long result = (c.x[n] & ~c.x[m]) & mask;
            c.nzcv = SharedPseudocode.nzcvOfLogic(result << w);
            c.x[d] = result;
        }
    }

    static final class BicsShift extends Shapes.DNMShift {
        BicsShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, type, m, amount, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand2 = SharedPseudocode.shiftReg(c.x[m], type, amount, w);
            long result = (c.x[n] & ~operand2) & mask;
            c.nzcv = SharedPseudocode.nzcvOfLogic(result << w);
            c.x[d] = result;
        }
    }
}
