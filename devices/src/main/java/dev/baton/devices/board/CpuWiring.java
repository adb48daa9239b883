package dev.baton.devices.board;

import dev.baton.core.cpu.FirmwareCalls;
import dev.baton.core.cpu.SystemRegisterPort;
import dev.baton.core.io.InterruptLine;

import java.util.Map;

/**
 * What a board gives a CPU, and what the CPU must do with it.
 *
 * @param el2      EL2 is implemented, and kernels are entered there
 * @param firmware to be asked about every HVC and SMC before the architecture's own behaviour, with the mnemonic in lower
 *                 case; false means it does not listen there. It may power the calling CPU off
 * @param gic      to be given every access to an ICC_* or ICH_* system register that passed the CPU's traps, by CPU index
 *                 and architectural name
 * @param interrupts to be driven with the state of each generic timer's output (ISTATUS and not IMASK, with ENABLE), by name:
 *                 {@code cntp} {@code cntv} {@code cnthp} {@code cnthv} {@code cntps}; and of the overflow interrupt {@code pmu}
 */
public record CpuWiring(boolean el2, FirmwareCalls firmware, SystemRegisterPort gic, Map<String, InterruptLine> interrupts) {
    public CpuWiring {
        interrupts = Map.copyOf(interrupts);
    }
}
