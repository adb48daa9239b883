package dev.baton.arm64.exception;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.SortedMap;

/** Exception entry and return of one CPU. */
public final class Exceptions {
    /** What {@link #pendingInterrupt} answers. */
    public static final int NONE = 0;
    public static final int IRQ = 1;
    public static final int FIQ = 2;
    public static final int SERROR = 3;
    public static final int VIRQ = 4;
    public static final int VFIQ = 5;
    public static final int VSERROR = 6;

    private final Arm64Cpu cpu;
    private boolean irq;
    private boolean fiq;

    public Exceptions(Arm64Cpu cpu) {
        this.cpu = cpu;
    }

    /** The IRQ input pin. */
    public void irq(boolean asserted) {
        irq = asserted;
    }

    /** The FIQ input pin. */
    public void fiq(boolean asserted) {
        fiq = asserted;
    }

    /** The interrupt to take now, or {@link #NONE}: pins, virtual interrupts, routing and masks considered. */
    public int pendingInterrupt() {
        return irq && (cpu.daif & 0x80) == 0 ? IRQ : fiq && (cpu.daif & 0x40) == 0 ? FIQ : NONE;
    }

    /** WFI ends: an interrupt is pending, masked by PSTATE or not. */
    public boolean wakesUp() {
        return irq || fiq;
    }

    /** Takes the synchronous exception that {@link Arm64Cpu#pending} describes. */
    public void take() { }

    /** Takes an interrupt of {@link #pendingInterrupt}. */
    public void takeInterrupt(int kind) { }

    /** ERET. */
    public void eret() { }

    /** Describes an Undefined Instruction exception in {@link Arm64Cpu#pending}; the caller raises it. */
    public void undefined() {
        cpu.pending.ec = 0;
    }

    /** Architectural reset, then the given registers ({@code pc}, general registers, {@code el}). */
    public void reset(SortedMap<String, Long> registers) {
        registers.forEach(cpu::register);
    }

    public void save(StateWriter out) { }

    public void load(StateReader in) { }
}
