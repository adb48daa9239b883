package dev.baton.devices.gic;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.devices.Level;
import dev.baton.devices.QemuGuest;
import dev.baton.devices.UnmodelledAccess;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

/**
 * Random histories of register accesses and line changes, done by QEMU's GICv2 and by ours, as in {@link GicAgainstQemuTest}.
 *
 * <p>Left out, because QEMU differs from IHI 0048B: both groups are enabled and GICC_CTLR.AckCtl is 1 throughout (its GICC_HPPIR and
 * GICC_IAR look past disabled groups in their own way, and it has no GICC_AIAR); GICC_PMR masks nothing; a level-sensitive interrupt
 * whose line is high is not enabled (there it becomes pending as by an edge); GICC_HPPIR does not give the CPU that sent an SGI;
 * GICD_ISPENDR has no effect on a PPI, nor on an SPI without a target; an SPI with two targets stays pending on the second when the
 * first acknowledges it, one that gets another target stays pending on the first, and one made active by GICD_ISACTIVER is active on
 * both; a write of 0 to GICD_SPENDSGIR makes QEMU abort at the next acknowledgement.
 */
class GicV2AgainstQemuTest {
    private static final long DISTRIBUTOR = 0x0800_0000L;
    private static final long INTERFACE = 0x0801_0000L;
    private static final int STEPS = 1200;
    /** SPI 2, the RTC: the one level, enabled throughout. */
    private static final int LEVEL = 1 << 2;

    private static final String STATE = """
                b   after_state
            state:
                mov x21, x30
                imm x3, 0x08010000
                ldr w2, [x3, #0x18]
                and x2, x2, #0x3ff
                ldr w4, [x3, #0x14]
                orr x2, x2, x4, lsl #32
                mrs x3, isr_el1
                orr x2, x2, x3, lsl #40
                show x2
                imm x3, 0x08000000
                ldr w4, [x3, #0x200]
                ldr w5, [x3, #0x300]
                eor x4, x4, x5, lsl #32
                show x4
                ldr w4, [x3, #0x204]
                ldr w5, [x3, #0x304]
                eor x4, x4, x5, lsl #32
                show x4
                ldr w4, [x3, #0xf20]
                ldr w5, [x3, #0xf24]
                eor x4, x4, x5, lsl #32
                show x4
                br  x21
            after_state:
            """;

    private record Acknowledged(long iar) { }

    private final GicV2 gic = new GicV2(2, () -> 0, UnmodelledAccess.UNHEARD);
    private final Level irq = new Level();
    private final Level fiq = new Level();
    private final QemuHistory history = new QemuHistory();
    private final Deque<Acknowledged> running = new ArrayDeque<>();
    private Random random;
    private int acknowledgements;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void random_histories_are_the_same_as_on_QEMU(long seed, @TempDir Path dir) throws Exception {
        QemuGuest.assume();
        random = new Random(seed);
        gic.connect(0, irq, fiq);
        history.append(STATE);
        history.raiseTheRawInterruptsOfUartAndRtc();
        bringUp();
        for (int i = 0; i < STEPS; i++) {
            step();
        }
        assertTrue(acknowledgements > 30, "histories in which nothing happens prove nothing: " + acknowledgements);
        history.compare(dir, "-M", "virt,gic-version=2", "-m", "128", "-smp", "2");
    }

    private void bringUp() {
        distributor(0x80, 4, random.nextInt());
        distributor(0x84, 4, random.nextInt());
        distributor(0xc08, 4, 0xaaaa & ~(2 << 4));
        distributor(0x820, 4, 0x0101_0101);
        distributor(0x824, 4, 0x0201_0201);
        distributor(0x104, 4, 0xff);
        distributor(0x100, 4, -1);
        distributor(0, 4, 3);
        cpuInterface(0x04, 0xf8);
        cpuInterface(0x08, 2);
        cpuInterface(0x1c, 3);
        cpuInterface(0x00, 7);
    }

