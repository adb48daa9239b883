package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.Block;
import dev.baton.arm64.engine.CodeCache;
import dev.baton.arm64.engine.DirectJump;
import dev.baton.arm64.engine.Jump;
import dev.baton.arm64.engine.SystemInsn;

/** Unconditional branches, immediate and register. */
public final class Branches {
    private Branches() { }

    private static long target(long pc, int imm26) {
        return pc + (Operands.signExtend(imm26, 26) << 2);
    }

    /** {@code B <label>}. */
    public static Insn b(long pc, int imm26) {
        return new B(pc, target(pc, imm26));
    }

    /** {@code BL <label>}. */
    public static Insn bl(long pc, int imm26) {
        return new Bl(pc, target(pc, imm26));
    }

    /** {@code BR <Xn>}. */
    public static Insn br(int n) {
        return new Br(Operands.source(n), typeOfBr(n));
    }

    /** PSTATE.BTYPE after a BR through Xn from a guarded page. */
    static int typeOfBr(int n) {
        return n == 16 || n == 17 ? CodeCache.BR_THROUGH : CodeCache.BR;
    }

    /** {@code BLR <Xn>}. */
    public static Insn blr(long pc, int n) {
        return new Blr(Operands.source(n), pc + 4);
    }

    /** {@code RET {<Xn>}}. */
    public static Insn ret(int n) {
        return new Ret(Operands.source(n));
    }

    /** {@code ERET}. */
    public static Insn eret() {
        return new Eret();
    }

    static final class B extends DirectJump {
        B(long pc, long target) {
            super(pc, target);
        }

        @Override
        public Block next(Arm64Cpu c) {
            return taken(c);
        }
    }

    static final class Bl extends DirectJump {
        private final long returnAddress;

        Bl(long pc, long target) {
            super(pc, target);
            returnAddress = pc + 4;
        }

        @Override
        public Block next(Arm64Cpu c) {
            c.x[30] = returnAddress;
            return taken(c);
        }
    }

    static final class Br extends Jump {
        private final int n;
        private final int type;

        Br(int n, int type) {
            this.n = n;
            this.type = type;
        }

        @Override
        public Block next(Arm64Cpu c) {
            return c.engine.code.jumpTo(c.x[n], type);
        }
    }

    static final class Ret extends Jump {
        private final int n;

        Ret(int n) {
            this.n = n;
        }

        @Override
        public Block next(Arm64Cpu c) {
            return c.engine.code.jumpTo(c.x[n]);
        }
    }

    static final class Blr extends Jump {
        private final int n;
        private final long returnAddress;

        Blr(int n, long returnAddress) {
            this.n = n;
            this.returnAddress = returnAddress;
        }

        @Override
        public Block next(Arm64Cpu c) {
            long target = c.x[n];
            c.x[30] = returnAddress;
            return c.engine.code.jumpTo(target, CodeCache.BLR);
        }
    }

    static final class Eret extends SystemInsn {
        @Override
        public void execute(Arm64Cpu c) {
            c.exceptions.eret();
        }
    }
}
