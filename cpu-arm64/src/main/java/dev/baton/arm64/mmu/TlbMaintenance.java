package dev.baton.arm64.mmu;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.Hcr;
import dev.baton.core.cpu.Cpu;

import java.util.function.Consumer;

/**
 * The TLBI instructions (Arm ARM, "A64 System instructions for TLB maintenance"). The TLB holds no intermediate levels, so the
 * last-level forms do what the plain ones do. It holds entries that combine both stages, which the forms by intermediate
 * address need not and do not drop: a hypervisor follows them with {@code VMALLE1}. All CPUs are in one Inner Shareable
 * domain, so the Outer Shareable forms reach the same ones.
 */
public final class TlbMaintenance {
    private static final int ANY = -1;
    /** Above this many pages a range is dropped by looking at every entry. */
    private static final int PAGE_BY_PAGE = 16;

    private final Arm64Cpu cpu;
    private final Vmsa vmsa;

    public TlbMaintenance(Arm64Cpu cpu, Vmsa vmsa) {
        this.cpu = cpu;
        this.vmsa = vmsa;
    }

    /** @param op the operation without {@code TLBI}, e.g. {@code VALE1IS} */
    public void execute(String op, long xt) {
        boolean named = op.endsWith("IS") || op.endsWith("OS");
        boolean shared = named || cpu.el == 1 && cpu.config.el2() && (cpu.sysregs.hcrEl2.value & Hcr.FB) != 0;
        String local = named ? op.substring(0, op.length() - 2) : op;
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
        String what = op.substring(0, op.length() - 2);
        return switch (what) {
            case "VA", "VAL" -> byAddress(regime, xt << 20 >> 8, asid, vmid, xt);
            case "VAA", "VAAL" -> byAddress(regime, xt << 20 >> 8, ANY, vmid, xt);
            case "IPAS2", "IPAS2L" -> byAddress(Regime.IPA, xt << 24 >>> 12, ANY, cpu.mmu.vmid(Regime.IPA), xt);
            case "RVA", "RVAL" -> byRange(regime, asid, vmid, xt);
            case "RVAA", "RVAAL" -> byRange(regime, ANY, vmid, xt);
            case "RIPAS2", "RIPAS2L" -> byRange(Regime.IPA, ANY, cpu.mmu.vmid(Regime.IPA), xt);
            case "ASID" -> m -> m.invalidateAsid(regime, asid, vmid);
            case "VMALL" -> m -> m.invalidateAll(regime, vmid);
            case "VMALLS12" -> bothStages(cpu.mmu.vmid(Regime.EL10));
            case "ALL" -> op.equals("ALLE1") ? bothStages(ANY) : m -> m.invalidateAll(regime, ANY);
            default -> throw new IllegalStateException("TLBI " + op);
        };
    }

    private static Consumer<Mmu> bothStages(int vmid) {
        return m -> {
            m.invalidateAll(Regime.EL10, vmid);
            m.invalidateAll(Regime.IPA, vmid);
        };
    }

    /** TTL in bits 47:44. */
    private Consumer<Mmu> byAddress(int regime, long va, int asid, int vmid, long xt) {
        LevelHint hint = vmsa.ttl() ? LevelHint.of((int) (xt >>> 44) & 15) : LevelHint.NONE;
        return m -> m.invalidate(regime, va, asid, vmid, hint);
    }

    /**
     * BaseADDR in bits 36:0, TTL 38:37, NUM 43:39, SCALE 45:44, TG 47:46: (NUM + 1) * 2^(5 * SCALE + 1) granules (Arm ARM,
     * TLBIRange). With TG 0, reserved, nothing happens.
     */
    private Consumer<Mmu> byRange(int regime, int asid, int vmid, long xt) {
        int tg = (int) (xt >>> 46) & 3;
        if (tg == 0) {
            return m -> { };
        }
        int pageBits = 10 + 2 * tg;
        int level = (int) (xt >>> 37) & 3;
        LevelHint hint = level == 0 ? LevelHint.NONE : LevelHint.of(pageBits, level);
        int unit = cpu.mmu.wideDescriptors(regime) ? 16 : pageBits;
        long start = regime == Regime.IPA ? (xt & (1L << 37) - 1) << unit : xt << 27 >> 27 << unit;
        long pages = ((xt >>> 39 & 31) + 1) << 5 * (int) (xt >>> 44 & 3) + 1;
        if (pages > PAGE_BY_PAGE) {
            return m -> m.invalidateRange(regime, start, pages << pageBits, asid, vmid, hint);
        }
        return m -> {
            for (long i = 0; i < pages; i++) {
                m.invalidate(regime, start + (i << pageBits), asid, vmid, hint);
            }
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
