package dev.baton.devices.gic;

import dev.baton.core.cpu.SystemRegisterPort;
import dev.baton.core.io.InterruptLine;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.devices.UnmodelledAccess;

/**
 * A whole GICv3 with 224 SPIs, as QEMU's {@code virt} has it but without LPIs: one Security state (GICD_CTLR.DS is 1),
 * affinity routing always on.
 *
 * <p>Every change ends in {@link #update}, the only place where the CPUs' IRQ and FIQ inputs are driven. A source of further
 * interrupts, such as LPIs, has two places to join: {@link #highestPending}, which compares it with SGIs, PPIs and SPIs, and
 * {@link #bankOf}, which finds who keeps the state of an INTID.
 */
public final class Gic implements SystemRegisterPort, Stateful {
    /** Number of SPIs: INTIDs 32 to 255. */
    public static final int SPIS = 224;
    /** Bytes of the distributor frame. */
    public static final long DISTRIBUTOR_SIZE = 0x1_0000;
    /** Bytes of one CPU's redistributor frames. */
    public static final long REDISTRIBUTOR_SIZE = Redistributor.SIZE;

    /** GICD_IIDR and GICR_IIDR: implementer Arm, product 0, as QEMU. */
    static final int IIDR = 0x43b;
    /** GICD_PIDR4, the first identification register of any frame. */
    static final int FIRST_ID = 0xffd0;
    static final int DISTRIBUTOR_PART = 0x92;
    static final int REDISTRIBUTOR_PART = 0x93;
    /** PIDR4 to PIDR7, PIDR0 to PIDR3 (PIDR2.ArchRev is 3: GICv3), CIDR0 to CIDR3. */
    private static final int[] IDS = {0x44, 0, 0, 0, 0, 0xb4, 0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1};
    private static final int PIDR0 = 4;

    private final long[] affinities;
    private final UnmodelledAccess unmodelled;
    private final Distributor distributor;
    private final Redistributor[] redistributors;
    private final RedistributorRegion region;
    private final CpuInterface[] interfaces;
    private final HypervisorRegisters[] hypervisor;
    private final InterruptLine[] irq;
    private final InterruptLine[] fiq;

    /** @param affinities MPIDR_EL1 affinity fields by CPU index: Aff3 in [39:32], Aff2 to Aff0 in [23:0]; Aff0 is at most 15 */
    public Gic(long[] affinities, UnmodelledAccess unmodelled) {
        int cpus = affinities.length;
        this.affinities = affinities.clone();
        this.unmodelled = unmodelled;
        distributor = new Distributor(this, cpus, SPIS, unmodelled);
        redistributors = new Redistributor[cpus];
        interfaces = new CpuInterface[cpus];
        hypervisor = new HypervisorRegisters[cpus];
        irq = new InterruptLine[cpus];
        fiq = new InterruptLine[cpus];
        for (int i = 0; i < cpus; i++) {
            redistributors[i] = new Redistributor(i, affinities[i], i == cpus - 1, unmodelled);
            interfaces[i] = new CpuInterface(this, i);
            hypervisor[i] = new HypervisorRegisters();
            irq[i] = InterruptLine.UNCONNECTED;
            fiq[i] = InterruptLine.UNCONNECTED;
        }
        region = new RedistributorRegion(this, redistributors);
    }

    /** The interrupt inputs of a CPU. */
    public void connect(int cpu, InterruptLine irqInput, InterruptLine fiqInput) {
        irq[cpu] = irqInput;
        fiq[cpu] = fiqInput;
        update(cpu);
    }

    /** GICD_*, {@link #DISTRIBUTOR_SIZE}. */
    public MmioDevice distributor() {
        return distributor;
    }

    /** GICR_* of all CPUs, {@link #REDISTRIBUTOR_SIZE} each. */
    public MmioDevice redistributors() {
        return region;
    }

    /** Private peripheral interrupt {@code n} (0 to 15; INTID 16 + n) of a CPU. */
    public InterruptLine ppi(int cpu, int n) {
        return asserted -> {
            if (redistributors[cpu].bank().line(Intid.FIRST_PPI + n, asserted)) {
                update(cpu);
            }
        };
    }

    /** Shared peripheral interrupt {@code n} (0 to {@link #SPIS} - 1; INTID 32 + n). */
    public InterruptLine spi(int n) {
        return asserted -> {
            if (distributor.spis().line(Intid.FIRST_SPI + n, asserted)) {
                updateAll();
            }
        };
    }

    /** Back to power-on: every register and every line. */
    public void reset() {
        for (int i = 0; i < interfaces.length; i++) {
            resetCpu(i);
        }
        region.reset();
        distributor.reset();
    }

    /** A CPU was reset, or powered on again: its CPU interface is reset with it, its redistributor is not. */
    public void resetCpu(int cpu) {
        interfaces[cpu].reset();
        hypervisor[cpu].reset();
        update(cpu);
    }

    // Inside of the GIC -----------------------------------------------------------------------------------------------

    /** Index of the CPU with these affinity fields, or -1. */
    int cpuOfAffinity(long affinity) {
        for (int i = 0; i < affinities.length; i++) {
            if (affinities[i] == affinity) {
                return i;
            }
        }
        return -1;
    }

