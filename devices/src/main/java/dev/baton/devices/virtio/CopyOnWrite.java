package dev.baton.devices.virtio;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** A disk that keeps what is written to it in the machine, over another that is only read. */
public final class CopyOnWrite implements BlockImage {
    private static final int BLOCK = 4096;

    private final BlockImage below;
    private final TreeMap<Long, byte[]> written = new TreeMap<>();

    public CopyOnWrite(BlockImage below) {
        this.below = below;
    }

    @Override
    public long size() {
        return below.size();
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    /** Within one block. */
    private interface Part {
        void at(long block, int inBlock, int at, int n) throws IOException;
    }

    private static void split(long offset, int at, int n, Part part) throws IOException {
        for (int done = 0; done < n; ) {
            int inBlock = (int) ((offset + done) % BLOCK);
            int step = Math.min(n - done, BLOCK - inBlock);
            part.at((offset + done) / BLOCK, inBlock, at + done, step);
            done += step;
        }
    }

    @Override
    public void read(long offset, byte[] into, int at, int n) throws IOException {
        split(offset, at, n, (block, inBlock, to, step) -> {
            byte[] own = written.get(block);
            if (own == null) {
                below.read(block * BLOCK + inBlock, into, to, step);
            } else {
                System.arraycopy(own, inBlock, into, to, step);
            }
        });
    }

    @Override
    public void write(long offset, byte[] from, int at, int n) throws IOException {
        split(offset, at, n, (block, inBlock, source, step) -> {
            byte[] own = written.get(block);
            if (own == null) {
                own = new byte[BLOCK];
                below.read(block * BLOCK, own, 0, (int) Math.min(BLOCK, size() - block * BLOCK));
                written.put(block, own);
            }
            System.arraycopy(from, source, own, inBlock, step);
        });
    }

    @Override
    public void flush() { }

    @Override
    public void save(StateWriter out) {
        below.save(out);
        out.u32(written.size());
        for (Map.Entry<Long, byte[]> e : written.entrySet()) {
            out.u64(e.getKey()).bytes(e.getValue());
        }
    }

    @Override
    public void load(StateReader in) {
        below.load(in);
        written.clear();
        for (int n = in.u32(); n > 0; n--) {
            written.put(in.u64(), in.bytes());
        }
    }
}
