package dev.baton.arm64.fp;

import dev.baton.arm64.Arm64Cpu;

import java.math.BigInteger;

/**
 * FPAdd, FPMul and the rest. Operands are right-aligned bit patterns of the format {@code size} (1 half, 2 single, 3 double); flags
 * go to FPSR, control comes from FPCR.
 *
 * <p>Where FPCR asks for nothing special and IXC is set already, a host operation whose result is larger than the smallest normal
 * number is the whole truth: IEEE 754 defines its bits, and the only flag it can raise is IXC. (The smallest may have been rounded
 * up from less, which is UFC.) Java has no flags, so the first inexact result is computed here.
 */
public final class Arithmetic {
    private static final int FAR = 300;
    private static final long SINGLE_MIN_NORMAL = 0x0080_0000L;
    private static final long SINGLE_INFINITY = 0x7f80_0000L;
    private static final long DOUBLE_MIN_NORMAL = 0x0010_0000_0000_0000L;
    private static final long DOUBLE_INFINITY = 0x7ff0_0000_0000_0000L;

    private Arithmetic() { }

    // The host's arithmetic -----------------------------------------------------------------------------------------------

    private static boolean plain(Arm64Cpu c) {
        return (c.fpcr & Fpsr.NOT_PLAIN) == 0 && (c.fpsr & Fpsr.IXC) != 0;
    }

    private static boolean normal(double r) {
        long magnitude = Double.doubleToRawLongBits(r) & Long.MAX_VALUE;
        return magnitude > DOUBLE_MIN_NORMAL && magnitude < DOUBLE_INFINITY;
    }

    private static boolean normal(float r) {
        long magnitude = Float.floatToRawIntBits(r) & 0x7fff_ffffL;
        return magnitude > SINGLE_MIN_NORMAL && magnitude < SINGLE_INFINITY;
    }

    private static double d(long v) {
        return Double.longBitsToDouble(v);
    }

    private static float s(long v) {
        return Float.intBitsToFloat((int) v);
    }

    private static long bits(double v) {
        return Double.doubleToRawLongBits(v);
    }

    private static long bits(float v) {
        return Float.floatToRawIntBits(v) & 0xffff_ffffL;
    }

    // NaNs ----------------------------------------------------------------------------------------------------------------

    /** FPProcessNaN. */
    static long nan(Arm64Cpu c, long v, int size) {
        if (Format.isSignalling(v, size)) {
            c.fpsr |= Fpsr.IOC;
        }
        return (c.fpcr & Fpsr.DN) != 0 ? Format.defaultNaN(size) : v | 1L << Format.fraction(size) - 1;
    }

    /** FPProcessNaNs: one of them is a NaN. */
    static long nan(Arm64Cpu c, long a, long b, int size) {
        if (Format.isSignalling(a, size)) {
            return nan(c, a, size);
        }
        if (Format.isSignalling(b, size)) {
            return nan(c, b, size);
        }
        return nan(c, Format.isNaN(a, size) ? a : b, size);
    }

    static boolean anyNaN(long a, long b, int size) {
        return Format.isNaN(a, size) || Format.isNaN(b, size);
    }

    static long invalid(Arm64Cpu c, int size) {
        c.fpsr |= Fpsr.IOC;
        return Format.defaultNaN(size);
    }

    // Two operands ----------------------------------------------------------------------------------------------------------

    /** FPAdd. */
    public static long add(Arm64Cpu c, int size, long a, long b) {
        if (plain(c) && size > 1) {
            if (size == Format.DOUBLE) {
                double r = d(a) + d(b);
                if (normal(r)) {
                    return bits(r);
                }
            } else {
                float r = s(a) + s(b);
                if (normal(r)) {
                    return bits(r);
                }
            }
        }
        return sum(c, size, a, b, false);
    }

    /** FPSub. */
    public static long sub(Arm64Cpu c, int size, long a, long b) {
        if (plain(c) && size > 1) {
            if (size == Format.DOUBLE) {
                double r = d(a) - d(b);
                if (normal(r)) {
                    return bits(r);
                }
            } else {
                float r = s(a) - s(b);
                if (normal(r)) {
                    return bits(r);
                }
            }
        }
        return sum(c, size, a, b, true);
    }

