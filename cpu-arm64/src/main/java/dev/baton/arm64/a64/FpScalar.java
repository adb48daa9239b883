package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.fp.Arithmetic;
import dev.baton.arm64.fp.Comparison;
import dev.baton.arm64.fp.Conversion;
import dev.baton.arm64.fp.Rounding;

/**
 * Scalar floating point: data processing, comparison, conversion, moves. {@code sz} is -1 for half, 0 for single, 1 for double precision.
 * A result zeroes the rest of its register.
 */
public final class FpScalar {
    private FpScalar() { }

    /** {@code FMUL <Vd>, <Vn>, <Vm>}. */
    public static Insn fmul(int sz, int m, int n, int d) {
        return new Two(FpOperations.MUL, sz, m, n, d);
    }

    /** {@code FDIV <Vd>, <Vn>, <Vm>}. */
    public static Insn fdiv(int sz, int m, int n, int d) {
        return new Two(FpOperations.DIV, sz, m, n, d);
    }

    /** {@code FADD <Vd>, <Vn>, <Vm>}. */
    public static Insn fadd(int sz, int m, int n, int d) {
        return new Two(FpOperations.ADD, sz, m, n, d);
    }

    /** {@code FSUB <Vd>, <Vn>, <Vm>}. */
    public static Insn fsub(int sz, int m, int n, int d) {
        return new Two(FpOperations.SUB, sz, m, n, d);
    }

    /** {@code FMAX <Vd>, <Vn>, <Vm>}. */
    public static Insn fmax(int sz, int m, int n, int d) {
        return new Two(FpOperations.MAX, sz, m, n, d);
    }

    /** {@code FMIN <Vd>, <Vn>, <Vm>}. */
    public static Insn fmin(int sz, int m, int n, int d) {
        return new Two(FpOperations.MIN, sz, m, n, d);
    }

    /** {@code FMAXNM <Vd>, <Vn>, <Vm>}. */
    public static Insn fmaxnm(int sz, int m, int n, int d) {
        return new Two(FpOperations.MAXNM, sz, m, n, d);
    }

    /** {@code FMINNM <Vd>, <Vn>, <Vm>}. */
    public static Insn fminnm(int sz, int m, int n, int d) {
        return new Two(FpOperations.MINNM, sz, m, n, d);
    }

    /** {@code FNMUL <Vd>, <Vn>, <Vm>}. */
    public static Insn fnmul(int sz, int m, int n, int d) {
        return new Two(FpOperations.NMUL, sz, m, n, d);
    }

    /** {@code FMOV <Vd>, <Vn>}. */
    public static Insn fmov(int sz, int n, int d) {
        return new One(FpOperations.MOV, sz, n, d);
    }

    /** {@code FABS <Vd>, <Vn>}. */
    public static Insn fabs(int sz, int n, int d) {
        return new One(FpOperations.ABS, sz, n, d);
    }

    /** {@code FNEG <Vd>, <Vn>}. */
    public static Insn fneg(int sz, int n, int d) {
        return new One(FpOperations.NEG, sz, n, d);
    }

    /** {@code FSQRT <Vd>, <Vn>}. */
    public static Insn fsqrt(int sz, int n, int d) {
        return new One(FpOperations.SQRT, sz, n, d);
    }

    /** {@code FRINTN <Vd>, <Vn>}. */
    public static Insn frintn(int sz, int n, int d) {
        return new One(FpOperations.RINTN, sz, n, d);
    }

    /** {@code FRINTP <Vd>, <Vn>}. */
    public static Insn frintp(int sz, int n, int d) {
        return new One(FpOperations.RINTP, sz, n, d);
    }

    /** {@code FRINTM <Vd>, <Vn>}. */
    public static Insn frintm(int sz, int n, int d) {
        return new One(FpOperations.RINTM, sz, n, d);
    }

