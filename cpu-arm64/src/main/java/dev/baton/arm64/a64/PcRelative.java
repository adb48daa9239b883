package dev.baton.arm64.a64;

import dev.baton.arm64.Insn;

/** PC-rel. addressing: the result is a constant of the place the code was decoded for. */
public final class PcRelative {
    private PcRelative() { }

    private static long imm(int immlo, int immhi) {
        return Operands.signExtend((long) immhi << 2 | immlo, 21);
    }

    /** {@code ADR <Xd>, <label>}. */
    public static Insn adr(long pc, int immlo, int immhi, int d) {
        return new MoveWide.Constant(Operands.destination(d), pc + imm(immlo, immhi));
    }

    /** {@code ADRP <Xd>, <label>}. */
    public static Insn adrp(long pc, int immlo, int immhi, int d) {
        return new MoveWide.Constant(Operands.destination(d), (pc & -4096L) + (imm(immlo, immhi) << 12));
    }
}