    private static long sum(Arm64Cpu c, int size, long a, long b, boolean negate) {
        Unpacked x = new Unpacked().of(c, a, size);
        Unpacked y = new Unpacked().of(c, b, size);
        if (anyNaN(a, b, size)) {
            return nan(c, a, b, size);
        }
        y.negative ^= negate;
        if (x.infinite || y.infinite) {
            if (x.infinite && y.infinite && x.negative != y.negative) {
                return invalid(c, size);
            }
            return Format.infinity(x.infinite ? x.negative : y.negative, size);
        }
        return sum(c, x, y).round(c, size);
    }

    /** The sum of two finite numbers; an exact zero has the sign of the rounding mode unless both have one. */
    private static Unpacked sum(Arm64Cpu c, Unpacked x, Unpacked y) {
        if (x.significand == 0 || y.significand == 0) {
            Unpacked r = x.significand == 0 ? y : x;
            if (r.significand == 0 && x.negative != y.negative) {
                r.negative = Fpsr.rounding(c.fpcr) == Rounding.DOWN;
            }
            return r;
        }
        boolean swap = x.exponent < y.exponent
                || x.exponent == y.exponent && Long.compareUnsigned(x.significand, y.significand) < 0;
        Unpacked big = swap ? y : x;
        Unpacked small = swap ? x : y;
        long low = shiftRightSticky(small.significand >>> 1 | small.significand & 1, big.exponent - small.exponent);
        long high = big.significand >>> 1 | big.significand & 1;
        Unpacked r = new Unpacked();
        r.negative = big.negative;
        long n = big.negative == small.negative ? high + low : high - low;
        r.normalised(n, big.exponent + 1);
        if (n == 0) {
            r.negative = Fpsr.rounding(c.fpcr) == Rounding.DOWN;
        }
        return r;
    }

    private static long shiftRightSticky(long v, int n) {
        if (n == 0) {
            return v;
        }
        return n > 63 ? 1 : v >>> n | (v << 64 - n != 0 ? 1 : 0);
    }

    /** FPMul. */
    public static long mul(Arm64Cpu c, int size, long a, long b) {
        if (plain(c) && size > 1) {
            if (size == Format.DOUBLE) {
                double r = d(a) * d(b);
                if (normal(r)) {
                    return bits(r);
                }
            } else {
                float r = s(a) * s(b);
                if (normal(r)) {
                    return bits(r);
                }
            }
        }
        return product(c, size, a, b, false);
    }

    /** FPMulX: infinity times zero is 2. */
    public static long mulx(Arm64Cpu c, int size, long a, long b) {
        return product(c, size, a, b, true);
    }

    private static long product(Arm64Cpu c, int size, long a, long b, boolean extended) {
        Unpacked x = new Unpacked().of(c, a, size);
        Unpacked y = new Unpacked().of(c, b, size);
        if (anyNaN(a, b, size)) {
            return nan(c, a, b, size);
        }
        boolean negative = x.negative != y.negative;
        if (x.infinite && y.zero() || x.zero() && y.infinite) {
            return extended ? Format.powerOfTwo(negative, 1, size) : invalid(c, size);
        }
        if (x.infinite || y.infinite) {
            return Format.infinity(negative, size);
        }
        long high = Math.unsignedMultiplyHigh(x.significand, y.significand);
        long low = x.significand * y.significand;
        x.normalised(high | (low != 0 ? 1 : 0), x.exponent + y.exponent + 1);
        x.negative = negative;
        return x.round(c, size);
    }

    /** FPDiv. */
    public static long div(Arm64Cpu c, int size, long a, long b) {
        if (plain(c) && size > 1) {
            if (size == Format.DOUBLE) {
                double r = d(a) / d(b);
                if (normal(r)) {
                    return bits(r);
                }
            } else {
                float r = s(a) / s(b);
                if (normal(r)) {
                    return bits(r);
                }
            }
        }
        return quotient(c, size, a, b);
    }

