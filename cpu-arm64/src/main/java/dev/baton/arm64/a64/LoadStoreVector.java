package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/**
 * Loads and stores of B, H, S, D and Q registers: one register by every addressing mode, and pairs. A load zeroes the rest of its
 * register. {@code size} is the log2 of the access in bytes, 0 to 4: in the encodings of single registers opc&lt;1&gt;:size.
 */
public final class LoadStoreVector {
    private LoadStoreVector() { }

    private static int size(int opc1, int size) {
        return opc1 << 2 | size;
    }

    private static boolean reserved(int opc1, int size) {
        return opc1 != 0 && size != 0;
    }

    /** {@code STR <Bt|Ht|St|Dt|Qt>, [<Xn|SP>{, #<pimm>}]}. */
    public static Insn str(int size, int opc1, int imm12, int n, int t) {
        return reserved(opc1, size) ? Unallocated.encoding() : store(size(opc1, size), (long) imm12 << size(opc1, size), 0, n, t);
    }

    /** {@code LDR <Bt|Ht|St|Dt|Qt>, [<Xn|SP>{, #<pimm>}]}. */
    public static Insn ldr(int size, int opc1, int imm12, int n, int t) {
        return reserved(opc1, size) ? Unallocated.encoding() : load(size(opc1, size), (long) imm12 << size(opc1, size), 0, n, t);
    }

    /** {@code STUR <Bt|Ht|St|Dt|Qt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn stur(int size, int opc1, int imm9, int n, int t) {
        return reserved(opc1, size) ? Unallocated.encoding() : store(size(opc1, size), Operands.signExtend(imm9, 9), 0, n, t);
    }

    /** {@code LDUR <Bt|Ht|St|Dt|Qt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldur(int size, int opc1, int imm9, int n, int t) {
        return reserved(opc1, size) ? Unallocated.encoding() : load(size(opc1, size), Operands.signExtend(imm9, 9), 0, n, t);
    }

    /** {@code STR <Bt|Ht|St|Dt|Qt>, [<Xn|SP>], #<simm>}. */
    public static Insn strPost(int size, int opc1, int imm9, int n, int t) {
        return reserved(opc1, size) ? Unallocated.encoding() : store(size(opc1, size), 0, Operands.signExtend(imm9, 9), n, t);
    }

    /** {@code LDR <Bt|Ht|St|Dt|Qt>, [<Xn|SP>], #<simm>}. */
    public static Insn ldrPost(int size, int opc1, int imm9, int n, int t) {
        return reserved(opc1, size) ? Unallocated.encoding() : load(size(opc1, size), 0, Operands.signExtend(imm9, 9), n, t);
    }

    /** {@code STR <Bt|Ht|St|Dt|Qt>, [<Xn|SP>, #<simm>]!}. */
    public static Insn strPre(int size, int opc1, int imm9, int n, int t) {
        long step = Operands.signExtend(imm9, 9);
        return reserved(opc1, size) ? Unallocated.encoding() : store(size(opc1, size), step, step, n, t);
    }

    /** {@code LDR <Bt|Ht|St|Dt|Qt>, [<Xn|SP>, #<simm>]!}. */
    public static Insn ldrPre(int size, int opc1, int imm9, int n, int t) {
        long step = Operands.signExtend(imm9, 9);
        return reserved(opc1, size) ? Unallocated.encoding() : load(size(opc1, size), step, step, n, t);
    }

    /** {@code STR <Bt|Ht|St|Dt|Qt>, [<Xn|SP>, <R><m>{, <extend> {<amount>}}]}. */
    public static Insn strRegister(int size, int opc1, int m, int option, int s, int n, int t) {
        return reserved(opc1, size) || (option & 2) == 0 ? Unallocated.encoding()
                : new StoreRegister(size(opc1, size), m, option, s, n, t);
    }

    /** {@code LDR <Bt|Ht|St|Dt|Qt>, [<Xn|SP>, <R><m>{, <extend> {<amount>}}]}. */
    public static Insn ldrRegister(int size, int opc1, int m, int option, int s, int n, int t) {
        return reserved(opc1, size) || (option & 2) == 0 ? Unallocated.encoding()
                : new LoadRegister(size(opc1, size), m, option, s, n, t);
    }

    /** {@code LDR <St|Dt|Qt>, <label>}. */
    public static Insn ldrLiteral(long pc, int opc, int imm19, int t) {
        return opc == 3 ? Unallocated.encoding() : new Literal(opc + 2, pc + (Operands.signExtend(imm19, 19) << 2), t);
    }

    /** {@code STP <St|Dt|Qt>, ...} of every mode, and STNP: {@code offset} before the access, {@code step} added to the base. */
    public static Insn stp(int opc, int pre, int post, int imm7, int t2, int n, int t) {
        long imm = Operands.signExtend(imm7, 7) << opc + 2;
        return opc == 3 ? Unallocated.encoding() : new StorePair(opc + 2, pre * imm, post * imm, t2, n, t);
    }

    /** {@code LDP <St|Dt|Qt>, ...} of every mode, and LDNP. */
    public static Insn ldp(int opc, int pre, int post, int imm7, int t2, int n, int t) {
        long imm = Operands.signExtend(imm7, 7) << opc + 2;
        return opc == 3 ? Unallocated.encoding() : new LoadPair(opc + 2, pre * imm, post * imm, t2, n, t);
    }

    private static Insn store(int size, long offset, long step, int n, int t) {
        return size == 4 ? new StoreQ(offset, step, n, t) : new Store(size, offset, step, n, t);
    }

    private static Insn load(int size, long offset, long step, int n, int t) {
        return size == 4 ? new LoadQ(offset, step, n, t) : new Load(size, offset, step, n, t);
    }

