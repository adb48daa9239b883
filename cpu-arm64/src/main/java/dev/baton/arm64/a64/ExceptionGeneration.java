package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.SystemInsn;

/** Exception generation. */
public final class ExceptionGeneration {
    private ExceptionGeneration() { }

    /** {@code SVC #<imm>}. */
    public static Insn svc(int imm16) {
        return new Svc(imm16);
    }

    /** {@code HVC #<imm>}: firmware answers, or else the architecture does. */
    public static Insn hvc(int imm16) {
        return new Hvc(imm16);
    }

    /** {@code SMC #<imm>}: firmware answers, or else the architecture does. */
    public static Insn smc(int imm16) {
        return new Smc(imm16);
    }

    /** {@code BRK #<imm>}. */
    public static Insn brk(int imm16) {
        return new Brk(imm16);
    }

    /** {@code HLT #<imm>}: the model call. */
    public static Insn hlt(int imm16) {
        return new Hlt(imm16);
    }

    abstract static class WithImmediate extends SystemInsn {
        final int imm16;

        WithImmediate(int imm16) {
            this.imm16 = imm16;
        }
    }

    static final class Svc extends WithImmediate {
        Svc(int imm16) {
            super(imm16);
        }

        @Override
        public void execute(Arm64Cpu c) {
            throw c.exceptions.svc(imm16);
        }
    }

    static final class Brk extends WithImmediate {
        Brk(int imm16) {
            super(imm16);
        }

        @Override
        public void execute(Arm64Cpu c) {
            throw c.exceptions.brk(imm16);
        }

        @Override
        public boolean landing(Arm64Cpu c) {
            return true;
        }
    }

    private static boolean answered(Arm64Cpu c, String name, int imm16) {
        if (c.el == 0) {
            throw c.undefined();
        }
        c.machine.trace().call(c.index(), c.machine.clock().now(), name, c.x[0]);
        return c.config.firmware().call(c, name, imm16);
    }

    static final class Hvc extends WithImmediate {
        Hvc(int imm16) {
            super(imm16);
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (!answered(c, "hvc", imm16)) {
                throw c.exceptions.hvc(imm16);
            }
        }
    }

    static final class Smc extends WithImmediate {
        Smc(int imm16) {
            super(imm16);
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.exceptions.trapsSmc() || !answered(c, "smc", imm16)) {
                throw c.exceptions.smc(imm16);
            }
        }
    }

    static final class Hlt extends WithImmediate {
        Hlt(int imm16) {
            super(imm16);
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.machine.trace().call(c.index(), c.machine.clock().now(), "hlt", imm16);
            if (!c.config.modelCalls().call(c, imm16)) {
                throw c.undefined();
            }
            c.btype = 0;
        }

        @Override
        public boolean landing(Arm64Cpu c) {
            return true;
        }
    }
}
