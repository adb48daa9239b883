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
    long bulk(Arm64Cpu c, long n) {
        long va = c.x[t] + shape.maintenanceOffset & -Ram.LINE;
        long host = writable(c, va);
        if (shape.stepOf(c, t) != Ram.LINE || (va ^ va - Ram.LINE) >>> 12 != 0 || host == 0) {
            return 0;
        }
        long m = Math.min(n, inPage(va, Ram.LINE, Ram.LINE));
        Host.fill(host, m * Ram.LINE, (byte) 0);
        return m;
    }
}
