package dev.baton.core.time;

import java.util.function.LongSupplier;

/**
 * Nanoseconds since power-on; one executed instruction is one nanosecond. Devices and timers read it and leave deadlines;
 * the scheduler advances it, and skips ahead when every CPU waits.
 *
 * <p>While a CPU runs its slice, {@link #now} includes the instructions of that slice already executed (the running CPU
 * supplies them), so a counter read in the middle of a slice is exact.
 */
public final class VirtualClock {
    /** No deadline. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Something that wants to be called at a time. */
    public final class Timer {
        private final String name;
        private final Runnable action;
        private long at = NEVER;

        private Timer(String name, Runnable action) {
            this.name = name;
            this.action = action;
        }

        /** Fires at {@code nanoseconds}; replaces an earlier setting. A time not after now fires at the next slice boundary. */
        public void set(long nanoseconds) {
            at = nanoseconds;
            earliest = NEVER;
            for (Timer t : timers) {
                earliest = Math.min(earliest, t.at);
            }
            changed.run();
        }

        public void cancel() {
            if (at != NEVER) {
                set(NEVER);
            }
        }

        public long at() {
            return at;
        }

        public String name() {
            return name;
        }
    }

    private final java.util.List<Timer> timers = new java.util.ArrayList<>();
    private long base;
    private long earliest = NEVER;
    private LongSupplier sliceProgress = () -> 0;
    private Runnable changed = () -> { };

    public long now() {
        return base + sliceProgress.getAsLong();
    }

    /** A new timer, unset. Timers due at the same time fire in the order of their creation. */
    public Timer timer(String name, Runnable action) {
        Timer t = new Timer(name, action);
        timers.add(t);
        return t;
    }

    /** The earliest deadline, or {@link #NEVER}. */
    public long earliest() {
        return earliest;
    }

    /** Fires every timer due at or before {@link #now}. Called by the scheduler between slices. */
    public void fireDue() {
        while (earliest <= now()) {
            Timer due = null;
            for (Timer t : timers) {
                if (t.at == earliest) {
                    due = t;
                    break;
                }
            }
            if (due == null) {
                return;
            }
            due.set(NEVER);
            due.action.run();
        }
    }

    /** Scheduler only: sets the time at the start of a slice. */
    public void base(long nanoseconds) {
        base = nanoseconds;
    }

    public long base() {
        return base;
    }

    /** Scheduler only: who knows how many instructions of the current slice are done. */
    public void sliceProgress(LongSupplier supplier) {
        sliceProgress = supplier;
    }

    /** Scheduler only: told when a deadline changed, so that the running slice can be shortened. */
    public void onChange(Runnable r) {
        changed = r;
    }

    public void save(dev.baton.core.machine.StateWriter out) {
        out.section("clock").u64(base).u32(timers.size());
        for (Timer t : timers) {
            out.text(t.name).u64(t.at);
        }
    }

    public void load(dev.baton.core.machine.StateReader in) {
        base = in.section("clock").u64();
        if (in.u32() != timers.size()) {
            throw new IllegalArgumentException("snapshot: the machine has other timers");
        }
        earliest = NEVER;
        for (Timer t : timers) {
            in.section(t.name);
            t.at = in.u64();
            earliest = Math.min(earliest, t.at);
        }
    }
}
