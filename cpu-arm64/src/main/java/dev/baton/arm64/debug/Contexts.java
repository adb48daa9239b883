package dev.baton.arm64.debug;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.Register;

/** The context comparisons of breakpoints: CONTEXTIDR_EL1, CONTEXTIDR_EL2 and VMID (Arm ARM, DBGBCR<n>_EL1.BT). */
final class Contexts {
    // DBGBCRn_EL1.BT without its lowest bit, which says "linked".
    private static final int CONTEXT = 2;
    private static final int CONTEXT_EL1 = 6;
    private static final int VMID = 8;
    private static final int VMID_CONTEXT = 10;
    private static final int CONTEXT_EL2 = 12;
    private static final int FULL = 14;

    private final Arm64Cpu cpu;
    private final Register contextEl1;
    private final Register contextEl2;
    private final Register vttbr;
    private final boolean vhe;
    private final long vmidMask;

    Contexts(Arm64Cpu cpu) {
        this.cpu = cpu;
        contextEl1 = cpu.sysregs.register("CONTEXTIDR_EL1");
        contextEl2 = cpu.sysregs.register("CONTEXTIDR_EL2");
        vttbr = cpu.sysregs.register("VTTBR_EL2");
        vhe = cpu.features.has("FEAT_VHE");
        vmidMask = cpu.features.has("FEAT_VMID16") ? 0xffff : 0xff;
    }

    static int type(long control) {
        return (int) (control >>> 20) & 15;
    }

    static boolean linked(long control) {
        return (type(control) & 1) != 0;
    }

    /** A comparison of contexts; the address mismatches, 4 and 5, are AArch32's. */
    static boolean byContext(long control) {
        int kind = type(control) & 14;
        return kind != 0 && kind != 4;
    }

    private boolean guest() {
        return cpu.el <= 1 && !(cpu.el == 0 && cpu.sysregs.hostEl0());
    }

    private boolean host() {
        return cpu.el == 2 && cpu.sysregs.e2h() || cpu.el == 0 && cpu.sysregs.hostEl0();
    }

    boolean match(long control, long value) {
        boolean one = contextEl1.value == (value & 0xffff_ffffL);
        boolean two = contextEl2.value == value >>> 32;
        boolean vmid = cpu.config.el2() && (vttbr.value >>> 48 & vmidMask) == (value >>> 32 & vmidMask);
        return switch (type(control) & 14) {
            case CONTEXT -> host() ? contextEl2.value == (value & 0xffff_ffffL) : guest() && one;
            case CONTEXT_EL1 -> vhe && guest() && one;
            case VMID -> guest() && vmid;
            case VMID_CONTEXT -> guest() && vmid && one;
            case CONTEXT_EL2 -> vhe && cpu.config.el2() && two;
            case FULL -> vhe && cpu.config.el2() && guest() && one && two;
            default -> false;
        };
    }
}