    private static long quotient(Arm64Cpu c, int size, long a, long b) {
        Unpacked x = new Unpacked().of(c, a, size);
        Unpacked y = new Unpacked().of(c, b, size);
        if (anyNaN(a, b, size)) {
            return nan(c, a, b, size);
        }
        boolean negative = x.negative != y.negative;
        if (x.infinite && y.infinite || x.zero() && y.zero()) {
            return invalid(c, size);
        }
        if (x.infinite || y.zero()) {
            c.fpsr |= x.infinite ? 0 : Fpsr.DZC;
            return Format.infinity(negative, size);
        }
        if (x.zero() || y.infinite) {
            return Format.sign(negative, size);
        }
        long n = x.significand >>> 2;
        long d = y.significand >>> 2;
        long q = 0;
        for (int i = 0; i < 62; i++) {
            q <<= 1;
            if (n >= d) {
                n -= d;
                q |= 1;
            }
            n <<= 1;
        }
        x.normalised(q << 1 | (n != 0 ? 1 : 0), x.exponent - y.exponent + 1);
        x.negative = negative;
        return x.round(c, size);
    }

    // One operand -------------------------------------------------------------------------------------------------------------

    /** FPSqrt. */
    public static long sqrt(Arm64Cpu c, int size, long a) {
        if (plain(c) && size > 1) {
            if (size == Format.DOUBLE) {
                double r = Math.sqrt(d(a));
                if (normal(r)) {
                    return bits(r);
                }
            } else {
                // Rounded twice, and yet correct: 53 bits are more than 2 * 24 + 1 (Figueroa, "When is double rounding innocuous?").
                float r = (float) Math.sqrt(s(a));
                if (normal(r)) {
                    return bits(r);
                }
            }
        }
        if (Format.isNaN(a, size)) {
            return nan(c, a, size);
        }
        Unpacked x = new Unpacked().of(c, a, size);
        if (x.zero()) {
            return Format.sign(x.negative, size);
        }
        if (x.negative) {
            return invalid(c, size);
        }
        if (x.infinite) {
            return Format.infinity(false, size);
        }
        // significand / 2^63 * 2^exponent with an even exponent; 60 bits of the root, the rest is sticky.
        int odd = x.exponent & 1;
        BigInteger n = unsigned(x.significand).shiftLeft(57 + odd);
        BigInteger[] root = n.sqrtAndRemainder();
        x.normalised(root[0].longValue() << 1 | (root[1].signum() != 0 ? 1 : 0), (x.exponent - odd) / 2 + 2);
        return x.round(c, size);
    }

    private static BigInteger unsigned(long v) {
        BigInteger b = BigInteger.valueOf(v);
        return v < 0 ? b.add(BigInteger.ONE.shiftLeft(64)) : b;
    }

    // Fused multiply-add ------------------------------------------------------------------------------------------------------

    /** FPMulAdd: {@code addend + a * b}, rounded once. */
    public static long mulAdd(Arm64Cpu c, int size, long addend, long a, long b) {
        if (plain(c) && size > 1) {
            if (size == Format.DOUBLE) {
                double r = Math.fma(d(a), d(b), d(addend));
                if (normal(r)) {
                    return bits(r);
                }
            } else {
                float r = Math.fma(s(a), s(b), s(addend));
                if (normal(r)) {
                    return bits(r);
                }
            }
        }
        return fused(c, size, addend, a, b);
    }

    private static long fused(Arm64Cpu c, int size, long addend, long a, long b) {
        boolean nan = Format.isNaN(addend, size) || anyNaN(a, b, size);
        Unpacked z = new Unpacked().of(c, addend, size);
        Unpacked x = new Unpacked().of(c, a, size);
        Unpacked y = new Unpacked().of(c, b, size);
        boolean numbers = !anyNaN(a, b, size);
        boolean infinityTimesZero = numbers && (x.infinite && y.zero() || x.zero() && y.infinite);
        if (nan) {
            return infinityTimesZero && !Format.isSignalling(addend, size) ? invalid(c, size) : nan(c, addend, a, b, size);
        }
        boolean negative = x.negative != y.negative;
        boolean infinite = x.infinite || y.infinite;
        if (infinityTimesZero || z.infinite && infinite && z.negative != negative) {
            return invalid(c, size);
        }
        if (z.infinite || infinite) {
            return Format.infinity(z.infinite ? z.negative : negative, size);
        }
        return sumOfProduct(c, x, y, negative, z, 0).round(c, size);
    }