    /** {@code FRINTZ <Vd>, <Vn>}. */
    public static Insn frintz(int sz, int n, int d) {
        return new One(FpOperations.RINTZ, sz, n, d);
    }

    /** {@code FRINTA <Vd>, <Vn>}. */
    public static Insn frinta(int sz, int n, int d) {
        return new One(FpOperations.RINTA, sz, n, d);
    }

    /** {@code FRINTX <Vd>, <Vn>}. */
    public static Insn frintx(int sz, int n, int d) {
        return new One(FpOperations.RINTX, sz, n, d);
    }

    /** {@code FRINTI <Vd>, <Vn>}. */
    public static Insn frinti(int sz, int n, int d) {
        return new One(FpOperations.RINTI, sz, n, d);
    }

    /** {@code FRINT32Z <Vd>, <Vn>}. */
    public static Insn frint32z(int sz, int n, int d) {
        return new One(FpOperations.RINT32Z, sz, n, d);
    }

    /** {@code FRINT32X <Vd>, <Vn>}. */
    public static Insn frint32x(int sz, int n, int d) {
        return new One(FpOperations.RINT32X, sz, n, d);
    }

    /** {@code FRINT64Z <Vd>, <Vn>}. */
    public static Insn frint64z(int sz, int n, int d) {
        return new One(FpOperations.RINT64Z, sz, n, d);
    }

    /** {@code FRINT64X <Vd>, <Vn>}. */
    public static Insn frint64x(int sz, int n, int d) {
        return new One(FpOperations.RINT64X, sz, n, d);
    }

    /** {@code FCVT <Vd>, <Vn>}: between formats, each given as sz. */
    public static Insn fcvt(int from, int to, int n, int d) {
        return new Convert(from + 2, to + 2, n, d);
    }

    /** {@code FMADD <Vd>, <Vn>, <Vm>, <Va>}; o1 negates the addend, o1 EOR o0 the product: FMSUB, FNMADD, FNMSUB. */
    public static Insn fmadd(int sz, int o1, int o0, int m, int a, int n, int d) {
        return new MulAdd(sz, o1 != 0, o1 != o0, m, a, n, d);
    }

    /** {@code FCMP <Vn>, <Vm>}, FCMPE. */
    public static Insn fcmp(int sz, int e, int m, int n) {
        return new Compare(sz, e != 0, 2 * m, n);
    }

    /** {@code FCMP <Vn>, #0.0}, FCMPE. */
    public static Insn fcmpZero(int sz, int e, int n) {
        return new Compare(sz, e != 0, Compare.ZERO, n);
    }

    /** {@code FCCMP <Vn>, <Vm>, #<nzcv>, <cond>}, FCCMPE. */
    public static Insn fccmp(int sz, int m, int cond, int n, int e, int nzcv) {
        return new ConditionalCompareFp(sz, e != 0, m, cond, n, nzcv);
    }

    /** {@code FCSEL <Vd>, <Vn>, <Vm>, <cond>}. */
    public static Insn fcsel(int sz, int m, int cond, int n, int d) {
        return new Select(sz, m, cond, n, d);
    }

    /** {@code FMOV <Vd>, #<imm>}. */
    public static Insn fmovImmediate(int sz, int imm8, int d) {
        return new Immediate(FpImmediate.expand(imm8, sz + 2), d);
    }

    /** {@code FMOV <Wd|Xd>, <Vn>}: bits as they are. */
    public static Insn fmovToGeneral(int size, int top, int n, int d) {
        return new ToGeneral(size, 2 * n + top, Operands.destination(d));
    }

    /** {@code FMOV <Vd>, <Wn|Xn>}: bits as they are. */
    public static Insn fmovFromGeneral(int size, int n, int d) {
        return new FromGeneral(size, Operands.source(n), 2 * d);
    }

    /** {@code FMOV <Vd>.D[1], <Xn>}: the other half stays. */
    public static Insn fmovTopFromGeneral(int n, int d) {
        return new TopFromGeneral(Operands.source(n), 2 * d + 1);
    }

