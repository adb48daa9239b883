package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;

/**
 * Arithmetic on 64 bits of a vector as lanes of 8, 16, 32 or 64 bits, without loops where carries can be kept inside their lanes.
 * {@code size} is the log2 of a lane's bytes; {@code high} has the top bit of every lane set, and says the lane size alone.
 */
final class Lanes {
    /** FPSR.QC: a saturating operation saturated. */
    static final int QC = 1 << 27;

    /** By size: the top bit of every lane. */
    static final long[] HIGH = {0x8080_8080_8080_8080L, 0x8000_8000_8000_8000L, 0x8000_0000_8000_0000L, 1L << 63};
    /** By size: the bottom bit of every lane. */
    static final long[] LOW = {0x0101_0101_0101_0101L, 0x0001_0001_0001_0001L, 0x0000_0001_0000_0001L, 1};
    /** By size: the lanes of even number; a lane of 64 bits is its own. */
    static final long[] EVEN = {0x00ff_00ff_00ff_00ffL, 0x0000_ffff_0000_ffffL, 0x0000_0000_ffff_ffffL, -1};

    private Lanes() { }

    /** A lane's bits, at the bottom. */
    static long mask(int size) {
        return size == 3 ? -1 : (1L << (8 << size)) - 1;
    }

    /** Lane {@code i} of 64 bits, zero-extended. */
    static long get(long v, int size, int i) {
        return v >>> (i << size + 3) & mask(size);
    }

    /** Lane {@code i} of 64 bits, sign-extended. */
    static long signed(long v, int size, int i) {
        int up = 64 - (8 << size);
        return v >>> (i << size + 3) << up >> up;
    }

    /** {@code value}, of which the lane's bits count, moved to lane {@code i}. */
    static long put(long value, int size, int i) {
        return (value & mask(size)) << (i << size + 3);
    }

    /** The same value in every lane. */
    static long splat(long value, int size) {
        return (value & mask(size)) * LOW[size];
    }

    // Sums, comparisons ---------------------------------------------------------------------------------------------------

    static long add(long a, long b, long high) {
        return (a & ~high) + (b & ~high) ^ (a ^ b) & high;
    }

    static long sub(long a, long b, long high) {
        return (a | high) - (b & ~high) ^ (a ^ ~b) & high;
    }

    /** All ones in the lanes whose top bit is set; other bits do not count. */
    static long fill(long tops, int size) {
        long top = tops & HIGH[size];
        return top - (top >>> (8 << size) - 1) | top;
    }

    static long select(long where, long a, long b) {
        return b ^ (a ^ b) & where;
    }

    static long equal(long a, long b, int size) {
        return ~nonZero(a ^ b, size);
    }

    /** All ones in lanes that are not zero: CMTST. */
    static long nonZero(long v, int size) {
        long high = HIGH[size];
        return fill((v & ~high) + ~high | v, size);
    }

    /** a &gt; b, unsigned. */
    static long higher(long a, long b, int size) {
        long difference = sub(b, a, HIGH[size]);
        return fill(~b & a | ~(b ^ a) & difference, size);
    }

    /** a &gt; b, signed. */
    static long greater(long a, long b, int size) {
        return higher(a ^ HIGH[size], b ^ HIGH[size], size);
    }

    static long umax(long a, long b, int size) {
        return select(higher(a, b, size), a, b);
    }

    static long umin(long a, long b, int size) {
        return select(higher(a, b, size), b, a);
    }

    static long smax(long a, long b, int size) {
        return select(greater(a, b, size), a, b);
    }

    static long smin(long a, long b, int size) {
        return select(greater(a, b, size), b, a);
    }

    static long uabd(long a, long b, int size) {
        return sub(umax(a, b, size), umin(a, b, size), HIGH[size]);
    }

    static long sabd(long a, long b, int size) {
        return sub(smax(a, b, size), smin(a, b, size), HIGH[size]);
    }

    static long abs(long a, int size) {
        long negative = fill(a, size);
        return sub(a ^ negative, negative, HIGH[size]);
    }

    // Halving ---------------------------------------------------------------------------------------------------------------

    static long uhadd(long a, long b, long high) {
        return (a & b) + ((a ^ b) >>> 1 & ~high);
    }

    static long urhadd(long a, long b, long high) {
        return (a | b) - ((a ^ b) >>> 1 & ~high);
    }

    /** The lane's bits of (a - b) / 2, rounded down; the same for signed lanes with both top bits inverted. */
    static long uhsub(long a, long b, long high) {
        return sub((a ^ b) >>> 1 & ~high, ~a & b, high);
    }

    // Saturation ------------------------------------------------------------------------------------------------------------

