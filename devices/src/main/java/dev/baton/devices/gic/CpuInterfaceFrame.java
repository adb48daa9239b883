package dev.baton.devices.gic;

import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.Parts;
import dev.baton.devices.UnmodelledAccess;

import java.util.Arrays;
import java.util.function.IntSupplier;

/**
 * GICC_* of a GICv2, two pages, banked by CPU: IHI 0048B section 4.4. Each register is an ICC_* register of {@link CpuInterface} under
 * another name (IHI 0069 section 12.1.1 has the list), except that GICC_CTLR arranges its bits in its own way, that acknowledging an
 * SGI gives the CPU that sent it, and that the plain registers are Group 0's unless AckCtl lets them show Group 1 too.
 */
final class CpuInterfaceFrame implements MmioDevice {
    private static final int CTLR = 0x0000;         // RW
    private static final int PMR = 0x0004;          // RW
    private static final int BPR = 0x0008;          // RW
    private static final int IAR = 0x000c;          // RO
    private static final int EOIR = 0x0010;         // WO
    private static final int RPR = 0x0014;          // RO
    private static final int HPPIR = 0x0018;        // RO
    private static final int ABPR = 0x001c;         // RW
    private static final int AIAR = 0x0020;         // RO
    private static final int AEOIR = 0x0024;        // WO
    private static final int AHPPIR = 0x0028;       // RO
    private static final int APR0 = 0x00d0;         // RW  APR1 to 3 are for more bits of priority
    private static final int NSAPR0 = 0x00e0;       // RW
    private static final int IIDR = 0x00fc;         // RO
    private static final int DIR = 0x1000;          // WO

    private static final int ENABLE_GRP0 = 1 << 0;
    private static final int ENABLE_GRP1 = 1 << 1;
    private static final int ACK_CTL = 1 << 2;
    private static final int FIQ_EN = 1 << 3;
    private static final int CBPR = 1 << 4;
    private static final int EOI_MODE = 1 << 9;
    /** FIQBypDisGrp0, IRQBypDisGrp0, FIQBypDisGrp1, IRQBypDisGrp1: kept; there is nothing to bypass to. */
    private static final int BYPASS = 0xf << 5;

    /** GICv2, implementer Arm; as QEMU. */
    private static final int IIDR_VALUE = 0x2_043b;
    /** "The highest-priority pending interrupt is of Group 1" (3.2.3). */
    private static final int GROUP1_PENDING = 1022;

    private final InterruptController gic;
    private final DistributorV2 distributor;
    private final IntSupplier current;
    private final UnmodelledAccess unmodelled;
    /** Per CPU: the bits of GICC_CTLR that are this frame's own. */
    private final int[] own;

    CpuInterfaceFrame(InterruptController gic, DistributorV2 distributor, IntSupplier current, UnmodelledAccess unmodelled) {
        this.gic = gic;
        this.distributor = distributor;
        this.current = current;
        this.unmodelled = unmodelled;
        own = new int[gic.cpus()];
    }

    @Override
    public void reset() {
        Arrays.fill(own, 0);
    }

    /** GICC_CTLR.FIQEn: Group 0 is signalled as FIQ. */
    boolean fiqEnabled(int cpu) {
        return (own[cpu] & FIQ_EN) != 0;
    }

    private CpuInterface mine() {
        return gic.cpuInterface(current.getAsInt());
    }

    // Reads -----------------------------------------------------------------------------------------------------------

    @Override
    public long read(long at, int size) {
        int offset = (int) at & ~3;
        if (name(offset) == null && offset != CTLR && offset != IIDR && !restOfActivePriorities(offset)) {
            unmodelled.report(false, "GICC " + UnmodelledAccess.at(at), size, 0);
        }
        return switch (offset) {
            case IAR -> Parts.read32(acknowledge(plainGroup()), at, size);
            case AIAR -> Parts.read32(acknowledge(1), at, size);
            default -> peek(at, size);
        };
    }

    @Override
    public long peek(long at, int size) {
        return Parts.read32(word((int) at & ~3), at, size);
    }

    /** The ICC_* register that shows or does what this one does; null if there is none. */
    private static String name(int offset) {
        return switch (offset) {
            case PMR -> "ICC_PMR_EL1";
            case BPR -> "ICC_BPR0_EL1";
            case ABPR -> "ICC_BPR1_EL1";
            case IAR, HPPIR -> "ICC_HPPIR0_EL1";
            case AIAR, AHPPIR -> "ICC_HPPIR1_EL1";
            case EOIR -> "ICC_EOIR0_EL1";
            case AEOIR -> "ICC_EOIR1_EL1";
            case RPR -> "ICC_RPR_EL1";
            case APR0 -> "ICC_AP0R0_EL1";
            case NSAPR0 -> "ICC_AP1R0_EL1";
            case DIR -> "ICC_DIR_EL1";
            default -> null;
        };
    }