    /** {@code FCVT{N|P|M|Z|A}{S|U} <Wd|Xd>, <Vn>}. @param mode of {@link Rounding} */
    public static Insn fcvtToInteger(int sf, int sz, int mode, int unsigned, int n, int d) {
        return new ToInteger(sf, sz, mode, unsigned != 0, 0, n, d);
    }

    /** {@code FCVTZ{S|U} <Wd|Xd>, <Vn>, #<fbits>}. */
    public static Insn fcvtToFixed(int sf, int sz, int unsigned, int scale, int n, int d) {
        return reserved(sf, scale) ? Unallocated.encoding() : new ToInteger(sf, sz, Rounding.ZERO, unsigned != 0, 64 - scale, n, d);
    }

    /** {@code SCVTF <Vd>, <Wn|Xn>}, UCVTF. */
    public static Insn cvtfFromInteger(int sf, int sz, int unsigned, int n, int d) {
        return new FromInteger(sf, sz, unsigned != 0, 0, n, d);
    }

    /** {@code SCVTF <Vd>, <Wn|Xn>, #<fbits>}, UCVTF. */
    public static Insn cvtfFromFixed(int sf, int sz, int unsigned, int scale, int n, int d) {
        return reserved(sf, scale) ? Unallocated.encoding() : new FromInteger(sf, sz, unsigned != 0, 64 - scale, n, d);
    }

    private static boolean reserved(int sf, int scale) {
        return sf == 0 && scale < 32;
    }

    /** {@code FJCVTZS <Wd>, <Dn>}. */
    public static Insn fjcvtzs(int n, int d) {
        return new JavaScript(n, d);
    }

    /** A scalar source and its format; indices into v. */
    private abstract static class Scalar extends Insn {
        final int size;
        final long mask;
        final int n;
        final int d;

        Scalar(int sz, int n, int d) {
            size = sz + 2;
            mask = -1L >>> 64 - (8 << size);
            this.n = 2 * n;
            this.d = d;
        }

        final void check(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
        }
    }

    private static final class Two extends Scalar {
        private final FpOperations.Binary op;
        private final int m;

        Two(FpOperations.Binary op, int sz, int m, int n, int d) {
            super(sz, n, 2 * d);
            this.op = op;
            this.m = 2 * m;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.v[d] = op.apply(c, size, c.v[n] & mask, c.v[m] & mask);
            c.v[d + 1] = 0;
        }
    }

    private static final class One extends Scalar {
        private final FpOperations.Unary op;

        One(FpOperations.Unary op, int sz, int n, int d) {
            super(sz, n, 2 * d);
            this.op = op;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.v[d] = op.apply(c, size, c.v[n] & mask);
            c.v[d + 1] = 0;
        }
    }

    private static final class Convert extends Scalar {
        private final int to;

        Convert(int from, int to, int n, int d) {
            super(from - 2, n, 2 * d);
            this.to = to;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.v[d] = Conversion.convert(c, size, to, c.v[n] & mask);
            c.v[d + 1] = 0;
        }
    }

    private static final class MulAdd extends Scalar {
        private final int m;
        private final int a;
        private final long negateProduct;
        private final long negateAddend;

        MulAdd(int sz, boolean negateAddend, boolean negateProduct, int m, int a, int n, int d) {
            super(sz, n, 2 * d);
            this.m = 2 * m;
            this.a = 2 * a;
            long sign = Arithmetic.neg(size, 0);
            this.negateAddend = negateAddend ? sign : 0;
            this.negateProduct = negateProduct ? sign : 0;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.v[d] = Arithmetic.mulAdd(c, size, c.v[a] & mask ^ negateAddend, c.v[n] & mask ^ negateProduct, c.v[m] & mask);
            c.v[d + 1] = 0;
        }
    }

