package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.SystemInsn;

/** Hints. What is not listed here (YIELD, DGH, CSDB, …) does nothing. */
public final class Hints {
    private Hints() { }

    /** {@code NOP} and every hint without effect here. */
    public static Insn nop() {
        return new Nop();
    }

    /** {@code WFE}. */
    public static Insn wfe() {
        return new Wfe();
    }

    /** {@code WFI}. */
    public static Insn wfi() {
        return new Wfi();
    }

    /** {@code SEV}. */
    public static Insn sev() {
        return new Sev();
    }

    /** {@code SEVL}. */
    public static Insn sevl() {
        return new Sevl();
    }

    /** {@code ESB}. */
    public static Insn esb() {
        return new Esb();
    }

    /** {@code BTI <targets>}: c in bit 0, j in bit 1. */
    public static Insn bti(int targets) {
        return new Bti(targets);
    }

    static final class Nop extends Insn {
        @Override
        public void execute(Arm64Cpu c) { }
    }

    static final class Wfe extends SystemInsn {
        @Override
        public void execute(Arm64Cpu c) {
            c.engine.waits.waitForEvent();
        }
    }

    static final class Wfi extends SystemInsn {
        @Override
        public void execute(Arm64Cpu c) {
            c.engine.waits.waitForInterrupt();
        }
    }

    static final class Sev extends SystemInsn {
        @Override
        public void execute(Arm64Cpu c) {
            c.machine.sendEvent();
        }
    }

    static final class Sevl extends Insn {
        @Override
        public void execute(Arm64Cpu c) {
            c.eventRegister = true;
        }
    }

    static final class Esb extends SystemInsn {
        @Override
        public void execute(Arm64Cpu c) {
            c.exceptions.errorSynchronizationBarrier();
        }
    }

    /** Where a guarded page may be entered. */
    public static final class Bti extends Insn {
        private final int targets;

        Bti(int targets) {
            this.targets = targets;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.btype = 0;
        }

        /** BTypeCompatible_BTI: c is no target of type 3, j none of type 2. */
        @Override
        public boolean landing(Arm64Cpu c) {
            return switch (targets) {
                case 0 -> false;
                case 1 -> c.btype != 3;
                case 2 -> c.btype != 2;
                default -> true;
            };
        }
    }
}
