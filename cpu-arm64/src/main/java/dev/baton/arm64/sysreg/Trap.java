package dev.baton.arm64.sysreg;

/** One trap or enable control over accesses to system registers and instructions. */
@FunctionalInterface
interface Trap {
    /** The access goes ahead. */
    int NONE = 0;
    /** The access is UNDEFINED. */
    int UNDEFINED = -1;

    /** @return {@link #NONE}, {@link #UNDEFINED}, or the exception level to trap to with EC 0x18 */
    int check(SystemRegisters s, boolean write);
}
