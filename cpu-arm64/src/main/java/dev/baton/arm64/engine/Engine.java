package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

/** The run loop. */
public final class Engine {
    public final CodeCache code;
    private final Arm64Cpu cpu;
    private long done;
    private long total;
    private long limit;

    public Engine(Arm64Cpu cpu) {
        this.cpu = cpu;
        code = new CodeCache(cpu);
    }

    public long run(long budget) {
        limit = budget;
        throw new UnsupportedOperationException();
    }

    public long executedInSlice() {
        return done + cpu.at;
    }

    public long instructions() {
        return total + executedInSlice();
    }

    public void endSlice() {
        limit = 0;
    }

    public void shortenSlice(long instructions) {
        limit = Math.min(limit, instructions);
    }

    public boolean waitsForEvent() {
        return false;
    }

    public void reset() { }

    public long callGuest(long target, long... arguments) {
        throw new UnsupportedOperationException();
    }

    /** {@link dev.baton.core.cpu.Cpu#callBefore}: no block may begin before or run across {@code target} while this is set. */
    public void callBefore(long target, Runnable reached) {
        throw new UnsupportedOperationException();
    }

    public long[] lastBranches() {
        return new long[0];
    }

    public void save(StateWriter out) {
        out.u64(total);
    }

    public void load(StateReader in) {
        total = in.u64();
    }
}
