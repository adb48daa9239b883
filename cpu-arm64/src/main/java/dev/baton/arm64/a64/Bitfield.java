package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Bitfield move. */
public final class Bitfield {
    private Bitfield() { }

    private static boolean unallocated(int sf, int immN, int immr, int imms) {
        return immN != sf || sf == 0 && (immr > 31 || imms > 31);
    }

    /** {@code SBFM <Xd>, <Xn>, #<immr>, #<imms>}. Aliases: ASR (immediate), SBFIZ, SBFX, SXTB, SXTH, SXTW. */
    public static Insn sbfm(int sf, int immN, int immr, int imms, int n, int d) {
        return unallocated(sf, immN, immr, imms) ? Unallocated.encoding() : new Sbfm(sf, immr, imms, n, d);
    }

    /** {@code BFM <Xd>, <Xn>, #<immr>, #<imms>}. Aliases: BFC, BFI, BFXIL. */
    public static Insn bfm(int sf, int immN, int immr, int imms, int n, int d) {
        return unallocated(sf, immN, immr, imms) ? Unallocated.encoding() : new Bfm(sf, immr, imms, n, d);
    }

    /** {@code UBFM <Xd>, <Xn>, #<immr>, #<imms>}. Aliases: LSL, LSR (immediate), UBFIZ, UBFX, UXTB, UXTH. */
    public static Insn ubfm(int sf, int immN, int immr, int imms, int n, int d) {
        return unallocated(sf, immN, immr, imms) ? Unallocated.encoding() : new Ubfm(sf, immr, imms, n, d);
    }

    /**
     * The field is brought to the top of the 64 bits ({@code left}), then down to its place ({@code right}): for imms &ge; immr
     * bits imms:immr go to bit 0, else bits imms:0 go to bit datasize - immr.
     */
    abstract static class Field extends Insn {
        final int d;
        final int n;
        final int left;
        final int right;
        final long mask;

        Field(int sf, int immr, int imms, int n, int d) {
            int datasize = sf != 0 ? 64 : 32;
            this.d = Operands.destination(d);
            this.n = Operands.source(n);
            left = 63 - imms;
            right = imms >= immr ? left + immr : left - (datasize - immr);
            mask = Operands.mask(sf);
        }
    }

    static final class Sbfm extends Field {
        Sbfm(int sf, int immr, int imms, int n, int d) {
            super(sf, immr, imms, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] << left >> right & mask;
        }
    }

    static final class Ubfm extends Field {
        Ubfm(int sf, int immr, int imms, int n, int d) {
            super(sf, immr, imms, n, d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[n] << left >>> right;
        }
    }

    static final class Bfm extends Field {
        private final long keep;
        private final int old;

        Bfm(int sf, int immr, int imms, int n, int d) {
            super(sf, immr, imms, n, d);
            keep = ~(-1L << left >>> right) & mask;
            old = Operands.source(d);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.x[old] & keep | c.x[n] << left >>> right & mask;
        }
    }
}
