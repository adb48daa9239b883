package dev.baton.core.finding;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.Accessor;
import dev.baton.core.mem.ForwardingChecks;
import dev.baton.core.mem.Maintenance;
import dev.baton.core.mem.MemoryChecks;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Finds who stored the newer value behind a cache finding. The fast path records nothing; a run is deterministic, so the
 * same machine is run again to the same finding with a watch on the line, and the last store to the bytes that differ is
 * attached as {@code writer}, {@code written at} and {@code missing}.
 */
public final class WriterReplay {
    /** A way to have the first run again. */
    @FunctionalInterface
    public interface Rerun {
        /**
         * Builds the machine as the first run did (checks installed, launched or restored from the snapshot the first run
         * passed through), hands it to {@code prepare}, and runs it as the first run was run until {@link Machine#run} comes
         * back with {@link StopReason#REQUESTED} or virtual time reaches {@code time}.
         */
        void run(Consumer<Machine> prepare, long time);
    }

    /** Names code. */
    @FunctionalInterface
    public interface Names {
        /**
         * What executed at physical address {@code pa} at virtual time {@code time}; "" if nobody knows.
         */
        String of(long pa, long time);
    }

    /** The last store to a byte, by code at physical address {@code code}; -1 if that is not known. */
    private record Store(int cpu, long pc, long code, String activity, long time, long pa, long size) { }

    /** One watched line: the last store to each of its bytes in either view, and the last clean. */
    private static final class Line {
        private final Store[] cached = new Store[Ram.LINE];
        private final Store[] poc = new Store[Ram.LINE];
        private String lastMaintenance = "none";

        private void stored(Store s, long line, View view) {
            Store[] bytes = view == View.CACHED ? cached : poc;
            long from = Math.max(s.pa, line);
            long to = Math.min(s.pa + s.size, line + Ram.LINE);
            for (long a = from; a < to; a++) {
                bytes[(int) (a - line)] = s;
            }
        }
    }

    /** Keeps record of the watched lines. */
    private static final class Watch extends ForwardingChecks {
        private final Machine machine;
        private final Map<Long, Line> lines;

        private Watch(Machine machine, MemoryChecks checks, Map<Long, Line> lines) {
            super(checks);
            this.machine = machine;
            this.lines = lines;
        }

        @Override
        public void watchedStore(Accessor who, long pa, long size, View view) {
            Store s = null;
            for (long line = pa & -Ram.LINE; line < pa + size; line += Ram.LINE) {
                Line watched = lines.get(line);
                if (watched != null) {
                    s = s != null ? s : store(who, pa, size);
                    watched.stored(s, line, view);
                }
            }
        }

        private Store store(Accessor who, long pa, long size) {
            return who == null ? new Store(-1, 0, -1, "", machine.clock().now(), pa, size)
                    : new Store(who.index(), who.pc(), code(who), who.activity(), machine.clock().now(), pa, size);
        }

        private static long code(Accessor who) {
            return who instanceof Cpu cpu ? cpu.translate(cpu.pc()) : -1;
        }

        @Override
        public void watchedMaintenance(Accessor who, long line, Maintenance op) {
            Line watched = lines.get(line);
            if (watched != null) {
                watched.lastMaintenance = "%s by CPU %d at pc 0x%x, time %d".formatted(op, who.index(), who.pc(), machine.clock().now());
            }
        }
    }

    private final Map<Long, Line> lines = new HashMap<>();
    private final List<Finding> wanted = new ArrayList<>();
    private final Map<Finding, Finding> explained = new HashMap<>();
    private final Names names;

    private WriterReplay(List<Finding> findings, Names names) {
        this.names = names;
        for (Finding f : findings) {
            if (concernsALine(f)) {
                wanted.add(f);
                lines.put(line(f), new Line());
            }
        }
    }

    /**
     * The same findings, those of {@link CacheChecks} with their writer. One rerun serves all; none is made if there is
     * nothing to find.
     */
    public static List<Finding> explain(List<Finding> findings, Rerun rerun) {
        return explain(findings, rerun, (pa, time) -> "");
    }

