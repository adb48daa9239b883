package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.cpu.StopPoints;

/**
 * Stops one CPU for a debugger outside the machine. No state of the machine: nothing of it is in snapshots, and no guest can tell.
 * Guest subroutines that a model calls do not stop: the model would find them unfinished.
 */
public final class Debug {
    /** Misaligned, so no PC equals it. */
    private static final long NOWHERE = 1;

    private final Arm64Cpu cpu;
    private final Engine engine;
    private StopPoints points = StopPoints.NONE;
    /** Of the guest's own debugger: see {@link dev.baton.arm64.debug.SelfHosted}. */
    private long[] guestAddresses = {};
    private boolean guestWatching;
    private StopPoints.Hit hit;
    /** Where it stopped last, and after how many instructions: it goes on from there. */
    private long passPc = NOWHERE;
    private long passTime;

    Debug(Arm64Cpu cpu, Engine engine) {
        this.cpu = cpu;
        this.engine = engine;
    }

    void points(StopPoints p) {
        points = p;
        stopsChanged();
        watchingChanged();
    }

    /** Where breakpoints of the guest are, and whether any of its watchpoints is enabled. */
    public void guest(long[] addresses, boolean watching) {
        if (!java.util.Arrays.equals(addresses, guestAddresses)) {
            guestAddresses = addresses;
            stopsChanged();
        }
        if (watching != guestWatching) {
            guestWatching = watching;
            watchingChanged();
        }
    }

    private void stopsChanged() {
        engine.code.stops(guestAddresses.length == 0 ? points : points.and(guestAddresses));
    }

    private void watchingChanged() {
        boolean on = points.watching() || guestWatching;
        cpu.memory.watching = on;
        cpu.mmu.watched(on);
    }

    /** The last stop, once; null if there was none since. */
    public StopPoints.Hit hit() {
        StopPoints.Hit h = hit;
        hit = null;
        return h;
    }

    /** The instruction at {@code pc} is the one before which the CPU stopped last. */
    boolean passes(long pc) {
        return engine.nested() || pc == passPc && engine.instructions() == passTime;
    }

    /** An address to stop at is reached. @return false if it stopped here already */
    boolean reached(long pc) {
        if (!points.at(pc) || passes(pc)) {
            return false;
        }
        stopped(new StopPoints.Hit(null, pc), pc);
        return true;
    }

    private void stopped(StopPoints.Hit why, long pc) {
        hit = why;
        passPc = pc;
        passTime = engine.instructions();
        engine.endSlice();
    }

    /** An access is about to be made; {@code cpu.at} is exact. @param access as {@link Mmu#translate} takes it */
    void access(long va, int size, int access) {
        StopPoints.Watch w = points.watch(va, size, (access & Mmu.WRITE) != 0);
        if (w != null && !passes(cpu.pc())) {
            stopped(new StopPoints.Hit(w, va), cpu.pc());
            throw DebugStop.INSTANCE;
        }
        if (guestWatching) {
            cpu.selfHosted.beforeAccess(va, size, access);
        }
    }
}
