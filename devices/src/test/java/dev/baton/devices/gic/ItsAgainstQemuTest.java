package dev.baton.devices.gic;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.mem.BusMaster;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.devices.Level;
import dev.baton.devices.QemuGuest;
import dev.baton.devices.UnmodelledAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

/**
 * Random histories of ITS commands, MSIs, configuration changes and acknowledgements, some with impossible parameters, done by QEMU's
 * ITS and by ours: after each, where the queue is read, what is pending for CPU 0, its IRQ input, and the pending tables of two CPUs in
 * memory must be the same.
 *
 * <p>Every change of an LPI's configuration is followed by INVALL: QEMU reads the table anew at each event, ours may not.
 */
class ItsAgainstQemuTest {
    private static final long ITS = 0x0808_0000L;
    private static final long REDISTRIBUTORS = 0x080a_0000L;
    private static final long DEVICES = 0x4300_0000L;
    private static final long DEVICES_LEVEL_2 = 0x4300_8000L;
    private static final long COLLECTIONS = 0x4301_0000L;
    private static final long QUEUE = 0x4302_0000L;
    private static final long PROPERTIES = 0x4303_0000L;
    private static final long PENDING = 0x4304_0000L;
    private static final long ITTS = 0x4306_0000L;
    private static final int STEPS = 1500;

    private static final String STATE = """
                b   after_state
            state:
                mov x21, x30
                imm x3, 0x08080090
                ldr x2, [x3]
                mrs x3, s3_0_c12_c12_2
                orr x2, x2, x3, lsl #20
                mrs x3, s3_0_c12_c11_3
                orr x2, x2, x3, lsl #44
                mrs x3, isr_el1
                orr x2, x2, x3, lsl #52
                show x2
                imm x3, 0x43040400
                ldr x4, [x3]
                show x4
                imm x3, 0x43050400
                ldr x4, [x3]
                show x4
                br  x21
            after_state:
            """;

    private final PhysicalBus bus = new PhysicalBus();
    private final Ram ram = new Ram(0x4000_0000L, 128 << 20, CachePolicy.NONE);
    private final BusMaster memory = new BusMaster(bus, "guest");
    private final LpiSupport lpis = new LpiSupport(new BusMaster(bus, "gic"), () -> 0, false);
    private final Gic gic = new Gic(new long[] {0, 1}, lpis, UnmodelledAccess.UNHEARD);
    private final Its its = new Its(gic, ITS, lpis, UnmodelledAccess.UNHEARD);
    private final Level irq = new Level();
    private final QemuHistory history = new QemuHistory();
    private final Deque<Long> running = new ArrayDeque<>();
    private Random random;
    private int tail;
    private int acknowledged;

    ItsAgainstQemuTest() {
        bus.add(ram);
    }