    /** As the other; {@code names} knows the code that stored. */
    public static List<Finding> explain(List<Finding> findings, Rerun rerun, Names names) {
        WriterReplay replay = new WriterReplay(findings, names);
        if (!replay.wanted.isEmpty()) {
            long last = replay.wanted.stream().mapToLong(Finding::time).max().orElseThrow();
            rerun.run(replay::prepare, last + 1);
        }
        return findings.stream().map(f -> replay.explained.getOrDefault(f, f)).toList();
    }

    /** It is about a line of memory, whose writer can be found. */
    public static boolean concernsALine(Finding f) {
        return switch (f.rule()) {
            case CacheChecks.LOAD, CacheChecks.FETCH, CacheChecks.WALK, CacheChecks.STALE_LOAD, CacheChecks.WRITE_BACK -> true;
            default -> false;
        };
    }

    private static long pa(Finding f) {
        return Long.parseUnsignedLong(f.details().get("pa").substring(2), 16);
    }

    private static long line(Finding f) {
        return pa(f) & -Ram.LINE;
    }

    private void prepare(Machine machine) {
        for (Ram ram : machine.bus().banks()) {
            ram.checks(new Watch(machine, ram.checks(), lines));
            lines.keySet().stream().filter(ram::contains).forEach(ram::watch);
        }
        machine.findings().onFinding(f -> found(machine, f));
    }

    private void found(Machine machine, Finding again) {
        for (Finding f : wanted) {
            if (f.equals(again)) {
                explained.put(f, withWriter(f));
            }
        }
        if (explained.size() == wanted.size()) {
            machine.stop(StopReason.REQUESTED);
        }
    }

    private Finding withWriter(Finding f) {
        Line line = lines.get(line(f));
        boolean newerIsCached = !f.rule().equals(CacheChecks.STALE_LOAD) && !f.rule().equals(CacheChecks.WRITE_BACK);
        Store writer = lastDiffering(f, newerIsCached ? line.cached : line.poc);
        if (writer == null) {
            return f.with("writer", "none since the machine was started: the bytes were there")
                    .with("last maintenance", line.lastMaintenance);
        }
        String by = writer.cpu < 0 ? "a device" : "CPU %d at pc 0x%x".formatted(writer.cpu, writer.pc);
        String name = writer.code == -1 ? "" : names.of(writer.code, writer.time);
        return f.with("writer", String.join(", ", Stream.of(by, name, writer.activity).filter(s -> !s.isEmpty()).toList()))
                .with("written at", Long.toString(writer.time))
                .with("last maintenance", line.lastMaintenance)
                .with("missing", missing(f, writer, newerIsCached));
    }

    /** The latest store to a byte of the access in which the views differ. */
    private static Store lastDiffering(Finding f, Store[] stores) {
        byte[] cached = java.util.HexFormat.of().parseHex(f.details().get("cached line"));
        byte[] poc = java.util.HexFormat.of().parseHex(f.details().get("poc line"));
        int from = (int) (pa(f) & Ram.LINE - 1);
        int to = from + Integer.parseInt(f.details().get("size"));
        Store last = null;
        for (int i = from; i < to; i++) {
            Store s = stores[i];
            if (cached[i] != poc[i] && s != null && (last == null || s.time >= last.time)) {
                last = s;
            }
        }
        return last;
    }

    private static String missing(Finding f, Store writer, boolean newerIsCached) {
        String line = "0x" + Long.toHexString(line(f));
        String after = "after the store at pc 0x%x".formatted(writer.pc);
        if (newerIsCached) {
            return "DC CVAC or DC CIVAC of " + line + " " + after + ", before the access past the caches at pc 0x"
                    + Long.toHexString(f.pc());
        }
        return f.rule().equals(CacheChecks.STALE_LOAD)
                ? "DC IVAC or DC CIVAC of " + line + " " + after + ", before the cacheable load at pc 0x" + Long.toHexString(f.pc())
                : "DC CIVAC or DC IVAC of " + line + " before the store past the caches at pc 0x" + Long.toHexString(writer.pc);
    }
}
