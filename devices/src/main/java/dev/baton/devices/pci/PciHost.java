package dev.baton.devices.pci;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.io.StatelessDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.BusMaster;
import dev.baton.devices.Parts;
import dev.baton.devices.UnmodelledAccess;
import dev.baton.devices.gic.MsiDoorbell;

/**
 * A generic ECAM host with its root bus: PCIe 7.2.2. It is the device at the configuration space; {@link #memory} and {@link #io} are
 * the windows through which CPUs reach what functions decode. What nobody decodes reads as all ones, and there is no error: PCIe
 * 2.3.2 for configuration, and what hosts do for the rest.
 */
public final class PciHost implements MmioDevice {
    private static final int SLOTS = 32;
    private static final int PINS = 4;
    private static final int FUNCTION_SHIFT = 12;
    private static final int SLOT_SHIFT = 15;
    private static final int BUS_SHIFT = 20;

    private final PciFunction[] slots = new PciFunction[SLOTS];
    private final InterruptLine[] lines;
    private final MsiDoorbell msis;
    private final BusMaster memory;
    private final UnmodelledAccess absent;
    /** Of each interrupt line of the host: the slots that assert it, one bit each. */
    private final int[] asserted = new int[PINS];

    /**
     * @param lines  of the host, four; pin p of slot d is line (p + d) modulo 4, PCIe 2.2.8.1
     * @param msis   where messages go; those to other addresses go to memory
     * @param absent told of accesses to what is not there
     */
    public PciHost(InterruptLine[] lines, MsiDoorbell msis, BusMaster memory, UnmodelledAccess absent) {
        this.lines = lines.clone();
        this.msis = msis;
        this.memory = memory;
        this.absent = absent;
        plug(0, new HostBridge());
    }

    public boolean isFree(int slot) {
        return slots[slot] == null;
    }

    /** The first slot without a function, or -1. */
    public int freeSlot() {
        for (int i = 0; i < SLOTS; i++) {
            if (isFree(i)) {
                return i;
            }
        }
        return -1;
    }

    /** @throws IllegalArgumentException if there is no such slot, or it is taken */
    public void plug(int slot, PciFunction function) {
        if (slot < 0 || slot >= SLOTS || !isFree(slot)) {
            throw new IllegalArgumentException("PCI: expected a free slot of 1 to 31, found %d".formatted(slot));
        }
        slots[slot] = function;
        function.plug(new PciFunction.Upstream() {
            @Override
            public void intx(int pin, boolean on) {
                PciHost.this.intx(slot, pin, on);
            }

            @Override
            public void write(long address, int data) {
                message(slot << SLOT_SHIFT - FUNCTION_SHIFT, address, data);
            }
        });
    }

    private void intx(int slot, int pin, boolean on) {
        int line = (pin - 1 + slot) % PINS;
        asserted[line] = asserted[line] & ~(1 << slot) | (on ? 1 << slot : 0);
        lines[line].set(asserted[line] != 0);
    }

    /** {@code msi-map} is the identity: the DeviceID is the requester ID. */
    private void message(int requester, long address, int data) {
        if (address == msis.address()) {
            msis.msi(requester, data);
        } else if ((address & 3) == 0) {
            memory.store(address, 4, data, true);
        }
    }

    // Configuration space -----------------------------------------------------------------------------------------------

    /** Bus 0, function 0 of a slot, and only the first 256 bytes: no function here is a PCI Express one. */
    private PciFunction at(long offset) {
        boolean there = offset >>> BUS_SHIFT == 0 && (offset >>> FUNCTION_SHIFT & 7) == 0 && (offset & 0xfff) < ConfigSpace.SIZE;
        return there ? slots[(int) (offset >>> SLOT_SHIFT) & SLOTS - 1] : null;
    }

    @Override
    public long read(long offset, int size) {
        PciFunction f = at(offset);
        if (f == null) {
            return Parts.low(-1, size);
        }
        return size == 8 ? f.readConfig((int) offset & 0xff, 4) | f.readConfig((int) offset + 4 & 0xff, 4) << 32
                : f.readConfig((int) offset & 0xff, size);
    }

    @Override
    public long peek(long offset, int size) {
        PciFunction f = at(offset);
        return f == null ? Parts.low(-1, size) : f.config.get((int) offset & 0xff, size);
    }

    @Override
    public void write(long offset, int size, long value) {
        PciFunction f = at(offset);
        if (f != null && size == 8) {
            f.writeConfig((int) offset & 0xff, 4, value);
            f.writeConfig((int) offset + 4 & 0xff, 4, value >>> 32);
        } else if (f != null) {
            f.writeConfig((int) offset & 0xff, size, Parts.low(value, size));
        }
    }

    // Windows -----------------------------------------------------------------------------------------------------------

    /** A window of memory space. @param bus address on the bus of its first byte */
    public MmioDevice memory(long bus) {
        return new Window(false, bus);
    }

    /** The window of I/O space, from 0. */
    public MmioDevice io() {
        return new Window(true, 0);
    }

    private PciFunction.Decoded decode(boolean io, long address, int size) {
        for (PciFunction f : slots) {
            PciFunction.Decoded d = f == null ? null : f.decode(io, address, size);
            if (d != null) {
                return d;
            }
        }
        return null;
    }

    /** Functions hold the state; an access of 8 bytes is two of 4. */
    private final class Window implements StatelessDevice {
        private final boolean io;
        private final long bus;

        Window(boolean io, long bus) {
            this.io = io;
            this.bus = bus;
        }

        @Override
        public long read(long offset, int size) {
            if (size == 8) {
                return read(offset, 4) | read(offset + 4, 4) << 32;
            }
            PciFunction.Decoded d = decode(io, bus + offset, size);
            if (d == null) {
                absent.report(false, UnmodelledAccess.at(bus + offset), size, 0);
                return Parts.low(-1, size);
            }
            return Parts.low(d.region().read(d.offset(), size), size);
        }

        @Override
        public long peek(long offset, int size) {
            if (size == 8) {
                return peek(offset, 4) | peek(offset + 4, 4) << 32;
            }
            PciFunction.Decoded d = decode(io, bus + offset, size);
            return Parts.low(d == null ? -1 : d.region().peek(d.offset(), size), size);
        }

        @Override
        public void write(long offset, int size, long value) {
            if (size == 8) {
                write(offset, 4, Parts.low(value, 4));
                write(offset + 4, 4, value >>> 32);
                return;
            }
            PciFunction.Decoded d = decode(io, bus + offset, size);
            if (d == null) {
                absent.report(true, UnmodelledAccess.at(bus + offset), size, value);
            } else {
                d.region().write(d.offset(), size, Parts.low(value, size));
            }
        }
    }

    // State -------------------------------------------------------------------------------------------------------------

    @Override
    public void reset() {
        for (PciFunction f : slots) {
            if (f != null) {
                f.reset();
            }
        }
    }

    @Override
    public void save(StateWriter out) {
        out.ints(asserted);
        for (PciFunction f : slots) {
            if (f != null) {
                f.save(out);
            }
        }
    }

    @Override
    public void load(StateReader in) {
        int[] saved = in.ints();
        if (saved.length != PINS) {
            throw new IllegalArgumentException("snapshot: expected 4 PCI interrupt lines, found " + saved.length);
        }
        System.arraycopy(saved, 0, asserted, 0, PINS);
        for (PciFunction f : slots) {
            if (f != null) {
                f.load(in);
            }
        }
    }
}
