package dev.baton.devices.virtio;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.Parts;

/**
 * A slot of the virtio-mmio transport: virtio 1.1 section 4.2, and 4.2.4 for version 1. A slot without a device answers magic, version,
 * device ID 0 and the vendor, as QEMU's do.
 */
public final class VirtioMmio implements MmioDevice {
    /** Bytes of a slot. */
    public static final long SIZE = 0x200;

    private static final int MAGIC_VALUE = 0x000;           // RO  "virt"
    private static final int VERSION = 0x004;               // RO  1 legacy, 2
    private static final int DEVICE_ID = 0x008;             // RO
    private static final int VENDOR_ID = 0x00c;             // RO
    private static final int DEVICE_FEATURES = 0x010;       // RO
    private static final int DEVICE_FEATURES_SEL = 0x014;   // WO
    private static final int DRIVER_FEATURES = 0x020;       // WO
    private static final int DRIVER_FEATURES_SEL = 0x024;   // WO
    private static final int GUEST_PAGE_SIZE = 0x028;       // WO  legacy
    private static final int QUEUE_SEL = 0x030;             // WO
    private static final int QUEUE_NUM_MAX = 0x034;         // RO
    private static final int QUEUE_NUM = 0x038;             // WO
    private static final int QUEUE_ALIGN = 0x03c;           // WO  legacy
    private static final int QUEUE_PFN = 0x040;             // RW  legacy
    private static final int QUEUE_READY = 0x044;           // RW
    private static final int QUEUE_NOTIFY = 0x050;          // WO
    private static final int INTERRUPT_STATUS = 0x060;      // RO
    private static final int INTERRUPT_ACK = 0x064;         // WO
    private static final int STATUS = 0x070;                // RW
    private static final int QUEUE_DESC = 0x080;            // WO  low word, high word at +4
    private static final int QUEUE_DRIVER = 0x090;          // WO
    private static final int QUEUE_DEVICE = 0x0a0;          // WO
    private static final int CONFIG = 0x100;

    private static final int MAGIC = 0x7472_6976;
    private static final int VENDOR = 0x554d_4551;
    private static final int USED_BUFFER = 1;
    private static final int CONFIGURATION_CHANGE = 2;
    private static final long MAX_ALIGNMENT = 1 << 16;

    private final InterruptLine irq;
    private final boolean legacy;
    private final VirtioDevice device;

    private int deviceFeaturesSel;
    private int driverFeaturesSel;
    private int queueSel;
    private int interruptStatus;
    private int guestPageSize;
    private int queueAlign;

    /**
     * @param legacy version 1, which QEMU's slots are unless told otherwise
     * @param device null for an empty slot
     */
    public VirtioMmio(InterruptLine irq, boolean legacy, VirtioDevice device) {
        this.irq = irq;
        this.legacy = legacy;
        this.device = device;
        if (device != null) {
            device.connect(new VirtioDevice.Listener() {
                @Override
                public void used(VirtQueue queue) {
                    raise(USED_BUFFER);
                }

                @Override
                public void configurationChanged() {
                    raise(CONFIGURATION_CHANGE);
                }
            });
        }
    }

    private void raise(int cause) {
        interruptStatus |= cause;
        irq.set(true);
    }

    @Override
    public void reset() {
        if (device != null) {
            device.reset();
        }
        resetTransport();
    }

    private void resetTransport() {
        deviceFeaturesSel = 0;
        driverFeaturesSel = 0;
        queueSel = 0;
        guestPageSize = 0;
        resetInterrupt();
    }

    /** A driver's reset. The page size outlives it: U-Boot and Linux set it first. */
    private void resetInterrupt() {
        interruptStatus = 0;
        queueAlign = 0;
        irq.set(false);
    }

    @Override
    public long read(long offset, int size) {
        return peek(offset, size);
    }

    @Override
    public long peek(long offset, int size) {
        if (offset >= CONFIG) {
            return device == null ? 0 : device.readConfiguration(offset - CONFIG, size);
        }
        return Parts.read32(word((int) offset & ~3), offset, size);
    }

    private int word(int offset) {
        return switch (offset) {
            case MAGIC_VALUE -> MAGIC;
            case VERSION -> legacy ? 1 : 2;
            case VENDOR_ID -> VENDOR;
            default -> device == null ? 0 : deviceWord(offset);
        };
    }

