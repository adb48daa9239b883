package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;

/** Runs the {@link SystemInsn} that ends a block. */
final class SystemJump extends Jump {
    private final SystemInsn insn;

    SystemJump(SystemInsn insn) {
        this.insn = insn;
        at = insn.at;
    }

    @Override
    public Block next(Arm64Cpu c) {
        c.engine.executeSystem(insn);
        return null;
    }
}
