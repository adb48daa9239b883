package dev.baton.arm64;

/** The synchronous exception that is being raised: what AArch64.TakeException needs. Overwritten by the next one. */
public final class PendingException {
    /** ESR_ELx.EC, 6 bits. */
    public int ec;
    /** ESR_ELx.ISS, 25 bits. */
    public int iss;
    /** FAR_ELx, where {@link #farValid}. */
    public long far;
    public boolean farValid;
    /** Intermediate physical address for HPFAR_EL2. */
    public long ipa;
    public boolean ipaValid;
    /** Forces the target (2 or 3: routed there by a trap or stage 2); 0 lets the routing rules decide. */
    public int targetEl;
    /** ELR is the instruction after this one (SVC, HVC, SMC) rather than this one. */
    public boolean returnsToNext;

    /** A plain synchronous exception: routed by the rules, returning to this instruction. */
    public void set(int exceptionClass, int syndrome) {
        ec = exceptionClass;
        iss = syndrome;
        far = 0;
        farValid = false;
        ipa = 0;
        ipaValid = false;
        targetEl = 0;
        returnsToNext = false;
    }
}
