package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.mem.Host;
import dev.baton.core.mem.Ram;

/** {@code DC ZVA} block by block over a range: clear_page. */
final class BulkZero extends BulkLoop {
    private final int t;

    BulkZero(LoopShape shape) {
        super(shape);
        t = shape.maintenance.t;
    }

    @Override
    boolean anyIteration() {
        return true;
    }

    @Override
    long bulk(Arm64Cpu c, long n) {
        long va = c.x[t] + shape.maintenanceOffset & -Ram.LINE;
        SystemInstructions.Sys insn = shape.maintenance;
        if (shape.stepOf(c, t) != Ram.LINE || !c.sysregs.executes(insn.op1, insn.crm, insn.op2)) {
            return 0;
        }
        long m = Math.min(n, inPage(va, Ram.LINE, Ram.LINE));
        long host = c.memory.bulkTarget(va, m * Ram.LINE, insn.at);
        if (host == 0) {
            return 0;
        }
        Host.fill(host, m * Ram.LINE, (byte) 0);
        return m;
    }
}
