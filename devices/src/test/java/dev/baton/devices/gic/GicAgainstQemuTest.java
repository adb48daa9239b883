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
 * Random sequences of register accesses and line changes, done by QEMU's GICv3 and by ours: after each, the value read, the
 * pending and running state and the IRQ and FIQ inputs of the CPU (ISR_EL1) must be the same. Two lines are real levels:
 * UARTINTR (SPI 1) and RTCINTR (SPI 2), moved by their mask registers.
 *
 * <p>Left out, because QEMU differs from IHI 0069 section 4.8: ICC_IGRPENn_EL1 is 1 throughout. In QEMU a pending interrupt of
 * a group that is disabled there hides those of lower priority in the other group; the CPU interface should release it.
 */
class GicAgainstQemuTest {
    private static final long DISTRIBUTOR = 0x0800_0000L;
    private static final long SGI_FRAME = 0x080b_0000L;
    private static final long SGI_FRAME_1 = 0x080d_0000L;
    private static final int STEPS = 1500;

    /** ICC registers of op0 3, op1 0 by name: CRn, CRm, op2. */
    private enum Icc {
        PMR("c4_c6_0"), IAR0("c12_c8_0"), EOIR0("c12_c8_1"), HPPIR0("c12_c8_2"), BPR0("c12_c8_3"), AP0R0("c12_c8_4"), AP1R0("c12_c9_0"),
        DIR("c12_c11_1"), RPR("c12_c11_3"), SGI1R("c12_c11_5"), SGI0R("c12_c11_7"), IAR1("c12_c12_0"), EOIR1("c12_c12_1"),
        HPPIR1("c12_c12_2"), BPR1("c12_c12_3"), CTLR("c12_c12_4"), IGRPEN0("c12_c12_6"), IGRPEN1("c12_c12_7");

        private final String encoding;

        Icc(String encoding) {
            this.encoding = "s3_0_" + encoding;
        }

        String register() {
            return "ICC_" + name() + "_EL1";
        }
    }

    /** What {@link #showState} computes, by the guest. */
    private static final String STATE = """
                b   after_state
            state:
                mov x21, x30
                mrs x2, s3_0_c12_c8_2
                mrs x3, s3_0_c12_c12_2
                orr x2, x2, x3, lsl #16
                mrs x3, s3_0_c12_c11_3
                orr x2, x2, x3, lsl #32
                mrs x3, isr_el1
                orr x2, x2, x3, lsl #40
                show x2
                imm x3, 0x080b0000
                ldr w4, [x3, #0x200]
                ldr w5, [x3, #0x300]
                eor x4, x4, x5, lsl #16
                imm x3, 0x08000000
                ldr w5, [x3, #0x204]
                eor x4, x4, x5, lsl #48
                ldr w5, [x3, #0x304]
                eor x4, x4, x5, lsl #56
                show x4
                imm x3, 0x080d0000
                ldr w4, [x3, #0x200]
                show x4
                br  x21
            after_state:
            """;

    private final Gic gic = new Gic(new long[] {0, 1}, UnmodelledAccess.UNHEARD);
    private final Level irq = new Level();
    private final Level fiq = new Level();
    private final QemuHistory history = new QemuHistory();
    private Random random;
    /** Acknowledged and not yet ended, the latest last. */
    private final Deque<Acknowledged> running = new ArrayDeque<>();
    private int acknowledgements;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void random_histories_are_the_same_as_on_QEMU(long seed, @TempDir Path dir) throws Exception {
        QemuGuest.assume();
        random = new Random(seed);
        gic.connect(0, irq, fiq);
        history.append(STATE);
        history.raiseTheRawInterruptsOfUartAndRtc();
        startWithMostThingsEnabled();
        for (int i = 0; i < STEPS; i++) {
            step();
        }
        assertTrue(acknowledgements > 30, "histories in which nothing happens prove nothing: " + acknowledgements);
        history.compare(dir, "-m", "128", "-smp", "2");
    }

    private void startWithMostThingsEnabled() {
        distributor(0x104, 4, 0xff);
        distributor(0x84, 4, 0x55);
        distributor(0, 4, 0x13);
        redistributor(0x100, 4, 0xffff);
        redistributor(0x80, 4, 0xf0f0);
        write(Icc.PMR, 0xf8);
        write(Icc.IGRPEN0, 1);
        write(Icc.IGRPEN1, 1);
    }

    // The steps ---------------------------------------------------------------------------------------------------------

    private void step() {
        switch (random.nextInt(30)) {
            case 0 -> distributor(pick(0x104, 0x184), 4, bits());
            case 1 -> distributor(pick(0x204, 0x284), 4, bits());
            case 2 -> distributor(pick(0x304, 0x384), 4, bits());
            case 3 -> distributor(0x420 + random.nextInt(8), 1, priority());
            case 4 -> reconfigure(random.nextInt() & 0xffff);
            case 5 -> distributor(0x84, 4, random.nextInt() & 0xff);
            case 6 -> distributor(0, 4, 0x10 | (random.nextInt(4) == 0 ? random.nextInt(4) : 3));
            case 7 -> distributor(0x6000 + 8 * (32 + random.nextInt(8)), 8, random.nextInt(8) == 0 ? 1 : 0);
            case 8 -> redistributor(pick(0x100, 0x180), 4, bits());
            case 9 -> redistributor(pick(0x200, 0x280), 4, bits());
            case 10 -> redistributor(pick(0x80, 0x300, 0x380), 4, bits());
            case 11 -> redistributor(0x400 + random.nextInt(32), 1, priority());
            case 12 -> sendSgi();
            case 13 -> write(Icc.PMR, random.nextInt(4) == 0 ? random.nextInt(256) : 0xff);
            case 14 -> write(pick(Icc.BPR0, Icc.BPR1), random.nextInt(8));
            case 15 -> write(Icc.CTLR, random.nextInt(4));
            case 16 -> write(Icc.DIR, intid());
            case 17 -> write(pick(Icc.EOIR0, Icc.EOIR1), intid());
            case 18, 22, 23 -> endTheLastAcknowledged();
            case 19 -> read(Icc.values()[random.nextInt(Icc.values().length)]);
            case 20 -> uartLine(random.nextBoolean());
            case 21 -> rtcLine(random.nextBoolean());
            case 24 -> otherCpu(pick(0x80, 0x280), bits());
            case 25 -> forgetWhatIsActive();
            default -> {
                read(Icc.IAR0);
                read(Icc.IAR1);
            }
        }
    }