    private static long saturated(Arm64Cpu c, long where, long limit, long value) {
        if (where != 0) {
            c.fpsr |= QC;
        }
        return select(where, limit, value);
    }

    static long uqadd(Arm64Cpu c, long a, long b, int size) {
        long sum = add(a, b, HIGH[size]);
        return saturated(c, fill(a & b | (a | b) & ~sum, size), -1, sum);
    }

    static long uqsub(Arm64Cpu c, long a, long b, int size) {
        long difference = sub(a, b, HIGH[size]);
        return saturated(c, fill(~a & b | ~(a ^ b) & difference, size), 0, difference);
    }

    /** The largest value of lanes whose sign in {@code v} is plus, the smallest of the others. */
    private static long limit(long v, int size) {
        return fill(v, size) ^ ~HIGH[size];
    }

    static long sqadd(Arm64Cpu c, long a, long b, int size) {
        long sum = add(a, b, HIGH[size]);
        return saturated(c, fill((sum ^ a) & (sum ^ b), size), limit(a, size), sum);
    }

    static long sqsub(Arm64Cpu c, long a, long b, int size) {
        long difference = sub(a, b, HIGH[size]);
        return saturated(c, fill((a ^ b) & (difference ^ a), size), limit(a, size), difference);
    }

    /** SUQADD: signed accumulator {@code a}, unsigned {@code b}. */
    static long suqadd(Arm64Cpu c, long a, long b, int size) {
        long high = HIGH[size];
        // With a biased to unsigned the sum saturates where it carries.
        long biased = a ^ high;
        long sum = add(biased, b, high);
        return saturated(c, fill(biased & b | (biased | b) & ~sum, size), -1, sum) ^ high;
    }

    /** USQADD: unsigned accumulator {@code a}, signed {@code b}. */
    static long usqadd(Arm64Cpu c, long a, long b, int size) {
        long sum = add(a, b, HIGH[size]);
        long over = fill(~b & a & ~sum, size);
        long under = fill(b & ~a & sum, size);
        return saturated(c, over | under, over, sum);
    }

    static long sqneg(Arm64Cpu c, long a, int size) {
        return sqsub(c, 0, a, size);
    }

    static long sqabs(Arm64Cpu c, long a, int size) {
        return select(fill(a, size), sqneg(c, a & fill(a, size), size), a);
    }

    /** A value as a signed lane. */
    static long saturateSigned(Arm64Cpu c, long value, int size) {
        long max = mask(size) >>> 1;
        if (value > max || value < ~max) {
            c.fpsr |= QC;
            return value < 0 ? ~max : max;
        }
        return value;
    }

    /** A signed value as an unsigned lane of at most 32 bits. */
    static long saturateUnsigned(Arm64Cpu c, long value, int size) {
        long max = mask(size);
        if (value > max || value < 0) {
            c.fpsr |= QC;
            return value < 0 ? 0 : max;
        }
        return value;
    }

    // Products --------------------------------------------------------------------------------------------------------------

    static long mul(long a, long b, int size) {
        long r = 0;
        for (int i = 0; i < 8 >> size; i++) {
            r |= put(get(a, size, i) * get(b, size, i), size, i);
        }
        return r;
    }

    /** SQDMULH and, with {@code round} = 1, SQRDMULH, and with an accumulator SQRDMLAH ({@code sign} = 1) and SQRDMLSH (-1). */
    static long doublingHigh(Arm64Cpu c, long old, long a, long b, int size, int round, int sign) {
        long r = 0;
        int bits = 8 << size;
        for (int i = 0; i < 8 >> size; i++) {
            long product = sign * (signed(a, size, i) * signed(b, size, i));
            long rounded = (signed(old, size, i) << bits - 1) + product + ((long) round << bits - 2) >> bits - 1;
            r |= put(saturateSigned(c, rounded, size), size, i);
        }
        return r;
    }

    /** SQDMULL on lanes that were widened to {@code size}; 0x8000... times itself saturates. */
    static long doublingLong(Arm64Cpu c, long a, long b, int size) {
        long product = mul(a, b, size);
        return sqadd(c, product, product, size);
    }

    /** Polynomial product of 8-bit values in lanes of 8 or 16 bits. */
    static long polynomial(long a, long b, int size) {
        long r = 0;
        for (int bit = 0; bit < 8; bit++) {
            long chosen = (b >>> bit & LOW[size]) * 0xff;
            r ^= (a & chosen & 0xffL * LOW[size]) << bit & (size == 0 ? LOW[0] * (0xff << bit & 0xff) : -1);
        }
        return r;
    }

