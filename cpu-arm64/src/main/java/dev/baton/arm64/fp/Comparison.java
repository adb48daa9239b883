package dev.baton.arm64.fp;

import dev.baton.arm64.Arm64Cpu;

/** FPCompare, FPCompareEQ and so on, FPMax, FPMin and their numeric forms. */
public final class Comparison {
    /** NZCV in bits 31:28 of the four outcomes. */
    private static final int UNORDERED = 3 << 28;
    private static final int EQUAL = 6 << 28;
    private static final int LESS = 8 << 28;
    private static final int GREATER = 2 << 28;

    private Comparison() { }

    /** A denormal as FPUnpack sees it: zero, with IDC, where FPCR flushes. */
    private static long flushed(Arm64Cpu c, int size, long v) {
        boolean denormal = Format.exponentField(v, size) == 0 && Format.fractionField(v, size) != 0;
        if (!denormal || (c.fpcr & (size == Format.HALF ? Fpsr.FZ16 : Fpsr.FZ)) == 0) {
            return v;
        }
        c.fpsr |= size == Format.HALF ? 0 : Fpsr.IDC;
        return v & Format.sign(true, size);
    }

    /** A number that orders as the float does; both zeros are 0. */
    private static long ordered(int size, long v) {
        long magnitude = v & ~Format.sign(true, size);
        return Format.isNegative(v, size) ? -magnitude : magnitude;
    }

    /** FPCompare: NZCV. @param signalling a quiet NaN is invalid too */
    public static int compare(Arm64Cpu c, int size, long a, long b, boolean signalling) {
        long x = flushed(c, size, a);
        long y = flushed(c, size, b);
        if (Arithmetic.anyNaN(x, y, size)) {
            unordered(c, size, x, y, signalling);
            return UNORDERED;
        }
        int order = Long.compare(ordered(size, x), ordered(size, y));
        return order == 0 ? EQUAL : order < 0 ? LESS : GREATER;
    }

    private static void unordered(Arm64Cpu c, int size, long x, long y, boolean signalling) {
        if (signalling || Format.isSignalling(x, size) || Format.isSignalling(y, size)) {
            c.fpsr |= Fpsr.IOC;
        }
    }

    /** FPCompareEQ. */
    public static boolean equal(Arm64Cpu c, int size, long a, long b) {
        return compare(c, size, a, b, false) == EQUAL;
    }

    /** FPCompareGE. */
    public static boolean greaterOrEqual(Arm64Cpu c, int size, long a, long b) {
        int r = compare(c, size, a, b, true);
        return r == EQUAL || r == GREATER;
    }

    /** FPCompareGT. */
    public static boolean greater(Arm64Cpu c, int size, long a, long b) {
        return compare(c, size, a, b, true) == GREATER;
    }

    /** FPMax. */
    public static long max(Arm64Cpu c, int size, long a, long b) {
        return extreme(c, size, a, b, 1);
    }

    /** FPMin. */
    public static long min(Arm64Cpu c, int size, long a, long b) {
        return extreme(c, size, a, b, -1);
    }

    private static long extreme(Arm64Cpu c, int size, long a, long b, int wanted) {
        long x = flushed(c, size, a);
        long y = flushed(c, size, b);
        if (Arithmetic.anyNaN(x, y, size)) {
            return Arithmetic.nan(c, x, y, size);
        }
        int order = Long.compare(ordered(size, x), ordered(size, y));
        if (order == 0) {
            return wanted > 0 ? x & y : x | y;
        }
        return order == wanted ? x : y;
    }

    /** FPMaxNum: one quiet NaN loses against a number. */
    public static long maxNumber(Arm64Cpu c, int size, long a, long b) {
        return extremeNumber(c, size, a, b, 1);
    }

    /** FPMinNum. */
    public static long minNumber(Arm64Cpu c, int size, long a, long b) {
        return extremeNumber(c, size, a, b, -1);
    }

    private static long extremeNumber(Arm64Cpu c, int size, long a, long b, int wanted) {
        boolean quietA = Format.isNaN(a, size) && !Format.isSignalling(a, size);
        boolean quietB = Format.isNaN(b, size) && !Format.isSignalling(b, size);
        long loser = Format.infinity(wanted > 0, size);
        long x = quietA && !quietB ? loser : a;
        long y = quietB && !quietA ? loser : b;
        return extreme(c, size, x, y, wanted);
    }
}
