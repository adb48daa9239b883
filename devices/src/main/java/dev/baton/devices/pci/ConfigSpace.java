package dev.baton.devices.pci;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;

/**
 * The 256 bytes of a function's configuration space, header type 0: PCI 6.1. A bit that no register has above the header is a bit of
 * memory, as QEMU's are; kernels leave them alone.
 */
final class ConfigSpace implements Stateful {
    static final int SIZE = 256;

    static final int VENDOR_ID = 0x00;
    static final int DEVICE_ID = 0x02;
    static final int COMMAND = 0x04;
    static final int STATUS = 0x06;
    static final int REVISION_ID = 0x08;
    static final int CLASS_CODE = 0x0a;             // base class and sub-class
    static final int CACHE_LINE_SIZE = 0x0c;
    static final int BARS = 0x10;
    static final int SUBSYSTEM_VENDOR_ID = 0x2c;
    static final int SUBSYSTEM_ID = 0x2e;
    static final int CAPABILITIES_POINTER = 0x34;
    static final int INTERRUPT_LINE = 0x3c;
    static final int INTERRUPT_PIN = 0x3d;
    private static final int HEADER = 0x40;

    static final int COMMAND_IO = 1;
    static final int COMMAND_MEMORY = 1 << 1;
    static final int COMMAND_MASTER = 1 << 2;
    private static final int COMMAND_SERR = 1 << 8;
    static final int COMMAND_INTX_DISABLE = 1 << 10;
    private static final int STATUS_INTERRUPT = 1 << 3;
    private static final int STATUS_CAPABILITIES = 1 << 4;

    private final byte[] bytes = new byte[SIZE];
    private final byte[] atReset = new byte[SIZE];
    private final byte[] writable = new byte[SIZE];

    ConfigSpace(int vendor, int device, int classCode) {
        fix(VENDOR_ID, 2, vendor);
        fix(DEVICE_ID, 2, device);
        fix(CLASS_CODE, 2, classCode);
        put(writable, COMMAND, 2, COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER | COMMAND_SERR | COMMAND_INTX_DISABLE);
        put(writable, CACHE_LINE_SIZE, 1, 0xff);
        put(writable, INTERRUPT_LINE, 1, 0xff);
        java.util.Arrays.fill(writable, HEADER, SIZE, (byte) 0xff);
    }

    /** What a register holds after a reset. */
    void fix(int offset, int size, long value) {
        put(atReset, offset, size, value);
        put(bytes, offset, size, value);
    }

    /** Which of a register's bits software can change. */
    void writable(int offset, int size, long mask) {
        put(writable, offset, size, mask);
    }

    /**
     * Puts a capability at the head of the list: PCI 6.7. Its registers can only be read until {@link #writable} says otherwise.
     *
     * @param at    where; a multiple of 4
     * @param size  bytes, the ID and the pointer to the next one included
     */
    void capability(int id, int at, int size) {
        java.util.Arrays.fill(writable, at, at + size, (byte) 0);
        fix(at, 1, id);
        fix(at + 1, 1, get(CAPABILITIES_POINTER, 1));
        fix(CAPABILITIES_POINTER, 1, at);
        fix(STATUS, 2, STATUS_CAPABILITIES);
    }

    private static void put(byte[] to, int offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            to[offset + i] = (byte) (value >>> 8 * i);
        }
    }

    long get(int offset, int size) {
        long v = 0;
        for (int i = 0; i < size; i++) {
            v |= (bytes[offset + i] & 0xffL) << 8 * i;
        }
        return v;
    }

    /** Software writes: only what is writable changes. */
    void write(int offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            int mask = writable[offset + i];
            bytes[offset + i] = (byte) (bytes[offset + i] & ~mask | (int) (value >>> 8 * i) & mask);
        }
    }

    boolean command(int bit) {
        return (get(COMMAND, 2) & bit) != 0;
    }

    /** Shows in the status register that an INTx interrupt is pending. */
    void interruptStatus(boolean pending) {
        put(bytes, STATUS, 2, get(STATUS, 2) & ~STATUS_INTERRUPT | (pending ? STATUS_INTERRUPT : 0));
    }

    void reset() {
        System.arraycopy(atReset, 0, bytes, 0, SIZE);
    }

    @Override
    public void save(StateWriter out) {
        out.bytes(bytes);
    }

    @Override
    public void load(StateReader in) {
        byte[] saved = in.bytes();
        if (saved.length != SIZE) {
            throw new IllegalArgumentException("snapshot: expected 256 bytes of PCI configuration space, found " + saved.length);
        }
        System.arraycopy(saved, 0, bytes, 0, SIZE);
    }
}
