package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Load/store ordered: aligned accesses; acquire and release order nothing further under the machine's schedule. */
public final class LoadStoreOrdered {
    private LoadStoreOrdered() { }

    /** {@code STLLR{B|H} <Xt>, [<Xn|SP>]}: LORegions are not implemented, so all accesses are inside none and this is STLR. */
    public static Insn stllr(int size, int n, int t) {
        return new Stlr(size, n, t);
    }

    /** {@code STLR{B|H} <Xt>, [<Xn|SP>]}. */
    public static Insn stlr(int size, int n, int t) {
        return new Stlr(size, n, t);
    }

    /** {@code LDLAR{B|H} <Xt>, [<Xn|SP>]}: as LDAR, see {@link #stllr}. */
    public static Insn ldlar(int size, int n, int t) {
        return new Ldar(size, n, t);
    }

    /** {@code LDAR{B|H} <Xt>, [<Xn|SP>]}. */
    public static Insn ldar(int size, int n, int t) {
        return new Ldar(size, n, t);
    }

    static final class Stlr extends LoadStoreImmediate.Access {
        private final int bytes;

        Stlr(int size, int n, int t) {
            super(0, n, Operands.source(t));
            bytes = 1 << size;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.memory.storeAligned(address(c), bytes, c.x[t], this);
        }
    }

    static final class Ldar extends LoadStoreImmediate.Access {
        private final int bytes;

        Ldar(int size, int n, int t) {
            super(0, n, Operands.destination(t));
            bytes = 1 << size;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.memory.loadAligned(address(c), bytes, this);
        }
    }
}
