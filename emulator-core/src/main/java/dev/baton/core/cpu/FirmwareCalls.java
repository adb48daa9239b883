package dev.baton.core.cpu;

/** Answers a call into firmware: the HVC or SMC instruction on ARM. */
@FunctionalInterface
public interface FirmwareCalls {
    /** No firmware. */
    FirmwareCalls NONE = (cpu, instruction, immediate) -> false;

    /**
     * Handles the call, reading and writing the CPU's registers by name.
     *
     * @param instruction {@code hvc} or {@code smc}
     * @param immediate   its 16-bit immediate
     * @return false if the firmware does not listen there: the CPU then takes its architectural exception
     */
    boolean call(Cpu cpu, String instruction, int immediate);
}
