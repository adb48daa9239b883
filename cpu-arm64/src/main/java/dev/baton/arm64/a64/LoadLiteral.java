package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Load register (literal), and the prefetches, which do nothing: no cache line becomes present by a hint. */
public final class LoadLiteral {
    private LoadLiteral() { }

    private static long target(long pc, int imm19) {
        return pc + (Operands.signExtend(imm19, 19) << 2);
    }

    /** {@code LDR <Wt>, <label>}. */
    public static Insn ldrW(long pc, int imm19, int t) {
        return new LdrW(Operands.destination(t), target(pc, imm19));
    }

    /** {@code LDR <Xt>, <label>}. */
    public static Insn ldrX(long pc, int imm19, int t) {
        return new LdrX(Operands.destination(t), target(pc, imm19));
    }

    /** {@code LDRSW <Xt>, <label>}. */
    public static Insn ldrsw(long pc, int imm19, int t) {
        return new Ldrsw(Operands.destination(t), target(pc, imm19));
    }

    /** {@code PRFM <prfop>, ...}, {@code PRFUM}. */
    public static Insn prfm() {
        return new Hints.Nop();
    }

    abstract static class Literal extends Insn {
        final int t;
        final long target;

        Literal(int t, long target) {
            this.t = t;
            this.target = target;
        }
    }

    static final class LdrW extends Literal {
        LdrW(int t, long target) {
            super(t, target);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.load32(target, this);
        }
    }

    static final class LdrX extends Literal {
        LdrX(int t, long target) {
            super(t, target);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.load64(target, this);
        }
    }

    static final class Ldrsw extends Literal {
        Ldrsw(int t, long target) {
            super(t, target);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = (int) c.load32(target, this);
        }
    }
}
