package dev.baton.devices.board;

import dev.baton.core.mem.CachePolicy;
import dev.baton.devices.firmware.Conduit;

import java.util.OptionalLong;

/**
 * What can be chosen about a {@code virt} machine.
 *
 * @param cpus          1 to 8; CPU n has Aff0 = n
 * @param memory        bytes of RAM, a multiple of 1 MiB, at least 8 MiB
 * @param caches        eviction policy of RAM
 * @param enableMethod  how secondary CPUs start
 * @param entryLevel    exception level at which the kernel is entered: 1, or 2 with EL2 implemented
 * @param cpuModel      CPU model by name, which the CPU's module knows
 * @param epoch         what the RTC reads at power-on, seconds since 1970-01-01 UTC
 * @param seed          generator seed of {@code kaslr-seed} and {@code rng-seed}; without it neither is there
 * @param gicVersion    2 or 3
 * @param its           a GICv3 has LPIs and an ITS; of no meaning with a GICv2, which has a v2m frame for MSIs
 * @param stickyLpis    GICR_CTLR.EnableLPIs cannot be cleared once it is set, as on much hardware (IHI 0069 leaves the choice to the
 *                      implementation); QEMU's can
 * @param peripherals   what is on the board beside CPUs, interrupt controller, console and clock
 */
public record VirtConfig(int cpus, long memory, CachePolicy caches, EnableMethod enableMethod, int entryLevel,
                         String cpuModel, long epoch, OptionalLong seed, int gicVersion, boolean its, boolean stickyLpis,
                         Peripherals peripherals) {
    public static final int MAX_CPUS = 8;
    private static final long MIB = 1L << 20;
    private static final long MIN_MEMORY = 8 * MIB;
    /** 2026-01-01T00:00:00Z. */
    private static final long DEFAULT_EPOCH = 1_767_225_600L;

    /** @throws IllegalArgumentException with one sentence if a value is out of range */
    public VirtConfig {
        expect(cpus >= 1 && cpus <= MAX_CPUS, "virt: expected 1 to %d CPUs, found %d".formatted(MAX_CPUS, cpus));
        expect(memory % MIB == 0 && memory >= MIN_MEMORY && memory <= VirtLayout.RAM_MAX,
                "virt: expected memory of 8 MiB to 255 GiB in whole MiB, found %d bytes".formatted(memory));
        expect(entryLevel == 1 || entryLevel == 2, "virt: expected entry at EL 1 or 2, found %d".formatted(entryLevel));
        expect(gicVersion == 2 || gicVersion == 3, "virt: expected gic-version 2 or 3, found %d".formatted(gicVersion));
    }

    private static void expect(boolean holds, String sentence) {
        if (!holds) {
            throw new IllegalArgumentException(sentence);
        }
    }

    /** One CPU, 512 MiB, caches {@code strict}, PSCI, entry at EL1, GICv3 with ITS. */
    public static VirtConfig defaults() {
        return new VirtConfig(1, 512 * MIB, CachePolicy.STRICT, EnableMethod.PSCI, 1, "baton-v8", DEFAULT_EPOCH,
                OptionalLong.empty(), 3, true, false, Peripherals.MINIMAL);
    }

    public VirtConfig withCpus(int n) {
        return new VirtConfig(n, memory, caches, enableMethod, entryLevel, cpuModel, epoch, seed, gicVersion, its, stickyLpis,
                peripherals);
    }

    public VirtConfig withMemory(long bytes) {
        return new VirtConfig(cpus, bytes, caches, enableMethod, entryLevel, cpuModel, epoch, seed, gicVersion, its, stickyLpis,
                peripherals);
    }

    public VirtConfig withCaches(CachePolicy policy) {
        return new VirtConfig(cpus, memory, policy, enableMethod, entryLevel, cpuModel, epoch, seed, gicVersion, its, stickyLpis,
                peripherals);
    }

    public VirtConfig withEnableMethod(EnableMethod method) {
        return new VirtConfig(cpus, memory, caches, method, entryLevel, cpuModel, epoch, seed, gicVersion, its, stickyLpis,
                peripherals);
    }

    public VirtConfig withEntryLevel(int el) {
        return new VirtConfig(cpus, memory, caches, enableMethod, el, cpuModel, epoch, seed, gicVersion, its, stickyLpis, peripherals);
    }

    /** @param seconds that the RTC reads at power-on, since 1970-01-01 UTC */
    public VirtConfig withEpoch(long seconds) {
        return new VirtConfig(cpus, memory, caches, enableMethod, entryLevel, cpuModel, seconds, seed, gicVersion, its, stickyLpis,
                peripherals);
    }

    public VirtConfig withSeed(long s) {
        return new VirtConfig(cpus, memory, caches, enableMethod, entryLevel, cpuModel, epoch, OptionalLong.of(s), gicVersion, its,
                stickyLpis, peripherals);
    }

    public VirtConfig withGicVersion(int version) {
        return new VirtConfig(cpus, memory, caches, enableMethod, entryLevel, cpuModel, epoch, seed, version, its, stickyLpis,
                peripherals);
    }

    public VirtConfig withIts(boolean on) {
        return new VirtConfig(cpus, memory, caches, enableMethod, entryLevel, cpuModel, epoch, seed, gicVersion, on, stickyLpis,
                peripherals);
    }

    public VirtConfig withStickyLpis(boolean sticky) {
        return new VirtConfig(cpus, memory, caches, enableMethod, entryLevel, cpuModel, epoch, seed, gicVersion, its, sticky,
                peripherals);
    }

    public VirtConfig withPeripherals(Peripherals p) {
        return new VirtConfig(cpus, memory, caches, enableMethod, entryLevel, cpuModel, epoch, seed, gicVersion, its, stickyLpis, p);
    }

    public VirtConfig withCpuModel(String name) {
        return new VirtConfig(cpus, memory, caches, enableMethod, entryLevel, name, epoch, seed, gicVersion, its, stickyLpis, peripherals);
    }

    /** {@code compatible} of the CPU nodes: QEMU's {@code max} says that of a Cortex-A57, and so do models of our own. */
    public String cpuCompatible() {
        return cpuModel.contains("-a") || cpuModel.startsWith("neoverse") ? "arm," + cpuModel : "arm,cortex-a57";
    }

    /** There is an ITS: asked for, and the GIC is of the version that can have one. */
    public boolean hasIts() {
        return gicVersion == 3 && its;
    }

    /** As QEMU: firmware is at EL2 (HVC) for a kernel at EL1, and at EL3 (SMC) for one at EL2. */
    public Conduit conduit() {
        return entryLevel == 2 ? Conduit.SMC : Conduit.HVC;
    }
}
