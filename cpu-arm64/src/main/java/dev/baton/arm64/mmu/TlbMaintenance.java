package dev.baton.arm64.mmu;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.Hcr;
import dev.baton.core.cpu.Cpu;

import java.util.function.Consumer;

/**
 * The TLBI instructions of Armv8.0 (Arm ARM, "A64 System instructions for TLB maintenance"). The TLB holds no intermediate
 * levels, so the last-level forms do what the plain ones do. Stage 2 forms have nothing to invalidate.
 */
public final class TlbMaintenance {
    private static final int ANY = -1;

    private final Arm64Cpu cpu;

    public TlbMaintenance(Arm64Cpu cpu) {
        this.cpu = cpu;
    }

    /** @param op the operation without {@code TLBI}, e.g. {@code VALE1IS} */
    public void execute(String op, long xt) {
        boolean shared = op.endsWith("IS") || cpu.el == 1 && cpu.config.el2() && (cpu.sysregs.hcrEl2.value & Hcr.FB) != 0;
        String local = op.endsWith("IS") ? op.substring(0, op.length() - 2) : op;
        Consumer<Mmu> effect = effect(local, xt);
        if (!shared) {
            effect.accept(cpu.mmu);
            return;
        }
        for (Cpu c : cpu.machine.cpus()) {
            if (c instanceof Arm64Cpu a) {
                effect.accept(a.mmu);
            }
        }
    }

    private Consumer<Mmu> effect(String op, long xt) {
        int regime = regime(op.charAt(op.length() - 1) - '0');
        int vmid = regime == Regime.EL10 ? cpu.mmu.vmid(regime) : 0;
        int asid = Regime.hasAsid(regime) ? asid(regime, xt) : 0;
        long va = xt << 20 >> 8;
        return switch (op.substring(0, op.length() - 2)) {
            case "VA", "VAL" -> m -> m.invalidate(regime, va, asid, vmid);
            case "VAA", "VAAL" -> m -> m.invalidate(regime, va, ANY, vmid);
            case "ASID" -> m -> m.invalidateAsid(regime, asid, vmid);
            case "VMALL" -> m -> m.invalidateAll(regime, vmid);
            case "VMALLS12" -> m -> m.invalidateAll(Regime.EL10, cpu.mmu.vmid(Regime.EL10));
            case "ALL" -> m -> m.invalidateAll(op.equals("ALLE1") ? Regime.EL10 : regime, ANY);
            default -> m -> { };
        };
    }

    /** The E1 forms act on EL2&amp;0 when a host executes them; the E2 forms when E2H is set. */
    private int regime(int level) {
        return switch (level) {
            case 1 -> cpu.el >= 2 && cpu.sysregs.hostEl0() ? Regime.EL20 : Regime.EL10;
            case 2 -> cpu.sysregs.e2h() ? Regime.EL20 : Regime.EL2;
            default -> Regime.EL3;
        };
    }

    /** Xt bits 63:48; the upper 8 are ignored while TCR.AS selects 8-bit ASIDs. */
    private int asid(int regime, long xt) {
        return (int) (xt >>> 48) & cpu.mmu.asidMask(regime);
    }
}
