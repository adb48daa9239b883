package dev.baton.arm64.pmu;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.Register;
import dev.baton.core.io.InterruptLine;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.trace.TraceHash;

/**
 * The performance monitors of one CPU (Arm ARM, "The Performance Monitors Extension"): the cycle counter and {@link #COUNTERS} event
 * counters. Every instruction takes one cycle, none stalls, and a CPU that waits has no cycles, so that all counts follow from
 * the number of instructions executed since somebody looked last: they are brought up to date when a register is accessed, and where the
 * exception level changes, which decides what counts. A slice in which a counter with its interrupt enabled would overflow ends there.
 */
public final class PerformanceMonitors {
    /** PMCR_EL0.N. */
    public static final int COUNTERS = 6;
    /** Number of the cycle counter in the bit masks of the registers. */
    public static final int CYCLES = 31;

    // Events: Arm ARM, "Common event numbers".
    private static final int SW_INCR = 0x00;
    private static final int INST_RETIRED = 0x08;
    private static final int CPU_CYCLES = 0x11;
    private static final int CHAIN = 0x1e;
    private static final int STALL_FRONTEND = 0x23;
    private static final int STALL_BACKEND = 0x24;
    private static final int STALL = 0x3c;

    // PMCR_EL0
    private static final int E = 1;
    private static final int P = 1 << 1;
    private static final int C = 1 << 2;
    private static final int DP = 1 << 5;
    private static final int LC = 1 << 6;
    private static final int LP = 1 << 7;
    // MDCR_EL2
    private static final int HPMN = 0x1f;
    private static final long HPME = 1L << 7;
    private static final long HPMD = 1L << 17;
    private static final long HCCD = 1L << 23;
    private static final long HLP = 1L << 26;
    // MDCR_EL3
    private static final long SPME = 1L << 17;
    private static final long SCCD = 1L << 23;

    private static final int MASK = (1 << COUNTERS) - 1 | 1 << CYCLES;
    private static final long NEVER = Long.MAX_VALUE;

    /** FEAT_PMUv3. */
    public final boolean present;
    private final boolean v3p1;
    private final boolean v3p4;
    private final boolean v3p5;
    private final Arm64Cpu cpu;
    private final InterruptLine line;
    private Register mdcrEl2;
    private Register mdcrEl3;

    private int control;
    private int enabled;
    private int interrupts;
    private int overflowed;
    private int selected;
    /** By counter, the cycle counter last. */
    private final long[] counts = new long[COUNTERS + 1];
    private final int[] types = new int[COUNTERS + 1];
    /** {@link #counts} are exact for the moment at which the CPU had executed so many instructions. */
    private long mark;

    /** Something counts at some level: changes of level matter. Follows from the rest, as does what comes next. */
    private boolean active;
    /** The counters that count at the current level. */
    private int here;
    /** An overflow that interrupts lies ahead. */
    private boolean armed;

    public PerformanceMonitors(Arm64Cpu cpu) {
        this.cpu = cpu;
        present = cpu.features.has("FEAT_PMUv3");
        v3p1 = cpu.features.has("FEAT_PMUv3p1");
        v3p4 = cpu.features.has("FEAT_PMUv3p4");
        v3p5 = cpu.features.has("FEAT_PMUv3p5");
        line = cpu.config.interrupts().getOrDefault("pmu", InterruptLine.UNCONNECTED);
    }

    /** The registers of others that decide what counts. */
    public void wire(Register hypervisorControl, Register monitorControl) {
        mdcrEl2 = hypervisorControl;
        mdcrEl3 = monitorControl;
    }

    // Counting ------------------------------------------------------------------------------------------------------------

    private static int slot(int counter) {
        return counter == CYCLES ? COUNTERS : counter;
    }

    /**
     * Brings the counts up to date.
     *
     * @param more    instructions that count as executed though they are not finished: 1 where the current one ends with this
     * @param retired of those, the ones that are architecturally executed
     */
    private void count(int more, int retired) {
        long now = cpu.engine.instructions() + more;
        long cycles = now - mark;
        if (cycles <= 0) {
            return;
        }
        mark = now;
        if (here == 0) {
            return;
        }
        int before = overflowed;
        if ((here & 1 << CYCLES) != 0) {
            add(CYCLES, cycles);
        }
        for (int n = 0; n < COUNTERS; n++) {
            if ((here & 1 << n) != 0) {
                switch (event(n)) {
                    case CPU_CYCLES -> add(n, cycles);
                    case INST_RETIRED -> add(n, cycles - more + retired);
                    default -> { }
                }
            }
        }
        if (overflowed != before) {
            updateLine();
        }
    }

