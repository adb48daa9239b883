package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Move wide (immediate). */
public final class MoveWide {
    private MoveWide() { }

    private static boolean unallocated(int sf, int hw) {
        return sf == 0 && hw > 1;
    }

    /** {@code MOVN <Xd>, #<imm>{, LSL #<shift>}}. Alias: MOV (inverted wide immediate). */
    public static Insn movn(int sf, int hw, int imm16, int d) {
        if (unallocated(sf, hw)) {
            return Unallocated.encoding();
        }
        return new Constant(Operands.destination(d), ~((long) imm16 << 16 * hw) & Operands.mask(sf));
    }

    /** {@code MOVZ <Xd>, #<imm>{, LSL #<shift>}}. Alias: MOV (wide immediate). */
    public static Insn movz(int sf, int hw, int imm16, int d) {
        if (unallocated(sf, hw)) {
            return Unallocated.encoding();
        }
        return new Constant(Operands.destination(d), (long) imm16 << 16 * hw);
    }

    /** {@code MOVK <Xd>, #<imm>{, LSL #<shift>}}. */
    public static Insn movk(int sf, int hw, int imm16, int d) {
        if (unallocated(sf, hw)) {
            return Unallocated.encoding();
        }
        return new Keep(Operands.destination(d), ~(0xffffL << 16 * hw) & Operands.mask(sf), (long) imm16 << 16 * hw);
    }

    static final class Constant extends Insn {
        final int d;
        final long value;

        Constant(int d, long value) {
            this.d = d;
            this.value = value;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = value;
        }
    }

    static final class Keep extends Insn {
        final int d;
        final long keep;
        final long value;

        /** The destination is also the source: with XZR both are sinks. */
        Keep(int d, long keep, long value) {
            this.d = d;
            this.keep = keep;
            this.value = value;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[d] & keep | value;
        }
    }
}
