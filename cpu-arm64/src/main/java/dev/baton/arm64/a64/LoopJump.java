package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.Block;
import dev.baton.arm64.engine.DirectJump;
import dev.baton.arm64.engine.Jump;

/**
 * A whole self-loop as the end of its block, which has nothing before it: all iterations of a page at once where that works, from
 * the first to the last, else one iteration by its instructions. So no instruction waits for a line that the copy brings,
 * and no entry of the software TLB is spent on a page that is touched once.
 */
final class LoopJump extends Jump {
    private final BulkLoop loop;
    private final Insn[] body;
    private final Jump branch;
    /** The {@link LoopShape#page} where it did not work: not tried again at each iteration. */
    private long refused = -1;

    LoopJump(BulkLoop loop, Insn[] body, Jump branch) {
        this.loop = loop;
        this.body = body;
        this.branch = branch;
        at = branch.at;
    }

    @Override
    public DirectJump linking() {
        return branch.linking();
    }

    @Override
    public Block next(Arm64Cpu c) {
        long n = Math.min(loop.shape.ahead(c) + 1, c.engine.left() / loop.shape.length);
        long page = loop.shape.page(c);
        if (n >= 2 && page != refused) {
            long done = loop.iterate(c, n);
            if (done > 0) {
                c.engine.executedMore((done - 1) * loop.shape.length);
                return branch.next(c);
            }
            refused = page;
        }
        for (Insn insn : body) {
            insn.execute(c);
        }
        return branch.next(c);
    }
}
