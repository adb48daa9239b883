package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.SystemInsn;

/**
 * Barriers. Accesses complete in program order and maintenance takes effect at once, so DMB and DSB have nothing to wait
 * for; ISB ends the block, so that what follows is fetched and translated anew.
 */
public final class Barriers {
    private Barriers() { }

    /** {@code CLREX {#<imm>}}. */
    public static Insn clrex() {
        return new Clrex();
    }

    /** {@code DSB <option>|#<imm>}. */
    public static Insn dsb(int option) {
        return new Hints.Nop();
    }

    /** {@code DMB <option>|#<imm>}. */
    public static Insn dmb(int option) {
        return new Hints.Nop();
    }

    /** {@code ISB {<option>|#<imm>}}. */
    public static Insn isb() {
        return new Isb();
    }

    /** {@code SB}: nothing is speculated. */
    public static Insn sb() {
        return new Hints.Nop();
    }

    static final class Clrex extends Insn {
        @Override
        public void execute(Arm64Cpu c) {
            c.clearExclusive();
        }
    }

    static final class Isb extends SystemInsn {
        @Override
        public void execute(Arm64Cpu c) { }
    }
}
