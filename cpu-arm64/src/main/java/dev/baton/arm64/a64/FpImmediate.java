package dev.baton.arm64.a64;

/** The eight bits in which an instruction holds a floating-point constant. */
public final class FpImmediate {
    private FpImmediate() { }

    /** VFPExpandImm: sign, three bits of exponent, four of fraction. @param size log2 of the bytes, 1 to 3 */
    public static long expand(int imm8, int size) {
        int exponentBits = size == 3 ? 11 : size == 2 ? 8 : 5;
        int fractionBits = (8 << size) - exponentBits - 1;
        long b = imm8 >> 6 & 1;
        long exponent = (b ^ 1) << exponentBits - 1 | (b != 0 ? (1L << exponentBits - 3) - 1 << 2 : 0) | imm8 >> 4 & 3;
        return (long) (imm8 >> 7) << (8 << size) - 1 | exponent << fractionBits | (long) (imm8 & 15) << fractionBits - 4;
    }
}
