package dev.baton.arm64;

/**
 * One decoded instruction with its operands resolved: register 31 is {@link Arm64Cpu#SP}, {@link Arm64Cpu#ZR_READ} or
 * {@link Arm64Cpu#ZR_WRITE}, immediates are shifted, PC-relative targets absolute. A class hierarchy, never an interface or
 * lambda: HotSpot dispatches a vtable call in a third of the time of an itable call (measured: 257
 * against 230 MIPS on compiled C).
 */
public abstract class Insn {
    /** Index of the instruction in its block: its PC is {@code cpu.pc + 4 * at}. Set by the block builder. */
    public int at;

    /** Executes it. Anything that can leave the straight line is passed {@code this}, so that the PC is exact there. */
    public abstract void execute(Arm64Cpu c);

    /** A branch of type {@link Arm64Cpu#btype} may land here in a guarded page; then executing it clears the type (FEAT_BTI). */
    public boolean landing(Arm64Cpu c) {
        return false;
    }
}
