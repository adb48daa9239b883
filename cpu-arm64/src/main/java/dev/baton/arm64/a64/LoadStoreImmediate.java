package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Load/store register (unsigned immediate) and (unscaled immediate): one base, one constant offset, no write-back. */
public final class LoadStoreImmediate {
    private LoadStoreImmediate() { }

    /** {@code STR{B|H} <Xt>, [<Xn|SP>{, #<pimm>}]}. */
    public static Insn str(int size, int imm12, int n, int t) {
        return store(size, (long) imm12 << size, n, t);
    }

    /** {@code LDR{B|H} <Xt>, [<Xn|SP>{, #<pimm>}]}. */
    public static Insn ldr(int size, int imm12, int n, int t) {
        return load(size, (long) imm12 << size, n, t);
    }

    /** {@code STUR{B|H} <Xt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn sturGroup(int size, int imm9, int n, int t) {
        return store(size, Operands.signExtend(imm9, 9), n, t);
    }

    /** {@code LDUR{B|H} <Xt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldurGroup(int size, int imm9, int n, int t) {
        return load(size, Operands.signExtend(imm9, 9), n, t);
    }

    private static Insn store(int size, long offset, int n, int t) {
        return switch (size) {
            case 0 -> new Strb(offset, n, t);
            case 1 -> new Strh(offset, n, t);
            case 2 -> new StrW(offset, n, t);
            default -> new StrX(offset, n, t);
        };
    }

    private static Insn load(int size, long offset, int n, int t) {
        return switch (size) {
            case 0 -> new Ldrb(offset, n, t);
            case 1 -> new Ldrh(offset, n, t);
            case 2 -> new LdrW(offset, n, t);
            default -> new LdrX(offset, n, t);
        };
    }

    /** {@code LDRSW <Xt>, [<Xn|SP>{, #<pimm>}]}. */
    public static Insn ldrsw(int imm12, int n, int t) {
        return new Ldrsw(4L * imm12, n, t);
    }

    /** {@code LDRS{B|H} <Xt>, [<Xn|SP>{, #<pimm>}]}. */
    public static Insn ldrsX(int h, int imm12, int n, int t) {
        return signedX(h, (long) imm12 << h, n, t);
    }

    /** {@code LDRS{B|H} <Wt>, [<Xn|SP>{, #<pimm>}]}. */
    public static Insn ldrsW(int h, int imm12, int n, int t) {
        return signedW(h, (long) imm12 << h, n, t);
    }

    /** {@code LDURSW <Xt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldursw(int imm9, int n, int t) {
        return new Ldrsw(Operands.signExtend(imm9, 9), n, t);
    }

    /** {@code LDURS{B|H} <Xt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldursX(int h, int imm9, int n, int t) {
        return signedX(h, Operands.signExtend(imm9, 9), n, t);
    }

    /** {@code LDURS{B|H} <Wt>, [<Xn|SP>{, #<simm>}]}. */
    public static Insn ldursW(int h, int imm9, int n, int t) {
        return signedW(h, Operands.signExtend(imm9, 9), n, t);
    }

    private static Insn signedX(int h, long offset, int n, int t) {
        return h != 0 ? new LdrshX(offset, n, t) : new LdrsbX(offset, n, t);
    }

    private static Insn signedW(int h, long offset, int n, int t) {
        return h != 0 ? new LdrshW(offset, n, t) : new LdrsbW(offset, n, t);
    }

    abstract static class Access extends Insn {
        final int t;
        final int n;
        final long offset;
        /** 15 with SP as base, which must be 16-byte aligned; else 0. */
        final int spMask;

        Access(long offset, int n, int t) {
            this.t = t;
            this.n = n;
            this.offset = offset;
            spMask = n == Arm64Cpu.SP ? 15 : 0;
        }

        final long address(Arm64Cpu c) {
            long base = c.x[n];
            if ((base & spMask) != 0) {
                c.memory.checkSpAlignment(this);
            }
            return base + offset;
        }
    }

    static final class Strb extends Access {
        Strb(long offset, int n, int t) {
            super(offset, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.store8(address(c), c.x[t], this);
        }
    }

    static final class Strh extends Access {
        Strh(long offset, int n, int t) {
            super(offset, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.store16(address(c), c.x[t], this);
        }
    }

    static final class StrW extends Access {
        StrW(long offset, int n, int t) {
            super(offset, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.store32(address(c), c.x[t], this);
        }
    }

    static final class StrX extends Access {
        StrX(long offset, int n, int t) {
            super(offset, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.store64(address(c), c.x[t], this);
        }
    }

    static final class Ldrb extends Access {
        Ldrb(long offset, int n, int t) {
            super(offset, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.load8(address(c), this);
        }
    }

    static final class Ldrh extends Access {
        Ldrh(long offset, int n, int t) {
            super(offset, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.load16(address(c), this);
        }
    }

    static final class LdrW extends Access {
        LdrW(long offset, int n, int t) {
            super(offset, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.load32(address(c), this);
        }
    }

    static final class LdrX extends Access {
        LdrX(long offset, int n, int t) {
            super(offset, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.load64(address(c), this);
        }
    }

    static final class LdrsbX extends Access {
        LdrsbX(long offset, int n, int t) {
            super(offset, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = (byte) c.load8(address(c), this);
        }
    }

    static final class LdrshX extends Access {
        LdrshX(long offset, int n, int t) {
            super(offset, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = (short) c.load16(address(c), this);
        }
    }

    static final class Ldrsw extends Access {
        Ldrsw(long offset, int n, int t) {
            super(offset, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = (int) c.load32(address(c), this);
        }
    }

    static final class LdrsbW extends Access {
        LdrsbW(long offset, int n, int t) {
            super(offset, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = (byte) c.load8(address(c), this) & 0xffff_ffffL;
        }
    }

    static final class LdrshW extends Access {
        LdrshW(long offset, int n, int t) {
            super(offset, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = (short) c.load16(address(c), this) & 0xffff_ffffL;
        }
    }
}
