package dev.baton.core.machine;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.finding.Findings;
import dev.baton.core.io.MemoryOwner;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.io.OwnedRange;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;
import dev.baton.core.time.VirtualClock;
import dev.baton.core.trace.TraceSink;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * CPUs, bus, clock: one whole machine, run on one host thread.
 *
 * <h2>Schedule</h2>
 * Each CPU has a local time, the number of nanoseconds (instructions, plus time skipped while waiting) it has lived. The
 * runnable CPU with the least local time runs next, ties in the machine's CPU order; it runs until its quantum ends, the
 * next deadline comes, or it waits. A deadline fires when no runnable CPU is behind it. So a run is a function of its inputs.
 *
 * <h2>What the memory model's ordering means here</h2>
 * Between two slice ends only one CPU executes, and each instruction's accesses are complete before the next: every run is
 * one of the sequentially consistent interleavings, so acquire, release and barriers order nothing further (caches and TLBs
 * are another matter: they are modelled apart, see docs/memory-model.md). The exclusive monitor of a CPU is cleared when
 * its slice ends, as the architecture allows at any time: a store-exclusive succeeds only if its load was in the same slice,
 * in which no other observer wrote.
 */
public final class Machine {
    /** Instructions per turn, unless a deadline is nearer. */
    public static final long QUANTUM = 10_000;

    private final PhysicalBus bus = new PhysicalBus();
    private final VirtualClock clock = new VirtualClock();
    private final Findings findings = new Findings();
    private final List<Cpu> cpus = new ArrayList<>();
    private final Map<String, Stateful> parts = new LinkedHashMap<>();
    private long[] localTime = new long[0];
    private boolean[] waited = new boolean[0];
    private TraceSink trace = TraceSink.NONE;
    private Outside outside = Outside.NONE;
    private Cpu running;
    private long sliceStart;
    private StopReason stop;

    public Machine() {
        clock.sliceProgress(() -> running == null ? 0 : running.executedInSlice());
        clock.onChange(this::deadlineChanged);
    }

    public PhysicalBus bus() {
        return bus;
    }

    public VirtualClock clock() {
        return clock;
    }

    public Findings findings() {
        return findings;
    }

    public List<Cpu> cpus() {
        return List.copyOf(cpus);
    }

    public Cpu cpu(int index) {
        return cpus.get(index);
    }

    public TraceSink trace() {
        return trace;
    }

    /** Set before the first {@link #run}. CPUs and devices ask {@link #trace} when they report. */
    public void trace(TraceSink sink) {
        trace = sink;
    }

    /** Who is asked between slices. */
    public void outside(Outside o) {
        outside = o;
    }

    /** Adds a CPU; its index must be the number of CPUs so far. */
    public void add(Cpu cpu) {
        if (cpu.index() != cpus.size()) {
            throw new IllegalArgumentException("CPU index " + cpu.index() + ", expected " + cpus.size());
        }
        cpus.add(cpu);
        localTime = java.util.Arrays.copyOf(localTime, cpus.size());
        waited = java.util.Arrays.copyOf(waited, cpus.size());
        waited[cpu.index()] = true;
    }

    /** Puts a device on the bus and its state into snapshots. */
    public void add(String name, long base, long size, MmioDevice device) {
        bus.add(name, base, size, device);
        part(name, device);
    }

    /** Something else whose state belongs to the machine, by a name of its own. */
    public void part(String name, Stateful part) {
        if (parts.putIfAbsent(name, part) != null && parts.get(name) != part) {
            throw new IllegalArgumentException("two parts of the machine are named " + name);
        }
    }

    /** Guest memory that devices use by themselves now, device by device. */
    public List<OwnedRange> deviceOwned() {
        List<OwnedRange> owned = new ArrayList<>();
        for (Stateful part : parts.values()) {
            if (part instanceof MemoryOwner owner) {
                owned.addAll(owner.deviceOwned());
            }
        }
        return owned;
    }

