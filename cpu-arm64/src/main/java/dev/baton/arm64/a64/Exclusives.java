package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.mmu.Mmu;

/**
 * Load/store exclusive register and pair. The local monitor marks the address range of the load; it is open again after any
 * store-exclusive, CLREX, an exception return, and the end of the CPU's slice.
 */
public final class Exclusives {
    private Exclusives() { }

    /** {@code STXR{B|H} <Ws>, <Xt>, [<Xn|SP>]} and STLXR (o0 = 1). */
    public static Insn stxr(int size, int s, int o0, int n, int t) {
        return new Stxr(size, s, n, t);
    }

    /** {@code LDXR{B|H} <Xt>, [<Xn|SP>]} and LDAXR (o0 = 1). */
    public static Insn ldxr(int size, int o0, int n, int t) {
        return new Ldxr(size, n, t);
    }

    /** {@code STXP <Ws>, <Xt1>, <Xt2>, [<Xn|SP>]} and STLXP (o0 = 1). */
    public static Insn stxp(int sz, int s, int o0, int t2, int n, int t) {
        return new Stxp(sz, s, t2, n, t);
    }

    /** {@code LDXP <Xt1>, <Xt2>, [<Xn|SP>]} and LDAXP (o0 = 1). */
    public static Insn ldxp(int sz, int o0, int t2, int n, int t) {
        return new Ldxp(sz, t2, n, t);
    }

    static final class Ldxr extends LoadStoreImmediate.Access {
        private final int bytes;

        Ldxr(int size, int n, int t) {
            super(0, n, Operands.destination(t));
            bytes = 1 << size;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long address = address(c);
            c.x[t] = c.memory.loadAligned(address, bytes, this);
            c.memory.setExclusive(address, bytes);
        }
    }

    static final class Ldxp extends LoadStoreImmediate.Access {
        private final int t2;
        private final int bytes;

        Ldxp(int sz, int t2, int n, int t) {
            super(0, n, Operands.destination(t));
            this.t2 = Operands.destination(t2);
            bytes = 4 << sz;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long address = address(c);
            c.memory.checkAlignment(address, 2 * bytes, Mmu.READ, this);
            long data1 = c.memory.loadAligned(address, bytes, this);
            long data2 = c.memory.loadAligned(address + bytes, bytes, this);
            c.x[t] = data1;
            c.x[t2] = data2;
            c.memory.setExclusive(address, 2 * bytes);
        }
    }

    static final class Stxr extends LoadStoreImmediate.Access {
        private final int bytes;
        private final int s;

        Stxr(int size, int s, int n, int t) {
            super(0, n, Operands.source(t));
            this.s = Operands.destination(s);
            bytes = 1 << size;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long address = address(c);
            boolean pass = c.memory.exclusiveMatches(address, bytes, this);
            if (pass) {
                c.memory.storeAligned(address, bytes, c.x[t], this);
            }
            c.clearExclusive();
            c.x[s] = pass ? 0 : 1;
        }
    }

    static final class Stxp extends LoadStoreImmediate.Access {
        private final int t2;
        private final int bytes;
        private final int s;

        Stxp(int sz, int s, int t2, int n, int t) {
            super(0, n, Operands.source(t));
            this.s = Operands.destination(s);
            this.t2 = Operands.source(t2);
            bytes = 4 << sz;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long address = address(c);
            boolean pass = c.memory.exclusiveMatches(address, 2 * bytes, this);
            if (pass) {
                c.memory.storeAligned(address, bytes, c.x[t], this);
                c.memory.storeAligned(address + bytes, bytes, c.x[t2], this);
            }
            c.clearExclusive();
            c.x[s] = pass ? 0 : 1;
        }
    }
}
