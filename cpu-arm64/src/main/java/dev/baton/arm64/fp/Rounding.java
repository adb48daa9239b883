package dev.baton.arm64.fp;

/** Rounding modes: the first four as in FPCR.RMode. */
public final class Rounding {
    public static final int TIE_EVEN = 0;
    public static final int UP = 1;
    public static final int DOWN = 2;
    public static final int ZERO = 3;
    public static final int TIE_AWAY = 4;
    /** To odd: FCVTXN. */
    public static final int ODD = 5;

    private Rounding() { }

    /**
     * Whether a magnitude with these bits cut off is rounded away from zero.
     *
     * @param half what is cut off, against one half of the last place: negative, 0 or positive
     */
    static boolean away(int mode, boolean negative, boolean odd, boolean inexact, int half) {
        return switch (mode) {
            case TIE_EVEN -> inexact && (half > 0 || half == 0 && odd);
            case TIE_AWAY -> inexact && half >= 0;
            case UP -> inexact && !negative;
            case DOWN -> inexact && negative;
            default -> false;
        };
    }

    /** An overflow gives infinity rather than the largest number. */
    static boolean overflowsToInfinity(int mode, boolean negative) {
        return switch (mode) {
            case TIE_EVEN, TIE_AWAY -> true;
            case UP -> !negative;
            case DOWN -> negative;
            default -> false;
        };
    }
}
