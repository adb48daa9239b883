package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Advanced SIMD modified immediate: AdvSIMDExpandImm, done once. */
public final class AdvSimdModifiedImmediate {
    private AdvSimdModifiedImmediate() { }

    /** The 64 bits that a:b:c:d:e:f:g:h, {@code cmode} and {@code op} stand for; not for the floating point forms. */
    public static long expand(int op, int cmode, int abc, int defgh) {
        long imm8 = abc << 5 | defgh;
        return switch (cmode >> 1) {
            case 0, 1, 2, 3 -> (imm8 << 8 * (cmode >> 1)) * Lanes.LOW[2];
            case 4, 5 -> (imm8 << 8 * (cmode >> 1 & 1)) * Lanes.LOW[1];
            case 6 -> ((cmode & 1) == 0 ? imm8 << 8 | 0xff : imm8 << 16 | 0xffff) * Lanes.LOW[2];
            default -> op == 0 ? imm8 * Lanes.LOW[0] : bytes((int) imm8);
        };
    }

    /** Each bit as a byte of zeros or ones. */
    private static long bytes(int imm8) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            r |= (imm8 >> i & 1) != 0 ? 0xffL << 8 * i : 0;
        }
        return r;
    }

    private static Constant number(int q, int size, int abc, int defgh, int d) {
        return new Constant(q, FpImmediate.expand(abc << 5 | defgh, size) * Lanes.LOW[size], d);
    }

    /** {@code MOVI <Vd>.<T>, #<imm8>{, LSL|MSL #<amount>}}, {@code MOVI <Dd>, #<imm>}, {@code MOVI <Vd>.2D, #<imm>}. */
    public static Insn movi(int q, int op, int abc, int cmode, int defgh, int d) {
        return new Constant(q, expand(op, cmode, abc, defgh), d);
    }

    /** {@code MVNI <Vd>.<T>, #<imm8>{, LSL|MSL #<amount>}}. */
    public static Insn mvni(int q, int abc, int cmode, int defgh, int d) {
        return new Constant(q, ~expand(1, cmode, abc, defgh), d);
    }

    /** {@code ORR <Vd>.<T>, #<imm8>{, LSL #<amount>}}. */
    public static Insn orr(int q, int abc, int cmode, int defgh, int d) {
        return new Logical(q, expand(0, cmode, abc, defgh), -1, d);
    }

    /** {@code BIC <Vd>.<T>, #<imm8>{, LSL #<amount>}}. */
    public static Insn bic(int q, int abc, int cmode, int defgh, int d) {
        return new Logical(q, 0, ~expand(1, cmode, abc, defgh), d);
    }

    /** {@code FMOV <Vd>.<2S|4S|2D>, #<imm>}. */
    public static Insn fmov(int q, int op, int abc, int defgh, int d) {
        return Vectors.unless(op == 1 && q == 0, number(q, 2 + op, abc, defgh, d));
    }

    /** {@code FMOV <Vd>.<4H|8H>, #<imm>}. */
    public static Insn fmovHalf(int q, int abc, int defgh, int d) {
        return number(q, 1, abc, defgh, d);
    }

    static final class Constant extends Insn {
        private final long low;
        private final long top;
        private final int d;

        Constant(int q, long value, int d) {
            low = value;
            top = q != 0 ? value : 0;
            this.d = 2 * d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            c.v[d] = low;
            c.v[d + 1] = top;
        }
    }

    static final class Logical extends Insn {
        private final long set;
        private final long keep;
        private final boolean q;
        private final int d;

        Logical(int q, long set, long keep, int d) {
            this.q = q != 0;
            this.set = set;
            this.keep = keep;
            this.d = 2 * d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            c.v[d] = c.v[d] & keep | set;
            c.v[d + 1] = q ? c.v[d + 1] & keep | set : 0;
        }
    }
}
