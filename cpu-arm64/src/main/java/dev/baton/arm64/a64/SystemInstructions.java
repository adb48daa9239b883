package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.SystemInsn;

/** System register moves and system instructions: the registers themselves live in {@code dev.baton.arm64.sysreg}. */
public final class SystemInstructions {
    /** CRn of the interrupt controller's registers: reading ICC_IAR1_EL1 acknowledges. */
    private static final int CRN_INTERRUPTS = 12;
    private static final int CRN_CACHE = 7;
    private static final int CRM_INSTRUCTION_CACHE_IS = 1;
    private static final int CRM_INSTRUCTION_CACHE = 5;

    // As key() makes them.
    private static final int SP_EL0 = 3 << 14 | 4 << 7 | 1 << 3;
    private static final int TPIDR_EL0 = 3 << 14 | 3 << 11 | 13 << 7 | 2;
    private static final int TPIDR_EL1 = 3 << 14 | 13 << 7 | 4;
    private static final int TPIDR_EL2 = 3 << 14 | 4 << 11 | 13 << 7 | 2;

    // PSTATE fields as op1:op2 that change neither what is fetched nor what interrupts. Linux sets DIT on every entry.
    private static final int UAO = 0b000_011;
    private static final int SSBS = 0b011_001;
    private static final int DIT = 0b011_010;

    private SystemInstructions() { }

    private static int key(int o0, int op1, int crn, int crm, int op2) {
        return (2 + o0) << 14 | op1 << 11 | crn << 7 | crm << 3 | op2;
    }

    /** {@code MSR <pstatefield>, #<imm>}. */
    public static Insn msrImmediate(int op1, int crm, int op2) {
        boolean state = switch (op1 << 3 | op2) {
            case UAO, SSBS, DIT -> true;
            default -> false;
        };
        return state ? new MsrState(op1, crm, op2) : new MsrImmediate(op1, crm, op2);
    }

    /** {@code MSR (<systemreg>|S<op0>_<op1>_<Cn>_<Cm>_<op2>), <Xt>}. */
    public static Insn msr(int o0, int op1, int crn, int crm, int op2, int t) {
        return new Msr(key(o0, op1, crn, crm, op2), Operands.source(t));
    }

    /** {@code MRS <Xt>, (<systemreg>|S<op0>_<op1>_<Cn>_<Cm>_<op2>)}. */
    public static Insn mrs(int o0, int op1, int crn, int crm, int op2, int t) {
        int key = key(o0, op1, crn, crm, op2);
        int d = Operands.destination(t);
        if (crn == CRN_INTERRUPTS) {
            return new MrsInterrupt(key, d);
        }
        return switch (key) {
            case SP_EL0 -> new MrsSpEl0(key, d);
            case TPIDR_EL0 -> new MrsThread(key, d, 0);
            case TPIDR_EL1 -> new MrsThread(key, d, 1);
            case TPIDR_EL2 -> new MrsThread(key, d, 2);
            default -> new Mrs(key, d);
        };
    }

    /** {@code SYS #<op1>, <Cn>, <Cm>, #<op2>{, <Xt>}}. Aliases: AT, DC, IC, TLBI. */
    public static Insn sys(int op1, int crn, int crm, int op2, int t) {
        boolean allInstructions = crm == CRM_INSTRUCTION_CACHE && op1 == 0 || crm == CRM_INSTRUCTION_CACHE_IS;
        return crn == CRN_CACHE && !allInstructions ? new Sys(op1, crm, op2, Operands.source(t))
                : new SysEndsBlock(op1, crn, crm, op2, Operands.source(t));
    }

    static final class MsrImmediate extends SystemInsn {
        private final int op1;
        private final int crm;
        private final int op2;

        MsrImmediate(int op1, int crm, int op2) {
            this.op1 = op1;
            this.crm = crm;
            this.op2 = op2;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.sysregs.msrImmediate(op1, crm, op2);
        }
    }

    static final class MsrState extends Insn {
        private final int op1;
        private final int crm;
        private final int op2;

        MsrState(int op1, int crm, int op2) {
            this.op1 = op1;
            this.crm = crm;
            this.op2 = op2;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.at = at;
            c.sysregs.msrImmediate(op1, crm, op2);
        }
    }

    static final class Msr extends SystemInsn {
        private final int key;
        private final int t;

        Msr(int key, int t) {
            this.key = key;
            this.t = t;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.sysregs.write(key, c.x[t]);
        }
    }

    static class Mrs extends Insn {
        private final int key;
        final int t;

        Mrs(int key, int t) {
            this.key = key;
            this.t = t;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.at = at;
            c.x[t] = c.sysregs.read(key);
        }
    }

    /** Where Linux keeps {@code current}: the commonest system register of a boot, three in a thousand instructions. */
    private static final class MrsSpEl0 extends Mrs {
        MrsSpEl0(int key, int t) {
            super(key, t);
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.el > 0 && c.spSel) {
                c.x[t] = c.spBank[0];
            } else {
                super.execute(c);
            }
        }
    }

    /** TPIDR_ELx, which nothing traps at its level: per-CPU offsets and thread pointers. */
    private static final class MrsThread extends Mrs {
        private final int level;

        MrsThread(int key, int t, int level) {
            super(key, t);
            this.level = level;
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.el >= level) {
                c.x[t] = c.sysregs.tpidr[level].value;
            } else {
                super.execute(c);
            }
        }
    }

    static final class MrsInterrupt extends SystemInsn {
        private final int key;
        private final int t;

        MrsInterrupt(int key, int t) {
            this.key = key;
            this.t = t;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[t] = c.sysregs.read(key);
        }
    }

    /**
     * DC, AT, and IC IVAU: translations of fetches stay as they are. What IC IVAU drops may still be executed by the rest of the
     * block, as the architecture allows until the next context synchronization.
     */
    static final class Sys extends Insn {
        final int op1;
        final int crm;
        final int op2;
        final int t;

        Sys(int op1, int crm, int op2, int t) {
            this.op1 = op1;
            this.crm = crm;
            this.op2 = op2;
            this.t = t;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.at = at;
            c.sysregs.sys(op1, CRN_CACHE, crm, op2, c.x[t]);
        }
    }

    static final class SysEndsBlock extends SystemInsn {
        final int op1;
        final int crn;
        final int crm;
        final int op2;
        final int t;

        SysEndsBlock(int op1, int crn, int crm, int op2, int t) {
            this.op1 = op1;
            this.crn = crn;
            this.crm = crm;
            this.op2 = op2;
            this.t = t;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.sysregs.sys(op1, crn, crm, op2, c.x[t]);
        }
    }
}
