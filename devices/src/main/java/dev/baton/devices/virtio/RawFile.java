package dev.baton.devices.virtio;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A file that is a disk, byte by byte. Opened for reading alone unless asked otherwise. What a guest wrote into a writable one is in
 * the file and in no snapshot; {@link CopyOnWrite} over a read-only one keeps it in the machine.
 */
public final class RawFile implements BlockImage {
    private final FileChannel file;
    private final long size;
    private final boolean readOnly;

    private static final int TYPE_MASK = 0170000;
    private static final int TYPE_BLOCK = 0060000;

    /** @throws IOException if it cannot be opened, or is neither a regular file nor a block device: a FIFO might never open */
    public RawFile(Path path, boolean readOnly) throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path)
                && ((Integer) Files.getAttribute(path, "unix:mode") & TYPE_MASK) != TYPE_BLOCK) {
            throw new IOException("expected a file or a block device");
        }
        file = FileChannel.open(path, readOnly ? Set.of(StandardOpenOption.READ)
                : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
        size = file.size();
        this.readOnly = readOnly;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean readOnly() {
        return readOnly;
    }

    @Override
    public void read(long offset, byte[] into, int at, int n) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(into, at, n);
        while (b.hasRemaining()) {
            if (file.read(b, offset + b.position() - at) < 0) {
                throw new EOFException("the file is shorter than it was when the machine started");
            }
        }
    }

    @Override
    public void write(long offset, byte[] from, int at, int n) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(from, at, n);
        while (b.hasRemaining()) {
            file.write(b, offset + b.position() - at);
        }
    }

    @Override
    public void flush() throws IOException {
        if (!readOnly) {
            file.force(false);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.u64(size);
    }

    @Override
    public void load(StateReader in) {
        if (in.u64() != size) {
            throw new IllegalArgumentException("snapshot: the disk has another size");
        }
    }
}
