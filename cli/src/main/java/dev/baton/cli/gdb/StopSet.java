package dev.baton.cli.gdb;

import dev.baton.cli.gdb.Debugger.Cause;
import dev.baton.cli.gdb.Debugger.Stop;
import dev.baton.core.cpu.Cpu;
import dev.baton.core.cpu.StopPoints;
import dev.baton.core.cpu.StopPoints.Watch;
import dev.baton.core.machine.Machine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The breakpoints and watchpoints of a debugger, the same for every CPU. GDB takes all of them away at each stop and sets them again
 * before it goes on: the CPUs hear of it when they run again, and only if something changed.
 */
final class StopSet {
    private static final int SOFTWARE = 0;
    private static final int HARDWARE = 1;
    private static final int WRITE = 2;
    private static final int READ = 3;
    private static final int ACCESS = 4;
    /** More than people set and less than would be slow to look through. */
    private static final int MOST = 1000;

    private record Point(int type, long address, int size) { }

    private final Machine machine;
    private final Set<Point> points = new LinkedHashSet<>();
    private Set<Point> put = Set.of();

    StopSet(Machine machine) {
        this.machine = machine;
    }

    /** {@code Z} and {@code z} packets. @return false if there is nothing like it */
    boolean change(int type, long address, int size, boolean set) {
        if (type > ACCESS || set && points.size() >= MOST) {
            return false;
        }
        Point p = new Point(type, address, size);
        if (set) {
            points.add(p);
        } else {
            points.remove(p);
        }
        return true;
    }

    void clear() {
        points.clear();
        put();
    }

    /** The CPUs are to run: from now on they stop there. */
    void put() {
        if (points.equals(put)) {
            return;
        }
        put = Set.copyOf(points);
        long[] addresses = points.stream().filter(p -> p.type <= HARDWARE).mapToLong(Point::address).toArray();
        List<Watch> watches = new ArrayList<>();
        for (Point p : points) {
            if (p.type >= WRITE) {
                watches.add(new Watch(p.address, p.size, p.type != WRITE, p.type != READ));
            }
        }
        StopPoints all = new StopPoints(addresses, watches);
        machine.cpus().forEach(c -> c.stopPoints(all));
    }

    /** What stopped the CPU that ran last, or null. */
    Stop hit() {
        for (Cpu c : machine.cpus()) {
            StopPoints.Hit h = c.stopHit();
            if (h != null) {
                return h.watch() == null ? breakpoint(c.index(), h.address()) : watchpoint(c.index(), h);
            }
        }
        return null;
    }

    private Stop breakpoint(int cpu, long address) {
        boolean software = put.stream().anyMatch(p -> p.type == SOFTWARE && p.address == address);
        return new Stop(Cause.BREAKPOINT, cpu, software ? "swbreak" : "hwbreak", address);
    }

    private static Stop watchpoint(int cpu, StopPoints.Hit hit) {
        Watch w = hit.watch();
        String kind = w.reads() && w.writes() ? "awatch" : w.reads() ? "rwatch" : "watch";
        // Where the access and the range meet: GDB asks which of its watchpoints that is.
        long address = Long.compareUnsigned(hit.address(), w.address()) < 0 ? w.address() : hit.address();
        return new Stop(Cause.WATCHPOINT, cpu, kind, address);
    }
}
