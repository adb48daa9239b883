package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.fp.Arithmetic;
import dev.baton.arm64.fp.Conversion;
import dev.baton.arm64.fp.Estimate;
import dev.baton.arm64.fp.Rounding;

/**
 * Advanced SIMD floating point, vector and scalar. {@code sz} is -1 for half, 0 for single, 1 for double precision; {@code q} is
 * {@link Vectors#SCALAR} for the scalar forms. Lanes are computed by {@link FpOperations}, the lowest first.
 */
public final class AdvSimdFp {
    private AdvSimdFp() { }

    private static Insn same(FpOperations.Binary op, int q, int sz, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, sz + 2), new Two(op, q, sz + 2, m, n, d));
    }

    private static Insn pair(FpOperations.Binary op, int q, int sz, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, sz + 2), new Pair(op, q, sz + 2, m, n, d));
    }

    private static Insn one(FpOperations.Unary op, int q, int sz, int n, int d) {
        return Vectors.unless(Vectors.single(q, sz + 2), new One(op, q, sz + 2, n, d));
    }

    private static Insn zero(FpOperations.Binary op, int q, int sz, int n, int d) {
        return Vectors.unless(Vectors.single(q, sz + 2), new AgainstZero(op, q, sz + 2, n, d));
    }

    /** {@code FMAXNM}, vector and scalar. */
    public static Insn fmaxnm(int q, int sz, int m, int n, int d) {
        return same(FpOperations.MAXNM, q, sz, m, n, d);
    }

    /** {@code FADD}, vector and scalar. */
    public static Insn fadd(int q, int sz, int m, int n, int d) {
        return same(FpOperations.ADD, q, sz, m, n, d);
    }

    /** {@code FMULX}, vector and scalar. */
    public static Insn fmulx(int q, int sz, int m, int n, int d) {
        return same(FpOperations.MULX, q, sz, m, n, d);
    }

    /** {@code FCMEQ}, vector and scalar. */
    public static Insn fcmeq(int q, int sz, int m, int n, int d) {
        return same(FpOperations.CMEQ, q, sz, m, n, d);
    }

    /** {@code FMAX}, vector and scalar. */
    public static Insn fmax(int q, int sz, int m, int n, int d) {
        return same(FpOperations.MAX, q, sz, m, n, d);
    }

    /** {@code FRECPS}, vector and scalar. */
    public static Insn frecps(int q, int sz, int m, int n, int d) {
        return same(FpOperations.RECPS, q, sz, m, n, d);
    }

    /** {@code FMINNM}, vector and scalar. */
    public static Insn fminnm(int q, int sz, int m, int n, int d) {
        return same(FpOperations.MINNM, q, sz, m, n, d);
    }

    /** {@code FSUB}, vector and scalar. */
    public static Insn fsub(int q, int sz, int m, int n, int d) {
        return same(FpOperations.SUB, q, sz, m, n, d);
    }

    /** {@code FMIN}, vector and scalar. */
    public static Insn fmin(int q, int sz, int m, int n, int d) {
        return same(FpOperations.MIN, q, sz, m, n, d);
    }

    /** {@code FRSQRTS}, vector and scalar. */
    public static Insn frsqrts(int q, int sz, int m, int n, int d) {
        return same(FpOperations.RSQRTS, q, sz, m, n, d);
    }

    /** {@code FMUL}, vector and scalar. */
    public static Insn fmul(int q, int sz, int m, int n, int d) {
        return same(FpOperations.MUL, q, sz, m, n, d);
    }

    /** {@code FCMGE}, vector and scalar. */
    public static Insn fcmge(int q, int sz, int m, int n, int d) {
        return same(FpOperations.CMGE, q, sz, m, n, d);
    }

    /** {@code FACGE}, vector and scalar. */
    public static Insn facge(int q, int sz, int m, int n, int d) {
        return same(FpOperations.ACGE, q, sz, m, n, d);
    }

    /** {@code FDIV}, vector and scalar. */
    public static Insn fdiv(int q, int sz, int m, int n, int d) {
        return same(FpOperations.DIV, q, sz, m, n, d);
    }

    /** {@code FABD}, vector and scalar. */
    public static Insn fabd(int q, int sz, int m, int n, int d) {
        return same(FpOperations.ABD, q, sz, m, n, d);
    }

    /** {@code FCMGT}, vector and scalar. */
    public static Insn fcmgt(int q, int sz, int m, int n, int d) {
        return same(FpOperations.CMGT, q, sz, m, n, d);
    }

    /** {@code FACGT}, vector and scalar. */
    public static Insn facgt(int q, int sz, int m, int n, int d) {
        return same(FpOperations.ACGT, q, sz, m, n, d);
    }

    /** {@code FMAXNMP}, vector and scalar. */
    public static Insn fmaxnmp(int q, int sz, int m, int n, int d) {
        return pair(FpOperations.MAXNM, q, sz, m, n, d);
    }

    /** {@code FADDP}, vector and scalar. */
    public static Insn faddp(int q, int sz, int m, int n, int d) {
        return pair(FpOperations.ADD, q, sz, m, n, d);
    }

    /** {@code FMAXP}, vector and scalar. */
    public static Insn fmaxp(int q, int sz, int m, int n, int d) {
        return pair(FpOperations.MAX, q, sz, m, n, d);
    }

    /** {@code FMINNMP}, vector and scalar. */
    public static Insn fminnmp(int q, int sz, int m, int n, int d) {
        return pair(FpOperations.MINNM, q, sz, m, n, d);
    }

    /** {@code FMINP}, vector and scalar. */
    public static Insn fminp(int q, int sz, int m, int n, int d) {
        return pair(FpOperations.MIN, q, sz, m, n, d);
    }

    /** {@code FRINTN}, vector and scalar. */
    public static Insn frintn(int q, int sz, int n, int d) {
        return one(FpOperations.RINTN, q, sz, n, d);
    }

    /** {@code FRINTM}, vector and scalar. */
    public static Insn frintm(int q, int sz, int n, int d) {
        return one(FpOperations.RINTM, q, sz, n, d);
    }

    /** {@code FRINTP}, vector and scalar. */
    public static Insn frintp(int q, int sz, int n, int d) {
        return one(FpOperations.RINTP, q, sz, n, d);
    }

    /** {@code FRINTZ}, vector and scalar. */
    public static Insn frintz(int q, int sz, int n, int d) {
        return one(FpOperations.RINTZ, q, sz, n, d);
    }

    /** {@code FRINTA}, vector and scalar. */
    public static Insn frinta(int q, int sz, int n, int d) {
        return one(FpOperations.RINTA, q, sz, n, d);
    }

    /** {@code FRINTX}, vector and scalar. */
    public static Insn frintx(int q, int sz, int n, int d) {
        return one(FpOperations.RINTX, q, sz, n, d);
    }

    /** {@code FRINTI}, vector and scalar. */
    public static Insn frinti(int q, int sz, int n, int d) {
        return one(FpOperations.RINTI, q, sz, n, d);
    }

    /** {@code FRINT32Z}, vector. */
    public static Insn frint32z(int q, int sz, int n, int d) {
        return one(FpOperations.RINT32Z, q, sz, n, d);
    }

    /** {@code FRINT32X}, vector. */
    public static Insn frint32x(int q, int sz, int n, int d) {
        return one(FpOperations.RINT32X, q, sz, n, d);
    }

    /** {@code FRINT64Z}, vector. */
    public static Insn frint64z(int q, int sz, int n, int d) {
        return one(FpOperations.RINT64Z, q, sz, n, d);
    }

    /** {@code FRINT64X}, vector. */
    public static Insn frint64x(int q, int sz, int n, int d) {
        return one(FpOperations.RINT64X, q, sz, n, d);
    }

    /** {@code FABS}, vector and scalar. */
    public static Insn fabs(int q, int sz, int n, int d) {
        return one(FpOperations.ABS, q, sz, n, d);
    }

    /** {@code FNEG}, vector and scalar. */
    public static Insn fneg(int q, int sz, int n, int d) {
        return one(FpOperations.NEG, q, sz, n, d);
    }

    /** {@code FSQRT}, vector and scalar. */
    public static Insn fsqrt(int q, int sz, int n, int d) {
        return one(FpOperations.SQRT, q, sz, n, d);
    }

    /** {@code FRECPE}, vector and scalar. */
    public static Insn frecpe(int q, int sz, int n, int d) {
        return one(FpOperations.RECPE, q, sz, n, d);
    }

    /** {@code FRSQRTE}, vector and scalar. */
    public static Insn frsqrte(int q, int sz, int n, int d) {
        return one(FpOperations.RSQRTE, q, sz, n, d);
    }

    /** {@code FRECPX}, vector and scalar. */
    public static Insn frecpx(int q, int sz, int n, int d) {
        return one(FpOperations.RECPX, q, sz, n, d);
    }

    /** {@code FCVTNS}, vector and scalar. */
    public static Insn fcvtns(int q, int sz, int n, int d) {
        return one(new FpOperations.ToFixed(Rounding.TIE_EVEN, false, 0), q, sz, n, d);
    }

    /** {@code FCVTNU}, vector and scalar. */
    public static Insn fcvtnu(int q, int sz, int n, int d) {
        return one(new FpOperations.ToFixed(Rounding.TIE_EVEN, true, 0), q, sz, n, d);
    }

    /** {@code FCVTMS}, vector and scalar. */
    public static Insn fcvtms(int q, int sz, int n, int d) {
        return one(new FpOperations.ToFixed(Rounding.DOWN, false, 0), q, sz, n, d);
    }

    /** {@code FCVTMU}, vector and scalar. */
    public static Insn fcvtmu(int q, int sz, int n, int d) {
        return one(new FpOperations.ToFixed(Rounding.DOWN, true, 0), q, sz, n, d);
    }

    /** {@code FCVTAS}, vector and scalar. */
    public static Insn fcvtas(int q, int sz, int n, int d) {
        return one(new FpOperations.ToFixed(Rounding.TIE_AWAY, false, 0), q, sz, n, d);
    }

    /** {@code FCVTAU}, vector and scalar. */
    public static Insn fcvtau(int q, int sz, int n, int d) {
        return one(new FpOperations.ToFixed(Rounding.TIE_AWAY, true, 0), q, sz, n, d);
    }

    /** {@code FCVTPS}, vector and scalar. */
    public static Insn fcvtps(int q, int sz, int n, int d) {
        return one(new FpOperations.ToFixed(Rounding.UP, false, 0), q, sz, n, d);
    }

    /** {@code FCVTPU}, vector and scalar. */
    public static Insn fcvtpu(int q, int sz, int n, int d) {
        return one(new FpOperations.ToFixed(Rounding.UP, true, 0), q, sz, n, d);
    }

    /** {@code FCVTZS}, vector and scalar. */
    public static Insn fcvtzs(int q, int sz, int n, int d) {
        return one(new FpOperations.ToFixed(Rounding.ZERO, false, 0), q, sz, n, d);
    }

    /** {@code FCVTZU}, vector and scalar. */
    public static Insn fcvtzu(int q, int sz, int n, int d) {
        return one(new FpOperations.ToFixed(Rounding.ZERO, true, 0), q, sz, n, d);
    }

    /** {@code SCVTF}, vector and scalar. */
    public static Insn scvtf(int q, int sz, int n, int d) {
        return one(new FpOperations.FromFixed(false, 0), q, sz, n, d);
    }

    /** {@code UCVTF}, vector and scalar. */
    public static Insn ucvtf(int q, int sz, int n, int d) {
        return one(new FpOperations.FromFixed(true, 0), q, sz, n, d);
    }

    /** {@code FCMGTZERO}, vector and scalar. */
    public static Insn fcmgtZero(int q, int sz, int n, int d) {
        return zero(FpOperations.CMGT, q, sz, n, d);
    }

    /** {@code FCMEQZERO}, vector and scalar. */
    public static Insn fcmeqZero(int q, int sz, int n, int d) {
        return zero(FpOperations.CMEQ, q, sz, n, d);
    }

    /** {@code FCMLTZERO}, vector and scalar. */
    public static Insn fcmltZero(int q, int sz, int n, int d) {
        return zero(FpOperations.CMLT, q, sz, n, d);
    }

    /** {@code FCMGEZERO}, vector and scalar. */
    public static Insn fcmgeZero(int q, int sz, int n, int d) {
        return zero(FpOperations.CMGE, q, sz, n, d);
    }

    /** {@code FCMLEZERO}, vector and scalar. */
    public static Insn fcmleZero(int q, int sz, int n, int d) {
        return zero(FpOperations.CMLE, q, sz, n, d);
    }

    /** {@code FMAXNMP <Vd>, <Vn>.2<T>}: the two lanes of the low end. */
    public static Insn fmaxnmpScalar(int sz, int n, int d) {
        return new Reduce(FpOperations.MAXNM, sz + 2, 2, n, d);
    }

    /** {@code FMAXNMV <Vd>, <Vn>.<T>}: all lanes. */
    public static Insn fmaxnmv(int q, int sz, int n, int d) {
        return new Reduce(FpOperations.MAXNM, sz + 2, (8 << q) >> sz + 2, n, d);
    }

    /** {@code FMINNMP <Vd>, <Vn>.2<T>}: the two lanes of the low end. */
    public static Insn fminnmpScalar(int sz, int n, int d) {
        return new Reduce(FpOperations.MINNM, sz + 2, 2, n, d);
    }

    /** {@code FMINNMV <Vd>, <Vn>.<T>}: all lanes. */
    public static Insn fminnmv(int q, int sz, int n, int d) {
        return new Reduce(FpOperations.MINNM, sz + 2, (8 << q) >> sz + 2, n, d);
    }

    /** {@code FMAXP <Vd>, <Vn>.2<T>}: the two lanes of the low end. */
    public static Insn fmaxpScalar(int sz, int n, int d) {
        return new Reduce(FpOperations.MAX, sz + 2, 2, n, d);
    }

    /** {@code FMAXV <Vd>, <Vn>.<T>}: all lanes. */
    public static Insn fmaxv(int q, int sz, int n, int d) {
        return new Reduce(FpOperations.MAX, sz + 2, (8 << q) >> sz + 2, n, d);
    }

    /** {@code FMINP <Vd>, <Vn>.2<T>}: the two lanes of the low end. */
    public static Insn fminpScalar(int sz, int n, int d) {
        return new Reduce(FpOperations.MIN, sz + 2, 2, n, d);
    }

    /** {@code FMINV <Vd>, <Vn>.<T>}: all lanes. */
    public static Insn fminv(int q, int sz, int n, int d) {
        return new Reduce(FpOperations.MIN, sz + 2, (8 << q) >> sz + 2, n, d);
    }

    /** {@code FADDP <Vd>, <Vn>.2<T>}: the two lanes of the low end. */
    public static Insn faddpScalar(int sz, int n, int d) {
        return new Reduce(FpOperations.ADD, sz + 2, 2, n, d);
    }

    /** {@code FMLA <Vd>, <Vn>, <Vm>}; FMLS negates the first factor. */
    public static Insn fmla(int q, int sz, int negate, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, sz + 2), new Fused(negate != 0, q, sz + 2, m, n, d));
    }

    /** {@code FMUL <Vd>, <Vn>, <Vm>.<Ts>[<index>]}. */
    public static Insn fmulElement(int q, int sz, int l, int mm, int m, int h, int n, int d) {
        return element(new Two(FpOperations.MUL, q, sz + 2, register(sz, mm, m), n, d), q, sz, l, mm, h);
    }

    /** {@code FMULX <Vd>, <Vn>, <Vm>.<Ts>[<index>]}. */
    public static Insn fmulxElement(int q, int sz, int l, int mm, int m, int h, int n, int d) {
        return element(new Two(FpOperations.MULX, q, sz + 2, register(sz, mm, m), n, d), q, sz, l, mm, h);
    }

    /** {@code FMLA <Vd>, <Vn>, <Vm>.<Ts>[<index>]}, FMLS. */
    public static Insn fmlaElement(int q, int sz, int negate, int l, int mm, int m, int h, int n, int d) {
        return element(new Fused(negate != 0, q, sz + 2, register(sz, mm, m), n, d), q, sz, l, mm, h);
    }

    private static int register(int sz, int mm, int m) {
        return sz < 0 ? m : mm << 4 | m;
    }

    private static Insn element(Vectors.Operation insn, int q, int sz, int l, int mm, int h) {
        boolean reserved = Vectors.single(q, sz + 2) || sz == 1 && l != 0;
        int index = sz < 0 ? h << 2 | l << 1 | mm : sz == 0 ? h << 1 | l : h;
        return Vectors.unless(reserved, insn.by(index));
    }

    /** {@code SCVTF <Vd>, <Vn>, #<fbits>}, UCVTF, by immh:immb; {@code base} is the leading one of immh, {@code h} the rest. */
    public static Insn cvtfFixed(int q, int unsigned, int base, int h, int immb, int n, int d) {
        int immh = base | h;
        int size = sizeOf(base);
        return fixed(q, size, new FpOperations.FromFixed(unsigned != 0, (16 << size) - (immh << 3 | immb)), n, d);
    }

    /** {@code FCVTZS <Vd>, <Vn>, #<fbits>}, FCVTZU, by immh:immb. */
    public static Insn fcvtzFixed(int q, int unsigned, int base, int h, int immb, int n, int d) {
        int immh = base | h;
        int size = sizeOf(base);
        return fixed(q, size, new FpOperations.ToFixed(Rounding.ZERO, unsigned != 0, (16 << size) - (immh << 3 | immb)), n, d);
    }

    private static int sizeOf(int base) {
        return Integer.numberOfTrailingZeros(base);
    }

    private static Insn fixed(int q, int size, FpOperations.Unary op, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new One(op, q, size, n, d));
    }

    /** {@code FCVTL{2} <Vd>.<Ta>, <Vn>.<Tb>}: sz 0 from half to single, 1 from single to double. */
    public static Insn fcvtl(int q, int sz, int n, int d) {
        return new Lengthen(q, sz + 1, n, d);
    }

    /** {@code FCVTN{2} <Vd>.<Tb>, <Vn>.<Ta>}. */
    public static Insn fcvtn(int q, int sz, int n, int d) {
        return new Narrow(q, sz + 1, false, n, d);
    }

    /** {@code FCVTXN{2} <Vd>.<Tb>, <Vn>.2D}: rounds to odd. */
    public static Insn fcvtxn(int q, int n, int d) {
        return new Narrow(q, 2, true, n, d);
    }

    /** {@code URECPE <Vd>.<T>, <Vn>.<T>}. */
    public static Insn urecpe(int q, int n, int d) {
        return new One(UNSIGNED_RECIP, q, 2, n, d);
    }

    /** {@code URSQRTE <Vd>.<T>, <Vn>.<T>}. */
    public static Insn ursqrte(int q, int n, int d) {
        return new One(UNSIGNED_RSQRT, q, 2, n, d);
    }

    private static final FpOperations.Unary UNSIGNED_RECIP = new FpOperations.Unary() {
        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return Estimate.unsignedRecip(a);
        }
    };
    private static final FpOperations.Unary UNSIGNED_RSQRT = new FpOperations.Unary() {
        @Override
        long apply(Arm64Cpu c, int size, long a) {
            return Estimate.unsignedRsqrt(a);
        }
    };

    private static final class Two extends Vectors.Same {
        private final FpOperations.Binary op;
        private final int end;

        Two(FpOperations.Binary op, int q, int size, int m, int n, int d) {
            super(q, size, m, n, d);
            this.op = op;
            end = end(q, size);
        }

        @Override
        long half(Arm64Cpu c, long old, long a, long b) {
            return lanes(c, op, size, end, a, b);
        }
    }

    /** Where the lanes of a half end: a scalar form has one. */
    private static int end(int q, int size) {
        return q == Vectors.SCALAR ? 8 << size : 64;
    }

    private static long lanes(Arm64Cpu c, FpOperations.Binary op, int size, int end, long a, long b) {
        long mask = Lanes.mask(size);
        long r = 0;
        for (int bit = 0; bit < end; bit += 8 << size) {
            r |= op.apply(c, size, a >>> bit & mask, b >>> bit & mask) << bit;
        }
        return r;
    }

    private static final class AgainstZero extends Vectors.Same {
        private final FpOperations.Binary op;
        private final int end;

        AgainstZero(FpOperations.Binary op, int q, int size, int n, int d) {
            super(q, size, n, n, d);
            this.op = op;
            end = end(q, size);
        }

        @Override
        long half(Arm64Cpu c, long old, long a, long b) {
            return lanes(c, op, size, end, a, 0);
        }
    }

    private static final class One extends Vectors.Same {
        private final FpOperations.Unary op;
        private final int end;

        One(FpOperations.Unary op, int q, int size, int n, int d) {
            super(q, size, n, n, d);
            this.op = op;
            end = end(q, size);
        }

        @Override
        long half(Arm64Cpu c, long old, long a, long b) {
            long r = 0;
            for (int bit = 0; bit < end; bit += 8 << size) {
                r |= op.apply(c, size, a >>> bit & Lanes.mask(size)) << bit;
            }
            return r;
        }
    }

    private static final class Fused extends Vectors.Same {
        private final long negate;
        private final int end;

        Fused(boolean negate, int q, int size, int m, int n, int d) {
            super(q, size, m, n, d);
            this.negate = negate ? Arithmetic.neg(size, 0) : 0;
            end = end(q, size);
        }

        @Override
        long half(Arm64Cpu c, long old, long a, long b) {
            long mask = Lanes.mask(size);
            long r = 0;
            for (int bit = 0; bit < end; bit += 8 << size) {
                r |= Arithmetic.mulAdd(c, size, old >>> bit & mask, a >>> bit & mask ^ negate, b >>> bit & mask) << bit;
            }
            return r;
        }
    }

    private static final class Pair extends Vectors.Pairwise {
        private final FpOperations.Binary op;

        Pair(FpOperations.Binary op, int q, int size, int m, int n, int d) {
            super(q, size, m, n, d);
            this.op = op;
        }

        @Override
        long half(Arm64Cpu c, long old, long a, long b) {
            return lanes(c, op, size, 64, a, b);
        }
    }

    /** The lowest {@code count} lanes of a register by halves of their number, as Reduce does: to one, or of a pair. */
    private static final class Reduce extends Insn {
        private final FpOperations.Binary op;
        private final int size;
        private final int count;
        private final int n;
        private final int d;

        Reduce(FpOperations.Binary op, int size, int count, int n, int d) {
            this.op = op;
            this.size = size;
            this.count = count;
            this.n = 2 * n;
            this.d = 2 * d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            c.v[d] = reduce(c, 0, count);
            c.v[d + 1] = 0;
        }

        private long reduce(Arm64Cpu c, int first, int lanes) {
            if (lanes == 1) {
                int bit = first * (8 << size);
                return c.v[n + (bit >>> 6)] >>> bit & Lanes.mask(size);
            }
            long low = reduce(c, first, lanes / 2);
            return op.apply(c, size, low, reduce(c, first + lanes / 2, lanes / 2));
        }
    }

    private static final class Lengthen extends Insn {
        private final int from;
        private final int half;
        private final int d;

        Lengthen(int q, int from, int n, int d) {
            this.from = from;
            half = 2 * n + q;
            this.d = 2 * d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            long source = c.v[half];
            c.v[d] = convert(c, source);
            c.v[d + 1] = convert(c, source >>> 32);
        }

        private long convert(Arm64Cpu c, long v) {
            long r = 0;
            for (int bit = 0; bit < 32; bit += 8 << from) {
                r |= Conversion.convert(c, from, from + 1, v >>> bit & Lanes.mask(from)) << 2 * bit;
            }
            return r;
        }
    }

    private static final class Narrow extends Insn {
        private final int to;
        private final boolean odd;
        private final boolean upper;
        private final int n;
        private final int d;

        Narrow(int q, int to, boolean odd, int n, int d) {
            this.to = to;
            this.odd = odd;
            upper = q == 1;
            this.n = 2 * n;
            this.d = 2 * d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            long r = convert(c, c.v[n]) | convert(c, c.v[n + 1]) << 32;
            if (upper) {
                c.v[d + 1] = r;
            } else {
                c.v[d] = r;
                c.v[d + 1] = 0;
            }
        }

        private long convert(Arm64Cpu c, long v) {
            long r = 0;
            for (int bit = 0; bit < 64; bit += 16 << to) {
                long lane = v >>> bit & Lanes.mask(to + 1);
                r |= (odd ? Conversion.convert(c, to + 1, to, lane, Rounding.ODD) : Conversion.convert(c, to + 1, to, lane)) << bit / 2;
            }
            return r;
        }
    }

    /** {@code FCVTXN <Vbd>, <Van>}, scalar: one lane, unlike the vector form, which would raise the flags of two. */
    public static Insn fcvtxnScalar(int n, int d) {
        return new NarrowScalar(n, d);
    }

    private static final class NarrowScalar extends Insn {
        private final int n;
        private final int d;

        NarrowScalar(int n, int d) {
            this.n = 2 * n;
            this.d = 2 * d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            c.v[d] = Conversion.convert(c, 3, 2, c.v[n], Rounding.ODD);
            c.v[d + 1] = 0;
        }
    }
}