    private static final class Compare extends Scalar {
        static final int ZERO = -1;
        private final boolean signalling;
        private final int m;

        Compare(int sz, boolean signalling, int m, int n) {
            super(sz, n, 0);
            this.signalling = signalling;
            this.m = m;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.nzcv = Comparison.compare(c, size, c.v[n] & mask, m == ZERO ? 0 : c.v[m] & mask, signalling);
        }
    }

    private static final class ConditionalCompareFp extends Scalar {
        private final boolean signalling;
        private final int m;
        private final int table;
        private final int otherwise;

        ConditionalCompareFp(int sz, boolean signalling, int m, int cond, int n, int nzcv) {
            super(sz, n, 0);
            this.signalling = signalling;
            this.m = 2 * m;
            table = Operands.conditionTable(cond);
            otherwise = nzcv << 28;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            boolean holds = (table >>> (c.nzcv >>> 28) & 1) != 0;
            c.nzcv = holds ? Comparison.compare(c, size, c.v[n] & mask, c.v[m] & mask, signalling) : otherwise;
        }
    }

    private static final class Select extends Scalar {
        private final int m;
        private final int table;

        Select(int sz, int m, int cond, int n, int d) {
            super(sz, n, 2 * d);
            this.m = 2 * m;
            table = Operands.conditionTable(cond);
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.v[d] = ((table >>> (c.nzcv >>> 28) & 1) != 0 ? c.v[n] : c.v[m]) & mask;
            c.v[d + 1] = 0;
        }
    }

    private static final class Immediate extends Insn {
        private final long value;
        private final int d;

        Immediate(long value, int d) {
            this.value = value;
            this.d = 2 * d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            c.v[d] = value;
            c.v[d + 1] = 0;
        }
    }

    private static final class ToGeneral extends Scalar {
        private final int half;

        ToGeneral(int size, int half, int d) {
            super(size - 2, 0, d);
            this.half = half;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.x[d] = c.v[half] & mask;
        }
    }

    private static final class FromGeneral extends Scalar {
        private final int source;

        FromGeneral(int size, int source, int d) {
            super(size - 2, 0, d);
            this.source = source;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.v[d] = c.x[source] & mask;
            c.v[d + 1] = 0;
        }
    }

    private static final class TopFromGeneral extends Insn {
        private final int source;
        private final int half;

        TopFromGeneral(int source, int half) {
            this.source = source;
            this.half = half;
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            c.v[half] = c.x[source];
        }
    }

    private static final class ToInteger extends Scalar {
        private final int bits;
        private final int mode;
        private final boolean unsigned;
        private final int fbits;

        ToInteger(int sf, int sz, int mode, boolean unsigned, int fbits, int n, int d) {
            super(sz, n, Operands.destination(d));
            bits = 32 << sf;
            this.mode = mode;
            this.unsigned = unsigned;
            this.fbits = fbits;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.x[d] = Conversion.toFixed(c, size, c.v[n] & mask, fbits, unsigned, bits, mode);
        }
    }

    private static final class FromInteger extends Scalar {
        private final int source;
        private final int up;
        private final boolean unsigned;
        private final int fbits;

        FromInteger(int sf, int sz, boolean unsigned, int fbits, int n, int d) {
            super(sz, 0, 2 * d);
            source = Operands.source(n);
            up = 32 - 32 * sf;
            this.unsigned = unsigned;
            this.fbits = fbits;
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            long a = c.x[source] << up;
            c.v[d] = Conversion.fromFixed(c, size, unsigned ? a >>> up : a >> up, fbits, unsigned);
            c.v[d + 1] = 0;
        }
    }

    private static final class JavaScript extends Scalar {
        JavaScript(int n, int d) {
            super(1, n, Operands.destination(d));
        }

        @Override
        public void execute(Arm64Cpu c) {
            check(c);
            c.x[d] = Conversion.toInt32Modulo(c, c.v[n]);
        }
    }
}
