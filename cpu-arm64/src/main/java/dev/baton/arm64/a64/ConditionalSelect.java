package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Conditional select. */
public final class ConditionalSelect {
    private ConditionalSelect() { }

    /** {@code CSEL <Xd>, <Xn>, <Xm>, <cond>}. */
    public static Insn csel(int sf, int m, int cond, int n, int d) {
        return new Csel(sf, m, cond, n, d);
    }

    /** {@code CSINC <Xd>, <Xn>, <Xm>, <cond>}. Aliases: CINC, CSET. */
    public static Insn csinc(int sf, int m, int cond, int n, int d) {
        return new Csinc(sf, m, cond, n, d);
    }

    /** {@code CSINV <Xd>, <Xn>, <Xm>, <cond>}. Aliases: CINV, CSETM. */
    public static Insn csinv(int sf, int m, int cond, int n, int d) {
        return new Csinv(sf, m, cond, n, d);
    }

    /** {@code CSNEG <Xd>, <Xn>, <Xm>, <cond>}. Alias: CNEG. */
    public static Insn csneg(int sf, int m, int cond, int n, int d) {
        return new Csneg(sf, m, cond, n, d);
    }

    abstract static class Select extends Shapes.DNM {
        final int table;

        Select(int sf, int m, int cond, int n, int d) {
            super(sf, m, n, d);
            table = Operands.conditionTable(cond);
        }

        final boolean holds(Arm64Cpu c) {
            return (table >>> (c.nzcv >>> 28) & 1) != 0;
        }
    }

    static final class Csel extends Select {
        Csel(int sf, int m, int cond, int n, int d) {
            super(sf, m, cond, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (holds(c) ? c.x[n] : c.x[m]) & mask;
        }
    }

    static final class Csinc extends Select {
        Csinc(int sf, int m, int cond, int n, int d) {
            super(sf, m, cond, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (holds(c) ? c.x[n] : c.x[m] + 1) & mask;
        }
    }

    static final class Csinv extends Select {
        Csinv(int sf, int m, int cond, int n, int d) {
            super(sf, m, cond, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (holds(c) ? c.x[n] : ~c.x[m]) & mask;
        }
    }

    static final class Csneg extends Select {
        Csneg(int sf, int m, int cond, int n, int d) {
            super(sf, m, cond, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (holds(c) ? c.x[n] : -c.x[m]) & mask;
        }
    }
}
