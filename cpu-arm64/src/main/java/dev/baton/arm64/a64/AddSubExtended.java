package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Add/subtract (extended register). */
public final class AddSubExtended {
    private AddSubExtended() { }

    private static boolean unallocated(int imm3) {
        return imm3 > 4;
    }

    /** {@code ADD <Xd|SP>, <Xn|SP>, <R><m>{, <extend> {#<amount>}}}. */
    public static Insn add(int sf, int m, int option, int imm3, int n, int d) {
        return unallocated(imm3) ? Unallocated.encoding() : new Add(sf, m, option, imm3, n, d);
    }

    /** {@code ADDS <Xd>, <Xn|SP>, <R><m>{, <extend> {#<amount>}}}. Alias: CMN. */
    public static Insn adds(int sf, int m, int option, int imm3, int n, int d) {
        return unallocated(imm3) ? Unallocated.encoding() : new Adds(sf, m, option, imm3, n, Operands.destination(d));
    }

    /** {@code SUB <Xd|SP>, <Xn|SP>, <R><m>{, <extend> {#<amount>}}}. */
    public static Insn sub(int sf, int m, int option, int imm3, int n, int d) {
        return unallocated(imm3) ? Unallocated.encoding() : new Sub(sf, m, option, imm3, n, d);
    }

    /** {@code SUBS <Xd>, <Xn|SP>, <R><m>{, <extend> {#<amount>}}}. Alias: CMP. */
    public static Insn subs(int sf, int m, int option, int imm3, int n, int d) {
        return unallocated(imm3) ? Unallocated.encoding() : new Subs(sf, m, option, imm3, n, Operands.destination(d));
    }

    /** Rn is SP if 31, Rm never; operand2 is ExtendReg(m, option, shift). */
    abstract static class Extended extends Insn {
        final int d;
        final int n;
        final int m;
        final int up;
        final long keep;
        final int shift;
        final long mask;
        final int w;

        Extended(int sf, int m, int option, int shift, int n, int d) {
            this.d = d;
            this.n = n;
            this.m = Operands.source(m);
            up = Operands.extendUp(option);
            keep = Operands.extendKeep(option);
            this.shift = shift;
            mask = Operands.mask(sf);
            w = Operands.up(sf);
        }

        final long extendReg(Arm64Cpu c) {
            return (c.x[m] << up >> up & keep) << shift;
        }
    }

    static final class Add extends Extended {
        Add(int sf, int m, int option, int shift, int n, int d) {
            super(sf, m, option, shift, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] + extendReg(c) & mask;
        }
    }

    static final class Adds extends Extended {
        Adds(int sf, int m, int option, int shift, int n, int d) {
            super(sf, m, option, shift, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand1 = c.x[n] << w;
            long operand2 = extendReg(c) << w;
            long result = operand1 + operand2;
            c.nzcv = SharedPseudocode.nzcvOfAdd(operand1, operand2, result);
            c.x[d] = result >>> w;
        }
    }

    static final class Sub extends Extended {
        Sub(int sf, int m, int option, int shift, int n, int d) {
            super(sf, m, option, shift, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] - extendReg(c) & mask;
        }
    }

    static final class Subs extends Extended {
        Subs(int sf, int m, int option, int shift, int n, int d) {
            super(sf, m, option, shift, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand1 = c.x[n] << w;
            long operand2 = extendReg(c) << w;
            long result = operand1 - operand2;
            c.nzcv = SharedPseudocode.nzcvOfSub(operand1, operand2, result);
            c.x[d] = result >>> w;
        }
    }
}
