package dev.baton.devices;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.io.InterruptLine;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** A CPU whose instructions are a test's Java: it keeps registers, its power state and its interrupt inputs, for devices to act on. */
public final class FakeCpu implements Cpu {
    private final int index;
    private final long[] x = new long[31];
    private final Map<String, Long> named = new HashMap<>();
    private final Map<String, Boolean> lines = new HashMap<>();
    private State state = State.OFF;
    private Runnable onRun = () -> { };

    public FakeCpu(int index) {
        this(index, index);
    }

    public FakeCpu(int index, long affinity) {
        this.index = index;
        named.put("mpidr_el1", 0x8000_0000L | affinity);
    }

    /** What each of its slices, one instruction long, does. */
    public void onRun(Runnable instruction) {
        onRun = instruction;
    }

    public boolean asserted(String line) {
        return lines.getOrDefault(line, false);
    }

    @Override
    public void waitForInterrupt() {
        state = State.WAITING;
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public long pc() {
        return named.getOrDefault("pc", 0L);
    }

    @Override
    public String architecture() {
        return "arm64";
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public long run(long budget) {
        onRun.run();
        return 1;
    }

    @Override
    public long executedInSlice() {
        return 0;
    }

    @Override
    public void endSlice() { }

    @Override
    public void shortenSlice(long instructions) { }

    @Override
    public void sliceEnded() { }

    @Override
    public void powerOn(SortedMap<String, Long> registers) {
        state = State.RUNNING;
        Arrays.fill(x, -1);
        registers.forEach(this::register);
    }

    @Override
    public void powerOff() {
        state = State.OFF;
    }

    @Override
    public void eventReceived() { }

    @Override
    public InterruptLine interrupt(String name) {
        return asserted -> lines.put(name, asserted);
    }

    @Override
    public long register(String name) {
        return isGeneral(name) ? x[Integer.parseInt(name.substring(1))] : named.get(name);
    }

    @Override
    public void register(String name, long value) {
        if (isGeneral(name)) {
            x[Integer.parseInt(name.substring(1))] = value;
        } else {
            named.put(name, value);
        }
    }

    private static boolean isGeneral(String name) {
        return name.matches("x\\d+");
    }

    @Override
    public List<String> registerNames() {
        return List.of();
    }

    @Override
    public long argument(int n) {
        return x[n];
    }

    @Override
    public void argument(int n, long value) {
        x[n] = value;
    }

    @Override
    public long stateHash() {
        return Arrays.hashCode(x) + 31L * named.hashCode() + state.ordinal();
    }

    @Override
    public String describe() {
        return "fake CPU " + index;
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
        throw new UnsupportedOperationException();
    }

    @Override
    public void storeVirtual(long va, int size, long value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void readVirtual(long va, byte[] into, int offset, int n) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void writeVirtual(long va, byte[] from, int offset, int n) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void fillVirtual(long va, long n, byte value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long callGuest(long pc, long... arguments) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void callBefore(long pc, Runnable action) { }

    @Override
    public void callBeforeAny(long[] pcs, Runnable action) { }

    @Override
    public void whenTranslationGoesOff(Runnable action) { }

    @Override
    public void whenIdentityPageBegins(Runnable action) { }

    @Override
    public void activity(String text) { }

    @Override
    public long instructions() {
        return 0;
    }

    @Override
    public void dropDerivedState() { }

    @Override
    public void save(StateWriter out) {
        out.longs(x).text(state.name());
    }

    @Override
    public void load(StateReader in) {
        System.arraycopy(in.longs(), 0, x, 0, x.length);
        state = State.valueOf(in.text());
    }
}
