package dev.baton.devices.gic;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

/**
 * The CPU interface of one CPU: what the ICC_* system registers show and do, with one Security state. IHI 0069 chapter 4.8
 * and section 12.2. The GICC_* registers of a GICv2 are the same ones under other names.
 *
 * <p>Five bits of priority, all of which can preempt, so one active-priorities register for each group.
 */
final class CpuInterface {
    /** The running priority when no interrupt is active. */
    static final int IDLE = 0xff;
    /** ICC_BPR0_EL1 cannot be less: 7 minus the number of preemption bits. ICC_BPR1_EL1 counts from one more. */
    private static final int MIN_BPR0 = 2;
    private static final int MIN_BPR1 = 3;

    private static final int CTLR_CBPR = 1 << 0;
    private static final int CTLR_EOI_MODE = 1 << 1;
    /** PRIbits 5, IDbits 24 (more than GICD_TYPER says, as QEMU), A3V. */
    private static final int CTLR_FIXED = 4 << 8 | 1 << 11 | 1 << 15;

    private final InterruptController gic;
    private final int cpu;

    private int pmr;
    private final int[] bpr = {MIN_BPR0, MIN_BPR1};
    private final int[] apr = new int[2];
    private final boolean[] enabled = new boolean[2];
    private int ctlr;

    CpuInterface(InterruptController gic, int cpu) {
        this.gic = gic;
        this.cpu = cpu;
    }

    void reset() {
        pmr = 0;
        bpr[0] = MIN_BPR0;
        bpr[1] = MIN_BPR1;
        for (int group = 0; group < 2; group++) {
            apr[group] = 0;
            enabled[group] = false;
        }
        ctlr = 0;
    }

    // Priorities ------------------------------------------------------------------------------------------------------

    /** Bit 0: Group 0, bit 1: Group 1. */
    int enabledGroups() {
        return (enabled[0] ? 1 : 0) | (enabled[1] ? 2 : 0);
    }

    /** ICC_RPR_EL1: the group priority of the highest active interrupt, or {@link #IDLE}. */
    int runningPriority() {
        int both = apr[0] | apr[1];
        return both == 0 ? IDLE : Integer.numberOfTrailingZeros(both) << 3;
    }

    /** The bits of a priority that decide preemption (4.8.5). */
    private int groupPriorityMask(int group) {
        int point = group == 0 || (ctlr & CTLR_CBPR) != 0 ? bpr[0] : bpr[1] - 1;
        return 0xff << point + 1 & 0xff;
    }

    /** True if an interrupt of this priority and group is to be signalled now. */
    boolean signals(int priority, int group) {
        if (priority >= pmr) {
            return false;
        }
        int running = runningPriority();
        int mask = groupPriorityMask(group);
        return running == IDLE || (priority & mask) < (running & mask);
    }

    // ICC_IAR, ICC_HPPIR, ICC_EOIR, ICC_DIR ----------------------------------------------------------------------------

    /** ICC_IAR{@code group}_EL1: acknowledges the highest-priority pending interrupt if it is of the group and signalled. */
    private int acknowledge(int group) {
        int intid = gic.highestPending(cpu);
        if (intid == Intid.SPURIOUS || gic.groupOf(cpu, intid) != group) {
            return Intid.SPURIOUS;
        }
        int priority = gic.priorityOf(cpu, intid);
        if (!signals(priority, group)) {
            return Intid.SPURIOUS;
        }
        apr[group] |= 1 << ((priority & groupPriorityMask(group)) >> 3);
        gic.acknowledged(cpu, intid);
        gic.updateAll();
        return intid;
    }

    /** The highest-priority pending interrupt is of this group and would be acknowledged. */
    boolean signalsPending(int group) {
        int intid = gic.highestPending(cpu);
        return intid != Intid.SPURIOUS && gic.groupOf(cpu, intid) == group && signals(gic.priorityOf(cpu, intid), group);
    }

    /** Group of the highest active priority, 0 if there is none. */
    int groupOfRunning() {
        return Math.max(0, highestActiveGroup());
    }

    private int highestPending(int group) {
        int intid = gic.highestPending(cpu);
        return intid != Intid.SPURIOUS && gic.groupOf(cpu, intid) == group ? intid : Intid.SPURIOUS;
    }

    /** ICC_EOIR{@code group}_EL1: drops the running priority; deactivates too unless EOImode splits the two. */
    private void endOfInterrupt(int group, int intid) {
        if (!gic.exists(intid) || highestActiveGroup() != group) {
            return;
        }
        apr[group] &= apr[group] - 1;
        if ((ctlr & CTLR_EOI_MODE) == 0) {
            deactivate(intid);
        }
        gic.updateAll();
    }

    private int highestActiveGroup() {
        if ((apr[0] | apr[1]) == 0) {
            return -1;
        }
        return Integer.compareUnsigned(Integer.lowestOneBit(apr[0]) - 1, Integer.lowestOneBit(apr[1]) - 1) < 0 ? 0 : 1;
    }

    private void deactivateByDir(int intid) {
        if ((ctlr & CTLR_EOI_MODE) != 0) {
            deactivate(intid);
            gic.updateAll();
        }
    }