    @AfterEach
    void close() {
        ram.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void random_histories_are_the_same_as_on_QEMU(long seed, @TempDir Path dir) throws Exception {
        QemuGuest.assume();
        random = new Random(seed);
        gic.connect(0, irq, new Level());
        history.append(STATE);
        bringUp(seed % 2 == 0);
        for (int i = 0; i < STEPS; i++) {
            step();
        }
        assertTrue(acknowledged > 10, "histories in which nothing happens prove nothing: " + acknowledged);
        history.compare(dir, "-m", "128", "-smp", "2");
    }

    private void bringUp(boolean indirect) {
        mmio(0x0800_0000L, 4, 0x13);
        for (int cpu = 0; cpu < 2; cpu++) {
            long base = REDISTRIBUTORS + cpu * 0x2_0000L;
            mmio(base + 0x1_0080, 4, -1);
            mmio(base + 0x70, 8, PROPERTIES | 0x78f);
            mmio(base + 0x78, 8, PENDING + cpu * 0x1_0000L | 0x780);
            mmio(base, 4, 1);
        }
        write("ICC_PMR_EL1", "c4_c6_0", 0xf8);
        write("ICC_IGRPEN1_EL1", "c12_c12_7", 1);
        store(DEVICES, 8, indirect ? 1L << 63 | DEVICES_LEVEL_2 : 0);
        mmio(ITS + 0x100, 8, 1L << 63 | (indirect ? 1L << 62 : 0) | 7L << 59 | DEVICES | 0x400);
        mmio(ITS + 0x108, 8, 1L << 63 | 7L << 59 | COLLECTIONS | 0x400);
        mmio(ITS + 0x80, 8, 1L << 63 | 7L << 59 | QUEUE | 0x400);
        mmio(ITS, 4, 1);
        for (int i = 0; i < 4; i++) {
            command(8L | (long) i << 32, i == 3 ? 13 : 2, 1L << 63 | ITTS + i * 0x1_0000L, 0);
            command(9, 0, 1L << 63 | i % 2 << 16 | i, 0);
        }
        for (int i = 0; i < 24; i++) {
            configure(8192 + i, 0xa3);
        }
        for (int i = 0; i < 8; i++) {
            command(0xa | (long) (i % 3) << 32, 8192L + i << 32 | i / 3, i % 4, 0);
        }
        show("brought up");
    }

    // The steps ---------------------------------------------------------------------------------------------------------

    private void step() {
        switch (random.nextInt(24)) {
            case 0 -> mapDevice();
            case 1 -> command(9, 0, valid() | (long) cpu() << 16 | collection(), 0);
            case 2, 3, 4 -> command(0xa | device(), (long) lpi() << 32 | event(), collection(), 0);
            case 5 -> command(0xb | 3L << 32, 8192 + random.nextInt(24), collection(), 0);
            case 6, 7 -> command(1 | device(), event(), collection(), 0);
            case 8 -> command(0xe, 0, (long) cpu() << 16, (long) cpu() << 16);
            case 9 -> command(0xf | device(), event(), 0, 0);
            case 10, 11, 12 -> command(3 | device(), event(), 0, 0);
            case 13 -> command(4 | device(), event(), 0, 0);
            case 14 -> command(pick(0xc, 5, 0x77) | device(), event(), 0, 0);
            case 15, 16 -> configure(8192 + random.nextInt(24), random.nextInt(32) << 3 | 2 | (random.nextInt(4) == 0 ? 0 : 1));
            case 17 -> translate();
            case 18 -> toggle(random.nextInt(2));
            case 19 -> write("ICC_PMR_EL1", "c4_c6_0", random.nextInt(4) == 0 ? random.nextInt(256) : 0xf8);
            case 20 -> end();
            default -> acknowledge();
        }
        show("");
    }

    /** An unmapping has no size: QEMU 7.2 refuses one whose Size field is out of range, the manual (IHI 0069, MAPD) does not. */
    private void mapDevice() {
        long valid = valid();
        command(8 | device(), valid != 0 && random.nextInt(4) == 0 ? 20 : random.nextInt(3), valid | itt(), 0);
    }

    private int pick(int... of) {
        return of[random.nextInt(of.length)];
    }

    private long valid() {
        return random.nextInt(4) == 0 ? 0 : 1L << 63;
    }

    private long itt() {
        return ITTS + random.nextInt(4) * 0x1_0000L;
    }

    private int cpu() {
        return random.nextInt(8) == 0 ? 2 + random.nextInt(3) : random.nextInt(2);
    }

    private long device() {
        return (long) (random.nextInt(12) == 0 ? pick(511, 512, 600, 0x7fff_ffff) : random.nextInt(4)) << 32;
    }

    private int event() {
        return random.nextInt(12) == 0 ? pick(8, 8192, 20_000) : random.nextInt(4);
    }

    private int collection() {
        return random.nextInt(12) == 0 ? pick(511, 512, 0xffff) : random.nextInt(4);
    }

    private int lpi() {
        return random.nextInt(12) == 0 ? pick(31, 1023, 8191, 65_536, 0x100_2000) : 8192 + random.nextInt(24);
    }

    private void configure(int lpi, int properties) {
        store(PROPERTIES + lpi - 8192, 1, properties);
        command(0xd, 0, 0, 0);
    }

    private void translate() {
        int event = event();
        mmio(ITS + 0x1_0040, 4, event);
    }

    private void toggle(int cpu) {
        mmio(REDISTRIBUTORS + cpu * 0x2_0000L, 4, 0);
        show("LPIs off on CPU " + cpu);
        mmio(REDISTRIBUTORS + cpu * 0x2_0000L, 4, 1);
    }

    private void acknowledge() {
        long intid = gic.read(0, "ICC_IAR1_EL1");
        if (intid >= 8192) {
            acknowledged++;
            running.add(intid);
        }
        history.expect("read ICC_IAR1_EL1", intid);
        history.append("    mrs x0, s3_0_c12_c12_0\n    show x0\n");
    }

    private void end() {
        if (!running.isEmpty()) {
            write("ICC_EOIR1_EL1", "c12_c12_1", running.removeLast());
        }
    }

    // Each access: done by us at once, and appended to the program. -------------------------------------------------------

    private void command(long dw0, long dw1, long dw2, long dw3) {
        long[] dw = {dw0, dw1, dw2, dw3};
        for (int i = 0; i < 4; i++) {
            store(QUEUE + 32 * tail + 8 * i, 8, dw[i]);
        }
        tail = (tail + 1) % 128;
        mmio(ITS + 0x88, 8, 32 * tail);
        history.expect("command %x %x %x %x".formatted(dw0, dw1, dw2, dw3), tail);
        history.append("    imm x0, %d\n    show x0\n".formatted(tail));
    }

    private void mmio(long address, int size, long value) {
        if (address >= REDISTRIBUTORS) {
            gic.redistributors().write(address - REDISTRIBUTORS, size, value);
        } else if (address >= ITS) {
            its.write(address - ITS, size, value);
        } else {
            gic.distributor().write(address - 0x0800_0000L, size, value);
        }
        history.store(address, size, value);
    }

    private void store(long address, int size, long value) {
        memory.store(address, size, value, true);
        history.store(address, size, value);
    }

    private void write(String register, String encoding, long value) {
        gic.write(0, register, value);
        history.append("    imm x0, 0x%x\n    msr s3_0_%s, x0\n    isb\n".formatted(value, encoding));
        show(register + " = 0x%x".formatted(value));
    }

    private void show(String step) {
        history.expect(step + " (CREADR, HPPIR1, RPR, IRQ)", its.read(0x90, 8) | gic.read(0, "ICC_HPPIR1_EL1") << 20
                | gic.read(0, "ICC_RPR_EL1") << 44 | (irq.isHigh() ? 1L << 59 : 0));
        for (int cpu = 0; cpu < 2; cpu++) {
            history.expect(step + " (pending table of CPU %d)".formatted(cpu), memory.load(PENDING + cpu * 0x1_0000L + 1024, 8, true));
        }
        history.append("    bl state\n");
    }
}
