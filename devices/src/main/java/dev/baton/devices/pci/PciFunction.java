package dev.baton.devices.pci;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;

import java.util.ArrayList;
import java.util.List;

/** A function: its configuration space, what its base address registers decode, its interrupts. */
public abstract class PciFunction implements Stateful {
    /** What a function can do to the rest of the machine. */
    interface Upstream {
        /** Nowhere: before the function is plugged in. */
        Upstream NONE = new Upstream() {
            @Override
            public void intx(int pin, boolean asserted) { }

            @Override
            public void write(long address, int data) { }
        };

        /** Drives INTA# to INTD#. @param pin 1 to 4 */
        void intx(int pin, boolean asserted);

        /** A 32-bit memory write of the function: a message-signalled interrupt. */
        void write(long address, int data);
    }

    /** What a base address register decodes. PCI 6.2.5.1. */
    enum Space {
        IO(1, ~3L), MEMORY_32(0, ~0xfL), MEMORY_64_PREFETCHABLE(0xc, ~0xfL);

        private final int type;
        private final long address;

        Space(int type, long address) {
            this.type = type;
            this.address = address;
        }
    }

    private record Bar(int at, Space space, long size, PciRegion region) { }

    private static final int RED_HAT = 0x1af4;
    private static final int QEMU_SUBSYSTEM = 0x1100;

    final ConfigSpace config;
    private final List<Bar> bars = new ArrayList<>();
    private Upstream upstream = Upstream.NONE;
    private boolean intx;

    /** @param classCode base class and sub-class */
    protected PciFunction(int vendor, int device, int classCode) {
        config = new ConfigSpace(vendor, device, classCode);
        subsystem(QEMU_SUBSYSTEM);
    }

    /** Subsystem ID, of vendor 0x1af4. */
    protected final void subsystem(int id) {
        config.fix(ConfigSpace.SUBSYSTEM_VENDOR_ID, 2, RED_HAT);
        config.fix(ConfigSpace.SUBSYSTEM_ID, 2, id);
    }

    protected final void revision(int id) {
        config.fix(ConfigSpace.REVISION_ID, 1, id);
    }

    /** The function has INTA#. */
    protected final void interruptPin() {
        config.fix(ConfigSpace.INTERRUPT_PIN, 1, 1);
    }

    /** @param size bytes, a power of two */
    protected final void ioBar(int n, int size, PciRegion region) {
        bar(n, Space.IO, size, region);
    }

    /** @param size bytes, a power of two */
    protected final void memoryBar(int n, long size, PciRegion region) {
        bar(n, Space.MEMORY_32, size, region);
    }

    /** Prefetchable, of registers {@code n} and {@code n} + 1. @param size bytes, a power of two */
    protected final void memory64Bar(int n, long size, PciRegion region) {
        bar(n, Space.MEMORY_64_PREFETCHABLE, size, region);
    }

    private void bar(int n, Space space, long size, PciRegion region) {
        int at = ConfigSpace.BARS + 4 * n;
        int width = space == Space.MEMORY_64_PREFETCHABLE ? 8 : 4;
        config.fix(at, width, space.type);
        config.writable(at, width, -size);
        bars.add(new Bar(at, space, size, region));
    }

    /**
     * A capability whose bytes after ID and next pointer are fixed, but for what {@link #writableBits} opens.
     *
     * @param fixed little-endian bytes from offset 2 on
     */
    protected final void capability(int id, int at, byte... fixed) {
        config.capability(id, at, 2 + fixed.length);
        for (int i = 0; i < fixed.length; i++) {
            config.fix(at + 2 + i, 1, fixed[i]);
        }
    }

    protected final void writableBits(int at, int size, long mask) {
        config.writable(at, size, mask);
    }

    /** A register of the configuration space, without side effects. */
    protected final long configuration(int offset, int size) {
        return config.get(offset, size);
    }

    /** The function may write to memory, interrupts by message included. */
    protected final boolean isMaster() {
        return config.command(ConfigSpace.COMMAND_MASTER);
    }

    final void plug(Upstream u) {
        upstream = u;
    }

    // Accesses ----------------------------------------------------------------------------------------------------------

    protected long readConfig(int offset, int size) {
        return config.get(offset, size);
    }

    protected void writeConfig(int offset, int size, long value) {
        config.write(offset, size, value);
        driveIntx();
    }

    /** What decodes an access to an address of a space, or null. */
    final Decoded decode(boolean io, long address, int size) {
        if (!config.command(io ? ConfigSpace.COMMAND_IO : ConfigSpace.COMMAND_MEMORY)) {
            return null;
        }
        for (Bar b : bars) {
            long offset = address - base(b);
            if (b.space == Space.IO == io && within(b, offset, size)) {
                return new Decoded(b.region, offset);
            }
        }
        return null;
    }

    /** A 64-bit base address may be anything, so that the distance to it may be too. */
    private static boolean within(Bar b, long offset, int size) {
        return Long.compareUnsigned(offset, b.size - size) <= 0;
    }

    /** A place within a region. */
    record Decoded(PciRegion region, long offset) { }

    private long base(Bar b) {
        return config.get(b.at, b.space == Space.MEMORY_64_PREFETCHABLE ? 8 : 4) & b.space.address;
    }

    /** The region of base address register {@code n}, or null, and whether it reaches that far. */
    protected final PciRegion region(int n, long offset, int size) {
        for (Bar b : bars) {
            if (b.at == ConfigSpace.BARS + 4 * n && within(b, offset, size)) {
                return b.region;
            }
        }
        return null;
    }

    // Interrupts --------------------------------------------------------------------------------------------------------

    /** Asserts or releases INTA#, unless the command register disables it. */
    protected final void intx(boolean asserted) {
        intx = asserted;
        driveIntx();
    }

    private void driveIntx() {
        config.interruptStatus(intx);
        int pin = (int) config.get(ConfigSpace.INTERRUPT_PIN, 1);
        if (pin != 0) {
            upstream.intx(pin, intx && !config.command(ConfigSpace.COMMAND_INTX_DISABLE));
        }
    }

    /** Sends a message, if the function may write at all. */
    final void message(long address, int data) {
        if (isMaster()) {
            upstream.write(address, data);
        }
    }

    // State -------------------------------------------------------------------------------------------------------------

    /** As at power-on. */
    public void reset() {
        config.reset();
        intx(false);
    }

    @Override
    public void save(StateWriter out) {
        config.save(out);
        out.flag(intx);
    }

    @Override
    public void load(StateReader in) {
        config.load(in);
        intx = in.flag();
    }
}
