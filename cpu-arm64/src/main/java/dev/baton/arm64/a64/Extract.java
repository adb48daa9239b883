package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Extract register. */
public final class Extract {
    private Extract() { }

    /** {@code EXTR <Xd>, <Xn>, <Xm>, #<lsb>}. Alias: ROR (immediate). */
    public static Insn extr(int sf, int immN, int m, int imms, int n, int d) {
        if (immN != sf || sf == 0 && imms > 31) {
            return Unallocated.encoding();
        }
        return sf != 0 ? new ExtrX(m, imms, n, d) : new ExtrW(m, imms, n, d);
    }

    static final class ExtrX extends Shapes.DNM {
        private final int lsb;

        ExtrX(int m, int lsb, int n, int d) {
            super(1, m, n, d);
            this.lsb = lsb;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = lsb == 0 ? c.x[m] : c.x[m] >>> lsb | c.x[n] << 64 - lsb;
        }
    }

    static final class ExtrW extends Shapes.DNM {
        private final int lsb;

        ExtrW(int m, int lsb, int n, int d) {
            super(0, m, n, d);
            this.lsb = lsb;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long concatenated = c.x[n] << 32 | c.x[m] & mask;
            c.x[d] = concatenated >>> lsb & mask;
        }
    }
}
