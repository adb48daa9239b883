package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.core.mem.Host;
import dev.baton.core.mem.SoftTlb;

/** Stands before the branch of a loop that {@link Idioms} recognised. No instruction of the guest. */
abstract class BulkLoop extends Insn {
    private static final int PAGE = 4096;
    final LoopShape shape;

    BulkLoop(LoopShape shape) {
        this.shape = shape;
    }

    /** Does at most {@code n} further iterations, registers and flags apart. @return how many */
    abstract long bulk(Arm64Cpu c, long n);

    @Override
    public void execute(Arm64Cpu c) {
        iterate(c, shape.further(c));
    }

    /** Does up to {@code wanted} iterations, as far as the budget goes beyond the block that executes. */
    final void iterate(Arm64Cpu c, long wanted) {
        long n = Math.min(wanted, c.engine.left() / shape.length - 1);
        if (n < 2) {
            return;
        }
        long done = bulk(c, n);
        if (done > 0) {
            shape.step(c, done);
            c.engine.executedMore(done * shape.length);
        }
    }

    /** Iterations, {@code step} apart, that touch [first, first + span) and on, and stay in the page of {@code first}. */
    static long inPage(long first, long span, long step) {
        long room = PAGE - (first & PAGE - 1) - span;
        return room < 0 ? 0 : room / step + 1;
    }

    /** Host address behind {@code va} if loads may go straight there, else 0. */
    static long readable(Arm64Cpu c, long va) {
        long e = SoftTlb.entry(c.tlb, va);
        return Host.getLong(e) == (va & -PAGE) ? va + Host.getLong(e + 8) : 0;
    }

    /** Host address behind {@code va} if stores may go straight there, else 0. */
    static long writable(Arm64Cpu c, long va) {
        long e = SoftTlb.entry(c.tlb, va);
        return Host.getLong(e + 16) == (va & -PAGE) ? va + Host.getLong(e + 24) : 0;
    }
}
