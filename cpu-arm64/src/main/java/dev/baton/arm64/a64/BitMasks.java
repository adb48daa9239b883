package dev.baton.arm64.a64;

/** DecodeBitMasks for readers of encodings outside this package. */
public final class BitMasks {
    private BitMasks() { }

    /** The 64-bit mask of a logical immediate, 0 if the encoding is reserved. */
    public static long logical(int immN, int imms, int immr) {
        return SharedPseudocode.logicalMask(immN, imms, immr);
    }
}
