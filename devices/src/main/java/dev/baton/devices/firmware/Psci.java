package dev.baton.devices.firmware;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.cpu.FirmwareCalls;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * PSCI 1.1 (Arm DEN 0022) and SMCCC 1.1 (Arm DEN 0028) as firmware above the kernel answers them. It has no state of its own:
 * whether a CPU is on is the CPU's state, and a CPU is on as soon as CPU_ON returns, so ON_PENDING never happens.
 *
 * <p>Registers other than x0 keep their values, which SMCCC 1.1 asks for and 1.0 allows.
 */
public final class Psci implements FirmwareCalls {
    /** Return values, DEN 0022 section 5.2.2. */
    public static final int SUCCESS = 0;
    public static final int NOT_SUPPORTED = -1;
    public static final int INVALID_PARAMETERS = -2;
    public static final int ALREADY_ON = -4;
    public static final int INVALID_ADDRESS = -9;

    private static final int VERSION_1_1 = 0x1_0001;
    /** AFFINITY_INFO. */
    private static final int ON = 0;
    private static final int OFF = 1;
    /** MIGRATE_INFO_TYPE: no Trusted OS, or one that need not be migrated. */
    private static final int MIGRATION_NOT_REQUIRED = 2;
    /** CPU_SUSPEND, original power_state format: StateID [15:0], StateType [16]. Power levels above the CPU are not offered. */
    private static final int POWER_STATE_FIELDS = 0x1_ffff;
    private static final int SYSTEM_WARM_RESET = 0;
    /** MPIDR_EL1: Aff3 in [39:32], Aff2 to Aff0 in [23:0]. */
    private static final long AFFINITY = 0xff_00ff_ffffL;

    private final Machine machine;
    private final Conduit conduit;
    private final int entryLevel;
    private final IntConsumer beforePowerOn;

    /**
     * @param entryLevel    exception level at which the firmware hands CPUs to the kernel, 1 or 2
     * @param beforePowerOn told the index of a CPU that CPU_ON is about to start, to reset what is reset with it
     */
    public Psci(Machine machine, Conduit conduit, int entryLevel, IntConsumer beforePowerOn) {
        this.machine = machine;
        this.conduit = conduit;
        this.entryLevel = entryLevel;
        this.beforePowerOn = beforePowerOn;
    }

    /** Answers the conduit with immediate 0, as SMCCC has it; anything else is the CPU's to refuse. */
    @Override
    public boolean call(Cpu cpu, String instruction, int immediate) {
        if (immediate != 0 || !instruction.equals(conduit.text())) {
            return false;
        }
        int id = (int) cpu.argument(0);
        PsciFunction function = PsciFunction.of(id);
        String name = function == null ? "unknown function 0x%08x".formatted(id) : function.name();
        machine.trace().call(cpu.index(), machine.clock().now(), name, cpu.argument(1));
        cpu.argument(0, function == null ? NOT_SUPPORTED : answer(cpu, function));
        return true;
    }

    private int answer(Cpu cpu, PsciFunction function) {
        return switch (function) {
            case PSCI_VERSION, SMCCC_VERSION -> VERSION_1_1;
            case PSCI_FEATURES -> features((int) cpu.argument(1));
            case SMCCC_ARCH_FEATURES -> architectureFeatures((int) cpu.argument(1));
            case CPU_ON, CPU_ON_64 -> cpuOn(argument(cpu, function, 1), argument(cpu, function, 2), argument(cpu, function, 3));
            case CPU_OFF -> cpuOff(cpu);
            case CPU_SUSPEND, CPU_SUSPEND_64 -> cpuSuspend(cpu, (int) cpu.argument(1));
            case AFFINITY_INFO, AFFINITY_INFO_64 -> affinityInfo(argument(cpu, function, 1), (int) cpu.argument(2));
            case MIGRATE_INFO_TYPE -> MIGRATION_NOT_REQUIRED;
            case SYSTEM_OFF -> systemEnds(StopReason.POWER_OFF);
            case SYSTEM_RESET -> systemEnds(StopReason.RESET);
            case SYSTEM_RESET2, SYSTEM_RESET2_64 -> systemReset2((int) cpu.argument(1));
        };
    }

    private static long argument(Cpu cpu, PsciFunction function, int n) {
        return function.wide() ? cpu.argument(n) : cpu.argument(n) & 0xffff_ffffL;
    }

    /** PSCI_FEATURES also tells whether SMCCC_VERSION is there (DEN 0028 appendix C), and of SMCCC no more. */
    private static int features(int id) {
        PsciFunction f = PsciFunction.of(id);
        return f == null || f == PsciFunction.SMCCC_ARCH_FEATURES ? NOT_SUPPORTED : SUCCESS;
    }

    /** No workaround is offered: a kernel asks for each by its function identifier. */
    private static int architectureFeatures(int id) {
        PsciFunction f = PsciFunction.of(id);
        return f != null && f.architecture() ? SUCCESS : NOT_SUPPORTED;
    }

    private static long affinity(Cpu cpu) {
        return cpu.register("mpidr_el1") & AFFINITY;
    }

    private int cpuOn(long target, long entry, long context) {
        Cpu cpu = null;
        for (Cpu c : machine.cpus()) {
            if (affinity(c) == target) {
                cpu = c;
            }
        }
        if (cpu == null) {
            return INVALID_PARAMETERS;
        }
        if (cpu.state() != Cpu.State.OFF) {
            return ALREADY_ON;
        }
        if ((entry & 3) != 0 || machine.bus().ram(entry) == null) {
            return INVALID_ADDRESS;
        }
        beforePowerOn.accept(cpu.index());
        cpu.powerOn(entryRegisters(entry, context));
        return SUCCESS;
    }

    private SortedMap<String, Long> entryRegisters(long entry, long context) {
        return new TreeMap<>(java.util.Map.of("pc", entry, "x0", context, "el", (long) entryLevel));
    }

    private static int cpuOff(Cpu cpu) {
        cpu.powerOff();
        return SUCCESS;
    }

    /** A power-down request is answered by standby, which DEN 0022 section 5.4.5 allows: the caller returns with SUCCESS. */
    private static int cpuSuspend(Cpu cpu, int powerState) {
        if ((powerState & ~POWER_STATE_FIELDS) != 0) {
            return INVALID_PARAMETERS;
        }
        cpu.waitForInterrupt();
        return SUCCESS;
    }

    /** Of one CPU at level 0; above, ON if any CPU below that affinity instance is on. */
    private int affinityInfo(long target, int level) {
        if (level < 0 || level > 3) {
            return INVALID_PARAMETERS;
        }
        long[] ignored = {0, 0xff, 0xffff, 0xff_ffff};
        long mask = AFFINITY & ~ignored[level];
        boolean known = false;
        for (Cpu c : machine.cpus()) {
            if ((affinity(c) & mask) == (target & mask)) {
                known = true;
                if (c.state() != Cpu.State.OFF) {
                    return ON;
                }
            }
        }
        return known && (target & ~AFFINITY) == 0 ? OFF : INVALID_PARAMETERS;
    }

    /** Does not return to the caller: every CPU is off when the machine stops. */
    private int systemEnds(StopReason reason) {
        machine.cpus().forEach(Cpu::powerOff);
        machine.stop(reason);
        return SUCCESS;
    }

    private int systemReset2(int type) {
        return type == SYSTEM_WARM_RESET ? systemEnds(StopReason.RESET) : INVALID_PARAMETERS;
    }
}
