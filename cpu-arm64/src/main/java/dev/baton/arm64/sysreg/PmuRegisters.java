package dev.baton.arm64.sysreg;

import dev.baton.arm64.pmu.PerformanceMonitors;
import dev.baton.arm64.sysreg.SpecialRegisters.Computed;

/** The registers of the Performance Monitors Extension, and MDCR_EL2 and MDCR_EL3, of which some fields belong to it. */
final class PmuRegisters {
    /** PMCR_EL0.{IMP, IDCODE}. */
    private static final long IDENTITY = 0xffff_0000L;

    private PmuRegisters() { }

    /** The register of that row, null if it is none of these. */
    static Register create(Row row, PerformanceMonitors pmu, CpuModel model) {
        String name = row.name();
        if (name.startsWith("PMEVCNTR")) {
            int n = name.charAt("PMEVCNTR".length()) - '0';
            return new Computed(row, () -> pmu.counter(n), v -> pmu.counter(n, v));
        }
        if (name.startsWith("PMEVTYPER")) {
            int n = name.charAt("PMEVTYPER".length()) - '0';
            return new Computed(row, () -> pmu.type(n), v -> pmu.type(n, v));
        }
        return switch (name) {
            case "PMCR_EL0" -> new Computed(row, () -> model.value(name) & IDENTITY | pmu.control(), pmu::control);
            case "PMCNTENSET_EL0" -> new Computed(row, pmu::enabled, pmu::enable);
            case "PMCNTENCLR_EL0" -> new Computed(row, pmu::enabled, pmu::disable);
            case "PMINTENSET_EL1" -> new Computed(row, pmu::interrupts, pmu::enableInterrupts);
            case "PMINTENCLR_EL1" -> new Computed(row, pmu::interrupts, pmu::disableInterrupts);
            case "PMOVSSET_EL0" -> new Computed(row, pmu::overflowed, pmu::overflow);
            case "PMOVSCLR_EL0" -> new Computed(row, pmu::overflowed, pmu::clearOverflow);
            case "PMSWINC_EL0" -> new Computed(row, () -> 0, pmu::softwareIncrement);
            case "PMSELR_EL0" -> new Computed(row, pmu::selected, pmu::select);
            case "PMCEID0_EL0" -> new Computed(row, pmu::commonEvents0, v -> { });
            case "PMCEID1_EL0" -> new Computed(row, pmu::commonEvents1, v -> { });
            case "PMCCNTR_EL0" -> new Computed(row, () -> pmu.counter(PerformanceMonitors.CYCLES),
                    v -> pmu.counter(PerformanceMonitors.CYCLES, v));
            case "PMCCFILTR_EL0" -> new Computed(row, () -> pmu.type(PerformanceMonitors.CYCLES),
                    v -> pmu.type(PerformanceMonitors.CYCLES, v));
            case "PMXEVCNTR_EL0" -> new Computed(row, pmu::selectedCounter, pmu::selectedCounter);
            case "PMXEVTYPER_EL0" -> new Computed(row, pmu::selectedType, pmu::selectedType);
            case "MDCR_EL2" -> control(row, pmu, pmu.present ? PerformanceMonitors.COUNTERS : 0);
            case "MDCR_EL3" -> control(row, pmu, 0);
            default -> null;
        };
    }

    /** A register of which some bits decide what counts. */
    private static Register control(Row row, PerformanceMonitors pmu, long reset) {
        return new Register(row) {
            @Override
            void write(long v) {
                pmu.beforeControl();
                super.write(v);
                pmu.afterControl();
            }

            @Override
            void reset(CpuModel m) {
                value = reset;
            }
        };
    }
}
