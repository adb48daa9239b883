package dev.baton.arm64.fp;

import dev.baton.arm64.Arm64Cpu;

/**
 * A number taken apart (FPUnpack) and put together (FPRound): magnitude {@code significand / 2^63 * 2^exponent}, the highest bit of the
 * significand set unless it is zero. In a result bit 0 is also the sticky bit: the formats keep at most 53 bits.
 */
final class Unpacked {
    boolean negative;
    int exponent;
    long significand;
    boolean infinite;

    boolean zero() {
        return significand == 0 && !infinite;
    }

    /** FPUnpack of what is no NaN; FZ makes a zero of a denormal and says so, FZ16 does so silently. */
    Unpacked of(Arm64Cpu c, long v, int size) {
        boolean flush = (c.fpcr & (size == Format.HALF ? Fpsr.FZ16 : Fpsr.FZ)) != 0;
        return of(c, v, size, flush, false);
    }

    /** FPUnpackCV: of a half, FZ16 does not matter; with AHP it has neither infinities nor NaNs. */
    Unpacked ofConversion(Arm64Cpu c, long v, int size) {
        boolean half = size == Format.HALF;
        return of(c, v, size, !half && (c.fpcr & Fpsr.FZ) != 0, half && (c.fpcr & Fpsr.AHP) != 0);
    }

    private Unpacked of(Arm64Cpu c, long v, int size, boolean flush, boolean alternative) {
        int field = Format.exponentField(v, size);
        long fraction = Format.fractionField(v, size);
        negative = Format.isNegative(v, size);
        infinite = field == Format.maxExponent(size) && !alternative;
        if (infinite) {
            significand = 0;
        } else if (field != 0) {
            significand = 1L << 63 | fraction << 63 - Format.fraction(size);
            exponent = field - Format.bias(size);
        } else if (fraction != 0 && flush) {
            c.fpsr |= size == Format.HALF ? 0 : Fpsr.IDC;
            significand = 0;
        } else {
            normalised(fraction, 1 - Format.bias(size) + 63 - Format.fraction(size));
        }
        return this;
    }

    /** Magnitude {@code n / 2^63 * 2^e}, for any unsigned n. */
    void normalised(long n, int e) {
        int shift = n == 0 ? 0 : Long.numberOfLeadingZeros(n);
        significand = n << shift;
        exponent = e - shift;
    }

    /** FPRound as FPCR says. */
    long round(Arm64Cpu c, int size) {
        return round(c, size, Fpsr.rounding(c.fpcr));
    }

    long round(Arm64Cpu c, int size, int mode) {
        boolean flush = (c.fpcr & (size == Format.HALF ? Fpsr.FZ16 : Fpsr.FZ)) != 0;
        return round(c, size, mode, flush, false);
    }

    /** FPRoundCV. */
    long roundConversion(Arm64Cpu c, int size, int mode) {
        boolean half = size == Format.HALF;
        return round(c, size, mode, !half && (c.fpcr & Fpsr.FZ) != 0, half && (c.fpcr & Fpsr.AHP) != 0);
    }

    private long round(Arm64Cpu c, int size, int mode, boolean flush, boolean alternative) {
        if (significand == 0) {
            return Format.sign(negative, size);
        }
        int minimum = 1 - Format.bias(size);
        if (flush && exponent < minimum) {
            c.fpsr |= Fpsr.UFC;
            return Format.sign(negative, size);
        }
        int f = Format.fraction(size);
        int shift = Math.min(63 - f + Math.max(0, minimum - exponent), 64);
        long kept = shift == 64 ? 0 : significand >>> shift;
        long cut = shift == 64 ? significand : significand << 64 - shift;
        boolean inexact = cut != 0;
        int field = Math.max(exponent - minimum + 1, 0);
        if (field == 0 && inexact) {
            c.fpsr |= Fpsr.UFC;
        }
        // A shift of more than 64 would leave less than half of the last place.
        int half = 63 - f + minimum - exponent > 64 ? -1 : Long.compareUnsigned(cut, Long.MIN_VALUE);
        if (mode == Rounding.ODD) {
            kept |= inexact ? 1 : 0;
        } else if (Rounding.away(mode, negative, (kept & 1) != 0, inexact, half)) {
            kept++;
        }
        if (field == 0 && kept >>> f != 0) {
            field = 1;
        } else if (kept >>> f + 1 != 0) {
            field++;
            kept >>>= 1;
        }
        return pack(c, size, mode, alternative, field, kept, inexact);
    }

    private long pack(Arm64Cpu c, int size, int mode, boolean alternative, int field, long kept, boolean inexact) {
        int largest = Format.maxExponent(size);
        if (alternative && field > largest) {
            c.fpsr |= Fpsr.IOC;
            return Format.mask(size) & ~Format.sign(true, size) | Format.sign(negative, size);
        }
        if (!alternative && field >= largest) {
            c.fpsr |= Fpsr.OFC | Fpsr.IXC;
            return Rounding.overflowsToInfinity(mode, negative) ? Format.infinity(negative, size) : Format.maxNormal(negative, size);
        }
        if (inexact) {
            c.fpsr |= Fpsr.IXC;
        }
        return Format.sign(negative, size) | (long) field << Format.fraction(size) | Format.fractionField(kept, size);
    }
}
