package dev.baton.arm64.a64;

import dev.baton.arm64.Insn;

/** Operand lists that many instructions share. Names as in the manual: d, n, m, a, t are register numbers, resolved. */
final class Shapes {
    private Shapes() { }

    /** Destination, source, immediate. */
    abstract static class DNImm extends Insn {
        final int d;
        final int n;
        final long imm;
        final long mask;
        final int w;

        DNImm(int sf, int d, int n, long imm) {
            this.d = d;
            this.n = n;
            this.imm = imm;
            mask = Operands.mask(sf);
            w = Operands.up(sf);
        }
    }

    /** Destination, source. */
    abstract static class DN extends Insn {
        final int d;
        final int n;

        DN(int n, int d) {
            this.d = Operands.destination(d);
            this.n = Operands.source(n);
        }
    }

    /** Destination, two sources. */
    abstract static class DNM extends Insn {
        final int d;
        final int n;
        final int m;
        final long mask;
        final int w;

        DNM(int sf, int m, int n, int d) {
            this.d = Operands.destination(d);
            this.n = Operands.source(n);
            this.m = Operands.source(m);
            mask = Operands.mask(sf);
            w = Operands.up(sf);
        }
    }

    /** Destination, two sources, the second shifted. */
    abstract static class DNMShift extends DNM {
        final int type;
        final int amount;

        DNMShift(int sf, int type, int m, int amount, int n, int d) {
            super(sf, m, n, d);
            this.type = type;
            this.amount = amount;
        }
    }

    /** Destination, three sources. */
    abstract static class DNMA extends Insn {
        final int d;
        final int n;
        final int m;
        final int a;
        final long mask;

        DNMA(int sf, int m, int a, int n, int d) {
            this.d = Operands.destination(d);
            this.n = Operands.source(n);
            this.m = Operands.source(m);
            this.a = Operands.source(a);
            mask = Operands.mask(sf);
        }
    }
}
