package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.Hcr;
import dev.baton.core.mem.Maintenance;
import dev.baton.core.mem.Ram;

/** {@code DC IVAC, CVAC, CIVAC, CVAU} line by line over a range. */
class BulkMaintenance extends BulkLoop {
    private final Maintenance op;
    private final int t;

    /** @param op null for operations that move no data (to the point of unification) */
    BulkMaintenance(LoopShape shape, Maintenance op) {
        super(shape);
        this.op = op;
        t = shape.maintenance.t;
    }

    @Override
    final boolean anyIteration() {
        return true;
    }

    @Override
    final long bulk(Arm64Cpu c, long n) {
        long va = c.x[t] + shape.maintenanceOffset;
        SystemInstructions.Sys insn = shape.maintenance;
        boolean refused = shape.stepOf(c, t) != Ram.LINE || upgraded(c) || !c.sysregs.executes(insn.op1, insn.crm, insn.op2);
        if (refused || !c.memory.maintainable(va, op == Maintenance.INVALIDATE, insn.at)) {
            return 0;
        }
        long m = Math.min(n, inPage(va & -Ram.LINE, Ram.LINE, Ram.LINE));
        long pa = c.mmu.pa & -Ram.LINE;
        Ram ram = c.machine.bus().ram(pa);
        if (ram != null) {
            lines(c, ram, pa, m * Ram.LINE);
        }
        return m;
    }

    /** HCR_EL2.{VM, DC} make DC IVAC of EL1 clean as well: left to its own handler. */
    private boolean upgraded(Arm64Cpu c) {
        return op == Maintenance.INVALIDATE && c.el == 1 && c.config.el2() && (c.sysregs.hcrEl2.value & (Hcr.VM | Hcr.DC)) != 0;
    }

    void lines(Arm64Cpu c, Ram ram, long pa, long bytes) {
        if (op != null) {
            ram.maintain(c, op == Maintenance.INVALIDATE ? c.sysregs.invalidation() : op, pa, bytes, c.mmu.cacheable);
        }
    }
}