    /** Four products of bytes, summed in lanes of 32 bits. */
    static long dot(long a, long b, boolean unsigned) {
        long r = 0;
        for (int i = 0; i < 2; i++) {
            long sum = 0;
            for (int j = 4 * i; j < 4 * i + 4; j++) {
                sum += unsigned ? get(a, 0, j) * get(b, 0, j) : signed(a, 0, j) * signed(b, 0, j);
            }
            r |= put(sum, 2, i);
        }
        return r;
    }

    /** As {@link #dot}, of unsigned bytes of {@code a} and signed ones of {@code b}. */
    static long mixedDot(long a, long b) {
        long r = 0;
        for (int i = 0; i < 2; i++) {
            long sum = 0;
            for (int j = 4 * i; j < 4 * i + 4; j++) {
                sum += get(a, 0, j) * signed(b, 0, j);
            }
            r |= put(sum, 2, i);
        }
        return r;
    }

    // Sums of neighbours, of all --------------------------------------------------------------------------------------------

    /** Neighbours of {@code size}, summed in lanes of twice that. */
    static long uaddlp(long a, int size) {
        return (a & EVEN[size]) + (a >>> (8 << size) & EVEN[size]);
    }

    static long saddlp(long a, int size) {
        long high = HIGH[size + 1];
        long sign = LOW[size + 1] << (8 << size) - 1;
        // Each lane biased to unsigned, which the sum of two then is by twice as much.
        return sub(uaddlp(a ^ HIGH[size], size), sign << 1, high);
    }

    static long sum(long a, int size, boolean unsigned) {
        long sum = 0;
        for (int i = 0; i < 8 >> size; i++) {
            sum += unsigned ? get(a, size, i) : signed(a, size, i);
        }
        return sum;
    }

    /** The largest or smallest lane, at the bottom. */
    static long fold(long a, int size, boolean unsigned, boolean max) {
        long r = unsigned ? get(a, size, 0) : signed(a, size, 0);
        for (int i = 1; i < 8 >> size; i++) {
            long lane = unsigned ? get(a, size, i) : signed(a, size, i);
            r = max ? Math.max(r, lane) : Math.min(r, lane);
        }
        return r;
    }

    // Shifts ----------------------------------------------------------------------------------------------------------------

    /** By 0 to the lane's bits. */
    static long shiftLeft(long a, int by, int size) {
        int bits = 8 << size;
        return by >= bits ? 0 : (a & splat(mask(size) >>> by, size)) << by;
    }

    /** Unsigned, by 0 to the lane's bits. */
    static long shiftRight(long a, int by, int size) {
        int bits = 8 << size;
        return by >= bits ? 0 : a >>> by & splat(mask(size) >>> by, size);
    }

    /** Signed, by 0 to the lane's bits. */
    static long shiftRightSigned(long a, int by, int size) {
        int bits = 8 << size;
        long signs = by == 0 ? 0 : fill(a, size) & ~splat(by >= bits ? 0 : mask(size) >>> by, size);
        return shiftRight(a, by, size) | signs;
    }

    /** Right by 1 to the lane's bits, rounding. */
    static long roundingRight(long a, int by, int size, boolean unsigned) {
        long before = unsigned ? shiftRight(a, by - 1, size) : shiftRightSigned(a, by - 1, size);
        long after = unsigned ? shiftRight(before, 1, size) : shiftRightSigned(before, 1, size);
        return add(after, before & LOW[size], HIGH[size]);
    }

    /** SSHL and its relatives: each lane of {@code a} by the signed bottom byte of {@code b}'s, to the right if negative. */
    static long shiftByRegister(Arm64Cpu c, long a, long b, int size, boolean unsigned, boolean round, boolean saturate) {
        long r = 0;
        for (int i = 0; i < 8 >> size; i++) {
            int by = (byte) get(b, size, i);
            long value = unsigned ? get(a, size, i) : signed(a, size, i);
            long shifted = by < 0 ? right(value, -by, unsigned, round) : saturate ? laneLeft(c, value, by, size, unsigned)
                    : by > 63 ? 0 : value << by;
            r |= put(shifted, size, i);
        }
        return r;
    }

    /** One 64-bit value by 1 to 128 to the right. */
    private static long right(long value, int by, boolean unsigned, boolean round) {
        long before = by > 64 ? unsigned ? 0 : value >> 63 : by == 1 ? value : unsigned ? value >>> by - 1 : value >> by - 1;
        long after = unsigned ? before >>> 1 : before >> 1;
        return round ? after + (before & 1) : after;
    }

    /** One lane's value by 0 to 127 to the left. */
    private static long laneLeft(Arm64Cpu c, long value, int by, int size, boolean unsigned) {
        int bits = 8 << size;
        long shifted = by >= bits ? 0 : value << by;
        long lane = unsigned ? shifted & mask(size) : signed(shifted, size, 0);
        boolean same = by < bits ? (unsigned ? lane >>> by : lane >> by) == value : value == 0;
        if (same) {
            return lane;
        }
        c.fpsr |= QC;
        return unsigned ? mask(size) : value < 0 ? ~(mask(size) >>> 1) : mask(size) >>> 1;
    }

