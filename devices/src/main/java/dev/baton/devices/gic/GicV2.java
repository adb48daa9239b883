package dev.baton.devices.gic;

import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.UnmodelledAccess;

import java.util.function.IntSupplier;

/**
 * A whole GICv2 with 256 SPIs and up to eight CPUs, as QEMU's {@code virt} has it: without Security Extensions, so with two groups and
 * one view of every register; without Virtualization Extensions. IHI 0048B. Unlike QEMU's it has five bits of priority, as GIC-400 has.
 */
public final class GicV2 extends InterruptController {
    /** Number of SPIs: INTIDs 32 to 287. */
    public static final int SPIS = 256;
    /** Bytes of the distributor, which answers for less than the 64 KiB that device trees give it. */
    public static final long DISTRIBUTOR_SIZE = 0x1000;
    /** Bytes of the CPU interface: two pages, GICC_DIR begins the second. */
    public static final long CPU_INTERFACE_SIZE = 0x2000;

    private final DistributorV2 distributor;
    private final CpuInterfaceFrame frame;

    /**
     * @param cpus    1 to 8
     * @param current index of the CPU whose access is being answered, by which registers are banked
     */
    public GicV2(int cpus, IntSupplier current, UnmodelledAccess unmodelled) {
        super(cpus);
        distributor = new DistributorV2(this, cpus, SPIS, current, unmodelled);
        frame = new CpuInterfaceFrame(this, distributor, current, unmodelled);
    }

    /** GICD_*, {@link #DISTRIBUTOR_SIZE}. */
    public MmioDevice distributor() {
        return distributor;
    }

    /** GICC_*, {@link #CPU_INTERFACE_SIZE}; the CPU that accesses it sees its own. */
    public MmioDevice cpuInterface() {
        return frame;
    }

    @Override
    public void reset() {
        for (int i = 0; i < cpus(); i++) {
            cpuInterface(i).reset();
        }
        frame.reset();
        distributor.reset();
    }

    /** The GIC has a reset of its own: a CPU that is powered on again finds its interface as it was left. */
    @Override
    public void resetCpu(int cpu) { }

    @Override
    InterruptBank bankOf(int cpu, int intid) {
        if (intid < Intid.FIRST_SPI) {
            return distributor.privateBank(cpu);
        }
        return intid < Intid.FIRST_SPI + SPIS ? distributor.spis() : null;
    }

    @Override
    int highestPending(int cpu) {
        int groups = distributor.enabledGroups() & cpuInterface(cpu).enabledGroups();
        if (groups == 0) {
            return Intid.SPURIOUS;
        }
        InterruptBank own = distributor.privateBank(cpu);
        int best = highestOf(own, own.candidates(0, groups), 0, Intid.SPURIOUS, cpu);
        InterruptBank spis = distributor.spis();
        for (int w = 0; w < spis.size(); w++) {
            best = highestOf(spis, spis.candidates(w, groups) & distributor.targeted(cpu, w), Intid.FIRST_SPI + 32 * w, best, cpu);
        }
        return best;
    }

    @Override
    boolean fiq(int cpu, int group) {
        return group == 0 && frame.fiqEnabled(cpu);
    }

    @Override
    boolean exists(int intid) {
        return intid < Intid.FIRST_SPI + SPIS;
    }

    @Override
    public void save(StateWriter out) {
        distributor.save(out);
        frame.save(out);
        for (int i = 0; i < cpus(); i++) {
            cpuInterface(i).save(out);
        }
    }

    @Override
    public void load(StateReader in) {
        distributor.load(in);
        frame.load(in);
        for (int i = 0; i < cpus(); i++) {
            cpuInterface(i).load(in);
        }
        updateAll();
    }
}
