package dev.baton.devices.board;

import dev.baton.core.io.StatelessDevice;
import dev.baton.devices.Parts;
import dev.baton.devices.UnmodelledAccess;

/**
 * The place of a device that QEMU has and this board has not: reads the same everywhere, ignores writes, and says so. It is not
 * in the board's device tree, but a kernel given QEMU's tree finds no device there and goes on.
 */
final class UnimplementedWindow implements StatelessDevice {
    private final UnmodelledAccess unmodelled;
    private final long pattern;

    /** @param pattern what a read gives, cut to its size */
    UnimplementedWindow(UnmodelledAccess unmodelled, long pattern) {
        this.unmodelled = unmodelled;
        this.pattern = pattern;
    }

    @Override
    public long read(long offset, int size) {
        unmodelled.report(false, UnmodelledAccess.at(offset), size, 0);
        return peek(offset, size);
    }

    @Override
    public long peek(long offset, int size) {
        return Parts.low(pattern, size);
    }

    @Override
    public void write(long offset, int size, long value) {
        unmodelled.report(true, UnmodelledAccess.at(offset), size, value);
    }
}
