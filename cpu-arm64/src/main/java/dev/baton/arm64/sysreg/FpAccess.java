package dev.baton.arm64.sysreg;

import dev.baton.arm64.Arm64Cpu;

/** Whether FP and Advanced SIMD may be used: AArch64.CheckFPAdvSIMDEnabled, AArch64.CheckFPAdvSIMDTrap. */
public final class FpAccess {
    public static final int NO_TRAP = 0;
    private static final int FPEN = 20;
    private static final int TFP = 1 << 10;
    /** FPEN: accesses of EL0 alone are trapped. */
    private static final int EL0_ONLY = 1;
    private static final int NOBODY = 3;
    private static final int ABSENT = 0xf;

    private final Arm64Cpu cpu;
    private final Register cpacr;
    private final Register cptr2;
    private final Register cptr3;
    private final boolean implemented;

    FpAccess(Arm64Cpu cpu, SystemRegisters regs, CpuModel model) {
        this.cpu = cpu;
        cpacr = regs.register("CPACR_EL1");
        cptr2 = regs.cptrEl2;
        cptr3 = regs.cptrEl3;
        implemented = (model.value("ID_AA64PFR0_EL1") >>> 16 & 0xf) != ABSENT;
    }

    /** The CPU model has FP and Advanced SIMD. */
    public boolean implemented() {
        return implemented;
    }

    /** The exception level that an access now is trapped to, or {@link #NO_TRAP}. */
    public int target() {
        boolean host = cpu.sysregs.hostEl0();
        if (cpu.el <= 1 && !(cpu.el == 0 && host) && disabled((int) (cpacr.value >>> FPEN) & 3, cpu.el == 0)) {
            return 1;
        }
        if (cpu.el <= 2 && cpu.config.el2() && trappedByEl2(host)) {
            return 2;
        }
        return cpu.config.el3() && (cptr3.value & TFP) != 0 ? 3 : NO_TRAP;
    }

    private static boolean disabled(int fpen, boolean el0) {
        return fpen != NOBODY && (fpen != EL0_ONLY || el0);
    }

    private boolean trappedByEl2(boolean host) {
        if (!cpu.sysregs.e2h()) {
            return (cptr2.value & TFP) != 0;
        }
        int fpen = (int) (cptr2.value >>> FPEN) & 3;
        boolean hostsEl0 = cpu.el == 0 && host;
        return switch (fpen) {
            case NOBODY -> false;
            case EL0_ONLY -> hostsEl0;
            default -> !(cpu.el == 1 && cpu.sysregs.tge());
        };
    }
}