    private int event(int n) {
        return types[n] & (v3p1 ? 0xffff : 0x3ff);
    }

    private void add(int n, long delta) {
        int i = slot(n);
        long old = counts[i];
        long sum = old + delta;
        boolean wide = wide(n);
        long carries = wide ? Long.compareUnsigned(sum, old) < 0 ? 1 : 0 : (old & 0xffff_ffffL) + delta >>> 32;
        counts[i] = wide || v3p5 ? sum : sum & 0xffff_ffffL;
        if (carries == 0) {
            return;
        }
        overflowed |= 1 << n;
        if (!wide && n % 2 == 0 && n + 1 < COUNTERS && (here & 1 << n + 1) != 0 && event(n + 1) == CHAIN) {
            add(n + 1, carries);
        }
    }

    /** Overflows from 64 bits. PMCR_EL0.LC is 1: there is no AArch32. */
    private boolean wide(int n) {
        return n == CYCLES || v3p5 && (hypervisors(n) ? (mdcrEl2.value & HLP) != 0 : (control & LP) != 0);
    }

    /** MDCR_EL2.HPMN: the counters from this one on belong to EL2. */
    private int firstOfHypervisor() {
        return cpu.config.el2() ? (int) mdcrEl2.value & HPMN : COUNTERS;
    }

    private boolean hypervisors(int n) {
        return n != CYCLES && n >= firstOfHypervisor();
    }

    private boolean secure() {
        return cpu.sysregs.secure(cpu.el);
    }

    /** Whether an enabled counter counts at the current level (Arm ARM, shared/debug/pmu/PMUCountingEnabled). */
    private boolean countsHere(int n) {
        return !prohibited(n) && !filtered(types[slot(n)]);
    }

    private boolean prohibited(int n) {
        boolean el2 = cpu.el == 2;
        boolean prohibited = el2 && v3p1 && !hypervisors(n) && (mdcrEl2.value & HPMD) != 0
                || secure() && (mdcrEl3.value & SPME) == 0;
        if (n != CYCLES) {
            return prohibited;
        }
        boolean cycleCounterOff = v3p5 && (el2 && (mdcrEl2.value & HCCD) != 0 || secure() && (mdcrEl3.value & SCCD) != 0);
        return cycleCounterOff || prohibited && (control & DP) != 0;
    }

    /** P, U, NSK, NSU, NSH, M in bits 31 to 26 of PMEVTYPERn_EL0 and PMCCFILTR_EL0. */
    private boolean filtered(int type) {
        boolean p = (type & 1 << 31) != 0;
        return switch (cpu.el) {
            case 0 -> (type & 1 << 30) != 0 != (!secure() && (type & 1 << 28) != 0);
            case 1 -> p != (!secure() && (type & 1 << 29) != 0);
            case 2 -> (type & 1 << 27) == 0;
            default -> p != ((type & 1 << 26) != 0);
        };
    }

    // What follows from a change --------------------------------------------------------------------------------------------

    private void changed() {
        int running = enabled & running();
        active = running != 0;
        here = 0;
        for (int left = running; left != 0; left &= left - 1) {
            int n = Integer.numberOfTrailingZeros(left);
            here |= countsHere(n) ? 1 << n : 0;
        }
        updateLine();
        long ahead = untilOverflow();
        armed = ahead != NEVER;
        if (armed) {
            long sliceStart = cpu.engine.instructions() - cpu.executedInSlice();
            cpu.shortenSlice(mark - sliceStart + ahead);
        }
    }

    /** The counters that PMCR_EL0.E and MDCR_EL2.HPME let run. */
    private int running() {
        int own = (1 << firstOfHypervisor()) - 1 & MASK | 1 << CYCLES;
        int hypervisors = (mdcrEl2.value & HPME) != 0 ? MASK & ~own : 0;
        return ((control & E) != 0 ? own : 0) | hypervisors;
    }

    private void updateLine() {
        line.set((overflowed & interrupts & running()) != 0);
    }

