package dev.baton.core.machine;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.io.InterruptLine;

import java.util.List;
import java.util.SortedMap;
import java.util.function.LongConsumer;

/** A CPU whose every instruction is a Java call with the number of the instruction; enough to see the scheduler work. */
class ScriptedCpu implements Cpu {
    private final int index;
    LongConsumer instruction = n -> { };
    State state = State.OFF;
    long count;
    private long inSlice;
    private long limit;
    private boolean running;

    ScriptedCpu(int index) {
        this.index = index;
    }

    @Override
    public long run(long budget) {
        inSlice = 0;
        limit = budget;
        running = true;
        while (inSlice < limit && state == State.RUNNING) {
            inSlice++;
            count++;
            instruction.accept(count);
        }
        long done = inSlice;
        running = false;
        inSlice = 0;
        return done;
    }

    @Override
    public long executedInSlice() {
        return running ? inSlice : 0;
    }

    @Override
    public void endSlice() {
        limit = inSlice;
    }

    @Override
    public void shortenSlice(long instructions) {
        limit = Math.min(limit, Math.max(instructions, inSlice));
    }

    @Override
    public void sliceEnded() { }

    @Override
    public int index() {
        return index;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public void powerOn(SortedMap<String, Long> registers) {
        state = State.RUNNING;
    }

    @Override
    public void powerOff() {
        state = State.OFF;
    }

    @Override
    public void eventReceived() {
        if (state == State.WAITING) {
            state = State.RUNNING;
        }
    }

    @Override
    public long stateHash() {
        return count;
    }

    @Override
    public long instructions() {
        return count;
    }

    @Override
    public void save(StateWriter out) {
        out.u64(count).u32(state.ordinal());
    }

    @Override
    public void load(StateReader in) {
        count = in.u64();
        state = State.values()[in.u32()];
    }

    @Override
    public void dropDerivedState() { }

    @Override
    public String architecture() {
        return "scripted";
    }

    @Override
    public InterruptLine interrupt(String name) {
        return asserted -> eventReceived();
    }

    @Override
    public long register(String name) {
        throw new IllegalArgumentException(name);
    }

    @Override
    public void register(String name, long value) {
        throw new IllegalArgumentException(name);
    }

    @Override
    public List<String> registerNames() {
        return List.of();
    }

    @Override
    public long argument(int n) {
        return 0;
    }

    @Override
    public void argument(int n, long value) { }

    @Override
    public String describe() {
        return "cpu" + index + " " + state;
    }

    @Override
    public long[] lastBranches() {
        return new long[0];
    }

    @Override
    public long translate(long va) {
        return va;
    }

    @Override
    public long loadVirtual(long va, int size) {
        return 0;
    }

    @Override
    public void storeVirtual(long va, int size, long value) { }

    @Override
    public void readVirtual(long va, byte[] into, int offset, int n) { }

    @Override
    public void writeVirtual(long va, byte[] from, int offset, int n) { }

    @Override
    public void fillVirtual(long va, long n, byte value) { }

    @Override
    public long callGuest(long pc, long... arguments) {
        return 0;
    }

    @Override
    public void callBefore(long pc, Runnable reached) { }

    @Override
    public void callBeforeAny(long[] pcs, Runnable reached) { }

    @Override
    public void whenTranslationGoesOff(Runnable off) { }

    @Override
    public void whenIdentityPageBegins(Runnable begun) { }

    @Override
    public void activity(String text) { }

    @Override
    public long pc() {
        return count * 4;
    }
}