    /** One or two registers and a base. */
    private abstract static class Access extends Insn {
        /** Index into v. */
        final int t;
        final int n;
        final int size;
        private final int spMask;

        Access(int size, int n, int t) {
            this.size = size;
            this.t = 2 * t;
            this.n = n;
            spMask = n == Arm64Cpu.SP ? 15 : 0;
        }

        /** CheckFPAdvSIMDEnabled64, then the base. */
        final long base(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            long base = c.x[n];
            if ((base & spMask) != 0) {
                c.memory.checkSpAlignment(this);
            }
            return base;
        }

        final void load(Arm64Cpu c, long va) {
            if (size == 4) {
                c.load128(va, t, this);
                return;
            }
            c.v[t] = element(c, va);
            c.v[t + 1] = 0;
        }

        final long element(Arm64Cpu c, long va) {
            return switch (size) {
                case 0 -> c.load8(va, this);
                case 1 -> c.load16(va, this);
                case 2 -> c.load32(va, this);
                default -> c.load64(va, this);
            };
        }

        final void store(Arm64Cpu c, long va, int register) {
            switch (size) {
                case 0 -> c.store8(va, c.v[register], this);
                case 1 -> c.store16(va, c.v[register], this);
                case 2 -> c.store32(va, c.v[register], this);
                case 3 -> c.store64(va, c.v[register], this);
                default -> c.store128(va, register, this);
            }
        }
    }

    private static final class Load extends Access {
        private final long offset;
        private final long step;

        Load(int size, long offset, long step, int n, int t) {
            super(size, n, t);
            this.offset = offset;
            this.step = step;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            c.v[t] = element(c, base + offset);
            c.v[t + 1] = 0;
            if (step != 0) {
                c.x[n] = base + step;
            }
        }
    }

    private static final class Store extends Access {
        private final long offset;
        private final long step;

        Store(int size, long offset, long step, int n, int t) {
            super(size, n, t);
            this.offset = offset;
            this.step = step;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            store(c, base + offset, t);
            if (step != 0) {
                c.x[n] = base + step;
            }
        }
    }

    private static final class LoadQ extends Access {
        private final long offset;
        private final long step;

        LoadQ(long offset, long step, int n, int t) {
            super(4, n, t);
            this.offset = offset;
            this.step = step;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            c.load128(base + offset, t, this);
            if (step != 0) {
                c.x[n] = base + step;
            }
        }
    }

    private static final class StoreQ extends Access {
        private final long offset;
        private final long step;

        StoreQ(long offset, long step, int n, int t) {
            super(4, n, t);
            this.offset = offset;
            this.step = step;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            c.store128(base + offset, t, this);
            if (step != 0) {
                c.x[n] = base + step;
            }
        }
    }

    /** offset = ExtendReg(m, option, shift). */
    private abstract static class Indexed extends Access {
        private final int m;
        private final int shift;
        private final int option;

        Indexed(int size, int m, int option, int s, int n, int t) {
            super(size, n, t);
            this.m = Operands.source(m);
            this.option = option;
            shift = s * size;
        }

        final long address(Arm64Cpu c) {
            long index = c.x[m];
            return base(c) + (switch (option) {
                case 2 -> index & 0xffff_ffffL;
                case 6 -> (int) index;
                default -> index;
            } << shift);
        }
    }

    private static final class LoadRegister extends Indexed {
        LoadRegister(int size, int m, int option, int s, int n, int t) {
            super(size, m, option, s, n, t);
        }

        @Override
        public void execute(Arm64Cpu c) {
            load(c, address(c));
        }
    }

    private static final class StoreRegister extends Indexed {
        StoreRegister(int size, int m, int option, int s, int n, int t) {
            super(size, m, option, s, n, t);
        }

        @Override
        public void execute(Arm64Cpu c) {
            store(c, address(c), t);
        }
    }

    private static final class Literal extends Access {
        private final long target;

        Literal(int size, long target, int t) {
            super(size, Arm64Cpu.ZR_READ, t);
            this.target = target;
        }

        @Override
        public void execute(Arm64Cpu c) {
            base(c);
            load(c, target);
        }
    }

    /** Nothing is written back, and no register loaded, before both accesses succeeded. */
    private static final class LoadPair extends Access {
        private final int t2;
        private final long offset;
        private final long step;

        LoadPair(int size, long offset, long step, int t2, int n, int t) {
            super(size, n, t);
            this.t2 = 2 * t2;
            this.offset = offset;
            this.step = step;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long va = base + offset;
            if (size == 4) {
                long old = c.v[t];
                long oldHigh = c.v[t + 1];
                c.load128(va, t, this);
                long low = c.v[t];
                long high = c.v[t + 1];
                c.v[t] = old;
                c.v[t + 1] = oldHigh;
                c.load128(va + 16, t2, this);
                c.v[t] = low;
                c.v[t + 1] = high;
            } else {
                long first = element(c, va);
                long second = element(c, va + (1 << size));
                c.v[t] = first;
                c.v[t + 1] = 0;
                c.v[t2] = second;
                c.v[t2 + 1] = 0;
            }
            if (step != 0) {
                c.x[n] = base + step;
            }
        }
    }

    private static final class StorePair extends Access {
        private final int t2;
        private final long offset;
        private final long step;

        StorePair(int size, long offset, long step, int t2, int n, int t) {
            super(size, n, t);
            this.t2 = 2 * t2;
            this.offset = offset;
            this.step = step;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long va = base + offset;
            store(c, va, t);
            store(c, va + (1 << size), t2);
            if (step != 0) {
                c.x[n] = base + step;
            }
        }
    }
}