    /** SQSHL, UQSHL by an immediate. */
    static long leftSaturating(Arm64Cpu c, long a, int by, int size, boolean unsigned) {
        long r = 0;
        for (int i = 0; i < 8 >> size; i++) {
            long value = unsigned ? get(a, size, i) : signed(a, size, i);
            r |= put(laneLeft(c, value, by, size, unsigned), size, i);
        }
        return r;
    }

    /** SQSHLU: signed values to unsigned lanes. */
    static long leftSaturatingToUnsigned(Arm64Cpu c, long a, int by, int size) {
        long negative = fill(a, size);
        return leftSaturating(c, saturated(c, negative, 0, a), by, size, true);
    }

    // Widening and narrowing ------------------------------------------------------------------------------------------------

    /** The lanes of 32 bits as lanes of twice their {@code size}, zero-extended. */
    static long widen(long a, int size) {
        long v = a & 0xffff_ffffL;
        if (size < 2) {
            v = (v | v << 16) & 0x0000_ffff_0000_ffffL;
        }
        return size == 0 ? (v | v << 8) & 0x00ff_00ff_00ff_00ffL : v;
    }

    /** The lanes of 32 bits as lanes of twice their {@code size}, sign-extended. */
    static long widenSigned(long a, int size) {
        if (size == 2) {
            return (int) a;
        }
        long sign = LOW[size + 1] << (8 << size) - 1;
        return sub(widen(a, size) ^ sign, sign, HIGH[size + 1]);
    }

    /** The bottom halves of the lanes, packed into 32 bits; {@code size} is that of the result. */
    static long narrow(long a, int size) {
        long v = a & EVEN[size];
        if (size == 0) {
            v = (v | v >>> 8) & 0x0000_ffff_0000_ffffL;
        }
        return size < 2 ? (v | v >>> 16) & 0xffff_ffffL : v;
    }

    /** Lanes of twice {@code size} as lanes of it, saturated, each in the bottom half of its own. */
    static long saturateNarrow(Arm64Cpu c, long a, int size, boolean fromUnsigned, boolean toUnsigned) {
        long r = 0;
        for (int i = 0; i < 4 >> size; i++) {
            long value = fromUnsigned ? get(a, size + 1, i) : signed(a, size + 1, i);
            long over = fromUnsigned && value < 0 ? Long.MAX_VALUE : value;
            r |= (toUnsigned ? saturateUnsigned(c, over, size) : saturateSigned(c, over, size) & mask(size)) << (i << size + 4);
        }
        return r;
    }

    /** Lanes of even number of {@code a}, below those of {@code b}. */
    static long evens(long a, long b, int size) {
        return narrow(a, size) | narrow(b, size) << 32;
    }

    /** Lanes of odd number of {@code a}, below those of {@code b}. */
    static long odds(long a, long b, int size) {
        int bits = 8 << size;
        return narrow(a >>> bits, size) | narrow(b >>> bits, size) << 32;
    }

    /** The lanes of 32 bits of each, alternately. */
    static long interleave(long a, long b, int size) {
        return widen(a, size) | widen(b, size) << (8 << size);
    }

    // Counting --------------------------------------------------------------------------------------------------------------

    /** Ones in every byte. */
    static long countOnes(long v) {
        long pairs = v - (v >>> 1 & 0x5555_5555_5555_5555L);
        long nibbles = (pairs & 0x3333_3333_3333_3333L) + (pairs >>> 2 & 0x3333_3333_3333_3333L);
        return nibbles + (nibbles >>> 4) & 0x0f0f_0f0f_0f0f_0f0fL;
    }

    static long countLeadingZeros(long v, int size) {
        long r = 0;
        int bits = 8 << size;
        for (int i = 0; i < 8 >> size; i++) {
            r |= put(Long.numberOfLeadingZeros(get(v, size, i)) - 64 + bits, size, i);
        }
        return r;
    }

    static long countLeadingSigns(long v, int size) {
        return sub(countLeadingZeros(v ^ fill(v, size), size), LOW[size], HIGH[size]);
    }

    /** The bits of every byte in reverse. */
    static long reverseBits(long v) {
        return Long.reverseBytes(Long.reverse(v));
    }

    /** Lanes of {@code size} in reverse within containers of {@code container}. */
    static long reverse(long v, int size, int container) {
        long r = v;
        for (int s = size; s < container; s++) {
            int by = 8 << s;
            r = (r & EVEN[s]) << by | r >>> by & EVEN[s];
        }
        return r;
    }
}
