package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;
import dev.baton.core.trace.TraceHash;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.TreeMap;

/**
 * A CPU at EL1 with its MMU on and 512 pages mapped one to one, each with attributes of its own. Every exception ends at a
 * model call that stops the machine, as does {@code HLT} in the code.
 */
final class Paged implements AutoCloseable {
    static final long BASE = 0x1000_0000L;
    static final long CODE = BASE;
    static final long DATA = BASE + 0x1_0000;
    /** A 2 MiB block of Device memory, mapped one to one; nothing is there until a test puts a device. */
    static final long DEVICES = 0x0900_0000L;
    static final int HLT = 0xd440_0000;
    private static final long VECTORS = BASE + 0x1000;
    private static final long LEVEL3 = BASE + 0x18_0000;
    private static final long LEVEL2 = LEVEL3 + 0x1000;
    private static final long LEVEL1 = LEVEL2 + 0x1000;
    private static final long NORMAL = 3 | 1 << 10 | 3 << 8;
    private static final long NON_CACHEABLE = NORMAL | 1 << 2;
    private static final long DEVICE = NORMAL | 2 << 2;

    final Machine machine = new Machine();
    final TraceHash trace = new TraceHash();
    final Ram ram;
    final Arm64Cpu cpu;
    private boolean stopped;

    Paged(Arm64Config config, CachePolicy policy, int... code) {
        ram = new Ram(BASE, 2 << 20, policy);
        machine.bus().add(ram);
        machine.trace(trace);
        cpu = new Arm64Cpu(machine, 0, config.withModelCalls((c, n) -> {
            stopped = true;
            machine.stop(StopReason.REQUESTED);
            return true;
        }));
        machine.add(cpu);
        put(CODE, code);
        for (int vector = 0; vector < 0x800; vector += 0x80) {
            put(VECTORS + vector, HLT);
        }
        for (int page = 0; page < 512; page++) {
            map(BASE + 4096L * page, NORMAL);
        }
        putLong(LEVEL2 + 8 * (BASE >>> 21 & 511), LEVEL3 | 3);
        putLong(LEVEL2 + 8 * (DEVICES >>> 21 & 511), DEVICES | 1 | 1 << 10 | 2 << 2);
        putLong(LEVEL1 + 8 * (BASE >>> 30), LEVEL2 | 3);
        start();
    }

    private void start() {
        TreeMap<String, Long> at = new TreeMap<>();
        at.put("el", 1L);
        at.put("pc", CODE);
        cpu.powerOn(at);
        cpu.register("mair_el1", 0x0044ff);
        cpu.register("tcr_el1", 1L << 32 | 1 << 23 | 3 << 12 | 1 << 10 | 1 << 8 | 25);
        cpu.register("ttbr0_el1", LEVEL1);
        cpu.register("vbar_el1", VECTORS);
        cpu.register("sctlr_el1", 1 | 1 << 2 | 1 << 12);
        cpu.register("sp", DATA + 0x8000);
    }

    void put(long pa, int... words) {
        ByteBuffer b = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int w : words) {
            b.putInt(w);
        }
        ram.place(pa, b.array(), 0, b.capacity());
    }

    private void putLong(long pa, long v) {
        put(pa, (int) v, (int) (v >>> 32));
    }

    private void map(long va, long attributes) {
        putLong(LEVEL3 + 8 * (va >>> 12 & 511), attributes == 0 ? 0 : va | attributes);
    }

    Paged(int... code) {
        this(Arm64Config.defaults(), CachePolicy.STRICT, code);
    }

    void unmap(long va) {
        map(va, 0);
    }

    void nonCacheable(long va) {
        map(va, NON_CACHEABLE);
    }

    void device(long va) {
        map(va, DEVICE);
    }

    /** Runs in turns of {@code turn} instructions until the code or an exception stops it, or {@code limit} are done. */
    void run(long turn, long limit) {
        while (!stopped && machine.instructions() < limit) {
            machine.run(Math.min(turn, limit - machine.instructions()));
        }
    }

    /** Everything two runs must agree on. */
    String outcome() {
        return cpu.describe() + " trace " + trace.value() + " state " + machine.stateHash() + " findings " + machine.findings().all();
    }

    @Override
    public void close() {
        machine.close();
    }
}
