package dev.baton.arm64;

import dev.baton.core.mem.SoftTlb;

/**
 * State of one AArch64 processing element: general registers, PSTATE, and the parts that own the rest.
 *
 * <p>{@code x} has 34 entries: 0–30 the general registers, {@link #SP} the stack pointer in use, {@link #ZR_READ} always
 * zero (XZR as a source), {@link #ZR_WRITE} a sink (XZR as a destination), so that no handler asks whether 31 means SP or
 * XZR: the decoder resolved it.
 */
public final class Arm64Cpu {
    public static final int SP = 31;
    public static final int ZR_READ = 32;
    public static final int ZR_WRITE = 33;

    // PSTATE ----------------------------------------------------------------------------------------------------------
    public final long[] x = new long[34];
    /** PC of the block that executes; the PC of an instruction is this plus its offset in the block. */
    public long pc;
    /** N Z C V in bits 31:28, as in SPSR. */
    public int nzcv;
    /** Current exception level, 0 to 3. */
    public int el;
    /** PSTATE.SP: true uses SP_ELx, false SP_EL0. */
    public boolean spSel;
    /** D A I F in bits 9:6, as in SPSR. */
    public int daif;
    /** PSTATE.PAN. */
    public boolean pan;
    /** PSTATE.IL: every instruction takes an Illegal Execution state exception. */
    public boolean il;
    /** PSTATE.SS. */
    public boolean ss;

    public final PendingException pending = new PendingException();

    /** Base of the software-TLB context in use: inline probes start here. */
    public long tlb;
    public final SoftTlb softTlb;

    public Arm64Cpu(int index, int tlbContexts) {
        softTlb = new SoftTlb(index, tlbContexts);
    }
}
