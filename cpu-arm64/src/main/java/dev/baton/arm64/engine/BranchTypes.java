package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.arm64.sysreg.Features;

/**
 * PSTATE.BTYPE (FEAT_BTI), {@link Arm64Cpu#btype}: set by an indirect branch whose target page is guarded, or not yet known; looked at
 * before the first instruction there, and cleared by it. Branches to pages that are known not to be guarded leave it 0, so code
 * outside guarded pages pays nothing; there a synchronous exception of the first instruction after the branch saves 0 where the
 * architecture would save the type.
 */
final class BranchTypes {
    private static final int BTI = Features.number("FEAT_BTI");

    private final Arm64Cpu cpu;
    /** The CPU model has FEAT_BTI. */
    final boolean implemented;

    BranchTypes(Arm64Cpu cpu) {
        this.cpu = cpu;
        implemented = cpu.features.has(BTI);
    }

    /** The first instruction of {@code b} is next: raises a Branch Target exception if the type forbids it (Arm ARM, D8.4.6). */
    void land(Block b) {
        if (!b.page.guarded) {
            cpu.btype = 0;
        } else if (!b.singles[0].landing(cpu)) {
            throw cpu.exceptions.branchTarget();
        }
    }

    /** Before the type is saved: it is forgotten if the page of {@code cpu.pc} is not guarded. */
    void settle() {
        if (cpu.btype != 0) {
            cpu.mmu.translate(cpu.pc, Mmu.FETCH | Mmu.PROBE);
            if (cpu.mmu.ok && !cpu.mmu.guarded) {
                cpu.btype = 0;
            }
        }
    }
}