    /** The CPU whose slice is running, or null. */
    public Cpu running() {
        return running;
    }

    /** Ends {@link #run} after the current instruction with this reason. */
    public void stop(StopReason reason) {
        if (stop == null) {
            stop = reason;
        }
        if (running != null) {
            running.endSlice();
        }
    }

    /** SEV: an event reaches every CPU. */
    public void sendEvent() {
        cpus.forEach(Cpu::eventReceived);
    }

    /** Acts on a plan at power-on: places the segments in both views, then starts the CPU. */
    public void launch(LaunchPlan plan) {
        for (LaunchPlan.Segment s : plan.segments()) {
            place(s);
        }
        cpus.get(plan.cpu()).powerOn(plan.registers());
    }

    private void place(LaunchPlan.Segment s) {
        Ram ram = bus.ram(s.address());
        if (ram == null || !ram.contains(s.address() + Math.max(0, s.size() - 1))) {
            throw new IllegalArgumentException("segment %s at 0x%x+0x%x is not in RAM".formatted(s.label(), s.address(), s.size()));
        }
        ram.place(s.address(), s.bytes().array(), 0, s.bytes().length());
    }

    /**
     * From {@code circling}: it executes one instruction that raises one exception over and over, and no interrupt can end that. If no
     * other CPU is on, nothing can: the machine stops.
     */
    public void exceptionLoop(Cpu circling) {
        if (cpus.stream().allMatch(c -> c == circling || c.state() == Cpu.State.OFF) && !outside.looksOn()) {
            stop(StopReason.EXCEPTION_LOOP);
        }
    }

    /** Sum over the CPUs. */
    public long instructions() {
        long n = 0;
        for (Cpu c : cpus) {
            n += c.instructions();
        }
        return n;
    }

    /**
     * Runs until the guest or the host stops it, or all CPUs together have executed {@code limit} more instructions. Comes
     * back at a slice boundary.
     */
    public StopReason run(long limit) {
        long left = limit;
        stop = null;
        wakeTimes();
        while (stop == null) {
            if (left <= 0) {
                return StopReason.LIMIT;
            }
            int next = nextRunnable();
            if (next < 0) {
                if (outside.idle(untilDeadline())) {
                    wakeTimes();
                } else if (!skipToDeadline()) {
                    return StopReason.DEADLOCK;
                }
            } else if (clock.earliest() <= localTime[next]) {
                clock.base(Math.max(clock.base(), localTime[next]));
                clock.fireDue();
                wakeTimes();
            } else {
                left -= slice(next, left);
                if (outside != Outside.NONE) {
                    outside.betweenSlices();
                    wakeTimes();
                }
            }
        }
        return stop;
    }

    /**
     * For {@link Outside} only: lets one CPU execute up to {@code budget} instructions while the others stand still. Where it waits,
     * time passes until the next deadline.
     *
     * @return how many it executed
     */
    public long runOnly(int index, long budget) {
        wakeTimes();
        if (cpus.get(index).state() != Cpu.State.RUNNING) {
            skipToDeadline();
        }
        if (cpus.get(index).state() != Cpu.State.RUNNING) {
            return 0;
        }
        if (clock.earliest() <= localTime[index]) {
            clock.base(Math.max(clock.base(), localTime[index]));
            clock.fireDue();
            wakeTimes();
        }
        return slice(index, budget);
    }

    /** Somebody called {@link #stop}: {@link #run} will return. */
    public boolean stopping() {
        return stop != null;
    }

    private int nextRunnable() {
        int best = -1;
        for (int i = 0; i < cpus.size(); i++) {
            if (cpus.get(i).state() == Cpu.State.RUNNING) {
                if (best < 0 || localTime[i] < localTime[best]) {
                    best = i;
                }
            }
        }
        return best;
    }

