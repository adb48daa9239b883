package dev.baton.arm64.fp;

import dev.baton.arm64.Arm64Cpu;

import java.math.BigInteger;

/** FPConvert, FPToFixed, FixedToFP, FPRoundInt. */
public final class Conversion {
    private Conversion() { }

    /** FPConvert: from one format to another. */
    public static long convert(Arm64Cpu c, int from, int to, long a, int mode) {
        Unpacked x = new Unpacked().ofConversion(c, a, from);
        boolean alternative = (c.fpcr & Fpsr.AHP) != 0;
        boolean nan = Format.isNaN(a, from) && !(from == Format.HALF && alternative);
        if (nan) {
            return convertNaN(c, from, to, a, alternative && to == Format.HALF);
        }
        if (x.infinite) {
            if (to == Format.HALF && alternative) {
                c.fpsr |= Fpsr.IOC;
                return Format.sign(x.negative, to) | Format.mask(to) & ~Format.sign(true, to);
            }
            return Format.infinity(x.negative, to);
        }
        return x.roundConversion(c, to, mode);
    }

    public static long convert(Arm64Cpu c, int from, int to, long a) {
        return convert(c, from, to, a, Fpsr.rounding(c.fpcr));
    }

    /** FPConvertNaN: the top of the fraction is kept, the NaN becomes quiet. */
    private static long convertNaN(Arm64Cpu c, int from, int to, long a, boolean alternative) {
        if (Format.isSignalling(a, from) || alternative) {
            c.fpsr |= Fpsr.IOC;
        }
        boolean negative = Format.isNegative(a, from);
        if (alternative) {
            return Format.sign(negative, to);
        }
        if ((c.fpcr & Fpsr.DN) != 0) {
            return Format.defaultNaN(to);
        }
        int wider = Format.fraction(to) - Format.fraction(from);
        long fraction = Format.fractionField(a, from);
        long moved = wider >= 0 ? fraction << wider : fraction >>> -wider;
        return Format.infinity(negative, to) | moved | 1L << Format.fraction(to) - 1;
    }

    /**
     * FPToFixed: to an integer of {@code bits} with {@code fbits} fraction bits, saturated.
     *
     * @return zero-extended to 64 bits
     */
    public static long toFixed(Arm64Cpu c, int size, long a, int fbits, boolean unsigned, int bits, int mode) {
        Unpacked x = new Unpacked().of(c, a, size);
        if (Format.isNaN(a, size)) {
            c.fpsr |= Fpsr.IOC;
            return 0;
        }
        long mask = -1L >>> 64 - bits;
        long largest = unsigned ? mask : mask >>> 1;
        long smallest = unsigned ? 0 : ~(mask >>> 1) & mask;
        if (x.infinite || x.exponent + fbits >= 65 && x.significand != 0) {
            c.fpsr |= Fpsr.IOC;
            return x.negative ? smallest : largest;
        }
        int shift = 63 - x.exponent - fbits;
        // 65 bits can be needed at most: what is cut off is looked at apart.
        long kept = shift < 0 || shift > 63 ? 0 : x.significand >>> shift;
        boolean tooLarge = shift < 0 && x.significand != 0;
        long cut = shift <= 0 ? 0 : shift > 63 ? x.significand : x.significand << 64 - shift;
        int half = shift > 64 ? -1 : Long.compareUnsigned(cut, Long.MIN_VALUE);
        boolean inexact = cut != 0;
        boolean wrapped = false;
        if (Rounding.away(mode, x.negative, (kept & 1) != 0, inexact, half)) {
            kept++;
            wrapped = kept == 0;
        }
        boolean outside = tooLarge || wrapped || (x.negative
                ? unsigned ? kept != 0 : Long.compareUnsigned(kept, largest + 1) > 0
                : Long.compareUnsigned(kept, largest) > 0);
        if (outside) {
            c.fpsr |= Fpsr.IOC;
            return x.negative ? smallest : largest;
        }
        c.fpsr |= inexact ? Fpsr.IXC : 0;
        return (x.negative ? -kept : kept) & mask;
    }

    /** FixedToFP. @param a sign- or zero-extended to 64 bits already */
    public static long fromFixed(Arm64Cpu c, int size, long a, int fbits, boolean unsigned) {
        Unpacked x = new Unpacked();
        x.negative = !unsigned && a < 0;
        long magnitude = x.negative ? -a : a;
        // A magnitude of more than 62 bits keeps its low bits as a sticky bit.
        x.normalised(magnitude, 63 - fbits);
        return x.round(c, size, Fpsr.rounding(c.fpcr));
    }

