package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/**
 * Load/store register (immediate post-indexed and pre-indexed). The base is written back after the access succeeded; where the
 * destination of a load is also the base (CONSTRAINED UNPREDICTABLE) the loaded value wins, where the source of a store is
 * the base the old value is stored.
 */
public final class LoadStoreIndexed {
    private LoadStoreIndexed() { }

    private static long imm(int imm9) {
        return Operands.signExtend(imm9, 9);
    }

    /** {@code STR{B|H} <Xt>, [<Xn|SP>], #<simm>}. */
    public static Insn strPost(int size, int imm9, int n, int t) {
        return switch (size) {
            case 0 -> new Strb(0, imm(imm9), n, t);
            case 1 -> new Strh(0, imm(imm9), n, t);
            case 2 -> new StrW(0, imm(imm9), n, t);
            default -> new StrX(0, imm(imm9), n, t);
        };
    }

    /** {@code LDR{B|H} <Xt>, [<Xn|SP>], #<simm>}. */
    public static Insn ldrPost(int size, int imm9, int n, int t) {
        return switch (size) {
            case 0 -> new Ldrb(0, imm(imm9), n, t);
            case 1 -> new Ldrh(0, imm(imm9), n, t);
            case 2 -> new LdrW(0, imm(imm9), n, t);
            default -> new LdrX(0, imm(imm9), n, t);
        };
    }

    /** {@code LDRSW <Xt>, [<Xn|SP>], #<simm>}. */
    public static Insn ldrswPost(int imm9, int n, int t) {
        return new Ldrsw(0, imm(imm9), n, t);
    }

    /** {@code LDRS{B|H} <Xt>, [<Xn|SP>], #<simm>}. */
    public static Insn ldrsXPost(int h, int imm9, int n, int t) {
        return h != 0 ? new LdrshX(0, imm(imm9), n, t) : new LdrsbX(0, imm(imm9), n, t);
    }

    /** {@code LDRS{B|H} <Wt>, [<Xn|SP>], #<simm>}. */
    public static Insn ldrsWPost(int h, int imm9, int n, int t) {
        return h != 0 ? new LdrshW(0, imm(imm9), n, t) : new LdrsbW(0, imm(imm9), n, t);
    }

    /** {@code STR{B|H} <Xt>, [<Xn|SP>, #<simm>]!}. */
    public static Insn strPre(int size, int imm9, int n, int t) {
        return switch (size) {
            case 0 -> new Strb(imm(imm9), imm(imm9), n, t);
            case 1 -> new Strh(imm(imm9), imm(imm9), n, t);
            case 2 -> new StrW(imm(imm9), imm(imm9), n, t);
            default -> new StrX(imm(imm9), imm(imm9), n, t);
        };
    }

    /** {@code LDR{B|H} <Xt>, [<Xn|SP>, #<simm>]!}. */
    public static Insn ldrPre(int size, int imm9, int n, int t) {
        return switch (size) {
            case 0 -> new Ldrb(imm(imm9), imm(imm9), n, t);
            case 1 -> new Ldrh(imm(imm9), imm(imm9), n, t);
            case 2 -> new LdrW(imm(imm9), imm(imm9), n, t);
            default -> new LdrX(imm(imm9), imm(imm9), n, t);
        };
    }

    /** {@code LDRSW <Xt>, [<Xn|SP>, #<simm>]!}. */
    public static Insn ldrswPre(int imm9, int n, int t) {
        return new Ldrsw(imm(imm9), imm(imm9), n, t);
    }

    /** {@code LDRS{B|H} <Xt>, [<Xn|SP>, #<simm>]!}. */
    public static Insn ldrsXPre(int h, int imm9, int n, int t) {
        return h != 0 ? new LdrshX(imm(imm9), imm(imm9), n, t) : new LdrsbX(imm(imm9), imm(imm9), n, t);
    }

    /** {@code LDRS{B|H} <Wt>, [<Xn|SP>, #<simm>]!}. */
    public static Insn ldrsWPre(int h, int imm9, int n, int t) {
        return h != 0 ? new LdrshW(imm(imm9), imm(imm9), n, t) : new LdrsbW(imm(imm9), imm(imm9), n, t);
    }

    abstract static class Access extends Insn {
        final int t;
        final int n;
        /** Added to the base for the access: 0 for post-indexed. */
        final long offset;
        /** Added to the base afterwards. */
        final long step;
        final int spMask;

        Access(long offset, long step, int n, int t) {
            this.t = t;
            this.n = n;
            this.offset = offset;
            this.step = step;
            spMask = n == Arm64Cpu.SP ? 15 : 0;
        }

        final long base(Arm64Cpu c) {
            long base = c.x[n];
            if ((base & spMask) != 0) {
                c.memory.checkSpAlignment(this);
            }
            return base;
        }
    }

    static final class Strb extends Access {
        Strb(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            c.store8(base + offset, c.x[t], this);
            c.x[n] = base + step;
        }
    }

    static final class Strh extends Access {
        Strh(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            c.store16(base + offset, c.x[t], this);
            c.x[n] = base + step;
        }
    }

    static final class StrW extends Access {
        StrW(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            c.store32(base + offset, c.x[t], this);
            c.x[n] = base + step;
        }
    }

    static final class StrX extends Access {
        StrX(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            c.store64(base + offset, c.x[t], this);
            c.x[n] = base + step;
        }
    }

    static final class Ldrb extends Access {
        Ldrb(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long data = c.load8(base + offset, this);
            c.x[n] = base + step;
            c.x[t] = data;
        }
    }

    static final class Ldrh extends Access {
        Ldrh(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long data = c.load16(base + offset, this);
            c.x[n] = base + step;
            c.x[t] = data;
        }
    }

    static final class LdrW extends Access {
        LdrW(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long data = c.load32(base + offset, this);
            c.x[n] = base + step;
            c.x[t] = data;
        }
    }

    static final class LdrX extends Access {
        LdrX(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long data = c.load64(base + offset, this);
            c.x[n] = base + step;
            c.x[t] = data;
        }
    }

    static final class LdrsbX extends Access {
        LdrsbX(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long data = (byte) c.load8(base + offset, this);
            c.x[n] = base + step;
            c.x[t] = data;
        }
    }

    static final class LdrshX extends Access {
        LdrshX(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long data = (short) c.load16(base + offset, this);
            c.x[n] = base + step;
            c.x[t] = data;
        }
    }

    static final class Ldrsw extends Access {
        Ldrsw(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long data = (int) c.load32(base + offset, this);
            c.x[n] = base + step;
            c.x[t] = data;
        }
    }

    static final class LdrsbW extends Access {
        LdrsbW(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long data = (byte) c.load8(base + offset, this) & 0xffff_ffffL;
            c.x[n] = base + step;
            c.x[t] = data;
        }
    }

    static final class LdrshW extends Access {
        LdrshW(long offset, long step, int n, int t) {
            super(offset, step, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            long base = base(c);
            long data = (short) c.load16(base + offset, this) & 0xffff_ffffL;
            c.x[n] = base + step;
            c.x[t] = data;
        }
    }
}
