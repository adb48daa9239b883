package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Conditional compare (register and immediate). */
public final class ConditionalCompare {
    private ConditionalCompare() { }

    /** {@code CCMN <Xn>, <Xm>, #<nzcv>, <cond>}. */
    public static Insn ccmn(int sf, int m, int cond, int n, int nzcv) {
        return new Ccmn(sf, Operands.source(m), 0, cond, n, nzcv);
    }

    /** {@code CCMP <Xn>, <Xm>, #<nzcv>, <cond>}. */
    public static Insn ccmp(int sf, int m, int cond, int n, int nzcv) {
        return new Ccmp(sf, Operands.source(m), 0, cond, n, nzcv);
    }

    /** {@code CCMN <Xn>, #<imm>, #<nzcv>, <cond>}. */
    public static Insn ccmnImm(int sf, int imm5, int cond, int n, int nzcv) {
        return new Ccmn(sf, Arm64Cpu.ZR_READ, imm5, cond, n, nzcv);
    }

    /** {@code CCMP <Xn>, #<imm>, #<nzcv>, <cond>}. */
    public static Insn ccmpImm(int sf, int imm5, int cond, int n, int nzcv) {
        return new Ccmp(sf, Arm64Cpu.ZR_READ, imm5, cond, n, nzcv);
    }

    /** operand2 is x[m] + imm: one of the two is zero. */
    abstract static class Compare extends Insn {
        final int n;
        final int m;
        final long imm;
        final int table;
        final int otherwise;
        final int w;

        Compare(int sf, int m, long imm, int cond, int n, int nzcv) {
            this.n = Operands.source(n);
            this.m = m;
            this.imm = imm;
            table = Operands.conditionTable(cond);
            otherwise = nzcv << 28;
            w = Operands.up(sf);
        }

        final boolean holds(Arm64Cpu c) {
            return (table >>> (c.nzcv >>> 28) & 1) != 0;
        }
    }

    static final class Ccmn extends Compare {
        Ccmn(int sf, int m, long imm, int cond, int n, int nzcv) {
            super(sf, m, imm, cond, n, nzcv);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand1 = c.x[n] << w;
            long operand2 = c.x[m] + imm << w;
            c.nzcv = holds(c) ? SharedPseudocode.nzcvOfAdd(operand1, operand2, operand1 + operand2) : otherwise;
        }
    }

    static final class Ccmp extends Compare {
        Ccmp(int sf, int m, long imm, int cond, int n, int nzcv) {
            super(sf, m, imm, cond, n, nzcv);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long operand1 = c.x[n] << w;
            long operand2 = c.x[m] + imm << w;
            c.nzcv = holds(c) ? SharedPseudocode.nzcvOfSub(operand1, operand2, operand1 - operand2) : otherwise;
        }
    }
}