    /** Instructions until a counter overflows that interrupts then and has not yet, if all of them count; NEVER if none does. */
    private long untilOverflow() {
        long ahead = NEVER;
        int interrupting = interrupts & ~overflowed & here;
        for (int left = here; left != 0; left &= left - 1) {
            int n = Integer.numberOfTrailingZeros(left);
            boolean chained = n != CYCLES && n % 2 == 0 && (interrupting & 1 << n + 1) != 0 && event(n + 1) == CHAIN;
            if (((interrupting & 1 << n) != 0 || chained) && ticks(n)) {
                long room = -counts[slot(n)];
                long distance = wide(n) ? room : (room & 0xffff_ffffL) == 0 ? 1L << 32 : room & 0xffff_ffffL;
                ahead = distance > 0 ? Math.min(ahead, distance) : ahead;
            }
        }
        return ahead;
    }

    private boolean ticks(int n) {
        return n == CYCLES || event(n) == CPU_CYCLES || event(n) == INST_RETIRED;
    }

    // Told by the CPU -------------------------------------------------------------------------------------------------------

    /** Instructions that the next slice may have at most. */
    public long budget(long wanted) {
        return armed ? Math.min(wanted, untilOverflow()) : wanted;
    }

    /** A slice ended. */
    public void sliceEnded() {
        if (armed) {
            count(0, 0);
            changed();
        }
    }

    /** The exception level is about to change by an instruction that is executed with this: ERET, SVC, HVC, SMC. */
    public void leaveByInstruction() {
        if (active) {
            count(1, 1);
        }
    }

    /** The same by an instruction that raised an exception. */
    public void leaveByFault() {
        if (active) {
            count(1, 0);
        }
    }

    /** The same between two instructions, by an interrupt. */
    public void leave() {
        if (active) {
            count(0, 0);
        }
    }

    /** The level changed. */
    public void entered() {
        if (active) {
            changed();
        }
    }

    // Registers -------------------------------------------------------------------------------------------------------------

    /** The counters that software at the current level can reach, by bit. */
    private int reachable() {
        return cpu.el >= 2 ? MASK : (1 << firstOfHypervisor()) - 1 & MASK | 1 << CYCLES;
    }

    /** Before a write of a register that decides what counts, such as MDCR_EL2. */
    public void beforeControl() {
        if (present) {
            countWrite();
        }
    }

    /** The instruction that changes something is counted as before the change; a write from outside the machine is none. */
    private void countWrite() {
        int more = cpu.machine.running() == null ? 0 : 1;
        count(more, more);
    }

    /** After it. */
    public void afterControl() {
        if (present) {
            changed();
        }
    }

    private void change(Runnable change) {
        countWrite();
        change.run();
        changed();
    }

    /** PMCR_EL0, without IMP and IDCODE. */
    public long control() {
        int n = cpu.el >= 2 ? COUNTERS : firstOfHypervisor();
        return (long) n << 11 | control | LC;
    }

    public void control(long v) {
        change(() -> {
            if ((v & P) != 0) {
                int reset = reachable();
                for (int n = 0; n < COUNTERS; n++) {
                    counts[n] = (reset & 1 << n) != 0 ? 0 : counts[n];
                }
            }
            if ((v & C) != 0) {
                counts[COUNTERS] = 0;
            }
            control = (int) v & (E | DP | (v3p5 ? LP : 0));
        });
    }

    /** PMCNTENSET_EL0, PMCNTENCLR_EL0. */
    public long enabled() {
        return (enabled & reachable()) & 0xffff_ffffL;
    }

    public void enable(long v) {
        change(() -> enabled |= (int) v & reachable());
    }

    public void disable(long v) {
        change(() -> enabled &= ~((int) v & reachable()));
    }

    /** PMINTENSET_EL1, PMINTENCLR_EL1. */
    public long interrupts() {
        return (interrupts & reachable()) & 0xffff_ffffL;
    }

    public void enableInterrupts(long v) {
        change(() -> interrupts |= (int) v & reachable());
    }

    public void disableInterrupts(long v) {
        change(() -> interrupts &= ~((int) v & reachable()));
    }

    /** PMOVSSET_EL0, PMOVSCLR_EL0. */
    public long overflowed() {
        count(0, 0);
        return (overflowed & reachable()) & 0xffff_ffffL;
    }

    public void overflow(long v) {
        change(() -> overflowed |= (int) v & reachable());
    }

    public void clearOverflow(long v) {
        change(() -> overflowed &= ~((int) v & reachable()));
    }

