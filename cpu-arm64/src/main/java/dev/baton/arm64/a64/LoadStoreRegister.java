package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Load/store register (register offset). */
public final class LoadStoreRegister {
    private LoadStoreRegister() { }

    private static boolean unallocated(int option) {
        return (option & 2) == 0;
    }

    /** {@code STR{B|H} <Xt>, [<Xn|SP>, <R><m>{, <extend> {<amount>}}]}. */
    public static Insn str(int size, int m, int option, int s, int n, int t) {
        if (unallocated(option)) {
            return Unallocated.encoding();
        }
        return switch (size) {
            case 0 -> new Strb(m, option, s * size, n, t);
            case 1 -> new Strh(m, option, s * size, n, t);
            case 2 -> new StrW(m, option, s * size, n, t);
            default -> new StrX(m, option, s * size, n, t);
        };
    }

    /** {@code LDR{B|H} <Xt>, [<Xn|SP>, <R><m>{, <extend> {<amount>}}]}. */
    public static Insn ldr(int size, int m, int option, int s, int n, int t) {
        if (unallocated(option)) {
            return Unallocated.encoding();
        }
        return switch (size) {
            case 0 -> new Ldrb(m, option, s * size, n, t);
            case 1 -> new Ldrh(m, option, s * size, n, t);
            case 2 -> new LdrW(m, option, s * size, n, t);
            default -> new LdrX(m, option, s * size, n, t);
        };
    }

    /** {@code LDRSW <Xt>, [<Xn|SP>, <R><m>{, <extend> {<amount>}}]}. */
    public static Insn ldrsw(int m, int option, int s, int n, int t) {
        if (unallocated(option)) {
            return Unallocated.encoding();
        }
        return new Ldrsw(m, option, 2 * s, n, t);
    }

    /** {@code LDRS{B|H} <Xt>, [<Xn|SP>, <R><m>{, <extend> {<amount>}}]}. */
    public static Insn ldrsX(int h, int m, int option, int s, int n, int t) {
        if (unallocated(option)) {
            return Unallocated.encoding();
        }
        return h != 0 ? new LdrshX(m, option, s, n, t) : new LdrsbX(m, option, 0, n, t);
    }

    /** {@code LDRS{B|H} <Wt>, [<Xn|SP>, <R><m>{, <extend> {<amount>}}]}. */
    public static Insn ldrsW(int h, int m, int option, int s, int n, int t) {
        if (unallocated(option)) {
            return Unallocated.encoding();
        }
        return h != 0 ? new LdrshW(m, option, s, n, t) : new LdrsbW(m, option, 0, n, t);
    }

    /** {@code PRFM <prfop>, [<Xn|SP>, <R><m>{, <extend> {<amount>}}]}. */
    public static Insn prfm(int option) {
        return unallocated(option) ? Unallocated.encoding() : new Hints.Nop();
    }

    /** offset = ExtendReg(m, option, shift). */
    abstract static class Access extends Insn {
        final int t;
        final int n;
        final int m;
        final int up;
        final long keep;
        final int shift;
        final int spMask;

        Access(int m, int option, int shift, int n, int t) {
            this.t = t;
            this.n = n;
            this.m = Operands.source(m);
            up = Operands.extendUp(option);
            keep = Operands.extendKeep(option);
            this.shift = shift;
            spMask = n == Arm64Cpu.SP ? 15 : 0;
        }

        final long address(Arm64Cpu c) {
            long base = c.x[n];
            if ((base & spMask) != 0) {
                c.memory.checkSpAlignment(this);
            }
            return base + ((c.x[m] << up >> up & keep) << shift);
        }
    }

    static final class Strb extends Access {
        Strb(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.store8(address(c), c.x[t], this);
        }
    }

    static final class Strh extends Access {
        Strh(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.store16(address(c), c.x[t], this);
        }
    }

    static final class StrW extends Access {
        StrW(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.store32(address(c), c.x[t], this);
        }
    }

    static final class StrX extends Access {
        StrX(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.source(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.store64(address(c), c.x[t], this);
        }
    }

    static final class Ldrb extends Access {
        Ldrb(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.load8(address(c), this);
        }
    }

    static final class Ldrh extends Access {
        Ldrh(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.load16(address(c), this);
        }
    }

    static final class LdrW extends Access {
        LdrW(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.load32(address(c), this);
        }
    }

    static final class LdrX extends Access {
        LdrX(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.load64(address(c), this);
        }
    }

    static final class LdrsbX extends Access {
        LdrsbX(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = (byte) c.load8(address(c), this);
        }
    }

    static final class LdrshX extends Access {
        LdrshX(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = (short) c.load16(address(c), this);
        }
    }

    static final class Ldrsw extends Access {
        Ldrsw(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = (int) c.load32(address(c), this);
        }
    }

    static final class LdrsbW extends Access {
        LdrsbW(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = (byte) c.load8(address(c), this) & 0xffff_ffffL;
        }
    }

    static final class LdrshW extends Access {
        LdrshW(int m, int option, int shift, int n, int t) {
            super(m, option, shift, n, Operands.destination(t));
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = (short) c.load16(address(c), this) & 0xffff_ffffL;
        }
    }
}
