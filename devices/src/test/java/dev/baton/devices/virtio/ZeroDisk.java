package dev.baton.devices.virtio;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.Arrays;

/** A read-only disk of zeros. */
public record ZeroDisk(long size) implements BlockImage {
    @Override
    public boolean readOnly() {
        return true;
    }

    @Override
    public void read(long offset, byte[] into, int at, int n) {
        Arrays.fill(into, at, at + n, (byte) 0);
    }

    @Override
    public void write(long offset, byte[] from, int at, int n) {
        throw new AssertionError("a read-only disk was written");
    }

    @Override
    public void flush() { }

    @Override
    public void save(StateWriter out) { }

    @Override
    public void load(StateReader in) { }
}
