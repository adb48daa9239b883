package dev.baton.arm64.a64;

import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.Jump;
import dev.baton.core.mem.Maintenance;

/**
 * Loops that copy, fill or maintain memory. One is recognised by what its decoded instructions do, not by its bytes; then an
 * instruction of our own stands before its branch back: after an ordinary iteration it does the following ones at once, up to the end
 * of the page, of the budget or of the loop. Every place where that can stop is a state that the plain loop passes through
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

    /** What to put before the first instruction of a loop that ends with {@code idiom}, or null. */
    public static Insn front(Insn idiom) {
        return idiom instanceof BulkCopy copy ? copy.front() : null;
    }

    /** Has no effect but to be counted. */
    public static boolean doesNothing(Insn insn) {
        return insn instanceof Hints.Nop;
    }

    private static Insn maintenance(LoopShape shape) {
        SystemInstructions.Sys op = shape.maintenance;
        return switch (op.op1 << 8 | op.crm << 4 | op.op2) {
            case 0x061 -> new BulkMaintenance(shape, Maintenance.INVALIDATE);
            case 0x3a1 -> new BulkMaintenance(shape, Maintenance.CLEAN);
            case 0x3e1 -> new BulkMaintenance(shape, Maintenance.CLEAN_INVALIDATE);
            case 0x3b1 -> new BulkMaintenance(shape, null);
            case 0x351 -> new BulkInvalidateInstructions(shape);
            case 0x341 -> new BulkZero(shape);
            default -> null;
        };
    }
}
