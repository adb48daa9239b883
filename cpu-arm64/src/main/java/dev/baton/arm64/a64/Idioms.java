package dev.baton.arm64.a64;

import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.Jump;
import dev.baton.core.mem.Maintenance;

/**
 * Loops that copy, fill or maintain memory. One is recognised by what its decoded instructions do, not by its bytes; then iterations are
 * done at once, up to the end of the page, of the budget or of the loop: from the first one on, or after an ordinary one by an
 * instruction of our own that stands before the branch back. Every place where that can stop is a state that the plain loop passes through
 * before its branch, with the same registers, flags, memory and instruction count.
 */
public final class Idioms {
    private Idioms() { }

    /** What to put before the branch of the self-loop {@code insns} at {@code pc}, or null if it is no idiom. */
    public static Insn of(Insn[] insns, Jump jump, long pc) {
        LoopShape shape = LoopShape.of(insns, jump, pc);
        if (shape == null) {
            return null;
        }
        if (shape.maintenance != null) {
            return shape.loads.isEmpty() && shape.stores.isEmpty() ? maintenance(shape) : null;
        }
        return shape.stores.isEmpty() ? null : shape.loads.isEmpty() ? BulkFill.of(shape) : BulkCopy.of(shape);
    }

    /** The loop with {@code body} and {@code branch} as one jump, or null if {@code idiom} cannot do a first iteration. */
    public static Jump whole(Insn idiom, Insn[] body, Jump branch) {
        return idiom instanceof BulkLoop loop && loop.anyIteration() ? new LoopJump(loop, body, branch) : null;
    }

    /** Has no effect but to be counted. */
    public static boolean doesNothing(Insn insn) {
        return insn instanceof Hints.Nop;
    }

    private static Insn maintenance(LoopShape shape) {
        SystemInstructions.Sys op = shape.maintenance;
        return switch (op.op1 << 8 | op.crm << 4 | op.op2) {
            case 0x061 -> new BulkMaintenance(shape, Maintenance.INVALIDATE);
            case 0x3a1, 0x3c1, 0x3d1 -> new BulkMaintenance(shape, Maintenance.CLEAN);
            case 0x3e1 -> new BulkMaintenance(shape, Maintenance.CLEAN_INVALIDATE);
            case 0x3b1 -> new BulkMaintenance(shape, null);
            case 0x351 -> new BulkInvalidateInstructions(shape);
            case 0x341 -> new BulkZero(shape);
            default -> null;
        };
    }
}
