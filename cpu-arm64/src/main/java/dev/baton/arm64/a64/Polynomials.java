package dev.baton.arm64.a64;

/** Products of polynomials over {0,1} of 64 bits. */
final class Polynomials {
    private static final long M = 0x1111_1111_1111_1111L;

    private Polynomials() { }

    /** Bits 63:0 of the product. */
    static long low(long a, long b) {
        // Integer products of operands with three zeros between their bits carry into those zeros only: at most 16 ones meet.
        long a0 = a & M;
        long a1 = a & M << 1;
        long a2 = a & M << 2;
        long a3 = a & M << 3;
        long b0 = b & M;
        long b1 = b & M << 1;
        long b2 = b & M << 2;
        long b3 = b & M << 3;
        long p0 = a0 * b0 ^ a1 * b3 ^ a2 * b2 ^ a3 * b1;
        long p1 = a0 * b1 ^ a1 * b0 ^ a2 * b3 ^ a3 * b2;
        long p2 = a0 * b2 ^ a1 * b1 ^ a2 * b0 ^ a3 * b3;
        long p3 = a0 * b3 ^ a1 * b2 ^ a2 * b1 ^ a3 * b0;
        return p0 & M | p1 & M << 1 | p2 & M << 2 | p3 & M << 3;
    }

    /** Bits 127:64 of the product: the low half of the product of the operands in reverse, in reverse. */
    static long high(long a, long b) {
        return Long.reverse(low(Long.reverse(a), Long.reverse(b))) >>> 1;
    }
}
