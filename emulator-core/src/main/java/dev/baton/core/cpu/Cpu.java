package dev.baton.core.cpu;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.machine.Stateful;
import dev.baton.core.mem.Accessor;

import java.util.List;
import java.util.SortedMap;

/**
 * One processing element as the machine sees it. All methods are called from the machine's single thread.
 *
 * <p>The virtual accessors at the end are for models: the C-level logic of a modelled kernel acts on guest memory with the
 * CPU's own loads and stores, through its MMU and caches, at its current exception level. A fault there is a
 * {@link GuestFault}.
 */
public interface Cpu extends Accessor, Stateful {
    /** What the CPU is doing. */
    enum State {
        RUNNING,
        /** In WFI, WFE or HLT: wakes on an interrupt or event. */
        WAITING,
        /** Held by firmware (PSCI OFF) or never started. */
        OFF
    }

    /** {@code arm64} or {@code x86_64}. */
    String architecture();

    State state();

    /**
     * Executes up to {@code budget} instructions and returns how many it did. Returns early when the CPU waits, goes off,
     * or {@link #endSlice} was called. Ends at exactly {@code budget} otherwise, in every tier.
     */
    long run(long budget);

    /** Instructions executed since {@link #run} was entered, exact at any call out of the CPU; 0 outside. */
    long executedInSlice();

    /** The current {@link #run} stops after the instruction that is executing. */
    void endSlice();

    /** The current {@link #run} stops once {@code instructions} (counted from its start) are done, if that is sooner than its budget. */
    void shortenSlice(long instructions);

    /** Before another CPU runs: local exclusive monitors are cleared, which the architecture allows at any time. */
    void sliceEnded();

    /** Architectural reset, then starts at the given registers ({@code pc}, general registers, {@code el} on ARM: 1 or 2). */
    void powerOn(SortedMap<String, Long> registers);

    void powerOff();

    /**
     * As by WFI, for firmware that suspends its caller: after the current instruction the CPU waits until an interrupt is
     * pending. Waking for no reason is allowed, so doing nothing is too.
     */
    default void waitForInterrupt() { }

    /** An event (SEV, or the end of a slice on which an interrupt came) reaches this CPU: ends WFE. */
    void eventReceived();

    /** Interrupt inputs by name: {@code irq}, {@code fiq} on ARM; {@code intr}, {@code nmi} on x86. */
    InterruptLine interrupt(String name);

    /**
     * Register by the architecture's name, lower case: {@code x0}…{@code x30}, {@code sp}, {@code pc}, {@code pstate},
     * {@code sctlr_el1} …
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    long register(String name);

    void register(String name, long value);

    /** The general registers in the order in which people print them. */
    List<String> registerNames();

    /** General register by number, for calling conventions: {@code x0}–{@code x30} on ARM. */
    long argument(int n);

    void argument(int n, long value);

    /** Digest of the whole architectural register state. */
    long stateHash();

    /** One-line account of where the CPU is and what it waits for; for the stuck report. */
    String describe();

    /** The most recent taken branches, newest first, as {@code from -> to} address pairs; empty if not recorded. */
    long[] lastBranches();

    /** Translates without side effects. @return physical address, or -1 if the address does not translate */
    long translate(long va);

    long loadVirtual(long va, int size);

    void storeVirtual(long va, int size, long value);

    void readVirtual(long va, byte[] into, int offset, int n);

    void writeVirtual(long va, byte[] from, int offset, int n);

    void fillVirtual(long va, long n, byte value);

    /**
     * Calls a guest subroutine as C calls assembly: arguments in the argument registers, runs until it returns, all other
     * registers restored. Only from within a model call. Its instructions count.
     *
     * @return the first result register
     */
    long callGuest(long pc, long... arguments);

    /**
     * Calls {@code reached} once, right before this CPU executes the instruction at virtual address {@code pc} for the next time,
     * with every register exact. Replaces an earlier request; null withdraws it. Costs nothing until the CPU gets there: the
     * hand-over to a next kernel is watched with it.
     */
    void callBefore(long pc, Runnable reached);

    /** As {@link #callBefore}, for whichever of {@code pcs} comes first. */
    void callBeforeAny(long[] pcs, Runnable reached);

    /**
     * Calls {@code off} whenever an instruction has turned address translation off ({@code SCTLR_ELx.M} from 1 to 0), with every
     * register but the PC exact. Costs nothing otherwise. {@link #powerOn} is no such instruction.
     */
    void whenTranslationGoesOff(Runnable off);

    /**
     * Calls {@code begun} when this CPU, privileged, is about to fetch from a page whose virtual address equals its physical one and
     * whose translation is not the one it fetched from last: at least once when such a page begins to execute, before its first
     * instruction and with every register exact, and again after whatever may have changed translations. A kernel leaves itself
     * through such pages. Costs nothing elsewhere.
     */
    void whenIdentityPageBegins(Runnable begun);

    /** Where to stop for a debugger: {@link #run} returns early, and {@link #stopHit} says why. Replaces what was set before. */
    default void stopPoints(StopPoints points) { }

    /** Why the last {@link #run} stopped short at a stop point, once; null if it did not. */
    default StopPoints.Hit stopHit() {
        return null;
    }

    /** What the model is doing, shown as {@link Accessor#activity} in findings; "" when nothing. */
    void activity(String text);

    /** Instructions executed since power-on of the machine. */
    long instructions();

    /** Drops everything derived from memory contents (decoded code, fast TLB): after a snapshot was loaded. */
    void dropDerivedState();
}
