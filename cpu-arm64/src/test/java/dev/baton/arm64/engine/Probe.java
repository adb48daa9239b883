package dev.baton.arm64.engine;

import dev.baton.core.io.StatelessDevice;

import java.util.ArrayList;
import java.util.List;

/** A device that notes its accesses and lets a test act on them. */
final class Probe implements StatelessDevice {
    final List<String> accesses = new ArrayList<>();
    private final Runnable onWrite;

    Probe(Runnable onWrite) {
        this.onWrite = onWrite;
    }

    @Override
    public long read(long offset, int size) {
        accesses.add("read " + size + " at " + offset);
        return 0x1122_3344_5566_7788L >>> 64 - 8 * size;
    }

    @Override
    public void write(long offset, int size, long value) {
        accesses.add("write " + size + " at " + offset + " of " + Long.toHexString(value));
        onWrite.run();
    }
}