    /** PMSWINC_EL0. */
    public void softwareIncrement(long v) {
        change(() -> {
            for (int n = 0; n < COUNTERS; n++) {
                if ((v & here & 1L << n) != 0 && event(n) == SW_INCR) {
                    add(n, 1);
                }
            }
        });
    }

    /** PMSELR_EL0. */
    public long selected() {
        return selected;
    }

    public void select(long v) {
        selected = (int) v & 31;
    }

    /** PMCEID0_EL0: bit n for event n, bit 32 + n for event 0x4000 + n. */
    public long commonEvents0() {
        return 1L << SW_INCR | 1L << INST_RETIRED | 1L << CPU_CYCLES | 1L << CHAIN;
    }

    /** PMCEID1_EL0: bit n for event 0x20 + n. The stalls that PMUv3p1 and PMUv3p4 require never occur. */
    public long commonEvents1() {
        return (v3p1 ? 1L << STALL_FRONTEND - 0x20 | 1L << STALL_BACKEND - 0x20 : 0) | (v3p4 ? 1L << STALL - 0x20 : 0);
    }

    /** PMCCNTR_EL0 ({@link #CYCLES}) and PMEVCNTRn_EL0; what is out of reach reads as zero and ignores writes. */
    public long counter(int n) {
        if ((reachable() & 1 << n) == 0) {
            return 0;
        }
        count(0, 0);
        return counts[slot(n)];
    }

    public void counter(int n, long v) {
        if ((reachable() & 1 << n) != 0) {
            change(() -> counts[slot(n)] = n == CYCLES || v3p5 ? v : v & 0xffff_ffffL);
        }
    }

    /** PMXEVCNTR_EL0: the selected event counter. */
    public long selectedCounter() {
        return selected == CYCLES ? 0 : counter(selected);
    }

    public void selectedCounter(long v) {
        if (selected != CYCLES) {
            counter(selected, v);
        }
    }

    /** PMCCFILTR_EL0 ({@link #CYCLES}) and PMEVTYPERn_EL0. */
    public long type(int n) {
        return (reachable() & 1 << n) == 0 ? 0 : types[slot(n)] & 0xffff_ffffL;
    }

    public void type(int n, long v) {
        if ((reachable() & 1 << n) != 0) {
            int filter = 0xc000_0000 | (cpu.config.el2() ? 1 << 27 : 0) | (cpu.config.el3() ? 0x3400_0000 : 0);
            int events = n == CYCLES ? 0 : v3p1 ? 0xffff : 0x3ff;
            change(() -> types[slot(n)] = (int) v & (filter | events));
        }
    }

    /** PMXEVTYPER_EL0: of the selected counter, PMCCFILTR_EL0 for the cycle counter. */
    public long selectedType() {
        return type(selected);
    }

    public void selectedType(long v) {
        type(selected, v);
    }

    // State -----------------------------------------------------------------------------------------------------------------

    public void reset() {
        control = 0;
        enabled = 0;
        interrupts = 0;
        overflowed = 0;
        selected = 0;
        java.util.Arrays.fill(counts, 0);
        java.util.Arrays.fill(types, 0);
        mark = cpu.engine.instructions();
        dropDerivedState();
    }

    /** Digest of the registers. */
    public long hash(long seed) {
        if (!present) {
            return seed;
        }
        count(0, 0);
        long h = TraceHash.mix(seed, (long) control << 32 | enabled & 0xffff_ffffL);
        h = TraceHash.mix(TraceHash.mix(h, (long) interrupts << 32 | overflowed & 0xffff_ffffL), selected);
        for (int i = 0; i <= COUNTERS; i++) {
            h = TraceHash.mix(TraceHash.mix(h, counts[i]), types[i]);
        }
        return h;
    }

    public void save(StateWriter out) {
        out.u32(control).u32(enabled).u32(interrupts).u32(overflowed).u32(selected).longs(counts).ints(types).u64(mark);
    }

    /** The interrupt line is the interrupt controller's, which restores it itself. */
    public void load(StateReader in) {
        control = in.u32();
        enabled = in.u32();
        interrupts = in.u32();
        overflowed = in.u32();
        selected = in.u32();
        System.arraycopy(in.longs(), 0, counts, 0, counts.length);
        System.arraycopy(in.ints(), 0, types, 0, types.length);
        mark = in.u64();
    }

    /** After a snapshot was restored, with everything in its place. */
    public void dropDerivedState() {
        if (present) {
            changed();
        }
    }
}
