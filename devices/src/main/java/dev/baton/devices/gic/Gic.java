package dev.baton.devices.gic;

import dev.baton.core.cpu.SystemRegisterPort;
import dev.baton.core.io.MemoryOwner;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.io.OwnedRange;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.UnmodelledAccess;

import java.util.ArrayList;
import java.util.List;

/**
 * A whole GICv3 with 224 SPIs, as QEMU's {@code virt} has it: one Security state (GICD_CTLR.DS is 1), affinity routing always on; LPIs
 * if it was made with a way to memory.
 */
public final class Gic extends InterruptController implements SystemRegisterPort, MemoryOwner {
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
    private final HypervisorRegisters[] hypervisor;
    private final LpiConfiguration configuration;

    /** Without LPIs. @param affinities MPIDR_EL1 fields by CPU index: Aff3 in [39:32], Aff2 to Aff0 in [23:0]; Aff0 is at most 15 */
    public Gic(long[] affinities, UnmodelledAccess unmodelled) {
        this(affinities, null, unmodelled);
    }

    /**
     * With LPIs if {@code lpis} says how they are to be kept.
     *
     * @param lpis null for none
     */
    public Gic(long[] affinities, LpiSupport lpis, UnmodelledAccess unmodelled) {
        super(affinities.length);
        int cpus = affinities.length;
        this.affinities = affinities.clone();
        this.unmodelled = unmodelled;
        distributor = new Distributor(this, cpus, SPIS, lpis != null, unmodelled);
        redistributors = new Redistributor[cpus];
        hypervisor = new HypervisorRegisters[cpus];
        configuration = lpis == null ? null : new LpiConfiguration(lpis);
        for (int i = 0; i < cpus; i++) {
            Lpis own = lpis == null ? null : new Lpis(lpis, configuration, i);
            redistributors[i] = new Redistributor(i, affinities[i], i == cpus - 1, own, unmodelled);
            hypervisor[i] = new HypervisorRegisters();
        }
        region = new RedistributorRegion(this, redistributors);
    }

    /** GICD_*, {@link #DISTRIBUTOR_SIZE}. */
    public MmioDevice distributor() {
        return distributor;
    }

    /** GICR_* of all CPUs, {@link #REDISTRIBUTOR_SIZE} each. */
    public MmioDevice redistributors() {
        return region;
    }

    @Override
    public void reset() {
        for (int i = 0; i < cpus(); i++) {
            resetCpu(i);
        }
        region.reset();
        distributor.reset();
    }

    @Override
    public void resetCpu(int cpu) {
        cpuInterface(cpu).reset();
        hypervisor[cpu].reset();
        update(cpu);
    }

    @Override
    public List<OwnedRange> deviceOwned() {
        List<OwnedRange> owned = new ArrayList<>();
        for (Redistributor r : redistributors) {
            if (r.lpis() != null) {
                owned.addAll(r.lpis().deviceOwned());
            }
        }
        return owned;
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

    @Override
    InterruptBank bankOf(int cpu, int intid) {
        if (intid < Intid.FIRST_SPI) {
            return redistributors[cpu].bank();
        }
        return intid < Intid.FIRST_SPI + SPIS ? distributor.spis() : null;
    }

    /** INV: the entry of an LPI is read again when it is next needed. */
    void invalidateLpi(int intid) {
        configuration.invalidate(intid);
        lpiConfigurationChanged();
    }

    /** INVALL, for every collection: the entries are shared by the redistributors. */
    void invalidateLpis() {
        configuration.invalidateAll();
        lpiConfigurationChanged();
    }

    private void lpiConfigurationChanged() {
        for (Redistributor r : redistributors) {
            r.lpis().configurationChanged();
        }
    }

    /** The LPIs of a CPU; null if this GIC has none. */
    Lpis lpis(int cpu) {
        return redistributors[cpu].lpis();
    }

    @Override
    int highestPending(int cpu) {
        int groups = distributor.enabledGroups() & cpuInterface(cpu).enabledGroups();
        if (groups == 0) {
            return Intid.SPURIOUS;
        }
        int best = highestOf(redistributors[cpu].bank(), redistributors[cpu].bank().candidates(0, groups), 0, Intid.SPURIOUS, cpu);
        InterruptBank spis = distributor.spis();
        for (int w = 0; w < spis.size(); w++) {
            int candidates = spis.candidates(w, groups) & distributor.routed(cpu, w);
            best = highestOf(spis, candidates, Intid.FIRST_SPI + 32 * w, best, cpu);
        }
        Lpis lpis = lpis(cpu);
        boolean lpi = lpis != null && (groups & 2) != 0 && lpis.highest() != Intid.SPURIOUS
                && (best == Intid.SPURIOUS || lpis.highestPriority() < priorityOf(cpu, best));
        return lpi ? lpis.highest() : best;
    }

    @Override
    boolean fiq(int cpu, int group) {
        return group == 0;
    }

    private static boolean isLpi(int intid) {
        return intid >= Intid.FIRST_LPI;
    }

    @Override
    int priorityOf(int cpu, int intid) {
        return isLpi(intid) ? lpis(cpu).highestPriority() : super.priorityOf(cpu, intid);
    }

    /** An LPI is always in Group 1: with one Security state, Non-secure Group 1 (4.6). */
    @Override
    int groupOf(int cpu, int intid) {
        return isLpi(intid) ? 1 : super.groupOf(cpu, intid);
    }

    /** LPIs have no active state (4.1): acknowledged is no longer pending. */
    @Override
    void acknowledged(int cpu, int intid) {
        if (isLpi(intid)) {
            lpis(cpu).pending(intid, false);
        } else {
            super.acknowledged(cpu, intid);
        }
    }

    @Override
    boolean exists(int intid) {
        return super.exists(intid) || isLpi(intid) && lpis(0) != null;
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
        long value = cpuInterface(cpu).read(register);
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
        } else if (register.equals("ICC_SGI0R_EL1") || register.equals("ICC_SGI1R_EL1")) {
            sendSgi(cpu, register.charAt(7) - '0', value);
        } else if (!cpuInterface(cpu).write(register, value)) {
            unmodelled.report(true, register, 8, value);
        }
    }

    /** What {@link #read} would give, without acknowledging anything. */
    public long peek(int cpu, String register) {
        return hypervisor[cpu].has(register) ? hypervisor[cpu].read(register) : Math.max(0, cpuInterface(cpu).peek(register));
    }

    // Snapshot ----------------------------------------------------------------------------------------------------------

    @Override
    public void save(StateWriter out) {
        distributor.save(out);
        if (configuration != null) {
            configuration.save(out);
        }
        region.save(out);
        for (int i = 0; i < cpus(); i++) {
            cpuInterface(i).save(out);
            hypervisor[i].save(out);
        }
    }

    @Override
    public void load(StateReader in) {
        distributor.load(in);
        if (configuration != null) {
            configuration.load(in);
        }
        region.load(in);
        for (int i = 0; i < cpus(); i++) {
            cpuInterface(i).load(in);
            hypervisor[i].load(in);
        }
        updateAll();
    }
}
