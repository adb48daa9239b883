package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.Block;
import dev.baton.arm64.engine.DirectJump;

/** Test and branch (immediate). */
public final class TestBranch {
    private TestBranch() { }

    private static long target(long pc, int imm14) {
        return pc + (Operands.signExtend(imm14, 14) << 2);
    }

    /** {@code TBZ <R><t>, #<imm>, <label>}. */
    public static Insn tbz(long pc, int b5, int b40, int imm14, int t) {
        return new Tbz(pc, target(pc, imm14), b5 << 5 | b40, t);
    }

    /** {@code TBNZ <R><t>, #<imm>, <label>}. */
    public static Insn tbnz(long pc, int b5, int b40, int imm14, int t) {
        return new Tbnz(pc, target(pc, imm14), b5 << 5 | b40, t);
    }

    static final class Tbz extends DirectJump {
        private final int t;
        private final int bitPosition;

        Tbz(long pc, long target, int bitPosition, int t) {
            super(pc, target);
            this.t = Operands.source(t);
            this.bitPosition = bitPosition;
        }

        @Override
        public Block next(Arm64Cpu c) {
            return (c.x[t] >>> bitPosition & 1) == 0 ? taken(c) : fallThrough(c);
        }
    }

    static final class Tbnz extends DirectJump {
        private final int t;
        private final int bitPosition;

        Tbnz(long pc, long target, int bitPosition, int t) {
            super(pc, target);
            this.t = Operands.source(t);
            this.bitPosition = bitPosition;
        }

        @Override
        public Block next(Arm64Cpu c) {
            return (c.x[t] >>> bitPosition & 1) != 0 ? taken(c) : fallThrough(c);
        }
    }
}
