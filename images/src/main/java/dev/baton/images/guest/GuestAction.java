package dev.baton.images.guest;

/**
 * What the model can ask of the boot CPU: the answer to {@link ModelCallNumber#RUN}, by ordinal. Each is real instructions
 * in the guest image.
 */
public enum GuestAction {
    /** Asks again. */
    NONE,
    /** {@code HVC #0} with x0 to x3 = the four arguments; x0 is the result. */
    PSCI_HVC,
    /** {@code SMC #0}, likewise. */
    PSCI_SMC,
    /** Waits in WFE until the 64-bit word at argument 0 is not 0, at most argument 1 ticks of CNTVCT; its value is the result. */
    WAIT_FLAG,
    /** Polls AFFINITY_INFO of MPIDR argument 0 for OFF, at most argument 1 ticks; results: last answer, ticks that passed. */
    WAIT_CPU_OFF,
    /** WFI for ever. */
    HALT,
    /** HVC_SET_VECTORS with physical address argument 0. */
    HVC_SET_VECTORS,
    /**
     * Leaves by {@code cpu_soft_restart}: by EL2 (1) or not, entry, three arguments of it, and whether SCTLR_EL1 is written whole
     * (1, v5.16 on) or has bits cleared (0). Does not come back.
     */
    KEXEC_SOFT_RESTART,
    /**
     * Leaves into the relocation code with the MMU on: linear address of struct kimage, root of the identity map, control page.
     * Does not come back.
     */
    KEXEC_RELOCATE
}
