package dev.baton.arm64.timer;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.Register;
import dev.baton.core.io.InterruptLine;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.time.VirtualClock;
import dev.baton.core.trace.TraceHash;

import java.util.List;
import java.util.Locale;

/**
 * The generic timers of one CPU (Arm ARM, "The Generic Timer in AArch64 state"): the system counter of 62.5 MHz, that is 16 ns
 * of virtual time a tick, and five compare timers. A timer is a level: its line is {@code ENABLE and ISTATUS and not IMASK}, and
 * its deadline is the exact nanosecond at which the counter reaches the compare value.
 */
public final class GenericTimers {
    /** Virtual nanoseconds in a tick: CNTFRQ_EL0 is 62 500 000. */
    public static final long TICK = 16;

    private static final int ENABLE = 1;
    private static final int IMASK = 2;
    private static final int ISTATUS = 4;

    private final Arm64Cpu cpu;
    private final VirtualClock clock;
    private final List<One> all;
    private final VirtualClock.Timer eventStream;
    private Register cntvoff;
    private Register cnthctl;
    private Register cntkctl;

    public GenericTimers(Arm64Cpu cpu) {
        this.cpu = cpu;
        clock = cpu.machine.clock();
        all = List.of(new One("CNTP", false), new One("CNTV", true), new One("CNTHP", false), new One("CNTHV", false),
                new One("CNTPS", false));
        eventStream = clock.timer("cpu" + cpu.index() + ".evnt", cpu::eventReceived);
    }

    /** The registers of others that the timers follow. */
    public void wire(Register offset, Register hypervisorControl, Register kernelControl) {
        cntvoff = offset;
        cnthctl = hypervisorControl;
        cntkctl = kernelControl;
    }

    /** One compare timer. */
    public final class One {
        private final String name;
        private final boolean virtual;
        private final InterruptLine line;
        private final VirtualClock.Timer deadline;
        private int ctl;
        private long cval;

        private One(String name, boolean virtual) {
            this.name = name;
            this.virtual = virtual;
            String key = name.toLowerCase(Locale.ROOT);
            line = cpu.config.interrupts().getOrDefault(key, InterruptLine.UNCONNECTED);
            deadline = clock.timer("cpu" + cpu.index() + "." + key, this::update);
        }

        private long offset() {
            return virtual ? cntvoff.value : 0;
        }

        /** CompareValue is met: (Counter - Offset) - CompareValue is not negative, all unsigned. */
        private boolean met() {
            return Long.compareUnsigned(physicalCount() - offset(), cval) >= 0;
        }

        public long ctl() {
            return ctl | ((ctl & ENABLE) != 0 && met() ? ISTATUS : 0);
        }

        public void ctl(long v) {
            ctl = (int) v & (ENABLE | IMASK);
            update();
        }

        public long cval() {
            return cval;
        }

        public void cval(long v) {
            cval = v;
            update();
        }

        /** TimerValue: the compare value minus the counter, low 32 bits. */
        public long tval() {
            return cval - (physicalCount() - offset()) & 0xffff_ffffL;
        }

        public void tval(long v) {
            cval(physicalCount() - offset() + (int) v);
        }

        private void update() {
            boolean enabled = (ctl & ENABLE) != 0;
            boolean met = enabled && met();
            line.set(met && (ctl & IMASK) == 0);
            long at = enabled && !met ? nanosecondOf(cval, offset()) : VirtualClock.NEVER;
            if (deadline.at() != at) {
                deadline.set(at);
            }
        }
    }

    /** When the counter reaches {@code cval + offset}; NEVER if that is beyond the clock. */
    private static long nanosecondOf(long cval, long offset) {
        long count = cval + offset;
        boolean wraps = Long.compareUnsigned(count, cval) < 0;
        boolean beyond = count < 0 || count > (VirtualClock.NEVER - 1) / TICK;
        return wraps || beyond ? VirtualClock.NEVER : count * TICK;
    }

    /** The timer whose registers start with {@code prefix}, or null. */
    public One named(String prefix) {
        for (One t : all) {
            if (t.name.equals(prefix)) {
                return t;
            }
        }
        return null;
    }

    /** CNTPCT_EL0. */
    public long physicalCount() {
        return clock.now() / TICK;
    }

    /** CNTVCT_EL0 as read at the current level: at EL2 of a host, and below it, the offset counts as zero. */
    public long virtualCountHere() {
        boolean host = cpu.el == 2 && cpu.sysregs.e2h() || cpu.el == 0 && cpu.sysregs.hostEl0();
        return physicalCount() - (host ? 0 : cntvoff.value);
    }

    /** CNTVOFF_EL2 was written. */
    public void changed() {
        all.forEach(One::update);
    }

    /**
     * Before the CPU waits in WFE: the next event of the event stream, if one is enabled, wakes it. Events of the stream that
     * nobody waits for only set an event register that spurious events may set anyway, so they are not made.
     */
    public void armEventStream() {
        long kernel = next(cntkctl.value, cntvoff.value);
        long hypervisor = cpu.config.el2() ? next(cnthctl.value, 0) : VirtualClock.NEVER;
        long at = Math.min(kernel, hypervisor);
        if (eventStream.at() != at) {
            eventStream.set(at);
        }
    }

    /** EVNTEN bit 2, EVNTDIR bit 3, EVNTI bits 7:4: an event at each 0 to 1 (or 1 to 0) transition of counter bit EVNTI. */
    private long next(long control, long offset) {
        if ((control & 1 << 2) == 0) {
            return VirtualClock.NEVER;
        }
        long period = 2L << (control >>> 4 & 15);
        long phase = (control & 1 << 3) != 0 ? 0 : period / 2;
        long count = physicalCount() - offset;
        long next = count - Math.floorMod(count - phase, period) + period;
        return (next + offset) * TICK;
    }

    public void reset() {
        for (One t : all) {
            t.cval = 0;
            t.ctl(0);
        }
        eventStream.cancel();
    }

    /** Digest of the timers' registers. */
    public long hash(long seed) {
        long h = seed;
        for (One t : all) {
            h = TraceHash.mix(TraceHash.mix(h, t.ctl), t.cval);
        }
        return h;
    }

    public void save(StateWriter out) {
        for (One t : all) {
            out.u32(t.ctl).u64(t.cval);
        }
    }

    /** The deadlines are the clock's, which restores them itself. */
    public void load(StateReader in) {
        for (One t : all) {
            t.ctl = in.u32();
            t.cval = in.u64();
        }
    }
}
