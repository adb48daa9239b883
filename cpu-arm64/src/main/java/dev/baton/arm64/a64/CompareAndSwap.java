package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.mmu.Mmu;

/** Compare and swap, and compare and swap pair (LSE). See {@link AtomicMemory} about atomicity. */
public final class CompareAndSwap {
    private CompareAndSwap() { }

    /** {@code CAS{A}{L}{B|H} <Xs>, <Xt>, [<Xn|SP>]}. */
    public static Insn cas(int size, int s, int n, int t) {
        return new Cas(size, s, n, t);
    }

    /** {@code CASP{A}{L} <Xs>, <X(s+1)>, <Xt>, <X(t+1)>, [<Xn|SP>]}. */
    public static Insn casp(int sz, int s, int n, int t) {
        return (s & 1) != 0 || (t & 1) != 0 ? Unallocated.encoding() : new Casp(sz, s, n, t);
    }

    static final class Cas extends LoadStoreImmediate.Access {
        private final int bytes;
        private final int s;
        private final int result;
        private final long mask;

        Cas(int size, int s, int n, int t) {
            super(0, n, Operands.source(t));
            bytes = 1 << size;
            this.s = Operands.source(s);
            result = Operands.destination(s);
            mask = -1L >>> 64 - 8 * bytes;
        }

        /** Where the values differ the old value is stored again, which the architecture allows and which checks write permission. */
        @Override
        public void execute(Arm64Cpu c) {
            long address = address(c);
            long data = c.memory.loadAligned(address, bytes, this);
            boolean equal = data == (c.x[s] & mask);
            c.memory.storeAligned(address, bytes, equal ? c.x[t] : data, this);
            c.x[result] = data;
        }
    }

    static final class Casp extends LoadStoreImmediate.Access {
        private final int bytes;
        private final int s;
        private final long mask;

        Casp(int sz, int s, int n, int t) {
            super(0, n, t);
            bytes = 4 << sz;
            this.s = s;
            mask = Operands.mask(sz);
        }

        /** Register 31 can only be the second of a pair (30, 31), where it is XZR. */
        private static long read(Arm64Cpu c, int r) {
            return c.x[Operands.source(r)];
        }

        @Override
        public void execute(Arm64Cpu c) {
            long address = address(c);
            c.memory.checkAlignment(address, 2 * bytes, Mmu.READ, this);
            long data1 = c.memory.loadAligned(address, bytes, this);
            long data2 = c.memory.loadAligned(address + bytes, bytes, this);
            boolean equal = data1 == (read(c, s) & mask) && data2 == (read(c, s + 1) & mask);
            c.memory.storeAligned(address, bytes, equal ? read(c, t) : data1, this);
            c.memory.storeAligned(address + bytes, bytes, equal ? read(c, t + 1) : data2, this);
            c.x[Operands.destination(s)] = data1;
            c.x[Operands.destination(s + 1)] = data2;
        }
    }
}