    private int deviceWord(int offset) {
        VirtQueue q = device.queue(queueSel);
        return switch (offset) {
            case DEVICE_ID -> device.type();
            case DEVICE_FEATURES -> featureWord();
            case QUEUE_NUM_MAX -> q == null ? 0 : q.maximum();
            case QUEUE_PFN -> legacy && q != null && guestPageSize != 0
                    ? (int) Long.divideUnsigned(q.descriptors(), Integer.toUnsignedLong(guestPageSize)) : 0;
            case QUEUE_READY -> !legacy && q != null && q.ready() ? 1 : 0;
            case INTERRUPT_STATUS -> interruptStatus;
            case STATUS -> device.status();
            default -> 0;
        };
    }

    private int featureWord() {
        if (Integer.compareUnsigned(deviceFeaturesSel, legacy ? 1 : 2) >= 0) {
            return 0;
        }
        return (int) (device.offered() >>> 32 * deviceFeaturesSel);
    }

    @Override
    public void write(long offset, int size, long value) {
        if (device == null) {
            return;
        }
        if (offset >= CONFIG) {
            device.configure(offset - CONFIG, size, value);
        } else if (size == 4) {
            register((int) offset, (int) value);
        }
    }

    private void register(int offset, int value) {
        switch (offset) {
            case DEVICE_FEATURES_SEL -> deviceFeaturesSel = value;
            case DRIVER_FEATURES_SEL -> driverFeaturesSel = value;
            case DRIVER_FEATURES -> {
                if (driverFeaturesSel == 0 || driverFeaturesSel == 1 && !legacy) {
                    device.accept(driverFeaturesSel, value);
                }
            }
            case QUEUE_SEL -> queueSel = value;
            case QUEUE_NOTIFY -> device.notified(value);
            case INTERRUPT_ACK -> {
                interruptStatus &= ~value;
                irq.set(interruptStatus != 0);
            }
            case STATUS -> {
                device.status(value);
                if (value == 0) {
                    resetInterrupt();
                }
            }
            default -> queueRegister(offset, value);
        }
    }

    private void queueRegister(int offset, int value) {
        VirtQueue q = device.queue(queueSel);
        if (offset == GUEST_PAGE_SIZE) {
            guestPageSize = value;
        } else if (q != null && offset == QUEUE_NUM) {
            q.size(value);
        } else if (q != null && legacy) {
            legacyQueueRegister(q, offset, value);
        } else if (q != null) {
            modernQueueRegister(q, offset, value);
        }
    }

    private void legacyQueueRegister(VirtQueue q, int offset, int value) {
        if (offset == QUEUE_ALIGN && Integer.bitCount(value) == 1 && Integer.toUnsignedLong(value) <= MAX_ALIGNMENT) {
            queueAlign = value;
        } else if (offset == QUEUE_PFN && value == 0) {
            q.reset();
        } else if (offset == QUEUE_PFN) {
            q.legacy(Integer.toUnsignedLong(value) * Integer.toUnsignedLong(guestPageSize), queueAlign == 0 ? 4096 : queueAlign);
        }
    }

    private static void modernQueueRegister(VirtQueue q, int offset, int value) {
        switch (offset) {
            case QUEUE_READY -> q.ready((value & 1) != 0);
            case QUEUE_DESC, QUEUE_DESC + 4 -> q.descriptors(Parts.write64(q.descriptors(), offset, 4, value));
            case QUEUE_DRIVER, QUEUE_DRIVER + 4 -> q.available(Parts.write64(q.available(), offset, 4, value));
            case QUEUE_DEVICE, QUEUE_DEVICE + 4 -> q.used(Parts.write64(q.used(), offset, 4, value));
            default -> { }
        }
    }

    @Override
    public void save(StateWriter out) {
        out.u32(deviceFeaturesSel).u32(driverFeaturesSel).u32(queueSel).u32(interruptStatus).u32(guestPageSize).u32(queueAlign);
        if (device != null) {
            device.save(out);
        }
    }

    @Override
    public void load(StateReader in) {
        deviceFeaturesSel = in.u32();
        driverFeaturesSel = in.u32();
        queueSel = in.u32();
        interruptStatus = in.u32();
        guestPageSize = in.u32();
        queueAlign = in.u32();
        if (device != null) {
            device.load(in);
        }
    }
}
