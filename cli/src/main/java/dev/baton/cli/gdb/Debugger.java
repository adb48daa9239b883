package dev.baton.cli.gdb;

import dev.baton.cli.console.Inbox;
import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.Outside;

import java.util.function.Consumer;

/**
 * Holds a machine and lets it go, at slice boundaries, on the machine's thread. While it is held this does not return from
 * {@link #betweenSlices}, so whoever runs the machine needs to know nothing about it.
 */
public final class Debugger implements Outside {
    private static final long PATIENCE = 1_000_000_000;

    /** Why the machine was held. */
    enum Cause { ATTACHED, INTERRUPTED, BREAKPOINT, WATCHPOINT, STEPPED }

    /**
     * @param cpu     that stopped
     * @param kind    {@code watch}, {@code rwatch} or {@code awatch}
     * @param address that was accessed
     */
    record Stop(Cause cause, int cpu, String kind, long address) {
        static Stop of(Cause cause, int cpu) {
            return new Stop(cause, cpu, "", 0);
        }
    }

    /** What may run until something happens. */
    sealed interface Run {
        /** All CPUs. */
        record All() implements Run { }

        /** One CPU, the others held. */
        record Only(int cpu) implements Run { }

        /** One CPU, at least one instruction, until it leaves [start, end). */
        record Step(int cpu, long start, long end) implements Run { }
    }

    private final Machine machine;
    private final Inbox inbox;
    private final StopSet points;
    private Consumer<Stop> listener = stop -> { };
    /** What has to be carried out while the machine is held; null: nothing. */
    private Run run;
    private boolean held;
    private boolean ended;

    /** @param held from the first instruction on, until a debugger lets it go */
    public Debugger(Machine machine, Inbox inbox, boolean held) {
        this.machine = machine;
        this.inbox = inbox;
        this.held = held;
        points = new StopSet(machine);
    }

    Machine machine() {
        return machine;
    }

    StopSet points() {
        return points;
    }

    /** Told of each stop after a {@link #go}. */
    void listener(Consumer<Stop> l) {
        listener = l;
    }

    boolean held() {
        return held;
    }

    // By the debugger -----------------------------------------------------------------------------------------------------

    void hold(Cause cause) {
        if (held && run == null) {
            return;
        }
        run = null;
        held = true;
        listener.accept(Stop.of(cause, 0));
    }

    void go(Run what) {
        points.put();
        if (what instanceof Run.All) {
            held = false;
            run = null;
        } else {
            run = what;
        }
    }

    /** Whoever ran the machine will not run it any more, or shall not: nothing is held. */
    public void end() {
        ended = true;
    }

    // By the machine ------------------------------------------------------------------------------------------------------

    @Override
    public void betweenSlices() {
        inbox.work();
        hit();
        while (held && !ended && !machine.stopping()) {
            if (run == null) {
                inbox.await(PATIENCE);
            } else {
                carryOut();
            }
        }
    }

    @Override
    public boolean idle(long nanos) {
        boolean was = held;
        boolean worked = nanos == Long.MAX_VALUE ? inbox.await(PATIENCE) : inbox.work();
        betweenSlices();
        return worked || was || nanos == Long.MAX_VALUE;
    }

    private boolean hit() {
        Stop stop = points.hit();
        if (stop == null) {
            return false;
        }
        stop(stop);
        return true;
    }

    private void stop(Stop stop) {
        run = null;
        held = true;
        listener.accept(stop);
    }

    private void carryOut() {
        switch (run) {
            case Run.All a -> held = false;
            case Run.Only only -> {
                machine.runOnly(only.cpu(), Machine.QUANTUM);
                if (!hit()) {
                    rest(only.cpu());
                }
            }
            case Run.Step step -> step(step);
        }
    }

    private void step(Run.Step step) {
        Cpu cpu = machine.cpu(step.cpu());
        long executed = machine.runOnly(step.cpu(), 1);
        if (hit()) {
            return;
        }
        long pc = cpu.register("pc");
        if (executed > 0 && (pc < step.start() || pc >= step.end())) {
            stop(Stop.of(Cause.STEPPED, step.cpu()));
        } else {
            rest(step.cpu());
        }
    }

    /** Hears the debugger; waits for it where the CPU has nothing to do. */
    private void rest(int cpu) {
        if (machine.cpu(cpu).state() == Cpu.State.RUNNING) {
            inbox.work();
        } else {
            inbox.await(PATIENCE / 100);
        }
    }
}
