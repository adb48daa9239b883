package dev.baton.devices.gic;

import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

/** The redistributors of all CPUs, one after the other, 128 KiB each. */
final class RedistributorRegion implements MmioDevice {
    private final Gic gic;
    private final Redistributor[] redistributors;

    RedistributorRegion(Gic gic, Redistributor[] redistributors) {
        this.gic = gic;
        this.redistributors = redistributors;
    }

    private static int cpu(long offset) {
        return (int) (offset / Redistributor.SIZE);
    }

    private static int within(long offset) {
        return (int) (offset % Redistributor.SIZE);
    }

    @Override
    public long read(long offset, int size) {
        return redistributors[cpu(offset)].read(within(offset), size);
    }

    @Override
    public long peek(long offset, int size) {
        return redistributors[cpu(offset)].peek(within(offset), size);
    }

    @Override
    public void write(long offset, int size, long value) {
        redistributors[cpu(offset)].write(within(offset), size, value);
        gic.update(cpu(offset));
    }

    @Override
    public void reset() {
        for (Redistributor r : redistributors) {
            r.reset();
        }
        gic.updateAll();
    }

    @Override
    public void save(StateWriter out) {
        for (Redistributor r : redistributors) {
            r.save(out);
        }
    }

    @Override
    public void load(StateReader in) {
        for (Redistributor r : redistributors) {
            r.load(in);
        }
    }
}