    /** QEMU looks again at what is pending only when the next register is written; the architecture leaves the moment open. */
    private void reconfigure(int icfgr) {
        gic.distributor().write(0xc08, 4, icfgr);
        history.store(DISTRIBUTOR + 0xc08, 4, icfgr);
        distributor(0, 4, 0x13);
    }

    @SafeVarargs
    private <T> T pick(T... of) {
        return of[random.nextInt(of.length)];
    }

    private int bits() {
        return 1 << random.nextInt(8) | 1 << random.nextInt(32);
    }

    /** QEMU's distributor keeps eight bits of priority where ours, like its own CPU interface, has five. */
    private int priority() {
        return random.nextInt(32) << 3;
    }

    private int intid() {
        return random.nextInt(8) == 0 ? 1020 + random.nextInt(4) : random.nextInt(40);
    }

    /** To any of four CPUs, of which two are there, or to all others; rarely into another cluster. */
    private void sendSgi() {
        long targets = random.nextInt(8) == 0 ? 1L << 40 : random.nextInt(16);
        long cluster = random.nextInt(8) == 0 ? 1L << pick(16, 32, 44, 48) : 0;
        write(pick(Icc.SGI0R, Icc.SGI1R), (long) random.nextInt(16) << 24 | cluster | targets);
    }

    private void otherCpu(int offset, long value) {
        gic.redistributors().write(0x3_0000 + offset, 4, Integer.toUnsignedLong((int) value));
        history.store(SGI_FRAME_1 + offset, 4, value);
        showState("CPU 1, GICR SGI_base +0x%x = 0x%x".formatted(offset, value));
    }

    private void forgetWhatIsActive() {
        distributor(0x384, 4, 0xff);
        redistributor(0x380, 4, -1);
        write(Icc.AP0R0, 0);
        write(Icc.AP1R0, 0);
        running.clear();
    }

    private record Acknowledged(Icc end, long intid) { }

    private void acknowledge(Icc register, long intid) {
        if (intid < Intid.FIRST_SPECIAL) {
            acknowledgements++;
            running.add(new Acknowledged(register == Icc.IAR0 ? Icc.EOIR0 : Icc.EOIR1, intid));
        }
    }

    private void endTheLastAcknowledged() {
        if (!running.isEmpty()) {
            Acknowledged last = running.removeLast();
            write(last.end, last.intid);
            write(Icc.DIR, last.intid);
        }
    }

    // Each access: done by us at once, and appended to the program. -------------------------------------------------------

    private void distributor(int offset, int size, long value) {
        gic.distributor().write(offset, size, Integer.toUnsignedLong((int) value));
        history.store(DISTRIBUTOR + offset, size, value);
        showState("GICD +0x%x = 0x%x".formatted(offset, value));
    }

    private void redistributor(int offset, int size, long value) {
        gic.redistributors().write(0x1_0000 + offset, size, Integer.toUnsignedLong((int) value));
        history.store(SGI_FRAME + offset, size, value);
        showState("GICR SGI_base +0x%x = 0x%x".formatted(offset, value));
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

    private void write(Icc register, long value) {
        if (readOnly(register)) {
            return;
        }
        gic.write(0, register.register(), value);
        history.append("    imm x0, 0x%x\n    msr %s, x0\n    isb\n".formatted(value, register.encoding));
        showState(register.register() + " = 0x%x".formatted(value));
    }

    private static boolean readOnly(Icc register) {
        return switch (register) {
            case IAR0, IAR1, HPPIR0, HPPIR1, RPR -> true;
            default -> false;
        };
    }

    private void read(Icc register) {
        switch (register) {
            case EOIR0, EOIR1, DIR, SGI0R, SGI1R -> {
                return;
            }
            default -> { }
        }
        long value = gic.read(0, register.register());
        if (register == Icc.IAR0 || register == Icc.IAR1) {
            acknowledge(register, value);
        }
        history.expect("read " + register.register(), value);
        history.append("    mrs x0, %s\n    show x0\n".formatted(register.encoding));
        showState("state after read " + register.register());
    }

    /** ICC_HPPIR0, HPPIR1 and RPR, ISR_EL1, and which SPIs and private interrupts are pending and active. */
    private void showState(String step) {
        history.expect(step, gic.read(0, "ICC_HPPIR0_EL1") | gic.read(0, "ICC_HPPIR1_EL1") << 16 | gic.read(0, "ICC_RPR_EL1") << 32
                | (irq.isHigh() ? 1L << 47 : 0) | (fiq.isHigh() ? 1L << 46 : 0));
        history.expect(step + " (pending, active)", gic.redistributors().read(0x1_0200, 4) ^ gic.redistributors().read(0x1_0300, 4) << 16
                ^ gic.distributor().read(0x204, 4) << 48 ^ gic.distributor().read(0x304, 4) << 56);
        history.expect(step + " (pending on CPU 1)", gic.redistributors().read(0x3_0200, 4));
        history.append("    bl state\n");
    }
}
