package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Logical (immediate). */
public final class LogicalImmediate {
    private LogicalImmediate() { }

    private static long imm(int sf, int immN, int immr, int imms) {
        return sf == 0 && immN != 0 ? 0 : SharedPseudocode.logicalMask(immN, imms, immr) & Operands.mask(sf);
    }

    /** {@code AND <Xd|SP>, <Xn>, #<imm>}. */
    public static Insn and(int sf, int immN, int immr, int imms, int n, int d) {
        long imm = imm(sf, immN, immr, imms);
        return imm == 0 ? Unallocated.encoding() : new And(sf, d, Operands.source(n), imm);
    }

    /** {@code ORR <Xd|SP>, <Xn>, #<imm>}. Alias: MOV (bitmask immediate). */
    public static Insn orr(int sf, int immN, int immr, int imms, int n, int d) {
        long imm = imm(sf, immN, immr, imms);
        return imm == 0 ? Unallocated.encoding() : new Orr(sf, d, Operands.source(n), imm);
    }

    /** {@code EOR <Xd|SP>, <Xn>, #<imm>}. */
    public static Insn eor(int sf, int immN, int immr, int imms, int n, int d) {
        long imm = imm(sf, immN, immr, imms);
        return imm == 0 ? Unallocated.encoding() : new Eor(sf, d, Operands.source(n), imm);
    }

    /** {@code ANDS <Xd>, <Xn>, #<imm>}. Alias: TST. */
    public static Insn ands(int sf, int immN, int immr, int imms, int n, int d) {
        long imm = imm(sf, immN, immr, imms);
        return imm == 0 ? Unallocated.encoding() : new Ands(sf, Operands.destination(d), Operands.source(n), imm);
    }

    static final class And extends Shapes.DNImm {
        And(int sf, int d, int n, long imm) {
            super(sf, d, n, imm);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] & imm;
        }
    }

    static final class Orr extends Shapes.DNImm {
        Orr(int sf, int d, int n, long imm) {
            super(sf, d, n, imm);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (c.x[n] | imm) & mask;
        }
    }

    static final class Eor extends Shapes.DNImm {
        Eor(int sf, int d, int n, long imm) {
            super(sf, d, n, imm);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = (c.x[n] ^ imm) & mask;
        }
    }

    static final class Ands extends Shapes.DNImm {
        Ands(int sf, int d, int n, long imm) {
            super(sf, d, n, imm);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long result = c.x[n] & imm;
            c.nzcv = SharedPseudocode.nzcvOfLogic(result << w);
            c.x[d] = result;
        }
    }
}
