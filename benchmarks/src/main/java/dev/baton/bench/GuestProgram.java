package dev.baton.bench;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * One CPU at EL1, MMU on, one to one, that runs a benchmark image ({@code src/main/guest}) from its first instruction to its
 * {@code HLT}, in the machine's turns of {@link Machine#QUANTUM} instructions.
 */
public final class GuestProgram implements AutoCloseable {
    /** Distance of the copies of an image: each has its data to itself. */
    public static final long STRIDE = 64 << 10;
    private static final long RAM_BASE = 0x4000_0000L;
    private static final long DATA = RAM_BASE + (16 << 20);
    private static final long TABLE = RAM_BASE + (24 << 20);
    private static final long STACK = RAM_BASE + (32 << 20);
    // Arm ARM D8.3: a 1 GiB block, Normal Write-Back by the MAIR below; TCR: T0SZ 25, write-back walks, TTBR1 off.
    private static final long BLOCK = 1 | 1 << 10 | 3 << 8;
    private static final long TCR = 1L << 32 | 1 << 23 | 3 << 12 | 1 << 10 | 1 << 8 | 25;
    private static final long SCTLR_M_C_I = 1 | 1 << 2 | 1 << 12;

    private final Machine machine = new Machine();
    private final Arm64Cpu cpu;
    private final int copies;
    private boolean stopped;

    /**
     * @param copies how many copies of the image lie {@link #STRIDE} apart
     * @param tier how its instructions are executed
     */
    public GuestProgram(String image, int copies, UnaryOperator<Arm64Config> tier) {
        this.copies = copies;
        Ram ram = new Ram(RAM_BASE, 64 << 20, CachePolicy.STRICT);
        machine.bus().add(ram);
        cpu = new Arm64Cpu(machine, 0, tier.apply(Arm64Config.defaults()).withModelCalls((c, n) -> {
            stopped = true;
            c.endSlice();
            return true;
        }));
        machine.add(cpu);
        byte[] bytes = bytes(image);
        for (int i = 0; i < copies; i++) {
            ram.place(RAM_BASE + i * STRIDE, bytes, 0, bytes.length);
        }
        byte[] data = new byte[8192];
        new SplittableRandom(1).nextBytes(data);
        ram.place(DATA, data, 0, data.length);
        byte[] table = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(BLOCK).putLong(RAM_BASE | BLOCK).array();
        ram.place(TABLE, table, 0, table.length);
        start();
    }

    private static byte[] bytes(String image) {
        try (InputStream in = GuestProgram.class.getResourceAsStream("guest/" + image + ".bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void start() {
        TreeMap<String, Long> at = new TreeMap<>();
        at.put("el", 1L);
        at.put("pc", RAM_BASE);
        cpu.powerOn(at);
        cpu.register("mair_el1", 0xff);
        cpu.register("tcr_el1", TCR);
        cpu.register("ttbr0_el1", TABLE);
        cpu.register("sctlr_el1", SCTLR_M_C_I);
    }

    /** Address of 8 KiB of random bytes. */
    public static long data() {
        return DATA;
    }

    /** Runs every copy once from its start. @return guest instructions executed */
    public long run(long x0, long iterations) {
        long before = cpu.instructions();
        for (int i = 0; i < copies; i++) {
            runCopy(RAM_BASE + i * STRIDE, x0, iterations);
        }
        return cpu.instructions() - before;
    }

    private void runCopy(long pc, long x0, long iterations) {
        stopped = false;
        cpu.argument(0, x0);
        cpu.argument(19, iterations);
        cpu.register("sp", STACK);
        cpu.register("pc", pc);
        while (!stopped) {
            cpu.run(Machine.QUANTUM);
        }
    }

    /** What the image left in x21. */
    public long result() {
        return cpu.argument(21);
    }

    @Override
    public void close() {
        machine.close();
    }
}
