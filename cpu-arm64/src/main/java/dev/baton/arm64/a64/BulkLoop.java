package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/**
 * Iterations of a loop that {@link Idioms} recognised, done at once. No instruction of the guest: it stands before the loop's
 * branch, or in a {@link LoopJump}.
 */
abstract class BulkLoop extends Insn {
    private static final int PAGE = 4096;
    final LoopShape shape;

    BulkLoop(LoopShape shape) {
        this.shape = shape;
    }

    /** Does the memory accesses of at most {@code n} iterations, and what they load. @return how many */
    abstract long bulk(Arm64Cpu c, long n);

    /** True if it can do a loop's first iteration as well as any other. */
    boolean anyIteration() {
        return false;
    }

    @Override
    public void execute(Arm64Cpu c) {
        long n = Math.min(shape.further(c), c.engine.left() / shape.length - 1);
        long done = n < 2 ? 0 : iterate(c, n);
        c.engine.executedMore(done * shape.length);
    }

    /** Does at most {@code n} iterations and leaves registers and flags as they do. @return how many */
    final long iterate(Arm64Cpu c, long n) {
        long done = bulk(c, n);
        if (done > 0) {
            shape.step(c, done);
        }
        return done;
    }

    /** Iterations, {@code step} apart, that touch [first, first + span) and on, and stay in the page of {@code first}. */
    static long inPage(long first, long span, long step) {
        long room = PAGE - (first & PAGE - 1) - span;
        return room < 0 ? 0 : LoopShape.quotient(room, step) + 1;
    }
}
