package dev.baton.devices.pci;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * QEMU's {@code pci-testdev} (docs/specs/pci-testdev.rst): base address register 0 in memory and 1 in I/O space hold three tests each.
 * A write to byte 0 chooses a test; then the region reads as a header that says where to write what, and how often that was
 * done. In two of the three tests a matching write wakes somebody outside of the device instead of being counted.
 */
public final class PciTestDevice extends PciFunction {
    private static final int VENDOR = 0x1b36;
    private static final int DEVICE = 0x0005;
    private static final int OTHERS = 0x00ff;

    private static final int MEMORY_SIZE = 0x1000;
    private static final int IO_SIZE = 0x100;
    private static final int TESTS = 3;
    private static final int NONE = -1;

    private static final int DATA = 8;
    private static final int COUNT = 12;
    private static final int NAME = 16;
    private static final int MATCHED = 0xfa;
    private static final int NOT_MATCHED = 0xce;
    private static final int WILDCARD = 1;

    /** Test number, memory first; it is one for both regions. */
    private int chosen = NONE;
    private int count;

    public PciTestDevice() {
        super(VENDOR, DEVICE, OTHERS);
        memoryBar(0, MEMORY_SIZE, new Tests(false));
        ioBar(1, IO_SIZE, new Tests(true));
    }

    private final class Tests implements PciRegion {
        private final boolean io;

        Tests(boolean io) {
            this.io = io;
        }

        @Override
        public long read(long offset, int size) {
            return peek(offset, size);
        }

        @Override
        public long peek(long offset, int size) {
            byte[] header = header();
            long v = 0;
            for (int i = 0; i < size; i++) {
                int at = (int) offset + i;
                v |= at < header.length ? (header[at] & 0xffL) << 8 * i : 0;
            }
            return v;
        }

        @Override
        public void write(long offset, int size, long value) {
            for (int i = 0; i < size; i++) {
                int b = (int) (value >>> 8 * i) & 0xff;
                if (offset + i == 0) {
                    choose(b);
                } else if (chosen != NONE && offset + i == target() && counts(size, b)) {
                    count++;
                }
            }
        }

        private void choose(int test) {
            chosen = test < TESTS ? (io ? TESTS : 0) + test : NONE;
            count = 0;
        }
    }

    private static boolean inIo(int test) {
        return test >= TESTS;
    }

    /** Where the chosen test is to be written. */
    private int target() {
        return (inIo(chosen) ? IO_SIZE : MEMORY_SIZE) / 2 + chosen;
    }

    private int data() {
        return chosen % TESTS == WILDCARD ? NOT_MATCHED : MATCHED;
    }

    /** A byte at the target, of an access of {@code size} bytes. An event takes what it matches, and in memory the wildcard all. */
    private boolean counts(int size, int b) {
        return switch (chosen % TESTS) {
            case 0 -> b == MATCHED;
            case WILDCARD -> inIo(chosen) && size != 1;
            default -> b == MATCHED && size != 1;
        };
    }

    private String name() {
        String kind = new String[] {"no-eventfd", "wildcard-eventfd", "datamatch-eventfd"}[chosen % TESTS];
        return (inIo(chosen) ? "portio-" : "mmio-") + kind;
    }

    /** test, width 1, offset, data, count, name. */
    private byte[] header() {
        if (chosen == NONE) {
            return new byte[0];
        }
        byte[] name = name().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer h = ByteBuffer.allocate(NAME + name.length + 1).order(ByteOrder.LITTLE_ENDIAN);
        h.put(0, (byte) chosen).put(1, (byte) 1).putInt(4, target()).put(DATA, (byte) data()).putInt(COUNT, count).put(NAME, name);
        return h.array();
    }

    @Override
    public void reset() {
        super.reset();
        chosen = NONE;
        count = 0;
    }

    @Override
    public void save(StateWriter out) {
        super.save(out);
        out.u32(chosen).u32(count);
    }

    @Override
    public void load(StateReader in) {
        super.load(in);
        chosen = in.u32();
        count = in.u32();
    }
}
