package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/**
 * Load/store ordered, and load-acquire RCpc: aligned accesses (no model has FEAT_LSE2); acquire and release order nothing further
 * under the machine's schedule.
 */
public final class LoadStoreOrdered {
    private LoadStoreOrdered() { }

    /** {@code STLLR{B|H} <Xt>, [<Xn|SP>]}: there are no LORegions, so all accesses are inside none and this is STLR. */
    public static Insn stllr(int size, int n, int t) {
        return new Stlr(size, 0, n, t);
    }

    /** {@code STLR{B|H} <Xt>, [<Xn|SP>]}. */
    public static Insn stlr(int size, int n, int t) {
        return new Stlr(size, 0, n, t);
    }

    /** {@code LDLAR{B|H} <Xt>, [<Xn|SP>]}: as LDAR, see {@link #stllr}. */
    public static Insn ldlar(int size, int n, int t) {
        return new Ldar(size, 0, -1L, 0, n, t);
    }

    /** {@code LDAR{B|H} <Xt>, [<Xn|SP>]}. */
    public static Insn ldar(int size, int n, int t) {
        return new Ldar(size, 0, -1L, 0, n, t);
    }

    /** {@code LDAPR{B|H} <Xt>, [<Xn|SP>]}. */
    public static Insn ldapr(int size, int n, int t) {
        return new Ldar(size, 0, -1L, 0, n, t);
    }

    /** {@code STLUR{B|H} <Xt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn stlur(int size, int imm9, int n, int t) {
        return new Stlr(size, Operands.signExtend(imm9, 9), n, t);
    }

    /** {@code LDAPUR{B|H} <Xt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldapur(int size, int imm9, int n, int t) {
        return new Ldar(size, 0, -1L, Operands.signExtend(imm9, 9), n, t);
    }

    /** {@code LDAPURSW <Xt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldapursw(int imm9, int n, int t) {
        return new Ldar(2, 32, -1L, Operands.signExtend(imm9, 9), n, t);
    }

    /** {@code LDAPURS{B|H} <Xt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldapursX(int h, int imm9, int n, int t) {
        return new Ldar(h, 56 - 8 * h, -1L, Operands.signExtend(imm9, 9), n, t);
    }

    /** {@code LDAPURS{B|H} <Wt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldapursW(int h, int imm9, int n, int t) {
        return new Ldar(h, 56 - 8 * h, 0xffff_ffffL, Operands.signExtend(imm9, 9), n, t);
    }

    static final class Stlr extends LoadStoreImmediate.Access {
        private final int bytes;

        Stlr(int size, long offset, int n, int t) {
            super(offset, n, Operands.source(t));
            bytes = 1 << size;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.memory.storeAligned(address(c), bytes, c.x[t], this);
        }
    }

    static final class Ldar extends LoadStoreImmediate.Access {
        private final int bytes;
        private final int up;
        private final long mask;

        /** @param up shift that, undone arithmetically, sign-extends; 0 for unsigned loads */
        Ldar(int size, int up, long mask, long offset, int n, int t) {
            super(offset, n, Operands.destination(t));
            bytes = 1 << size;
            this.up = up;
            this.mask = mask;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.memory.loadAligned(address(c), bytes, this) << up >> up & mask;
        }
    }
}
