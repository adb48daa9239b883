package dev.baton.core.cpu;

/**
 * System registers that live in a device, such as the GIC CPU interface. The CPU owns their names, traps and access rules
 * and passes the values through here.
 */
public interface SystemRegisterPort {
    /** @param register the architecture's name, e.g. {@code ICC_IAR1_EL1} */
    long read(int cpu, String register);

    void write(int cpu, String register, long value);
}
