package dev.baton.devices.pci;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.devices.Parts;

/**
 * MSI-X: PCI 6.8.2. A table of messages and pending bits in a base address register, and the capability that enables them. Between
 * them nobody answers, as in QEMU.
 */
public final class MsiX implements PciRegion, Stateful {
    /** Bytes of the region that holds both. */
    public static final int SIZE = 0x1000;

    private static final int CAPABILITY = 0x11;
    private static final int CONTROL = 2;
    private static final int ENABLE = 1 << 15;
    private static final int FUNCTION_MASK = 1 << 14;
    private static final int PENDING = 0x800;
    private static final int ENTRY = 16;
    private static final int VECTOR_CONTROL = 12;
    private static final int MASK = 1;

    private final PciFunction function;
    private final int at;
    private final int[] table;
    private int pending;

    /**
     * Adds the capability at {@code at} and the table in base address register {@code bar}.
     *
     * @param vectors 1 to 32
     */
    public MsiX(PciFunction function, int at, int bar, int vectors) {
        this.function = function;
        this.at = at;
        table = new int[vectors * ENTRY / 4];
        function.capability(CAPABILITY, at, (byte) (vectors - 1), (byte) 0, (byte) bar, (byte) 0, (byte) 0, (byte) 0,
                (byte) (PENDING | bar), (byte) (PENDING >>> 8), (byte) 0, (byte) 0);
        function.writableBits(at + CONTROL, 2, ENABLE | FUNCTION_MASK);
        function.memoryBar(bar, SIZE, this);
        reset();
    }

    public int vectors() {
        return table.length * 4 / ENTRY;
    }

    /** Messages take the place of INTx. */
    public boolean enabled() {
        return (control() & ENABLE) != 0;
    }

    private int control() {
        return (int) function.configuration(at + CONTROL, 2);
    }

    private boolean masked(int vector) {
        return (control() & FUNCTION_MASK) != 0 || (table[vector * ENTRY / 4 + VECTOR_CONTROL / 4] & MASK) != 0;
    }

    /** Sends the message of a vector, or remembers it while it is masked. Nothing for a vector that is not there. */
    public void notify(int vector) {
        if (vector < 0 || vector >= vectors() || !enabled()) {
            return;
        }
        if (masked(vector)) {
            pending |= 1 << vector;
        } else {
            pending &= ~(1 << vector);
            int e = vector * ENTRY / 4;
            function.message(Integer.toUnsignedLong(table[e + 1]) << 32 | Integer.toUnsignedLong(table[e]), table[e + 2]);
        }
    }

    /** What waits is forgotten. */
    public void clearPending() {
        pending = 0;
    }

    /** After a write of the message control register or of a table entry: what waited and is no longer masked goes out. */
    public void maskChanged() {
        for (int v = 0; v < vectors(); v++) {
            if ((pending >>> v & 1) != 0) {
                notify(v);
            }
        }
    }

    @Override
    public long read(long offset, int size) {
        return peek(offset, size);
    }

    @Override
    public long peek(long offset, int size) {
        if (offset < 4L * table.length) {
            return Parts.read32(table[(int) offset / 4], offset, size);
        }
        if (offset >= PENDING && offset < PENDING + 8) {
            return (offset & 4) == 0 ? Parts.read32(pending, offset, size) : 0;
        }
        return Parts.low(-1, size);
    }

    @Override
    public void write(long offset, int size, long value) {
        if (offset < 4L * table.length) {
            int i = (int) offset / 4;
            table[i] = Parts.write32(table[i], offset, size, value);
            maskChanged();
        }
    }

    /** As at power-on: every vector masked. */
    public void reset() {
        java.util.Arrays.fill(table, 0);
        for (int i = VECTOR_CONTROL / 4; i < table.length; i += ENTRY / 4) {
            table[i] = MASK;
        }
        pending = 0;
    }

    @Override
    public void save(StateWriter out) {
        out.ints(table).u32(pending);
    }

    @Override
    public void load(StateReader in) {
        int[] saved = in.ints();
        if (saved.length != table.length) {
            throw new IllegalArgumentException("snapshot: the MSI-X table has another size");
        }
        System.arraycopy(saved, 0, table, 0, table.length);
        pending = in.u32();
    }
}
