package dev.baton.devices.gic;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.machine.Stateful;

/**
 * What a GICv2 and a GICv3 have in common: CPU interfaces that show each CPU its pending interrupt of the highest priority.
 *
 * <p>Every change ends in {@link #update}, the only place where the CPUs' IRQ and FIQ inputs are driven.
 */
public abstract sealed class InterruptController implements Stateful permits Gic, GicV2 {
    private final CpuInterface[] interfaces;
    private final InterruptLine[] irq;
    private final InterruptLine[] fiq;

    InterruptController(int cpus) {
        interfaces = new CpuInterface[cpus];
        irq = new InterruptLine[cpus];
        fiq = new InterruptLine[cpus];
        for (int i = 0; i < cpus; i++) {
            interfaces[i] = new CpuInterface(this, i);
            irq[i] = InterruptLine.UNCONNECTED;
            fiq[i] = InterruptLine.UNCONNECTED;
        }
    }

    /** The interrupt inputs of a CPU. */
    public final void connect(int cpu, InterruptLine irqInput, InterruptLine fiqInput) {
        irq[cpu] = irqInput;
        fiq[cpu] = fiqInput;
        update(cpu);
    }

    /** Private peripheral interrupt {@code n} (0 to 15; INTID 16 + n) of a CPU. */
    public final InterruptLine ppi(int cpu, int n) {
        return asserted -> {
            if (bankOf(cpu, Intid.FIRST_PPI).line(Intid.FIRST_PPI + n, asserted)) {
                update(cpu);
            }
        };
    }

    /** Shared peripheral interrupt {@code n} (from 0; INTID 32 + n). */
    public final InterruptLine spi(int n) {
        return asserted -> {
            if (bankOf(0, Intid.FIRST_SPI).line(Intid.FIRST_SPI + n, asserted)) {
                updateAll();
            }
        };
    }

    /** Back to power-on: every register and every line. */
    public abstract void reset();

    /** A CPU was reset, or powered on again: its CPU interface is reset with it, what the GIC keeps about its interrupts is not. */
    public abstract void resetCpu(int cpu);

    // Inside of the GIC -----------------------------------------------------------------------------------------------

    final int cpus() {
        return interfaces.length;
    }

    final CpuInterface cpuInterface(int cpu) {
        return interfaces[cpu];
    }

    /** Who keeps the state of an SGI, PPI or SPI as {@code cpu} sees it; null for any other INTID. */
    abstract InterruptBank bankOf(int cpu, int intid);

    /** The pending interrupt of the highest priority among those that are forwarded to {@code cpu}; the lowest INTID of equals. */
    abstract int highestPending(int cpu);

    /** Interrupts of this group reach the CPU as FIQs. */
    abstract boolean fiq(int cpu, int group);

    int priorityOf(int cpu, int intid) {
        return bankOf(cpu, intid).priority(intid);
    }

    int groupOf(int cpu, int intid) {
        return bankOf(cpu, intid).group(intid);
    }

    /** {@code cpu} acknowledged it. */
    void acknowledged(int cpu, int intid) {
        bankOf(cpu, intid).acknowledge(intid);
    }

    /** An interrupt of this number can have been acknowledged. */
    boolean exists(int intid) {
        return intid < Intid.FIRST_SPECIAL;
    }

    /** The highest-priority candidate of words of a bank from {@code firstIntid}, or {@code best} if it is no lower. */
    final int highestOf(InterruptBank bank, int candidates, int firstIntid, int best, int cpu) {
        if (candidates == 0) {
            return best;
        }
        int winner = best;
        int priority = best == Intid.SPURIOUS ? 0x100 : priorityOf(cpu, best);
        for (int left = candidates; left != 0; left &= left - 1) {
            int intid = firstIntid + Integer.numberOfTrailingZeros(left);
            if (bank.priority(intid) < priority) {
                winner = intid;
                priority = bank.priority(intid);
            }
        }
        return winner;
    }

    final void updateAll() {
        for (int cpu = 0; cpu < interfaces.length; cpu++) {
            update(cpu);
        }
    }

    final void update(int cpu) {
        int intid = highestPending(cpu);
        boolean signalled = false;
        boolean asFiq = false;
        if (intid != Intid.SPURIOUS) {
            int group = groupOf(cpu, intid);
            signalled = interfaces[cpu].signals(priorityOf(cpu, intid), group);
            asFiq = fiq(cpu, group);
        }
        irq[cpu].set(signalled && !asFiq);
        fiq[cpu].set(signalled && asFiq);
    }
}
