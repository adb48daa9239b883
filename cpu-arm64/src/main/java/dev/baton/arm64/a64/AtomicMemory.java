package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/**
 * Atomic memory operations (LSE). One CPU executes at a time and an instruction is never interrupted, so load, operation and
 * store are atomic; the acquire and release variants order nothing further (see the schedule in {@code Machine}).
 */
public final class AtomicMemory {
    private AtomicMemory() { }

    /** {@code LDADD{A}{L}{B|H} <Xs>, <Xt>, [<Xn|SP>]}. Alias: STADD. */
    public static Insn ldadd(int size, int s, int n, int t) {
        return new Ldadd(size, s, n, t);
    }

    /** {@code LDCLR{A}{L}{B|H} <Xs>, <Xt>, [<Xn|SP>]}. Alias: STCLR. */
    public static Insn ldclr(int size, int s, int n, int t) {
        return new Ldclr(size, s, n, t);
    }

    /** {@code LDEOR{A}{L}{B|H} <Xs>, <Xt>, [<Xn|SP>]}. Alias: STEOR. */
    public static Insn ldeor(int size, int s, int n, int t) {
        return new Ldeor(size, s, n, t);
    }

    /** {@code LDSET{A}{L}{B|H} <Xs>, <Xt>, [<Xn|SP>]}. Alias: STSET. */
    public static Insn ldset(int size, int s, int n, int t) {
        return new Ldset(size, s, n, t);
    }

    /** {@code LDSMAX{A}{L}{B|H} <Xs>, <Xt>, [<Xn|SP>]}. Alias: STSMAX. */
    public static Insn ldsmax(int size, int s, int n, int t) {
        return new Ldsmax(size, s, n, t);
    }

    /** {@code LDSMIN{A}{L}{B|H} <Xs>, <Xt>, [<Xn|SP>]}. Alias: STSMIN. */
    public static Insn ldsmin(int size, int s, int n, int t) {
        return new Ldsmin(size, s, n, t);
    }

    /** {@code LDUMAX{A}{L}{B|H} <Xs>, <Xt>, [<Xn|SP>]}. Alias: STUMAX. */
    public static Insn ldumax(int size, int s, int n, int t) {
        return new Ldumax(size, s, n, t);
    }

    /** {@code LDUMIN{A}{L}{B|H} <Xs>, <Xt>, [<Xn|SP>]}. Alias: STUMIN. */
    public static Insn ldumin(int size, int s, int n, int t) {
        return new Ldumin(size, s, n, t);
    }

    /** {@code SWP{A}{L}{B|H} <Xs>, <Xt>, [<Xn|SP>]}. */
    public static Insn swp(int size, int s, int n, int t) {
        return new Swp(size, s, n, t);
    }

    abstract static class Atomic extends LoadStoreImmediate.Access {
        final int s;
        final int bytes;

        Atomic(int size, int s, int n, int t) {
            super(0, n, Operands.destination(t));
            this.s = Operands.source(s);
            bytes = 1 << size;
        }

        /** {@code data} and {@code value} are zero-extended; bits of the result above the size are ignored. */
        abstract long operation(long data, long value);

        final long signed(long value) {
            return Operands.signExtend(value, 8 * bytes);
        }

        @Override
        public final void execute(Arm64Cpu c) {
            long address = address(c);
            long value = c.x[s];
            long data = c.memory.loadAligned(address, bytes, this);
            c.memory.storeAligned(address, bytes, operation(data, bytes == 8 ? value : value & (1L << 8 * bytes) - 1), this);
            c.x[t] = data;
        }
    }

    static final class Ldadd extends Atomic {
        Ldadd(int size, int s, int n, int t) {
            super(size, s, n, t);
        }

        @Override
        long operation(long data, long value) {
            return data + value;
        }
    }

    static final class Ldclr extends Atomic {
        Ldclr(int size, int s, int n, int t) {
            super(size, s, n, t);
        }

        @Override
        long operation(long data, long value) {
            return data & ~value;
        }
    }

    static final class Ldeor extends Atomic {
        Ldeor(int size, int s, int n, int t) {
            super(size, s, n, t);
        }

        @Override
        long operation(long data, long value) {
            return data ^ value;
        }
    }

    static final class Ldset extends Atomic {
        Ldset(int size, int s, int n, int t) {
            super(size, s, n, t);
        }

        @Override
        long operation(long data, long value) {
            return data | value;
        }
    }

    static final class Ldsmax extends Atomic {
        Ldsmax(int size, int s, int n, int t) {
            super(size, s, n, t);
        }

        @Override
        long operation(long data, long value) {
            return Math.max(signed(data), signed(value));
        }
    }

    static final class Ldsmin extends Atomic {
        Ldsmin(int size, int s, int n, int t) {
            super(size, s, n, t);
        }

        @Override
        long operation(long data, long value) {
            return Math.min(signed(data), signed(value));
        }
    }

    static final class Ldumax extends Atomic {
        Ldumax(int size, int s, int n, int t) {
            super(size, s, n, t);
        }

        @Override
        long operation(long data, long value) {
            return Long.compareUnsigned(data, value) > 0 ? data : value;
        }
    }

    static final class Ldumin extends Atomic {
        Ldumin(int size, int s, int n, int t) {
            super(size, s, n, t);
        }

        @Override
        long operation(long data, long value) {
            return Long.compareUnsigned(data, value) < 0 ? data : value;
        }
    }

    static final class Swp extends Atomic {
        Swp(int size, int s, int n, int t) {
            super(size, s, n, t);
        }

        @Override
        long operation(long data, long value) {
            return value;
        }
    }
}
