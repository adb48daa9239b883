package dev.baton.arm64.fp;

import dev.baton.arm64.Arm64Cpu;

/**
 * BFloat16: the upper half of a single. Sums of products (BFDotAdd) round to odd, make zeros of denormals, give the default NaN, and
 * know neither FPCR nor FPSR.
 */
public final class BFloat16 {
    private static final long DEFAULT_NAN = Format.defaultNaN(Format.SINGLE);
    /** Fraction bits of a double that a single does not have. */
    private static final int NARROWER = 52 - 23;

    private BFloat16() { }

    /** FPConvertBF: from a single, as FPCR says. */
    public static long convert(Arm64Cpu c, long a) {
        int size = Format.SINGLE;
        if (Format.isNaN(a, size)) {
            return Arithmetic.nan(c, a, size) >>> 16;
        }
        boolean tiny = Format.exponentField(a, size) == 0 && Format.fractionField(a, size) != 0;
        if (tiny && (c.fpcr & Fpsr.FZ) != 0) {
            c.fpsr |= Fpsr.IDC;
            return Format.sign(Format.isNegative(a, size), size) >>> 16;
        }
        long cut = a & 0xffff;
        long kept = a >>> 16;
        boolean negative = Format.isNegative(a, size);
        int mode = Fpsr.rounding(c.fpcr);
        if (Rounding.away(mode, negative, (kept & 1) != 0, cut != 0, Long.compare(cut, 0x8000))) {
            kept++;
        }
        if (cut != 0) {
            boolean overflows = Format.isInfinite(kept << 16, size);
            c.fpsr |= Fpsr.IXC | (tiny ? Fpsr.UFC : 0) | (overflows ? Fpsr.OFC : 0);
        }
        return kept;
    }

    /** BFDotAdd: {@code sum}, a single, and the products of the lower and of the upper numbers of two pairs. */
    public static long dotAdd(long sum, long a, long b) {
        return add(sum, add(mul(a << 16, b << 16), mul(a, b)));
    }

    /** The number of the upper half of 32 bits. */
    private static double value(long v) {
        return Float.intBitsToFloat((int) v & ((v & 0x7f80_0000L) == 0 ? 0x8000_0000 : 0xffff_0000));
    }

    /** Exact in a double. */
    private static long mul(long a, long b) {
        return round(value(a) * value(b));
    }

    private static double flushed(long v) {
        return Float.intBitsToFloat((v & 0x7f80_0000L) == 0 ? (int) v & 0x8000_0000 : (int) v);
    }

    /** The double nearest to the sum, made odd where it is not the sum: what Knuth's TwoSum finds missing says to which side. */
    private static long add(long a, long b) {
        double x = flushed(a);
        double y = flushed(b);
        double sum = x + y;
        double back = sum - x;
        double missing = x - (sum - back) + (y - back);
        long bits = Double.doubleToRawLongBits(sum);
        if (missing != 0 && !Double.isNaN(missing) && (bits & 1) == 0) {
            bits += missing > 0 == sum > 0 ? 1 : -1;
        }
        return round(Double.longBitsToDouble(bits));
    }

    /** BFRound: to a single, what is cut off into the last bit. */
    private static long round(double v) {
        long bits = Double.doubleToRawLongBits(v);
        long sign = bits >>> 63 << 31;
        int exponent = Math.getExponent(v);
        if (Double.isNaN(v)) {
            return DEFAULT_NAN;
        }
        if (exponent > 127) {
            return sign | Format.infinity(false, Format.SINGLE);
        }
        if (exponent < -126) {
            return sign;
        }
        long fraction = bits >>> NARROWER & 0x7f_ffff | ((bits & (1L << NARROWER) - 1) != 0 ? 1 : 0);
        return sign | (long) (exponent + 127) << 23 | fraction;
    }
}
