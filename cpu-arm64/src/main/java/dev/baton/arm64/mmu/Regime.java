package dev.baton.arm64.mmu;

/** The translation regimes by number, and which software-TLB contexts hold their translations. */
final class Regime {
    static final int EL10 = 0;
    static final int EL2 = 1;
    /** EL2&0: EL2 of a host (HCR_EL2.E2H), and EL0 under it. */
    static final int EL20 = 2;
    static final int EL3 = 3;
    /** Stage 2 of EL1&amp;0 while its stage 1 is off: entries are by intermediate physical address. */
    static final int IPA = 4;

    // Software-TLB contexts. 0 is SoftTlb.MISS.
    static final int CONTEXT_EL0 = 1;
    static final int CONTEXT_EL1 = 2;
    static final int CONTEXT_EL1_PAN = 3;
    static final int CONTEXT_EL2 = 4;
    static final int CONTEXT_EL2_PAN = 5;
    static final int CONTEXT_EL3 = 6;
    static final int CONTEXT_EL10_OFF = 7;
    static final int CONTEXT_EL2_OFF = 8;
    static final int CONTEXT_EL3_OFF = 9;
    static final int CONTEXT_HOST_EL0 = 10;
    static final int CONTEXT_EL0_OFF = 11;

    private static final int[][] CONTEXTS = {
        {CONTEXT_EL0, CONTEXT_EL1, CONTEXT_EL1_PAN}, {CONTEXT_EL2}, {CONTEXT_EL2, CONTEXT_EL2_PAN, CONTEXT_HOST_EL0}, {CONTEXT_EL3},
        {CONTEXT_EL10_OFF, CONTEXT_EL0_OFF}
    };

    private Regime() { }

    /** The contexts of translations. Where both stages are off nothing is translated and nothing can be stale. */
    static int[] contexts(int regime) {
        return CONTEXTS[regime];
    }

    /** ASIDs and the nG bit mean something. */
    static boolean hasAsid(int regime) {
        return regime == EL10 || regime == EL20;
    }
}
