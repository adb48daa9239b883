package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.Block;
import dev.baton.arm64.engine.DirectJump;

/** Compare and branch (immediate). */
public final class CompareBranch {
    private CompareBranch() { }

    private static long target(long pc, int imm19) {
        return pc + (Operands.signExtend(imm19, 19) << 2);
    }

    /** {@code CBZ <Xt>, <label>}. */
    public static Insn cbz(long pc, int sf, int imm19, int t) {
        return new Cbz(pc, target(pc, imm19), sf, t);
    }

    /** {@code CBNZ <Xt>, <label>}. */
    public static Insn cbnz(long pc, int sf, int imm19, int t) {
        return new Cbnz(pc, target(pc, imm19), sf, t);
    }

    static final class Cbz extends DirectJump {
        final int t;
        final long mask;

        Cbz(long pc, long target, int sf, int t) {
            super(pc, target);
            this.t = Operands.source(t);
            mask = Operands.mask(sf);
        }

        @Override
        public Block next(Arm64Cpu c) {
            return (c.x[t] & mask) == 0 ? taken(c) : fallThrough(c);
        }
    }

    static final class Cbnz extends DirectJump {
        final int t;
        final long mask;

        Cbnz(long pc, long target, int sf, int t) {
            super(pc, target);
            this.t = Operands.source(t);
            mask = Operands.mask(sf);
        }

        @Override
        public Block next(Arm64Cpu c) {
            return (c.x[t] & mask) != 0 ? taken(c) : fallThrough(c);
        }
    }
}