    private void deactivate(int intid) {
        InterruptBank bank = gic.bankOf(cpu, intid);
        if (bank != null) {
            bank.deactivate(intid);
        }
    }

    // System registers ------------------------------------------------------------------------------------------------

    /** @return the value, or -1 (which no 32-bit register reads as) if the register is not one that can be read here */
    long read(String register) {
        return switch (register) {
            case "ICC_IAR0_EL1" -> acknowledge(0);
            case "ICC_IAR1_EL1" -> acknowledge(1);
            default -> peek(register);
        };
    }

    long peek(String register) {
        return switch (register) {
            case "ICC_HPPIR0_EL1" -> highestPending(0);
            case "ICC_HPPIR1_EL1" -> highestPending(1);
            case "ICC_RPR_EL1" -> runningPriority();
            case "ICC_PMR_EL1" -> pmr;
            case "ICC_BPR0_EL1" -> bpr[0];
            case "ICC_BPR1_EL1" -> (ctlr & CTLR_CBPR) != 0 ? Math.min(bpr[0] + 1, 7) : bpr[1];
            case "ICC_AP0R0_EL1" -> Integer.toUnsignedLong(apr[0]);
            case "ICC_AP1R0_EL1" -> Integer.toUnsignedLong(apr[1]);
            case "ICC_CTLR_EL1" -> CTLR_FIXED | ctlr;
            case "ICC_CTLR_EL3" -> CTLR_FIXED | ctlr3();
            case "ICC_IGRPEN0_EL1" -> enabled[0] ? 1 : 0;
            case "ICC_IGRPEN1_EL1" -> enabled[1] ? 1 : 0;
            case "ICC_IGRPEN1_EL3" -> enabled[1] ? 3 : 0;
            case "ICC_SRE_EL1" -> 7;
            case "ICC_SRE_EL2", "ICC_SRE_EL3" -> 15;
            default -> -1;
        };
    }

    /** With one Security state both banked copies in ICC_CTLR_EL3 show ICC_CTLR_EL1. */
    private int ctlr3() {
        int cbpr = ctlr & CTLR_CBPR;
        int eoiMode = ctlr >> 1 & 1;
        return cbpr | cbpr << 1 | eoiMode << 2 | eoiMode << 3 | eoiMode << 4;
    }

    /** @return false if the register is not one that can be written here */
    boolean write(String register, long value) {
        int v = (int) value;
        switch (register) {
            case "ICC_EOIR0_EL1" -> endOfInterrupt(0, v & 0xff_ffff);
            case "ICC_EOIR1_EL1" -> endOfInterrupt(1, v & 0xff_ffff);
            case "ICC_DIR_EL1" -> deactivateByDir(v & 0xff_ffff);
            // The other Security state's Group 1: there is none.
            case "ICC_ASGI1R_EL1" -> { }
            case "ICC_PMR_EL1" -> pmr = v & InterruptBank.PRIORITY_MASK;
            case "ICC_BPR0_EL1" -> bpr[0] = Math.max(v & 7, MIN_BPR0);
            case "ICC_BPR1_EL1" -> writeBpr1(v);
            case "ICC_AP0R0_EL1" -> apr[0] = v;
            case "ICC_AP1R0_EL1" -> apr[1] = v;
            case "ICC_CTLR_EL1" -> ctlr = v & (CTLR_CBPR | CTLR_EOI_MODE);
            case "ICC_CTLR_EL3" -> ctlr = v >> 1 & CTLR_CBPR | ((v & 1 << 4) != 0 ? CTLR_EOI_MODE : 0);
            case "ICC_IGRPEN0_EL1" -> enabled[0] = (v & 1) != 0;
            case "ICC_IGRPEN1_EL1" -> enabled[1] = (v & 1) != 0;
            case "ICC_IGRPEN1_EL3" -> enabled[1] = (v & 1) != 0;
            // SRE, DFB, DIB and Enable are RAO/WI: there is no memory-mapped CPU interface to go back to.
            case "ICC_SRE_EL1", "ICC_SRE_EL2", "ICC_SRE_EL3" -> { }
            default -> {
                return false;
            }
        }
        gic.update(cpu);
        return true;
    }

    private void writeBpr1(int v) {
        if ((ctlr & CTLR_CBPR) == 0) {
            groupOneBinaryPoint(v);
        }
    }

    /** GICC_ABPR: as ICC_BPR1_EL1, but CBPR does not hide it. */
    int groupOneBinaryPoint() {
        return bpr[1];
    }

    void groupOneBinaryPoint(int v) {
        bpr[1] = Math.max(v & 7, MIN_BPR1);
    }

    void save(StateWriter out) {
        out.u32(pmr).ints(bpr).ints(apr).flag(enabled[0]).flag(enabled[1]).u32(ctlr);
    }

    void load(StateReader in) {
        pmr = in.u32();
        System.arraycopy(in.ints(), 0, bpr, 0, 2);
        System.arraycopy(in.ints(), 0, apr, 0, 2);
        enabled[0] = in.flag();
        enabled[1] = in.flag();
        ctlr = in.u32();
    }
}
