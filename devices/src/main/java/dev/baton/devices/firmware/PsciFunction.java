package dev.baton.devices.firmware;

/**
 * The functions that {@link Psci} answers, by function identifier (Arm DEN 0022 section 5.1, Arm DEN 0028 chapter 7).
 * Bit 30 of an identifier says that arguments are 64 bits wide.
 */
enum PsciFunction {
    PSCI_VERSION(0x8400_0000),
    CPU_SUSPEND(0x8400_0001),
    CPU_SUSPEND_64(0xc400_0001),
    CPU_OFF(0x8400_0002),
    CPU_ON(0x8400_0003),
    CPU_ON_64(0xc400_0003),
    AFFINITY_INFO(0x8400_0004),
    AFFINITY_INFO_64(0xc400_0004),
    MIGRATE_INFO_TYPE(0x8400_0006),
    SYSTEM_OFF(0x8400_0008),
    SYSTEM_RESET(0x8400_0009),
    PSCI_FEATURES(0x8400_000a),
    SYSTEM_RESET2(0x8400_0012),
    SYSTEM_RESET2_64(0xc400_0012),
    SMCCC_VERSION(0x8000_0000),
    SMCCC_ARCH_FEATURES(0x8000_0001);

    private static final int SMC64 = 1 << 30;

    private final int id;

    PsciFunction(int id) {
        this.id = id;
    }

    int id() {
        return id;
    }

    /** The arguments are 64 bits wide. */
    boolean wide() {
        return (id & SMC64) != 0;
    }

    /** An Arm Architecture service (SMCCC), not PSCI. */
    boolean architecture() {
        return this == SMCCC_VERSION || this == SMCCC_ARCH_FEATURES;
    }

    /** @return null if there is none */
    static PsciFunction of(int id) {
        for (PsciFunction f : values()) {
            if (f.id == id) {
                return f;
            }
        }
        return null;
    }
}
