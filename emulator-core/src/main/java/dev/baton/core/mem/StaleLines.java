package dev.baton.core.mem;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Lines that may be in a cache and that a store past the caches went by, by their physical address. */
final class StaleLines {
    private final Map<Long, Line> lines = new HashMap<>();

    private static final class Line {
        /** What M held before the first such store. */
        private final byte[] before;
        /** Bytes, by bit, of which M holds the newest: stored past the caches, and not stored through them since. */
        private long newerInMemory;

        private Line(byte[] before, long newerInMemory) {
            this.before = before;
            this.newerInMemory = newerInMemory;
        }
    }

    private static long bits(long pa, long bytes) {
        return -1L >>> Ram.LINE - bytes << (pa & Ram.LINE - 1);
    }

    private static long lineOf(long pa) {
        return pa & -Ram.LINE;
    }

    boolean contains(long pa) {
        return lines.containsKey(lineOf(pa));
    }

    /** @param before the 64 bytes of M */
    void add(long pa, byte[] before) {
        lines.put(lineOf(pa), new Line(before, 0));
    }

    /** @return false if it was none */
    boolean remove(long pa) {
        return lines.remove(lineOf(pa)) != null;
    }

    void clear() {
        lines.clear();
    }

    /** A store past the caches. */
    void storedInMemory(long pa, long bytes) {
        Line l = lines.get(lineOf(pa));
        if (l != null) {
            l.newerInMemory |= bits(pa, bytes);
        }
    }

    /** A store through the caches. */
    void storedInCache(long pa, long bytes) {
        Line l = lines.get(lineOf(pa));
        if (l != null) {
            l.newerInMemory &= ~bits(pa, bytes);
        }
    }

    /** Of these bytes, within a line, M holds a newer one than C, whatever their values. */
    boolean newerInMemory(long pa, long bytes) {
        Line l = lines.get(lineOf(pa));
        return l != null && (l.newerInMemory & bits(pa, bytes)) != 0;
    }

    /**
     * Who takes these bytes from C, or writes them back, loses a store: one of which M holds the newest has another value there.
     *
     * @param differing the bytes of the line, by bit, in which C and M differ
     */
    boolean storeLost(long pa, long bytes, long differing) {
        Line l = lines.get(lineOf(pa));
        return l != null && (l.newerInMemory & bits(pa, bytes) & differing) != 0;
    }

    /** C holds what M held before: the line was clean, and a write-back of it writes nothing. */
    boolean unchanged(long pa, byte[] cached) {
        Line l = lines.get(lineOf(pa));
        return l != null && Arrays.equals(l.before, cached);
    }

    void save(StateWriter out) {
        out.u32(lines.size());
        lines.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(e ->
                out.u64(e.getKey()).bytes(e.getValue().before).u64(e.getValue().newerInMemory));
    }

    void load(StateReader in, java.util.function.LongConsumer each) {
        for (int n = in.u32(); n > 0; n--) {
            long line = in.u64();
            lines.put(line, new Line(in.bytes(), in.u64()));
            each.accept(line);
        }
    }
}
