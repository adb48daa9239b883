package dev.baton.arm64.a64;

import static dev.baton.arm64.Arm64Cpu.ZR_READ;
import static dev.baton.arm64.Arm64Cpu.ZR_WRITE;

/** What encoding fields mean, resolved once at decode: register 31, operand widths, conditions, extensions. */
final class Operands {
    private Operands() { }

    /** A source register: 31 is XZR. */
    static int source(int r) {
        return r == 31 ? ZR_READ : r;
    }

    /** A destination register: 31 is XZR. */
    static int destination(int r) {
        return r == 31 ? ZR_WRITE : r;
    }

    /** Keeps the bits of the operand width. */
    static long mask(int sf) {
        return sf != 0 ? -1L : 0xffff_ffffL;
    }

    /** Left shift that puts an operand's top bit at bit 63: flags of a 32-bit operation are those of the shifted 64-bit one. */
    static int up(int sf) {
        return sf != 0 ? 0 : 32;
    }

    static long signExtend(long value, int bits) {
        return value << 64 - bits >> 64 - bits;
    }

    /**
     * ConditionHolds as a table: bit {@code nzcv} of the result tells whether {@code cond} holds for those flags. 0b1111
     * holds always, as 0b1110.
     */
    static int conditionTable(int cond) {
        int table = 0;
        for (int nzcv = 0; nzcv < 16; nzcv++) {
            table |= conditionHolds(cond, nzcv) ? 1 << nzcv : 0;
        }
        return table;
    }

    private static boolean conditionHolds(int cond, int nzcv) {
        boolean n = (nzcv & 8) != 0;
        boolean z = (nzcv & 4) != 0;
        boolean c = (nzcv & 2) != 0;
        boolean v = (nzcv & 1) != 0;
        boolean result = switch (cond >> 1) {
            case 0 -> z;
            case 1 -> c;
            case 2 -> n;
            case 3 -> v;
            case 4 -> c && !z;
            case 5 -> n == v;
            case 6 -> n == v && !z;
            default -> true;
        };
        return (cond & 1) != 0 && cond != 15 ? !result : result;
    }

    /** ExtendReg: the left shift that, undone arithmetically, sign-extends; 0 for unsigned options. */
    static int extendUp(int option) {
        return option < 4 ? 0 : 64 - (8 << (option & 3));
    }

    /** ExtendReg: the bits that an unsigned option keeps; all for signed ones. */
    static long extendKeep(int option) {
        return option < 3 ? (1L << (8 << option)) - 1 : -1L;
    }
}
