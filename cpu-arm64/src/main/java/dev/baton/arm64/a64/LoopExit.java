package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.DirectJump;

/**
 * How a self-loop ends, and so how many more iterations are sure to be followed by another. Asked between the flag-setting
 * instruction and the branch of an iteration.
 */
abstract class LoopExit {
    private static final int NE = 1;
    private static final int CS = 2;
    private static final int CC = 3;
    private static final int PL = 5;
    private static final int HI = 8;
    private static final int GE = 10;
    private static final int GT = 12;

    /** What sets the flags, or null; and the register it reads that steps. */
    private final Insn flags;
    final int register;
    private final DirectJump branch;

    private LoopExit(Insn flags, int register, DirectJump branch) {
        this.flags = flags;
        this.register = register;
        this.branch = branch;
    }

    /**
     * Iterations after this one after each of which the loop goes on; a lower bound.
     *
     * @param step   what an iteration adds to {@link #register}
     * @param before what it has added when the flags are set
     */
    abstract long further(Arm64Cpu c, long step, long before);

    /** This iteration goes on: its branch back will be taken. */
    final boolean goesOn(Arm64Cpu c) {
        return switch (branch) {
            case ConditionalBranch.Bcond b -> (b.table >>> (c.nzcv >>> 28) & 1) != 0;
            case CompareBranch.Cbnz b -> c.x[b.t] != 0;
            default -> false;
        };
    }

    /** Leaves the flags as the last iteration did; all registers have stepped already. */
    final void setFlags(Arm64Cpu c, long step, long before) {
        if (flags != null) {
            long value = c.x[register];
            c.x[register] = value - step + before;
            flags.execute(c);
            c.x[register] = wrapped(value);
        }
    }

    /** The stepped register as an instruction of the loop leaves it. */
    long wrapped(long value) {
        return value;
    }

    /** The exit of a loop that ends with this test and branch, or null if it is not one that is understood. */
    static LoopExit of(Insn flags, DirectJump jump) {
        if (jump instanceof CompareBranch.Cbnz cbnz && flags == null && cbnz.mask == -1) {
            return new Counter(null, cbnz.t, jump, -1, NE, 0);
        }
        if (!(jump instanceof ConditionalBranch.Bcond b)) {
            return null;
        }
        return switch (flags) {
            case LogicalImmediate.Ands t when t.d == Arm64Cpu.ZR_WRITE && b.cond == NE && t.mask == -1 && lowMask(t.imm) ->
                new Mask(t, t.n, jump, t.imm);
            case AddSubShifted.Subs s when s.d == Arm64Cpu.ZR_WRITE && s.w == 0 && (b.cond == CC || b.cond == NE) ->
                new Limit(s, s.n, jump, s.m, b.cond == NE);
            case AddSubImmediate.Subs s when s.d == s.n && s.imm > 0 && Counter.understands(b.cond) ->
                new Counter(s, s.n, jump, s.imm >>> s.w, b.cond, s.w);
            case null, default -> null;
        };
    }

    private static boolean lowMask(long imm) {
        return (imm & imm + 1) == 0;
    }

    /** {@code tst R, #mask; b.ne}: until R reaches a multiple of mask + 1. */
    static final class Mask extends LoopExit {
        private final long mask;

        Mask(Insn flags, int register, DirectJump branch, long mask) {
            super(flags, register, branch);
            this.mask = mask;
        }

        @Override
        long further(Arm64Cpu c, long step, long before) {
            long tested = c.x[register] + before;
            boolean reaches = step > 0 && (step & step - 1) == 0 && step <= mask && (tested & step - 1) == 0;
            return reaches ? LoopShape.quotient(-tested & mask, step) : 0;
        }
    }

    /** {@code cmp R, M; b.lo} or {@code b.ne}: until R reaches M. */
    static final class Limit extends LoopExit {
        final int limit;
        private final boolean exactly;

        Limit(Insn flags, int register, DirectJump branch, int limit, boolean exactly) {
            super(flags, register, branch);
            this.limit = limit;
            this.exactly = exactly;
        }

        @Override
        long further(Arm64Cpu c, long step, long before) {
            long tested = c.x[register] + before;
            long distance = c.x[limit] - tested;
            if (step <= 0 || distance <= 0 || Long.compareUnsigned(tested, c.x[limit]) >= 0) {
                return 0;
            }
            long steps = LoopShape.quotient(distance, step);
            boolean meets = steps * step == distance;
            return exactly ? meets ? steps : 0 : meets ? steps : steps + 1;
        }
    }

    /** {@code subs C, C, #k; b.cond}, or {@code cbnz C}. */
    private static final class Counter extends LoopExit {
        private final long k;
        private final int cond;
        private final int w;

        Counter(Insn flags, int register, DirectJump branch, long k, int cond, int w) {
            super(flags, register, branch);
            this.k = k;
            this.cond = cond;
            this.w = w;
        }

        static boolean understands(int cond) {
            return cond == NE || cond == CS || cond == PL || cond == HI || cond == GE || cond == GT;
        }

        /** A count of 32 bits may pass below 0 in the last iteration. */
        @Override
        long wrapped(long value) {
            return value << w >>> w;
        }

        @Override
        long further(Arm64Cpu c, long step, long before) {
            long count = c.x[register] << w >>> w;
            long down = k < 0 ? -step : k;
            if (count << w <= 0 || down <= 0 || step != -down) {
                return 0;
            }
            return switch (cond) {
                case NE -> count % down == 0 ? count / down - 1 : 0;
                case HI, GT -> (count - 1) / down;
                default -> count / down;
            };
        }
    }
}
