package dev.baton.devices.flash;

import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;
import dev.baton.devices.Parts;

import java.util.Arrays;

/**
 * A bank of CFI flash with the Intel command set, two 16-bit chips side by side: JEDEC JEP137 and JESD68, Intel AP-646; the query table
 * is that of QEMU's pflash_cfi01. In array mode it reads as memory, and code runs from it; a write is a command. Contents stay when the
 * machine is reset.
 */
public final class CfiFlash implements MmioDevice {
    /** Bytes of a bank. */
    public static final long SIZE = 64L << 20;
    /** Bytes of an erase block of both chips. */
    public static final int SECTOR = 256 << 10;
    /** Bytes of the write buffer of both chips. */
    private static final int BUFFER = 2048;

    private static final int READY = 0x80;
    private static final int ERASE_ERROR = 0x20;
    private static final int PROGRAM_ERROR = 0x10;
    private static final int SEQUENCE_ERROR = ERASE_ERROR | PROGRAM_ERROR;

    private static final int MANUFACTURER = 0x89;
    private static final int DEVICE = 0x18;

    private static final int CONFIRM = 0xd0;
    private static final int[] QUERY = query();

    /** What the next write means. */
    private enum Expect { COMMAND, PROGRAM, ERASE_CONFIRM, LOCK, BUFFER_COUNT, BUFFER_DATA, BUFFER_CONFIRM }

    /** What a read gives. */
    private enum Show { ARRAY, STATUS, ID, QUERY }

    private final long base;
    private final Ram memory;
    private final byte[] line = new byte[8];
    private final byte[] sector = new byte[SECTOR];

    private Expect expect = Expect.COMMAND;
    private Show show = Show.ARRAY;
    private int status = READY;
    private int left;
    private long bufferAt;
    private long bufferEnd;
    private final byte[] buffer = new byte[BUFFER];

    /** @param base physical address of the bank */
    public CfiFlash(long base) {
        this.base = base;
        memory = new Ram(base, SIZE, CachePolicy.NONE);
        memory.device(this);
    }

    /** What the bus finds at its place. */
    public Ram memory() {
        return memory;
    }

    /** Puts an image at the beginning. @throws IllegalArgumentException if it does not fit */
    public void load(byte[] image) {
        if (image.length > SIZE) {
            throw new IllegalArgumentException("flash: expected an image of at most 0x%x bytes, found 0x%x".formatted(SIZE, image.length));
        }
        memory.place(base, image, 0, image.length);
    }

    /** Query table of each chip, by word address. */
    private static int[] query() {
        int[] q = new int[0x40];
        q[0x10] = 'Q';
        q[0x11] = 'R';
        q[0x12] = 'Y';
        q[0x13] = 0x01;         // primary command set: Intel/Sharp extended
        q[0x15] = 0x31;         // address of its table
        q[0x1b] = 0x45;         // Vcc 4.5 to 5.5 V
        q[0x1c] = 0x55;
        q[0x1f] = 0x07;         // typical timeouts
        q[0x20] = 0x07;
        q[0x21] = 0x0a;
        q[0x23] = 0x04;         // maximal ones
        q[0x24] = 0x04;
        q[0x25] = 0x04;
        q[0x27] = 25;           // 2^25 bytes a chip
        q[0x28] = 0x02;         // x8 and x16
        q[0x2a] = 0x0a;         // 2^10 bytes of write buffer a chip
        q[0x2c] = 0x01;         // one region of erase blocks
        q[0x2d] = (int) (SIZE / SECTOR - 1) & 0xff;
        q[0x2e] = (int) (SIZE / SECTOR - 1) >> 8;
        q[0x2f] = SECTOR / 2 >> 8 & 0xff;
        q[0x30] = SECTOR / 2 >> 16;
        q[0x31] = 'P';
        q[0x32] = 'R';
        q[0x33] = 'I';
        q[0x34] = '1';
        q[0x35] = '0';
        q[0x3f] = 0x01;
        return q;
    }

    @Override
    public void reset() {
        array();
        status = READY;
        left = 0;
        bufferAt = 0;
        bufferEnd = 0;
        Arrays.fill(buffer, (byte) 0);
    }

    private void array() {
        expect = Expect.COMMAND;
        show = Show.ARRAY;
    }

    @Override
    public long read(long offset, int size) {
        return peek(offset, size);
    }

