package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.Block;
import dev.baton.arm64.engine.DirectJump;

/** Conditional branch (immediate). */
public final class ConditionalBranch {
    private ConditionalBranch() { }

    /** {@code B.<cond> <label>}. */
    public static Insn b(long pc, int imm19, int cond) {
        return new Bcond(pc, pc + (Operands.signExtend(imm19, 19) << 2), cond);
    }

    static final class Bcond extends DirectJump {
        final int table;
        final int cond;

        Bcond(long pc, long target, int cond) {
            super(pc, target);
            this.cond = cond;
            table = Operands.conditionTable(cond);
        }

        @Override
        public Block next(Arm64Cpu c) {
            return (table >>> (c.nzcv >>> 28) & 1) != 0 ? taken(c) : fallThrough(c);
        }
    }
}