    private long untilDeadline() {
        return clock.earliest() == VirtualClock.NEVER ? Long.MAX_VALUE : Math.max(0, clock.earliest() - clock.base());
    }

    /** Nobody can run: time passes until the next deadline. */
    private boolean skipToDeadline() {
        if (clock.earliest() == VirtualClock.NEVER) {
            return false;
        }
        clock.base(Math.max(clock.base(), clock.earliest()));
        clock.fireDue();
        wakeTimes();
        return true;
    }

    /** A CPU that was waiting or off continues at the time of what woke it, not in its past. */
    private void wakeTimes() {
        for (int i = 0; i < localTime.length; i++) {
            if (waited[i] && cpus.get(i).state() == Cpu.State.RUNNING) {
                localTime[i] = Math.max(localTime[i], clock.now());
                waited[i] = false;
            }
        }
    }

    private long slice(int index, long left) {
        Cpu cpu = cpus.get(index);
        long start = localTime[index];
        clock.base(start);
        sliceStart = start;
        running = cpu;
        long budget = Math.min(left, Math.min(QUANTUM, clock.earliest() - start));
        long done = cpu.run(budget);
        running = null;
        localTime[index] = start + done;
        clock.base(localTime[index]);
        cpu.sliceEnded();
        noteWaiting();
        if (trace != TraceSink.NONE) {
            trace.slice(index, localTime[index], cpu.stateHash());
        }
        for (Ram r : bus.banks()) {
            r.evictAtRandom(cpu);
        }
        return done;
    }

    private void noteWaiting() {
        wakeTimes();
        for (int i = 0; i < waited.length; i++) {
            waited[i] |= cpus.get(i).state() != Cpu.State.RUNNING;
        }
    }

    private void deadlineChanged() {
        if (running != null) {
            running.shortenSlice(Math.max(0, clock.earliest() - sliceStart));
        }
    }

    /** The whole machine, at a slice boundary, as bytes. */
    public byte[] snapshot() {
        StateWriter out = new StateWriter();
        out.section("machine").longs(localTime);
        for (int i = 0; i < waited.length; i++) {
            out.flag(waited[i]);
        }
        clock.save(out);
        cpus.forEach(c -> c.save(out.section("cpu" + c.index())));
        parts.forEach((name, part) -> part.save(out.section(name)));
        bus.banks().forEach(r -> r.save(out));
        return out.toByteArray();
    }

    /** Puts a machine of the same make into the state of {@link #snapshot}. */
    public void restore(byte[] snapshot) {
        StateReader in = new StateReader(snapshot);
        localTime = in.section("machine").longs();
        waited = new boolean[cpus.size()];
        for (int i = 0; i < waited.length; i++) {
            waited[i] = in.flag();
        }
        clock.load(in);
        cpus.forEach(c -> c.load(in.section("cpu" + c.index())));
        parts.forEach((name, part) -> part.load(in.section(name)));
        bus.banks().forEach(r -> r.load(in));
        cpus.forEach(Cpu::dropDerivedState);
    }

    /** Digest of both views of all RAM and every CPU: equal machines give equal values. */
    public long stateHash() {
        long h = 1;
        for (Cpu c : cpus) {
            h = dev.baton.core.trace.TraceHash.mix(h, c.stateHash());
        }
        byte[] page = new byte[4096];
        for (Ram r : bus.banks()) {
            for (long pa = r.base(); pa < r.base() + r.size(); pa += 4096) {
                h = pageHash(h, r, pa, page, View.POC);
                h = pageHash(h, r, pa, page, View.CACHED);
            }
        }
        return h;
    }

    private static long pageHash(long h, Ram r, long pa, byte[] page, View view) {
        r.peek(pa, page, 0, 4096, view);
        int c = java.util.Arrays.hashCode(page);
        return dev.baton.core.trace.TraceHash.mix(h, c);
    }

    /** Gives host memory back. */
    public void close() {
        bus.banks().forEach(Ram::close);
    }
}
