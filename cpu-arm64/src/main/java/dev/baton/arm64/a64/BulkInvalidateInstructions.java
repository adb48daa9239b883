package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.cpu.Cpu;
import dev.baton.core.mem.Ram;

/** {@code IC IVAU} line by line over a range: on every CPU, as its broadcast. */
final class BulkInvalidateInstructions extends BulkMaintenance {
    BulkInvalidateInstructions(LoopShape shape) {
        super(shape, null);
    }

    @Override
    void lines(Arm64Cpu c, Ram ram, long pa, long bytes) {
        for (Cpu other : c.machine.cpus()) {
            if (other instanceof Arm64Cpu a) {
                a.engine.code.invalidateLines(pa, bytes);
            }
        }
    }
}
