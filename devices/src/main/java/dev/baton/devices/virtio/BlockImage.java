package dev.baton.devices.virtio;

import dev.baton.core.machine.Stateful;

import java.io.IOException;

/** The bytes of a disk. */
public interface BlockImage extends Stateful {
    /** Bytes. */
    long size();

    boolean readOnly();

    /** Reads {@code n} bytes that lie within the disk. */
    void read(long offset, byte[] into, int at, int n) throws IOException;

    /** Writes {@code n} bytes that lie within the disk. Not called if it is read-only. */
    void write(long offset, byte[] from, int at, int n) throws IOException;

    /** What was written is on stable storage after this. */
    void flush() throws IOException;
}