    private void step() {
        switch (random.nextInt(28)) {
            case 0 -> distributor(pick(0x104, 0x184), 4, bits() & ~LEVEL);
            case 1 -> distributor(pick(0x204, 0x284), 4, bits() & 0xff);
            case 2 -> distributor(0x384, 4, bits());
            case 3, 4 -> distributor(0x420 + random.nextInt(8), 1, priority());
            case 5 -> distributor(pick(0x100, 0x180), 4, bits());
            case 6 -> distributor(0x280, 4, bits());
            case 7 -> distributor(pick(0x300, 0x380), 4, bits());
            case 8 -> distributor(0x400 + random.nextInt(32), 1, priority());
            case 9, 10, 11 -> sendSgi();
            case 12 -> distributor(pick(0xf10, 0xf20) + random.nextInt(8), 1, 1 << random.nextInt(8) | 1 << random.nextInt(8));
            case 13, 14 -> binaryPoint(2 + random.nextInt(5));
            case 15 -> cpuInterface(0x00, 7 | (random.nextBoolean() ? 8 : 0) | (random.nextBoolean() ? 16 : 0)
                    | (random.nextBoolean() ? 0x200 : 0));
            case 16, 17, 18 -> endTheLastAcknowledged();
            case 19 -> uartLine(random.nextBoolean());
            case 20 -> rtcLine(random.nextBoolean());
            case 21 -> show(pick(0x800, 0x820, 0x824, 0x400, 0x420, 0x80, 0x84, 0x100, 0x104, 0xc00, 0xc08, 0x4, 0x8, 0xfe8));
            default -> acknowledge();
        }
    }

    /** QEMU compares a pending priority whole with the running group priority, which is the same while both groups split it alike. */
    private void binaryPoint(int point) {
        if (running.isEmpty()) {
            cpuInterface(0x08, point);
            cpuInterface(0x1c, point + 1);
        }
    }

    private int pick(int... of) {
        return of[random.nextInt(of.length)];
    }

    private int bits() {
        return 1 << random.nextInt(8) | 1 << random.nextInt(32);
    }

    private int priority() {
        return random.nextInt(31) << 3;
    }

    private void sendSgi() {
        distributor(0xf00, 4, random.nextInt(3) << 24 | random.nextInt(4) << 16 | random.nextInt(8));
    }

    private void acknowledge() {
        long iar = gic.cpuInterface().read(0x0c, 4);
        if (iar != Intid.SPURIOUS) {
            acknowledgements++;
            running.add(new Acknowledged(iar));
        }
        history.expect("read GICC_IAR 0x%x".formatted(iar), iar);
        history.append("    imm x1, 0x0801000c\n    ldr w0, [x1]\n    show x0\n");
        showState("state after read GICC_IAR");
    }

    private void endTheLastAcknowledged() {
        if (!running.isEmpty()) {
            Acknowledged last = running.removeLast();
            cpuInterface(0x10, (int) last.iar);
            cpuInterface(0x1000, (int) last.iar);
        }
    }

    // Each access: done by us at once, and appended to the program. -------------------------------------------------------

    private void distributor(int offset, int size, int value) {
        gic.distributor().write(offset, size, Integer.toUnsignedLong(value));
        history.store(DISTRIBUTOR + offset, size, Integer.toUnsignedLong(value));
        showState("GICD +0x%x = 0x%x".formatted(offset, value));
    }

    private void cpuInterface(int offset, int value) {
        gic.cpuInterface().write(offset, 4, Integer.toUnsignedLong(value));
        history.store(INTERFACE + offset, 4, Integer.toUnsignedLong(value));
        showState("GICC +0x%x = 0x%x".formatted(offset, value));
    }

    private void uartLine(boolean high) {
        gic.spi(1).set(high);
        history.uartLine(high);
        showState("SPI 1 " + (high ? "high" : "low"));
    }

    private void rtcLine(boolean high) {
        gic.spi(2).set(high);
        history.rtcLine(high);
        showState("SPI 2 " + (high ? "high" : "low"));
    }

    private void show(int offset) {
        history.expect("read GICD +0x%x".formatted(offset), gic.distributor().read(offset, 4));
        history.append("    imm x1, 0x%x\n    ldr w0, [x1]\n    show x0\n".formatted(DISTRIBUTOR + offset));
    }

    /** GICC_HPPIR, GICC_RPR, ISR_EL1; which interrupts are pending and active; who sent SGIs. */
    private void showState(String step) {
        history.expect(step, gic.cpuInterface().read(0x18, 4) & 0x3ff | gic.cpuInterface().read(0x14, 4) << 32
                | (irq.isHigh() ? 1L << 47 : 0) | (fiq.isHigh() ? 1L << 46 : 0));
        history.expect(step + " (private: pending, active)", pair(0x200, 0x300));
        history.expect(step + " (shared: pending, active)", pair(0x204, 0x304));
        history.expect(step + " (senders of SGIs)", pair(0xf20, 0xf24));
        history.append("    bl state\n");
    }

    private long pair(int low, int high) {
        return gic.distributor().read(low, 4) ^ gic.distributor().read(high, 4) << 32;
    }
}
