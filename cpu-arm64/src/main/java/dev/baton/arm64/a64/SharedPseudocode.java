package dev.baton.arm64.a64;

/** Functions that the manual shares between instructions (J1.3), on 64-bit values. */
final class SharedPseudocode {
    private SharedPseudocode() { }

    private static int nz(long result) {
        return (int) (result >>> 32) & 0x8000_0000 | (result == 0 ? 0x4000_0000 : 0);
    }

    /** N, Z and C = V = 0, as AND sets them. */
    static int nzcvOfLogic(long result) {
        return nz(result);
    }

    /** AddWithCarry(operand1, operand2, '0') flags. */
    static int nzcvOfAdd(long operand1, long operand2, long result) {
        long carry = operand1 & operand2 | (operand1 | operand2) & ~result;
        long overflow = (operand1 ^ result) & (operand2 ^ result);
        return nz(result) | (int) (carry >>> 63) << 29 | (int) (overflow >>> 63) << 28;
    }

    /** AddWithCarry(operand1, NOT(operand2), '1') flags: C means no borrow. */
    static int nzcvOfSub(long operand1, long operand2, long result) {
        long borrow = ~operand1 & operand2 | (~operand1 | operand2) & result;
        long overflow = (operand1 ^ operand2) & (operand1 ^ result);
        return nz(result) | ((int) (borrow >>> 63) ^ 1) << 29 | (int) (overflow >>> 63) << 28;
    }

    /** ShiftReg: LSL, LSR, ASR, ROR by {@code amount} of an operand of 64 (w = 0) or 32 (w = 32) bits; bits above the width are junk. */
    static long shiftReg(long value, int type, int amount, int w) {
        return switch (type) {
            case 0 -> value << amount;
            case 1 -> value << w >>> w >>> amount;
            case 2 -> value << w >> w >> amount;
            default -> w == 0 ? Long.rotateRight(value, amount) : Integer.rotateRight((int) value, amount);
        };
    }

    /** DecodeBitMasks' wmask for a logical immediate, replicated to 64 bits; 0 (never a valid mask) if the encoding is reserved. */
    static long logicalMask(int immN, int imms, int immr) {
        int levels = levels(immN, imms);
        int s = imms & levels;
        if (levels == 0 || s == levels) {
            return 0;
        }
        int r = immr & levels;
        int esize = levels + 1;
        long element = (1L << s + 1) - 1;
        if (s == 63) {
            element = -1;
        }
        long rotated = rotateElement(element, r, esize);
        long result = rotated;
        for (int width = esize; width < 64; width *= 2) {
            result |= result << width;
        }
        return result;
    }

    private static int levels(int immN, int imms) {
        int combined = immN << 6 | ~imms & 0x3f;
        if (combined <= 1) {
            return 0;
        }
        return (1 << 31 - Integer.numberOfLeadingZeros(combined)) - 1;
    }

    private static long rotateElement(long element, int r, int esize) {
        if (r == 0) {
            return element;
        }
        long rotated = element >>> r | element << esize - r;
        return esize == 64 ? rotated : rotated & (1L << esize) - 1;
    }
}
