package dev.baton.core.cpu;

/**
 * System registers that live in a device, such as the GIC CPU interface. The CPU owns their names, traps and access rules
 * and passes the values through here.
 */
public interface SystemRegisterPort {
    /** No such device: reads 0, ignores writes. A CPU wired to it does not advertise the registers. */
    SystemRegisterPort NONE = new SystemRegisterPort() {
        @Override
        public long read(int cpu, String register) {
            return 0;
        }

        @Override
        public void write(int cpu, String register, long value) { }
    };

    /** @param register the architecture's name, e.g. {@code ICC_IAR1_EL1} */
    long read(int cpu, String register);

    void write(int cpu, String register, long value);
}
