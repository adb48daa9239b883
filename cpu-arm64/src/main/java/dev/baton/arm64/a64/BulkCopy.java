package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.core.mem.Host;

import java.util.HashMap;
import java.util.Map;

/** Copies from one base to another by registers: arm64 copy_page, with or without loading ahead, and memcpy cores. */
final class BulkCopy extends BulkLoop {
    private final int from;
    private final int to;
    private final long step;
    /** First byte stored by an iteration, relative to its base, and where that byte was loaded, relative to its base. */
    private final long toOffset;
    private final long fromOffset;
    /** Range that an iteration loads, relative to its base. */
    private final long loadOffset;
    private final long loadSpan;

    private BulkCopy(LoopShape shape, int from, int to, long step, long toOffset, long fromOffset) {
        super(shape);
        this.from = from;
        this.to = to;
        this.step = step;
        this.toOffset = toOffset;
        this.fromOffset = fromOffset;
        loadOffset = shape.loads.stream().mapToLong(LoopShape.Access::offset).min().orElseThrow();
        loadSpan = shape.loads.stream().mapToLong(a -> a.offset() + a.size()).max().orElseThrow() - loadOffset;
    }

    /** @return null unless every store writes what one load read, all at the same distance, leaving no gap */
    static Insn of(LoopShape shape) {
        int from = shape.loads.getFirst().base();
        int to = shape.stores.getFirst().base();
        long step = shape.step[to];
        if (from == to || step <= 0 || shape.step[from] != step || !Tiles.cover(shape.stores, to, step)) {
            return null;
        }
        Map<Integer, LoopShape.Access> loadOf = new HashMap<>();
        for (LoopShape.Access l : shape.loads) {
            loadOf.put(l.t(), l);
            if (l.base() != from) {
                return null;
            }
        }
        LoopShape.Access first = shape.stores.getFirst();
        Long distance = distance(first, loadOf.get(first.t()), step);
        for (LoopShape.Access s : shape.stores) {
            if (distance == null || !distance.equals(distance(s, loadOf.get(s.t()), step))) {
                return null;
            }
        }
        long lowest = Tiles.lowest(shape.stores);
        return new BulkCopy(shape, from, to, step, lowest, lowest - distance);
    }

    /** Store offset minus load offset; a register stored before it is loaded holds what the iteration before loaded. */
    private static Long distance(LoopShape.Access store, LoopShape.Access load, long step) {
        if (load == null || load.size() != store.size()) {
            return null;
        }
        boolean loadedAhead = load.index() > store.index();
        return store.offset() - (loadedAhead ? load.offset() - step : load.offset());
    }

    /** True if every store writes what its own iteration loaded: nothing is known only from the iteration before. */
    @Override
    boolean anyIteration() {
        return fromOffset == loadOffset;
    }

    @Override
    long bulk(Arm64Cpu c, long n) {
        long source = c.x[from] + fromOffset;
        long target = c.x[to] + toOffset;
        long loads = c.x[from] + loadOffset;
        long m = Math.min(n, Math.min(inPage(target, step, step), Math.min(inPage(source, step, step), inPage(loads, loadSpan, step))));
        if (m <= 0 || ((source | target) & shape.stores.getFirst().size() - 1) != 0 || (source ^ loads) >>> 12 != 0) {
            return 0;
        }
        long bytes = m * step;
        long hostSource = c.memory.bulkSource(source, shape.loads.getFirst().index());
        long hostTarget = hostSource == 0 ? 0 : c.memory.bulkTarget(target, bytes, shape.stores.getFirst().index());
        if (hostTarget == 0 || Math.abs(hostTarget - hostSource) < bytes + loadSpan + step) {
            return 0;
        }
        Host.copy(hostSource, hostTarget, bytes);
        long base = c.x[from] + (m - 1) * step + hostSource - source;
        for (LoopShape.Access l : shape.loads) {
            c.x[l.t()] = Host.get(base + l.offset(), l.size());
        }
        return m;
    }
}
