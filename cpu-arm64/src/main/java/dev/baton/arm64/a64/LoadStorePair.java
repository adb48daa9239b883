package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.core.mem.Host;
import dev.baton.core.mem.SoftTlb;

/**
 * Load/store register pair, all modes, and no-allocate pair (the hint is ignored). One probe serves both registers where they
 * lie in one page. Nothing is written back, and no register loaded, before both accesses succeeded.
 */
public final class LoadStorePair {
    private LoadStorePair() { }

    private static long imm(int imm7, int size) {
        return Operands.signExtend(imm7, 7) * size;
    }

    /** {@code STP <Xt1>, <Xt2>, [<Xn|SP>{, #<imm>}]} and STNP. */
    public static Insn stp(int x, int imm7, int t2, int n, int t) {
        long offset = imm(imm7, 4 << x);
        return x != 0 ? new StpX(offset, t2, n, t) : new StpW(offset, 0, t2, n, t);
    }

    /** {@code LDP <Xt1>, <Xt2>, [<Xn|SP>{, #<imm>}]} and LDNP. */
    public static Insn ldp(int x, int imm7, int t2, int n, int t) {
        long offset = imm(imm7, 4 << x);
        return x != 0 ? new LdpX(offset, t2, n, t) : new LdpW(offset, 0, false, t2, n, t);
    }

    /** {@code LDPSW <Xt1>, <Xt2>, [<Xn|SP>{, #<imm>}]}. */
    public static Insn ldpsw(int imm7, int t2, int n, int t) {
        return new LdpW(imm(imm7, 4), 0, true, t2, n, t);
    }

    /** {@code STP <Xt1>, <Xt2>, [<Xn|SP>], #<imm>}. */
    public static Insn stpPost(int x, int imm7, int t2, int n, int t) {
        long step = imm(imm7, 4 << x);
        return x != 0 ? new StpXIndexed(0, step, t2, n, t) : new StpW(0, step, t2, n, t);
    }

    /** {@code LDP <Xt1>, <Xt2>, [<Xn|SP>], #<imm>}. */
    public static Insn ldpPost(int x, int imm7, int t2, int n, int t) {
        long step = imm(imm7, 4 << x);
        return x != 0 ? new LdpXIndexed(0, step, t2, n, t) : new LdpW(0, step, false, t2, n, t);
    }

    /** {@code LDPSW <Xt1>, <Xt2>, [<Xn|SP>], #<imm>}. */
    public static Insn ldpswPost(int imm7, int t2, int n, int t) {
        return new LdpW(0, imm(imm7, 4), true, t2, n, t);
    }

    /** {@code STP <Xt1>, <Xt2>, [<Xn|SP>, #<imm>]!}. */
    public static Insn stpPre(int x, int imm7, int t2, int n, int t) {
        long step = imm(imm7, 4 << x);
        return x != 0 ? new StpXIndexed(step, step, t2, n, t) : new StpW(step, step, t2, n, t);
    }

    /** {@code LDP <Xt1>, <Xt2>, [<Xn|SP>, #<imm>]!}. */
    public static Insn ldpPre(int x, int imm7, int t2, int n, int t) {
        long step = imm(imm7, 4 << x);
        return x != 0 ? new LdpXIndexed(step, step, t2, n, t) : new LdpW(step, step, false, t2, n, t);
    }

    /** {@code LDPSW <Xt1>, <Xt2>, [<Xn|SP>, #<imm>]!}. */
    public static Insn ldpswPre(int imm7, int t2, int n, int t) {
        long step = imm(imm7, 4);
        return new LdpW(step, step, true, t2, n, t);
    }

    abstract static class Pair extends Insn {
        final int t;
        final int t2;
        final int n;
        final long offset;
        final int spMask;

        Pair(long offset, int t2, int n, int t) {
            this.t = t;
            this.t2 = t2;
            this.n = n;
            this.offset = offset;
            spMask = n == Arm64Cpu.SP ? 15 : 0;
        }

        final long base(Arm64Cpu c) {
            long base = c.x[n];
            if ((base & spMask) != 0) {
                c.memory.checkSpAlignment(this);
            }
            return base;
        }

        final void store(Arm64Cpu c, long va) {
            long e = SoftTlb.entry(c.tlb, va);
            if (Host.getLong(e + 16) == (va + 8 & -4089L)) {
                long host = va + Host.getLong(e + 24);
                Host.putLong(host, c.x[t]);
                Host.putLong(host + 8, c.x[t2]);
            } else {
                c.store64(va, c.x[t], this);
                c.store64(va + 8, c.x[t2], this);
            }
        }
    }

    static final class StpX extends Pair {
        StpX(long offset, int t2, int n, int t) {
            super(offset, Operands.source(t2), n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            store(c, base(c) + offset);
        }
    }

    static final class StpXIndexed extends Pair {
        final long step;

        StpXIndexed(long offset, long step, int t2, int n, int t) {
            super(offset, Operands.source(t2), n, Operands.source(t));
            this.step = step;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            store(c, base + offset);
            c.x[n] = base + step;
        }
    }

    static final class LdpX extends Pair {
        LdpX(long offset, int t2, int n, int t) {
            super(offset, Operands.destination(t2), n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long va = base(c) + offset;
            long e = SoftTlb.entry(c.tlb, va);
            if (Host.getLong(e) == (va + 8 & -4089L)) {
                long host = va + Host.getLong(e + 8);
                c.x[t] = Host.getLong(host);
                c.x[t2] = Host.getLong(host + 8);
            } else {
                long data1 = c.load64(va, this);
                long data2 = c.load64(va + 8, this);
                c.x[t] = data1;
                c.x[t2] = data2;
            }
        }
    }

    static final class LdpXIndexed extends Pair {
        final long step;

        LdpXIndexed(long offset, long step, int t2, int n, int t) {
            super(offset, Operands.destination(t2), n, Operands.destination(t));
            this.step = step;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long va = base + offset;
            long e = SoftTlb.entry(c.tlb, va);
            if (Host.getLong(e) == (va + 8 & -4089L)) {
                long host = va + Host.getLong(e + 8);
                c.x[n] = base + step;
                c.x[t] = Host.getLong(host);
                c.x[t2] = Host.getLong(host + 8);
            } else {
                long data1 = c.load64(va, this);
                long data2 = c.load64(va + 8, this);
                c.x[n] = base + step;
                c.x[t] = data1;
                c.x[t2] = data2;
            }
        }
    }

    /** Word pairs with or without write-back. */
    static final class StpW extends Pair {
        private final long step;

        StpW(long offset, long step, int t2, int n, int t) {
            super(offset, Operands.source(t2), n, Operands.source(t));
            this.step = step;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            c.store32(base + offset, c.x[t], this);
            c.store32(base + offset + 4, c.x[t2], this);
            if (step != 0) {
                c.x[n] = base + step;
            }
        }
    }

    /** Word pairs, zero- or sign-extended, with or without write-back. */
    static final class LdpW extends Pair {
        private final long step;
        private final int up;

        LdpW(long offset, long step, boolean signed, int t2, int n, int t) {
            super(offset, Operands.destination(t2), n, Operands.destination(t));
            this.step = step;
            up = signed ? 32 : 0;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long data1 = c.load32(base + offset, this);
            long data2 = c.load32(base + offset + 4, this);
            if (step != 0) {
                c.x[n] = base + step;
            }
            c.x[t] = data1 << up >> up;
            c.x[t2] = data2 << up >> up;
        }
    }
}