    private static long nan(Arm64Cpu c, long a, long b, long d, int size) {
        if (Format.isSignalling(a, size)) {
            return nan(c, a, size);
        }
        if (Format.isSignalling(b, size) || Format.isSignalling(d, size)) {
            return nan(c, b, d, size);
        }
        return Format.isNaN(a, size) ? nan(c, a, size) : nan(c, b, d, size);
    }

    /** {@code (z + x * y) / 2^halvings}, exactly but for the sticky bit. */
    private static Unpacked sumOfProduct(Arm64Cpu c, Unpacked x, Unpacked y, boolean negative, Unpacked z, int halvings) {
        Unpacked r = new Unpacked();
        if (x.significand == 0 || y.significand == 0) {
            r.negative = negative;
            Unpacked sum = sum(c, z, r);
            sum.exponent -= halvings;
            return sum;
        }
        BigInteger product = unsigned(x.significand).multiply(unsigned(y.significand));
        int exponent = x.exponent + y.exponent - 126;
        if (negative) {
            product = product.negate();
        }
        if (z.significand != 0) {
            BigInteger other = unsigned(z.significand);
            int least = z.exponent - 63;
            // Further apart than this, of the smaller only the sign and the sticky bit matter, wherever they lie.
            if (least - exponent > FAR) {
                product = BigInteger.ONE;
                exponent = least - 70;
                product = negative ? product.negate() : product;
            } else if (exponent - least > FAR) {
                other = BigInteger.ONE;
                least = exponent - 2;
            }
            other = z.negative ? other.negate() : other;
            int lowest = Math.min(least, exponent);
            product = product.shiftLeft(exponent - lowest).add(other.shiftLeft(least - lowest));
            exponent = lowest;
        }
        if (product.signum() == 0) {
            r.negative = Fpsr.rounding(c.fpcr) == Rounding.DOWN;
            return r;
        }
        r.negative = product.signum() < 0;
        BigInteger magnitude = product.abs();
        int drop = Math.max(0, magnitude.bitLength() - 64);
        boolean sticky = drop > 0 && magnitude.getLowestSetBit() < drop;
        r.normalised(magnitude.shiftRight(drop).longValue() | (sticky ? 1 : 0), exponent + drop + 63 - halvings);
        return r;
    }

    /** FPRecipStepFused: {@code 2 - a * b}. */
    public static long recipStep(Arm64Cpu c, int size, long a, long b) {
        return step(c, size, a, b, 1, false);
    }

    /** FPRSqrtStepFused: {@code (3 - a * b) / 2}. */
    public static long rsqrtStep(Arm64Cpu c, int size, long a, long b) {
        return step(c, size, a, b, 1, true);
    }

    private static long step(Arm64Cpu c, int size, long op1, long b, int power, boolean sqrt) {
        long a = op1 ^ Format.sign(true, size);
        Unpacked x = new Unpacked().of(c, a, size);
        Unpacked y = new Unpacked().of(c, b, size);
        if (anyNaN(a, b, size)) {
            return nan(c, a, b, size);
        }
        if (x.infinite && y.zero() || x.zero() && y.infinite) {
            long half = sqrt ? 1L << Format.fraction(size) - 1 : 0;
            return Format.powerOfTwo(false, sqrt ? 0 : power, size) | half;
        }
        boolean negative = x.negative != y.negative;
        if (x.infinite || y.infinite) {
            return Format.infinity(negative, size);
        }
        Unpacked z = new Unpacked();
        z.normalised(sqrt ? 3 : 2, 63);
        return sumOfProduct(c, x, y, negative, z, sqrt ? 1 : 0).round(c, size);
    }

    // Absolute difference and the like ------------------------------------------------------------------------------------------

    /** FPAbs. */
    public static long abs(int size, long a) {
        return a & ~Format.sign(true, size);
    }

    /** FPNeg. */
    public static long neg(int size, long a) {
        return a ^ Format.sign(true, size);
    }
}