    private static boolean restOfActivePriorities(int offset) {
        return offset > APR0 && offset < NSAPR0 || offset > NSAPR0 && offset < NSAPR0 + 16;
    }

    private int word(int offset) {
        return switch (offset) {
            case CTLR -> ctlr();
            case IIDR -> IIDR_VALUE;
            case IAR, HPPIR -> withSender(plainPending());
            case ABPR -> mine().groupOneBinaryPoint();
            case AIAR, AHPPIR -> withSender((int) mine().peek("ICC_HPPIR1_EL1"));
            case EOIR, AEOIR, DIR -> 0;
            default -> name(offset) == null ? 0 : (int) mine().peek(name(offset));
        };
    }

    private int ctlr() {
        int icc = (int) mine().peek("ICC_CTLR_EL1");
        int groups = mine().enabledGroups();
        return own[current.getAsInt()] | groups | ((icc & 1) != 0 ? CBPR : 0) | ((icc & 2) != 0 ? EOI_MODE : 0);
    }

    /** The highest-priority pending interrupt as the registers without "A" show it. */
    private int plainPending() {
        int group0 = (int) mine().peek("ICC_HPPIR0_EL1");
        if (group0 != Intid.SPURIOUS) {
            return group0;
        }
        int group1 = (int) mine().peek("ICC_HPPIR1_EL1");
        return group1 == Intid.SPURIOUS || ackCtl() ? group1 : GROUP1_PENDING;
    }

    private boolean ackCtl() {
        return (own[current.getAsInt()] & ACK_CTL) != 0;
    }

    /** CPUID [12:10] of an SGI: who sent it. */
    private int withSender(int intid) {
        return intid | distributor.sender(current.getAsInt(), intid) << 10;
    }

    /** The group that GICC_IAR acknowledges now. */
    private int plainGroup() {
        return ackCtl() && mine().peek("ICC_HPPIR1_EL1") != Intid.SPURIOUS ? 1 : 0;
    }

    private int acknowledge(int group) {
        int cpu = current.getAsInt();
        int intid = (int) gic.cpuInterface(cpu).read(group == 0 ? "ICC_IAR0_EL1" : "ICC_IAR1_EL1");
        if (intid < Intid.FIRST_PPI) {
            int sender = distributor.takeSender(cpu, intid);
            gic.updateAll();
            return intid | sender << 10;
        }
        boolean hidden = group == 0 && intid == Intid.SPURIOUS && gic.cpuInterface(cpu).signalsPending(1);
        return hidden ? GROUP1_PENDING : intid;
    }

    // Writes ----------------------------------------------------------------------------------------------------------

    @Override
    public void write(long at, int size, long value) {
        int offset = (int) at & ~3;
        int v = (int) value;
        switch (offset) {
            case CTLR -> writeCtlr(v);
            case EOIR -> mine().write(ackCtl() ? "ICC_EOIR" + mine().groupOfRunning() + "_EL1" : "ICC_EOIR0_EL1", v & 0x3ff);
            case AEOIR, DIR -> mine().write(name(offset), v & 0x3ff);
            case PMR, BPR, APR0, NSAPR0 -> mine().write(name(offset), v);
            case ABPR -> {
                mine().groupOneBinaryPoint(v);
                gic.update(current.getAsInt());
            }
            case IAR, RPR, HPPIR, AIAR, AHPPIR, IIDR -> { }
            default -> {
                if (!restOfActivePriorities(offset)) {
                    unmodelled.report(true, "GICC " + UnmodelledAccess.at(at), size, value);
                }
            }
        }
    }

    private void writeCtlr(int v) {
        CpuInterface mine = mine();
        own[current.getAsInt()] = v & (ACK_CTL | FIQ_EN | BYPASS);
        mine.write("ICC_CTLR_EL1", ((v & CBPR) != 0 ? 1 : 0) | ((v & EOI_MODE) != 0 ? 2 : 0));
        mine.write("ICC_IGRPEN0_EL1", v & ENABLE_GRP0);
        mine.write("ICC_IGRPEN1_EL1", (v & ENABLE_GRP1) >> 1);
    }

    @Override
    public void save(StateWriter out) {
        out.ints(own);
    }

    @Override
    public void load(StateReader in) {
        System.arraycopy(in.ints(), 0, own, 0, own.length);
    }
}
