package dev.baton.arm64.a64;

import static dev.baton.arm64.Arm64Cpu.SP;
import static dev.baton.arm64.Arm64Cpu.ZR_READ;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.Block;
import dev.baton.arm64.engine.CodeCache;
import dev.baton.arm64.engine.Jump;
import dev.baton.arm64.engine.SystemInsn;

/** Unconditional branch (register) to an authenticated pointer; the keys are IA and IB. */
public final class PacBranches {
    private static final int LR = 30;

    private PacBranches() { }

    /** {@code BRAA <Xn>, <Xm|SP>}, BRAB. */
    public static Insn br(int b, int n, int m) {
        return new Br(b, Operands.source(n), m, Branches.typeOfBr(n));
    }

    /** {@code BRAAZ <Xn>}, BRABZ. */
    public static Insn br(int b, int n) {
        return new Br(b, Operands.source(n), ZR_READ, Branches.typeOfBr(n));
    }

    /** {@code BLRAA <Xn>, <Xm|SP>}, BLRAB. */
    public static Insn blr(long pc, int b, int n, int m) {
        return new Blr(b, Operands.source(n), m, pc + 4);
    }

    /** {@code BLRAAZ <Xn>}, BLRABZ. */
    public static Insn blr(long pc, int b, int n) {
        return new Blr(b, Operands.source(n), ZR_READ, pc + 4);
    }

    /** {@code RETAA}, RETAB. */
    public static Insn ret(int b) {
        return new Ret(b);
    }

    /** {@code ERETAA}, ERETAB. */
    public static Insn eret(int b) {
        return new Eret(b);
    }

    static final class Br extends Jump {
        private final int key;
        private final int n;
        private final int m;
        private final int type;

        Br(int key, int n, int m, int type) {
            this.key = key;
            this.n = n;
            this.m = m;
            this.type = type;
        }

        @Override
        public Block next(Arm64Cpu c) {
            c.at = at;
            return c.engine.code.jumpTo(c.pauth.authenticate(key, c.x[n], c.x[m]), type);
        }
    }

    static final class Ret extends Jump {
        private final int key;

        Ret(int key) {
            this.key = key;
        }

        @Override
        public Block next(Arm64Cpu c) {
            c.at = at;
            return c.engine.code.jumpTo(c.pauth.authenticate(key, c.x[LR], c.x[SP]));
        }
    }

    static final class Blr extends Jump {
        private final int key;
        private final int n;
        private final int m;
        private final long returnAddress;

        Blr(int key, int n, int m, long returnAddress) {
            this.key = key;
            this.n = n;
            this.m = m;
            this.returnAddress = returnAddress;
        }

        @Override
        public Block next(Arm64Cpu c) {
            c.at = at;
            long target = c.pauth.authenticate(key, c.x[n], c.x[m]);
            c.x[LR] = returnAddress;
            return c.engine.code.jumpTo(target, CodeCache.BLR);
        }
    }

    static final class Eret extends SystemInsn {
        private final int key;

        Eret(int key) {
            this.key = key;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.exceptions.eretTo(c.pauth.authenticate(key, c.exceptions.returnAddress(), c.x[SP]));
        }
    }
}
