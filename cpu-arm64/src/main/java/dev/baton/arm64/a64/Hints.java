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
}
