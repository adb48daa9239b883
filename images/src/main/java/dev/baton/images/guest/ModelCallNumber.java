package dev.baton.images.guest;

/**
 * Immediates of {@code HLT #imm16} by which guest code of a modelled kernel calls its model. The guest's side is {@code abi.inc}
 * beside the assembly; a test compares the two.
 */
public final class ModelCallNumber {
    /**
     * The boot CPU has its MMU on and runs at EL1 in the kernel mapping: x0 DTB (physical), x1 model id, x2 physical base of
     * the image, x3 mode of entry ({@link #BOOT_EL1}, {@link #BOOT_EL2}), x4 1 if the MMU was on at entry, x5 address of
     * {@code boot_args}: x0 to x3, DAIF and CurrentEL as the loader left them.
     */
    public static final int START_KERNEL = 0xba00;
    /** What is next? Results of the last action in x0 and x1; answered by a {@link GuestAction} in x0, its arguments from x1. */
    public static final int RUN = 0xba01;
    /** A secondary CPU is up: x0 its number, x1 mode of entry, x2 MPIDR_EL1. */
    public static final int SECONDARY_START = 0xba02;
    /** A secondary CPU is about to leave by PSCI CPU_OFF: x0 its number. */
    public static final int SECONDARY_OFFLINE = 0xba03;
    /** Nothing this kernel can run on: no 4 KiB granule, or entered at EL3. MMU off. */
    public static final int BOOT_FAILURE = 0xba04;
    /** An exception at EL1 nobody expects; plus the index of its vector, 0 to 15. All registers are as they were. */
    public static final int EXCEPTION = 0xba10;
    /** The same at EL2. */
    public static final int EL2_EXCEPTION = 0xba20;

    /** {@code BOOT_CPU_MODE_EL1} of Linux. */
    public static final long BOOT_EL1 = 0xe11;
    /** {@code BOOT_CPU_MODE_EL2} of Linux. */
    public static final long BOOT_EL2 = 0xe12;

    private ModelCallNumber() {
    }
}