    @Override
    public long peek(long offset, int size) {
        if (show == Show.ARRAY) {
            memory.peek(base + offset, line, 0, size, View.POC);
            long v = 0;
            for (int i = 0; i < size; i++) {
                v |= (line[i] & 0xffL) << 8 * i;
            }
            return v;
        }
        long low = lanes(offset);
        long word = size == 8 ? low | lanes(offset + 4) << 32 : low;
        return Parts.low(word >>> 8 * (offset & 3), size);
    }

    /** Both chips answer alike. */
    private long lanes(long offset) {
        int word = (int) (offset >> 2);
        int chip = switch (show) {
            case STATUS, ARRAY -> status;
            case QUERY -> word < QUERY.length ? QUERY[word] : 0;
            case ID -> switch (word & 0xff) {
                case 0 -> MANUFACTURER;
                case 1 -> DEVICE;
                default -> 0;
            };
        };
        return Integer.toUnsignedLong(chip | chip << 16);
    }

    @Override
    public void write(long offset, int size, long value) {
        int command = (int) value & 0xff;
        switch (expect) {
            case COMMAND -> command(command);
            case PROGRAM -> {
                program(offset, size, value);
                done();
            }
            case ERASE_CONFIRM -> {
                if (command == CONFIRM) {
                    erase(offset);
                    done();
                } else {
                    failed();
                }
            }
            case LOCK -> done();
            case BUFFER_COUNT -> startBuffer((int) value & 0xffff);
            case BUFFER_DATA -> buffer(offset, size, value);
            case BUFFER_CONFIRM -> confirmBuffer(command);
        }
    }

    private void command(int command) {
        switch (command) {
            case 0x10, 0x40 -> next(Expect.PROGRAM);
            case 0x20, 0x28 -> next(Expect.ERASE_CONFIRM);
            case 0x60 -> next(Expect.LOCK);
            case 0xe8 -> next(Expect.BUFFER_COUNT);
            case 0x50 -> {
                status = READY;
                array();
            }
            case 0x70 -> show = Show.STATUS;
            case 0x90 -> show = Show.ID;
            case 0x98 -> show = Show.QUERY;
            default -> array();
        }
    }

    private void next(Expect e) {
        expect = e;
        show = Show.STATUS;
    }

    private void done() {
        next(Expect.COMMAND);
    }

    private void failed() {
        status |= SEQUENCE_ERROR;
        done();
    }

    /** Bits go from 1 to 0 only. */
    private void program(long offset, int size, long value) {
        memory.peek(base + offset, line, 0, size, View.POC);
        for (int i = 0; i < size; i++) {
            line[i] &= (byte) (value >>> 8 * i);
        }
        memory.place(base + offset, line, 0, size);
    }

    private void erase(long offset) {
        Arrays.fill(sector, (byte) 0xff);
        memory.place(base + (offset & -SECTOR), sector, 0, SECTOR);
    }

    /** @param count words less one, of each chip */
    private void startBuffer(int count) {
        left = 4 * (count + 1);
        if (left > BUFFER) {
            failed();
            return;
        }
        bufferAt = -1;
        Arrays.fill(buffer, (byte) 0xff);
        next(Expect.BUFFER_DATA);
    }

    private void buffer(long offset, int size, long value) {
        if (bufferAt < 0) {
            bufferAt = offset & -BUFFER;
            bufferEnd = bufferAt + BUFFER;
        }
        if (offset < bufferAt || offset + size > bufferEnd) {
            failed();
            return;
        }
        for (int i = 0; i < size; i++) {
            buffer[(int) (offset - bufferAt) + i] = (byte) (value >>> 8 * i);
        }
        left -= size;
        if (left <= 0) {
            next(Expect.BUFFER_CONFIRM);
        }
    }

    private void confirmBuffer(int command) {
        if (command != CONFIRM) {
            failed();
            return;
        }
        byte[] old = new byte[BUFFER];
        memory.peek(base + bufferAt, old, 0, BUFFER, View.POC);
        for (int i = 0; i < BUFFER; i++) {
            old[i] &= buffer[i];
        }
        memory.place(base + bufferAt, old, 0, BUFFER);
        done();
    }

    /** The contents are the bank's, which the machine saves as it saves RAM. */
    @Override
    public void save(StateWriter out) {
        out.u32(expect.ordinal()).u32(show.ordinal()).u32(status).u32(left).u64(bufferAt).u64(bufferEnd).bytes(buffer);
    }

    @Override
    public void load(StateReader in) {
        expect = Expect.values()[in.u32()];
        show = Show.values()[in.u32()];
        status = in.u32();
        left = in.u32();
        bufferAt = in.u64();
        bufferEnd = in.u64();
        System.arraycopy(in.bytes(), 0, buffer, 0, BUFFER);
    }
}
