package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.core.mem.Host;

/** Stores the same registers over and over: {@code stp xzr, xzr} and memset loops. */
final class BulkFill extends BulkLoop {
    private final int to;
    private final long step;
    private final long offset;

    private BulkFill(LoopShape shape, int to, long step) {
        super(shape);
        this.to = to;
        this.step = step;
        offset = Tiles.lowest(shape.stores);
    }

    static Insn of(LoopShape shape) {
        int to = shape.stores.getFirst().base();
        long step = shape.step[to];
        boolean same = shape.stores.stream().allMatch(s -> shape.isInvariant(s.t()));
        return same && step > 0 && Tiles.cover(shape.stores, to, step) ? new BulkFill(shape, to, step) : null;
    }

    @Override
    boolean anyIteration() {
        return true;
    }

    @Override
    long bulk(Arm64Cpu c, long n) {
        long target = c.x[to] + offset;
        int size = shape.stores.getFirst().size();
        long m = Math.min(n, inPage(target, step, step));
        long host = m <= 0 || (target & size - 1) != 0 ? 0 : c.memory.bulkTarget(target, m * step, shape.stores.getFirst().index());
        if (host == 0) {
            return 0;
        }
        if (allZero(c)) {
            Host.fill(host, m * step, (byte) 0);
        } else {
            pattern(c, host, m);
        }
        return m;
    }

    private boolean allZero(Arm64Cpu c) {
        for (LoopShape.Access s : shape.stores) {
            if (c.x[s.t()] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Writes one iteration, then doubles it. */
    private void pattern(Arm64Cpu c, long host, long m) {
        for (LoopShape.Access s : shape.stores) {
            Host.put(host + s.offset() - offset, s.size(), c.x[s.t()]);
        }
        long all = m * step;
        for (long done = step; done < all; done *= 2) {
            Host.copy(host, host + done, Math.min(done, all - done));
        }
    }
}
