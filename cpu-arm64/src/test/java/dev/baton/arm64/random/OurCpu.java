package dev.baton.arm64.random;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.engine.Tier;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;
import dev.baton.core.trace.TraceHash;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.TreeMap;

/** Runs a {@link Program} on our CPU: at EL0, MMU on, identity map of Normal memory. */
final class OurCpu {
    /** The model that has most. */
    static final String MODEL = "max";

    private static final long TABLE = 0x1020_0000L;
    private static final long VECTORS = 0x4000_0000L;
    private static final byte[] HLT = {(byte) Words.HLT, (byte) (Words.HLT >>> 8), (byte) (Words.HLT >>> 16), (byte) (Words.HLT >>> 24)};
    /** Instructions: more than any program here has. */
    private static final long LIMIT = 100_000_000;
    private static final int SIZE = 4 << 20;

    /** State area and memory after the program, and the hash of its trace. */
    record Result(byte[] data, long traceHash) { }

    private OurCpu() { }

    static Result run(Program program, Tier tier) {
        Machine m = new Machine();
        TraceHash hash = new TraceHash();
        m.trace(hash);
        Ram ram = new Ram(Program.CODE, SIZE, CachePolicy.STRICT);
        m.bus().add(ram);
        Ram vectors = new Ram(VECTORS, 1 << 16, CachePolicy.STRICT);
        m.bus().add(vectors);
        Arm64Cpu cpu = new Arm64Cpu(m, 0, tier.of(Arm64Config.defaults()).withModel(MODEL).withModelCalls((c, n) -> {
            m.stop(StopReason.REQUESTED);
            return true;
        }));
        m.add(cpu);
        try {
            place(ram, program);
            // A synchronous exception from EL0 stops too, at EL1.
            vectors.place(VECTORS + 0x400, HLT, 0, 4);
            start(cpu);
            StopReason reason = m.run(LIMIT);
            if (reason != StopReason.REQUESTED || cpu.el != 0 || m.findings().all().size() > 0) {
                throw new AssertionError(reason + " esr_el1=" + Long.toHexString(cpu.register("esr_el1")) + " elr_el1="
                        + Long.toHexString(cpu.register("elr_el1")) + " " + cpu.describe() + " " + m.findings().all());
            }
            byte[] out = new byte[Program.DATA_BYTES];
            ram.peek(Program.STATE, out, 0, out.length, View.CACHED);
            return new Result(out, hash.value());
        } finally {
            m.close();
        }
    }

    private static void place(Ram ram, Program program) {
        Program.Code code = program.code();
        ByteBuffer b = ByteBuffer.allocate(4 * code.words().length).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < code.words().length; i++) {
            b.putInt(i == code.stop() ? Words.HLT : code.words()[i]);
        }
        ram.place(Program.CODE, b.array(), 0, b.capacity());
        ram.place(Program.STATE, program.data(), 0, Program.DATA_BYTES);
        ByteBuffer table = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        // A 1 GiB block at level 1: AF, inner shareable, AP = read-write at EL0, attribute 0.
        table.putLong(1L << 10 | 3L << 8 | 1L << 6 | 1);
        // The next for EL1 alone.
        table.putLong(1L << 30 | 1L << 10 | 3L << 8 | 1);
        ram.place(TABLE, table.array(), 0, 16);
    }

    private static void start(Arm64Cpu cpu) {
        TreeMap<String, Long> at = new TreeMap<>();
        at.put("el", 1L);
        at.put("pc", Program.CODE);
        cpu.powerOn(at);
        cpu.register("vbar_el1", VECTORS);
        // FPEN: no traps.
        cpu.register("cpacr_el1", 3 << 20);
        cpu.register("mair_el1", 0xff);
        // T0SZ 25 (39 bits, first level 1), write-back walks, EPD1.
        cpu.register("tcr_el1", 1L << 32 | 1 << 23 | 3 << 12 | 1 << 10 | 1 << 8 | 25);
        cpu.register("ttbr0_el1", TABLE);
        // M, C, I, DZE, UCT, nTWI, nTWE, UCI.
        cpu.register("sctlr_el1", 1 | 1 << 2 | 1 << 12 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 18 | 1 << 26);
        cpu.register("pstate", 0);
        cpu.register("pc", Program.CODE);
    }
}
