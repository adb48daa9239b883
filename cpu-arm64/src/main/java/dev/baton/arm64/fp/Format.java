package dev.baton.arm64.fp;

/** The three formats, by the log2 of their bytes: 1 half, 2 single, 3 double. Bit patterns are right-aligned and zero-extended. */
final class Format {
    static final int HALF = 1;
    static final int SINGLE = 2;
    static final int DOUBLE = 3;

    private static final int[] FRACTION = {0, 10, 23, 52};
    private static final int[] EXPONENT = {0, 5, 8, 11};

    private Format() { }

    static int fraction(int size) {
        return FRACTION[size];
    }

    static int exponent(int size) {
        return EXPONENT[size];
    }

    static int bits(int size) {
        return 8 << size;
    }

    static long mask(int size) {
        return -1L >>> 64 - bits(size);
    }

    static long sign(boolean negative, int size) {
        return negative ? 1L << bits(size) - 1 : 0;
    }

    /** The exponent field of infinities and NaNs. */
    static int maxExponent(int size) {
        return (1 << EXPONENT[size]) - 1;
    }

    static int bias(int size) {
        return maxExponent(size) >> 1;
    }

    static long infinity(boolean negative, int size) {
        return sign(negative, size) | (long) maxExponent(size) << FRACTION[size];
    }

    /** FPMaxNormal. */
    static long maxNormal(boolean negative, int size) {
        return infinity(negative, size) - 1;
    }

    static long defaultNaN(int size) {
        return infinity(false, size) | 1L << FRACTION[size] - 1;
    }

    /** {@code 2^power}. */
    static long powerOfTwo(boolean negative, int power, int size) {
        return sign(negative, size) | (long) (bias(size) + power) << FRACTION[size];
    }

    static boolean isNaN(long v, int size) {
        return (v & ~sign(true, size)) > infinity(false, size);
    }

    static boolean isSignalling(long v, int size) {
        return isNaN(v, size) && (v >>> FRACTION[size] - 1 & 1) == 0;
    }

    static boolean isInfinite(long v, int size) {
        return (v & ~sign(true, size)) == infinity(false, size);
    }

    static boolean isNegative(long v, int size) {
        return (v >>> bits(size) - 1 & 1) != 0;
    }

    static int exponentField(long v, int size) {
        return (int) (v >>> FRACTION[size]) & maxExponent(size);
    }

    static long fractionField(long v, int size) {
        return v & (1L << FRACTION[size]) - 1;
    }
}
