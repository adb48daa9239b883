package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.fp.Arithmetic;
import dev.baton.arm64.fp.Comparison;
import dev.baton.arm64.fp.Conversion;
import dev.baton.arm64.fp.Estimate;
import dev.baton.arm64.fp.Rounding;

/**
 * What FP instructions compute, for their scalar and vector shapes alike. Operands and results are right-aligned bit patterns;
 * {@code size} is the log2 of their bytes, 1 to 3.
 */
final class FpOperations {
    private FpOperations() { }

    /** One operand. */
    abstract static class Unary {
        abstract long apply(Arm64Cpu c, int size, long a);
    }

    /** Two operands. */
    abstract static class Binary {
        abstract long apply(Arm64Cpu c, int size, long a, long b);
    }

    static final Binary ADD = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Arithmetic.add(c, size, a, b);
        }
    };
    static final Binary SUB = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Arithmetic.sub(c, size, a, b);
        }
    };
    static final Binary MUL = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Arithmetic.mul(c, size, a, b);
        }
    };
    static final Binary NMUL = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Arithmetic.neg(size, Arithmetic.mul(c, size, a, b));
        }
    };
    static final Binary MULX = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Arithmetic.mulx(c, size, a, b);
        }
    };
    static final Binary DIV = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Arithmetic.div(c, size, a, b);
        }
    };
    static final Binary MAX = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Comparison.max(c, size, a, b);
        }
    };
    static final Binary MIN = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Comparison.min(c, size, a, b);
        }
    };
    static final Binary MAXNM = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Comparison.maxNumber(c, size, a, b);
        }
    };
    static final Binary MINNM = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Comparison.minNumber(c, size, a, b);
        }
    };
    /** FABD. */
    static final Binary ABD = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Arithmetic.abs(size, Arithmetic.sub(c, size, a, b));
        }
    };
    static final Binary RECPS = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Arithmetic.recipStep(c, size, a, b);
        }
    };
    static final Binary RSQRTS = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return Arithmetic.rsqrtStep(c, size, a, b);
        }
    };
    static final Binary CMEQ = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return all(Comparison.equal(c, size, a, b), size);
        }
    };
    static final Binary CMGE = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return all(Comparison.greaterOrEqual(c, size, a, b), size);
        }
    };
    static final Binary CMGT = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return all(Comparison.greater(c, size, a, b), size);
        }
    };
    static final Binary ACGE = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return all(Comparison.greaterOrEqual(c, size, Arithmetic.abs(size, a), Arithmetic.abs(size, b)), size);
        }
    };
    static final Binary ACGT = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return all(Comparison.greater(c, size, Arithmetic.abs(size, a), Arithmetic.abs(size, b)), size);
        }
    };
    /** FCMLE and FCMLT against zero. */
    static final Binary CMLE = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return all(Comparison.greaterOrEqual(c, size, b, a), size);
        }
    };
    static final Binary CMLT = new Binary() {
        @Override
        long apply(Arm64Cpu c, int size, long a, long b) {
            return all(Comparison.greater(c, size, b, a), size);
        }
    };

    private static long all(boolean holds, int size) {
        return holds ? -1L >>> 64 - (8 << size) : 0;
    }

    static final Unary MOV = new Unary() {
        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return a;
        }
    };
    static final Unary ABS = new Unary() {
        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return Arithmetic.abs(size, a);
        }
    };
    static final Unary NEG = new Unary() {
        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return Arithmetic.neg(size, a);
        }
    };
    static final Unary SQRT = new Unary() {
        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return Arithmetic.sqrt(c, size, a);
        }
    };
    static final Unary RECPE = new Unary() {
        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return Estimate.recip(c, size, a);
        }
    };
    static final Unary RSQRTE = new Unary() {
        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return Estimate.rsqrt(c, size, a);
        }
    };
    static final Unary RECPX = new Unary() {
        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return Estimate.exponent(c, size, a);
        }
    };
    /** FRINTX. */
    static final Unary RINTX = new Unary() {
        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return Conversion.roundInt(c, size, a, true);
        }
    };
    /** FRINTI. */
    static final Unary RINTI = new Unary() {
        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return Conversion.roundInt(c, size, a, false);
        }
    };
    static final Unary RINTN = new Rint(Rounding.TIE_EVEN);
    static final Unary RINTP = new Rint(Rounding.UP);
    static final Unary RINTM = new Rint(Rounding.DOWN);
    static final Unary RINTZ = new Rint(Rounding.ZERO);
    static final Unary RINTA = new Rint(Rounding.TIE_AWAY);

    private static final class Rint extends Unary {
        private final int mode;

        Rint(int mode) {
            this.mode = mode;
        }

        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return Conversion.roundInt(c, size, a, mode, false);
        }
    }

    static final Unary RINT32Z = new RintN(32, true);
    static final Unary RINT32X = new RintN(32, false);
    static final Unary RINT64Z = new RintN(64, true);
    static final Unary RINT64X = new RintN(64, false);

    /** FRINT32Z and its kin: to an integer of that many bits. */
    private static final class RintN extends Unary {
        private final int bits;
        private final boolean toZero;

        RintN(int bits, boolean toZero) {
            this.bits = bits;
            this.toZero = toZero;
        }

        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return toZero ? Conversion.roundIntN(c, size, a, Rounding.ZERO, bits) : Conversion.roundIntN(c, size, a, bits);
        }
    }

    /** FCVT*S, FCVT*U: to an integer as wide as the number, with {@code fbits} fraction bits. */
    static final class ToFixed extends Unary {
        private final int mode;
        private final boolean unsigned;
        private final int fbits;

        ToFixed(int mode, boolean unsigned, int fbits) {
            this.mode = mode;
            this.unsigned = unsigned;
            this.fbits = fbits;
        }

        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return Conversion.toFixed(c, size, a, fbits, unsigned, 8 << size, mode);
        }
    }

    /** SCVTF, UCVTF: from an integer as wide as the number, with {@code fbits} fraction bits. */
    static final class FromFixed extends Unary {
        private final boolean unsigned;
        private final int fbits;

        FromFixed(boolean unsigned, int fbits) {
            this.unsigned = unsigned;
            this.fbits = fbits;
        }

        @Override
        long apply(Arm64Cpu c, int size, long a) {
            int up = 64 - (8 << size);
            return Conversion.fromFixed(c, size, unsigned ? a : a << up >> up, fbits, unsigned);
        }
    }
}