    /** Who keeps the state of an INTID as {@code cpu} sees it, or null. */
    InterruptBank bankOf(int cpu, int intid) {
        if (intid < Intid.FIRST_SPI) {
            return redistributors[cpu].bank();
        }
        return intid < Intid.FIRST_SPI + SPIS ? distributor.spis() : null;
    }

    /** The pending interrupt of the highest priority among those that are forwarded to {@code cpu}; the lowest INTID of equals. */
    int highestPending(int cpu) {
        int groups = distributor.enabledGroups() & interfaces[cpu].enabledGroups();
        if (groups == 0) {
            return Intid.SPURIOUS;
        }
        int best = highestOf(redistributors[cpu].bank(), redistributors[cpu].bank().candidates(0, groups), 0, Intid.SPURIOUS, cpu);
        InterruptBank spis = distributor.spis();
        for (int w = 0; w < spis.size(); w++) {
            int candidates = spis.candidates(w, groups) & distributor.routed(cpu, w);
            best = highestOf(spis, candidates, Intid.FIRST_SPI + 32 * w, best, cpu);
        }
        return best;
    }

    private int highestOf(InterruptBank bank, int candidates, int firstIntid, int best, int cpu) {
        int winner = best;
        int priority = best == Intid.SPURIOUS ? 0x100 : bankOf(cpu, best).priority(best);
        for (int left = candidates; left != 0; left &= left - 1) {
            int intid = firstIntid + Integer.numberOfTrailingZeros(left);
            if (bank.priority(intid) < priority) {
                winner = intid;
                priority = bank.priority(intid);
            }
        }
        return winner;
    }

    void updateAll() {
        for (int cpu = 0; cpu < interfaces.length; cpu++) {
            update(cpu);
        }
    }

    void update(int cpu) {
        int intid = highestPending(cpu);
        boolean signalled = false;
        int group = 0;
        if (intid != Intid.SPURIOUS) {
            InterruptBank bank = bankOf(cpu, intid);
            group = bank.group(intid);
            signalled = interfaces[cpu].signals(bank.priority(intid), group);
        }
        irq[cpu].set(signalled && group == 1);
        fiq[cpu].set(signalled && group == 0);
    }

    /**
     * ICC_SGI0R_EL1 and ICC_SGI1R_EL1 (12.2): makes an SGI pending on the target CPUs on which it belongs to {@code group}.
     */
    void sendSgi(int from, int group, long value) {
        int intid = (int) (value >>> 24) & 15;
        boolean toAllOthers = (value & 1L << 40) != 0;
        for (int cpu = 0; cpu < affinities.length; cpu++) {
            boolean target = toAllOthers ? cpu != from : targets(value, affinities[cpu]);
            InterruptBank bank = redistributors[cpu].bank();
            if (target && bank.group(intid) == group) {
                bank.latch(intid);
                update(cpu);
            }
        }
    }

    /** Aff3 [55:48], Aff2 [39:32], Aff1 [23:16]; bit n of TargetList [15:0] is Aff0 = n. ICC_CTLR_EL1.RSS is 0, so RS is RES0. */
    private static boolean targets(long value, long affinity) {
        boolean cluster = (value >>> 48 & 0xff) == (affinity >>> 32 & 0xff) && (value >>> 32 & 0xff) == (affinity >>> 16 & 0xff)
                && (value >>> 16 & 0xff) == (affinity >>> 8 & 0xff);
        int aff0 = (int) affinity & 0xff;
        return cluster && aff0 < 16 && (value >>> aff0 & 1) != 0;
    }

    static int id(int part, int offset) {
        int n = offset - FIRST_ID >> 2;
        return n == PIDR0 ? part : IDS[n];
    }

    // System registers --------------------------------------------------------------------------------------------------

    @Override
    public long read(int cpu, String register) {
        if (hypervisor[cpu].has(register)) {
            return hypervisor[cpu].read(register);
        }
        long value = interfaces[cpu].read(register);
        if (value < 0) {
            unmodelled.report(false, register, 8, 0);
            return 0;
        }
        return value;
    }

    @Override
    public void write(int cpu, String register, long value) {
        if (hypervisor[cpu].has(register)) {
            hypervisor[cpu].write(register, value);
        } else if (!interfaces[cpu].write(register, value)) {
            unmodelled.report(true, register, 8, value);
        }
    }

    /** What {@link #read} would give, without acknowledging anything. */
    public long peek(int cpu, String register) {
        return hypervisor[cpu].has(register) ? hypervisor[cpu].read(register) : Math.max(0, interfaces[cpu].peek(register));
    }

    // Snapshot ----------------------------------------------------------------------------------------------------------

    @Override
    public void save(StateWriter out) {
        distributor.save(out);
        region.save(out);
        for (int i = 0; i < interfaces.length; i++) {
            interfaces[i].save(out);
            hypervisor[i].save(out);
        }
    }

    @Override
    public void load(StateReader in) {
        distributor.load(in);
        region.load(in);
        for (int i = 0; i < interfaces.length; i++) {
            interfaces[i].load(in);
            hypervisor[i].load(in);
        }
        updateAll();
    }
}
