package dev.baton.devices.virtio;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.BusMaster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Block device, virtio 1.1 section 5.2: read, write, flush, identify. */
public final class VirtioBlock extends VirtioDevice {
    static final int TYPE = 2;
    private static final int QUEUE_SIZE = 256;
    private static final int SEGMENTS = 254;
    private static final int SECTOR = 512;
    private static final int HEADER = 16;
    private static final int SERIAL = 20;
    private static final int CHUNK = 1 << 16;

    private static final long F_SEG_MAX = 1 << 2;
    private static final long F_RO = 1 << 5;
    private static final long F_BLK_SIZE = 1 << 6;
    private static final long F_FLUSH = 1 << 9;

    private static final int T_IN = 0;
    private static final int T_OUT = 1;
    private static final int T_FLUSH = 4;
    private static final int T_GET_ID = 8;

    private static final byte S_OK = 0;
    private static final byte S_IOERR = 1;
    private static final byte S_UNSUPP = 2;

    private final BlockImage image;
    private final byte[] serial;
    private final byte[] configuration;

    /** @param serial up to 20 characters, "" for none */
    public VirtioBlock(BusMaster memory, BlockImage image, String serial) {
        super(TYPE, F_SEG_MAX | F_BLK_SIZE | F_FLUSH | (image.readOnly() ? F_RO : 0), 1, QUEUE_SIZE, memory);
        this.image = image;
        this.serial = Arrays.copyOf(serial.getBytes(StandardCharsets.ISO_8859_1), SERIAL);
        configuration = ByteBuffer.allocate(60).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(0, image.size() / SECTOR).putInt(12, SEGMENTS).putInt(20, SECTOR).array();
    }

    @Override
    void process(int n) {
        drain(queue(n), this::serve);
    }

    /** The status byte is the last one the device may write; a request without room for it is given back as it came. */
    private int serve(Chain chain) {
        byte[] header = new byte[HEADER];
        long room = chain.writableBytes() - 1;
        if (room < 0 || chain.read(0, header, 0, HEADER) < HEADER) {
            return 0;
        }
        ByteBuffer h = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        byte status;
        try {
            status = act(chain, h.getInt(0), h.getLong(8), room);
        } catch (IOException e) {
            status = S_IOERR;
        }
        chain.write(room, new byte[] {status}, 0, 1);
        boolean filled = status == S_OK && (h.getInt(0) == T_IN || h.getInt(0) == T_GET_ID);
        return filled ? (int) room + 1 : 1;
    }

    private byte act(Chain chain, int type, long sector, long room) throws IOException {
        switch (type) {
            case T_IN -> {
                return inRange(sector, room) ? read(chain, sector * SECTOR, room) : S_IOERR;
            }
            case T_OUT -> {
                long n = chain.readableBytes() - HEADER;
                return inRange(sector, n) && !image.readOnly() ? write(chain, sector * SECTOR, n) : S_IOERR;
            }
            case T_FLUSH -> {
                image.flush();
                return S_OK;
            }
            case T_GET_ID -> {
                chain.write(0, serial, 0, (int) Math.min(room, SERIAL));
                return S_OK;
            }
            default -> {
                return S_UNSUPP;
            }
        }
    }

    private boolean inRange(long sector, long bytes) {
        long sectors = image.size() / SECTOR;
        return bytes % SECTOR == 0 && sector >= 0 && sector <= sectors && bytes / SECTOR <= sectors - sector;
    }

    private byte read(Chain chain, long offset, long n) throws IOException {
        byte[] chunk = new byte[(int) Math.min(CHUNK, n)];
        for (long done = 0; done < n; done += chunk.length) {
            int step = (int) Math.min(chunk.length, n - done);
            image.read(offset + done, chunk, 0, step);
            chain.write(done, chunk, 0, step);
        }
        return S_OK;
    }

    private byte write(Chain chain, long offset, long n) throws IOException {
        byte[] chunk = new byte[(int) Math.min(CHUNK, n)];
        for (long done = 0; done < n; done += chunk.length) {
            int step = (int) Math.min(chunk.length, n - done);
            chain.read(HEADER + done, chunk, 0, step);
            image.write(offset + done, chunk, 0, step);
        }
        return S_OK;
    }

    @Override
    void resetDevice() { }

    @Override
    byte[] configuration() {
        return configuration;
    }

    @Override
    void saveDevice(StateWriter out) {
        image.save(out);
    }

    @Override
    void loadDevice(StateReader in) {
        image.load(in);
    }
}
