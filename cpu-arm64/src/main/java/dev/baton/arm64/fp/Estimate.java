package dev.baton.arm64.fp;

import dev.baton.arm64.Arm64Cpu;

/** FPRecipEstimate, FPRSqrtEstimate, FPRecpX, and the unsigned integer estimates: eight bits, as the manual's algorithm gives them. */
public final class Estimate {
    private Estimate() { }

    /** RecipEstimate: 256 to 511 gives 256 to 511. */
    static int recip(int scaled) {
        int a = scaled * 2 + 1;
        int b = (1 << 19) / a;
        return (b + 1) / 2;
    }

    /** RecipSqrtEstimate: 128 to 511 gives 256 to 511. */
    static int rsqrt(int scaled) {
        long a = scaled < 256 ? scaled * 2 + 1 : ((scaled >> 1 << 1) + 1) * 2;
        long b = 512;
        while (a * (b + 1) * (b + 1) < 1L << 28) {
            b++;
        }
        return (int) (b + 1) / 2;
    }

    /** UnsignedRecipEstimate. */
    public static long unsignedRecip(long operand) {
        return (operand & 1L << 31) == 0 ? 0xffff_ffffL : (long) recip((int) (operand >>> 23)) << 23;
    }

    /** UnsignedRSqrtEstimate. */
    public static long unsignedRsqrt(long operand) {
        return (operand & 3L << 30) == 0 ? 0xffff_ffffL : (long) rsqrt((int) (operand >>> 23)) << 23;
    }

    /** FPRecipEstimate. */
    public static long recip(Arm64Cpu c, int size, long a) {
        Unpacked x = new Unpacked().of(c, a, size);
        if (Format.isNaN(a, size)) {
            return Arithmetic.nan(c, a, size);
        }
        if (x.infinite) {
            return Format.sign(x.negative, size);
        }
        if (x.zero()) {
            c.fpsr |= Fpsr.DZC;
            return Format.infinity(x.negative, size);
        }
        int bias = Format.bias(size);
        if (x.exponent < -bias - 1) {
            c.fpsr |= Fpsr.OFC | Fpsr.IXC;
            boolean infinity = Rounding.overflowsToInfinity(Fpsr.rounding(c.fpcr), x.negative);
            return infinity ? Format.infinity(x.negative, size) : Format.maxNormal(x.negative, size);
        }
        boolean flush = (c.fpcr & (size == Format.HALF ? Fpsr.FZ16 : Fpsr.FZ)) != 0;
        if (flush && x.exponent >= bias - 1) {
            c.fpsr |= Fpsr.UFC;
            return Format.sign(x.negative, size);
        }
        long fraction = (long) (recip((int) (x.significand >>> 55)) & 0xff) << 44;
        int exponent = 2 * bias - 1 - (x.exponent + bias);
        if (exponent == 0) {
            fraction = 1L << 51 | fraction >>> 1;
        } else if (exponent == -1) {
            fraction = 1L << 50 | fraction >>> 2;
            exponent = 0;
        }
        return Format.sign(x.negative, size) | (long) exponent << Format.fraction(size) | fraction >>> 52 - Format.fraction(size);
    }

    /** FPRSqrtEstimate. */
    public static long rsqrt(Arm64Cpu c, int size, long a) {
        Unpacked x = new Unpacked().of(c, a, size);
        if (Format.isNaN(a, size)) {
            return Arithmetic.nan(c, a, size);
        }
        if (x.zero()) {
            c.fpsr |= Fpsr.DZC;
            return Format.infinity(x.negative, size);
        }
        if (x.negative) {
            return Arithmetic.invalid(c, size);
        }
        if (x.infinite) {
            return 0;
        }
        int bias = Format.bias(size);
        int field = x.exponent + bias;
        int scaled = (int) (x.significand >>> 55);
        int estimate = rsqrt((field & 1) == 0 ? scaled : scaled >>> 1);
        int exponent = Math.floorDiv(3 * bias - 1 - field, 2);
        return (long) exponent << Format.fraction(size) | (long) (estimate & 0xff) << Format.fraction(size) - 8;
    }

    /** FPRecpX. */
    public static long exponent(Arm64Cpu c, int size, long a) {
        new Unpacked().of(c, a, size);
        if (Format.isNaN(a, size)) {
            return Arithmetic.nan(c, a, size);
        }
        int field = Format.exponentField(a, size);
        int result = field == 0 ? Format.maxExponent(size) - 1 : ~field & Format.maxExponent(size);
        return a & Format.sign(true, size) | (long) result << Format.fraction(size);
    }
}
