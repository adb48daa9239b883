package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Load/store register (unprivileged): as if executed at EL0, unless PSTATE.UAO or a level other than EL1 (EL2 with E2H and TGE). */
public final class LoadStoreUnprivileged {
    private LoadStoreUnprivileged() { }

    /** {@code STTR{B|H} <Xt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn sttr(int size, int imm9, int n, int t) {
        return new Sttr(1 << size, imm9, n, t);
    }

    /** {@code LDTR{B|H} <Xt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldtr(int size, int imm9, int n, int t) {
        return new Ldtr(1 << size, 0, -1L, imm9, n, t);
    }

    /** {@code LDTRSW <Xt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldtrsw(int imm9, int n, int t) {
        return new Ldtr(4, 32, -1L, imm9, n, t);
    }

    /** {@code LDTRS{B|H} <Xt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldtrsX(int h, int imm9, int n, int t) {
        return new Ldtr(1 << h, 56 - 8 * h, -1L, imm9, n, t);
    }

    /** {@code LDTRS{B|H} <Wt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldtrsW(int h, int imm9, int n, int t) {
        return new Ldtr(1 << h, 56 - 8 * h, 0xffff_ffffL, imm9, n, t);
    }

    abstract static class Access extends LoadStoreImmediate.Access {
        final int size;

        Access(int size, int imm9, int n, int t) {
            super(Operands.signExtend(imm9, 9), n, t);
            this.size = size;
        }
    }

    static final class Sttr extends Access {
        Sttr(int size, int imm9, int n, int t) {
            super(size, imm9, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.memory.storeUnprivileged(address(c), size, c.x[t], this);
        }
    }

    static final class Ldtr extends Access {
        private final int up;
        private final long mask;

        /** @param up shift that, undone arithmetically, sign-extends; 0 for unsigned loads */
        Ldtr(int size, int up, long mask, int imm9, int n, int t) {
            super(size, imm9, n, Operands.destination(t));
            this.up = up;
            this.mask = mask;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.memory.loadUnprivileged(address(c), size, this) << up >> up & mask;
        }
    }
}
