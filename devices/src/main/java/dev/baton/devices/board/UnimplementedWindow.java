package dev.baton.devices.board;

import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.UnmodelledAccess;

/** The place of a device that QEMU has and this board has not: reads 0, ignores writes, and says so. It is in no device tree. */
final class UnimplementedWindow implements MmioDevice {
    private final UnmodelledAccess unmodelled;

    UnimplementedWindow(UnmodelledAccess unmodelled) {
        this.unmodelled = unmodelled;
    }

    @Override
    public long read(long offset, int size) {
        unmodelled.report(false, UnmodelledAccess.at(offset), size, 0);
        return 0;
    }

    @Override
    public void write(long offset, int size, long value) {
        unmodelled.report(true, UnmodelledAccess.at(offset), size, value);
    }

    @Override
    public void reset() { }

    @Override
    public void save(StateWriter out) { }

    @Override
    public void load(StateReader in) { }
}