    /** FPRoundInt. @param exact IXC says whether it changed anything */
    public static long roundInt(Arm64Cpu c, int size, long a, int mode, boolean exact) {
        Unpacked x = new Unpacked().of(c, a, size);
        if (Format.isNaN(a, size)) {
            return Arithmetic.nan(c, a, size);
        }
        if (x.infinite || x.exponent >= 63 && x.significand != 0) {
            return a;
        }
        if (x.significand == 0) {
            return Format.sign(x.negative, size);
        }
        int shift = 63 - x.exponent;
        long kept = shift > 63 ? 0 : x.significand >>> shift;
        long cut = shift > 63 ? x.significand : x.significand << 64 - shift;
        if (shift == 0) {
            cut = 0;
        }
        int half = shift > 64 ? -1 : Long.compareUnsigned(cut, Long.MIN_VALUE);
        if (Rounding.away(mode, x.negative, (kept & 1) != 0, cut != 0, half)) {
            kept++;
        }
        if (exact && cut != 0) {
            c.fpsr |= Fpsr.IXC;
        }
        if (kept == 0) {
            return Format.sign(x.negative, size);
        }
        boolean negative = x.negative;
        x.normalised(kept, 63);
        x.negative = negative;
        return x.round(c, size, Rounding.ZERO);
    }

    /** FPRoundInt with the rounding mode of FPCR. */
    public static long roundInt(Arm64Cpu c, int size, long a, boolean exact) {
        return roundInt(c, size, a, Fpsr.rounding(c.fpcr), exact);
    }

    /** FPRoundIntN: to an integer that {@code bits} (32 or 64) hold; what does not fit, and a NaN, is the least of these, and invalid. */
    public static long roundIntN(Arm64Cpu c, int size, long a, int mode, int bits) {
        int before = c.fpsr;
        boolean number = !Format.isNaN(a, size) && !Format.isInfinite(a, size);
        long r = number ? roundInt(c, size, a, mode, true) : 0;
        Unpacked x = new Unpacked().of(c, r, size);
        boolean least = x.exponent == bits - 1 && x.negative && x.significand == Long.MIN_VALUE;
        boolean fits = x.significand == 0 || x.exponent < bits - 1 || least;
        if (number && fits) {
            return r;
        }
        c.fpsr = before | Fpsr.IOC;
        return Format.powerOfTwo(true, bits - 1, size);
    }

    /** FPRoundIntN with the rounding mode of FPCR. */
    public static long roundIntN(Arm64Cpu c, int size, long a, int bits) {
        return roundIntN(c, size, a, Fpsr.rounding(c.fpcr), bits);
    }

    /** A half as a single, exactly, as FPMulAddH sees it: AHP does not matter, FZ16 makes a zero of a denormal; a NaN stays what it is. */
    public static long widenHalf(Arm64Cpu c, long a) {
        long sign = (a & 0x8000) << 16;
        long fraction = Format.fractionField(a, Format.HALF);
        int field = Format.exponentField(a, Format.HALF);
        if (field == Format.maxExponent(Format.HALF)) {
            return sign | Format.infinity(false, Format.SINGLE) | fraction << 13;
        }
        if (field != 0) {
            return sign | (long) (field - 15 + 127) << 23 | fraction << 13;
        }
        if (fraction == 0 || (c.fpcr & Fpsr.FZ16) != 0) {
            return sign;
        }
        int up = Long.numberOfLeadingZeros(fraction) - 53;
        return sign | (long) (1 - 15 + 127 - up) << 23 | (fraction << up & 0x3ff) << 13;
    }

    /** FPToFixedJS: to 32 bits, modulo 2^32, rounded to zero. Z of NZCV says that nothing was lost, not even the sign of a zero. */
    public static long toInt32Modulo(Arm64Cpu c, long a) {
        int size = Format.DOUBLE;
        Unpacked x = new Unpacked().of(c, a, size);
        boolean nan = Format.isNaN(a, size);
        if (nan || x.infinite) {
            c.fpsr |= Fpsr.IOC;
            c.nzcv = 0;
            return 0;
        }
        if (x.significand == 0) {
            // FPToFixedJS (J1.3): a negative zero is no integer, nor is a zero whose fraction was not, a denormal that was flushed.
            c.nzcv = a == 0 ? 1 << 30 : 0;
            return 0;
        }
        BigInteger exactValue = BigInteger.valueOf(x.significand >>> 1).shiftLeft(1);
        int shift = 63 - x.exponent;
        BigInteger whole = shift >= 0 ? exactValue.shiftRight(shift) : exactValue.shiftLeft(-shift);
        boolean inexact = shift > 0 && exactValue.getLowestSetBit() < shift;
        BigInteger value = x.negative ? whole.negate() : whole;
        boolean outside = value.bitLength() > 31;
        c.fpsr |= outside ? Fpsr.IOC : inexact ? Fpsr.IXC : 0;
        c.nzcv = outside || inexact ? 0 : 1 << 30;
        return value.intValue() & 0xffff_ffffL;
    }
}
