package dev.baton.devices.virtio;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.Parts;
import dev.baton.devices.pci.MsiX;
import dev.baton.devices.pci.PciFunction;
import dev.baton.devices.pci.PciRegion;

/**
 * The PCI transport: virtio 1.1 section 4.1. Transitional unless told otherwise, as QEMU's: the modern interface in base address
 * register 4, the legacy one of section 4.1.4.8 in register 0, and the MSI-X table in register 1.
 */
public final class VirtioPci extends PciFunction {
    private static final int VENDOR = 0x1af4;
    private static final int TRANSITIONAL_ID = 0x1000;
    private static final int MODERN_ID = 0x1040;

    // Capabilities, where QEMU has them: section 4.1.4.
    private static final int VENDOR_SPECIFIC = 0x09;
    private static final int COMMON_AT = 0x40;
    private static final int ISR_AT = 0x50;
    private static final int DEVICE_AT = 0x60;
    private static final int NOTIFY_AT = 0x70;
    private static final int ACCESS_AT = 0x84;
    private static final int MSIX_AT = 0x98;
    private static final int COMMON_CFG = 1;
    private static final int NOTIFY_CFG = 2;
    private static final int ISR_CFG = 3;
    private static final int DEVICE_CFG = 4;
    private static final int PCI_CFG = 5;

    // Capability VIRTIO_PCI_CAP_PCI_CFG: another way to a base address register, section 4.1.4.7.
    private static final int ACCESS_BAR = ACCESS_AT + 4;
    private static final int ACCESS_OFFSET = ACCESS_AT + 8;
    private static final int ACCESS_LENGTH = ACCESS_AT + 12;
    private static final int ACCESS_DATA = ACCESS_AT + 16;

    private static final int LEGACY_BAR = 0;
    private static final int MSIX_BAR = 1;
    private static final int MODERN_BAR = 4;
    private static final int MODERN_SIZE = 0x4000;
    private static final int BLOCK = 0x1000;
    private static final int NOTIFY_MULTIPLIER = 4;

    private static final int USED_BUFFER = 1;
    private static final int CONFIGURATION_CHANGE = 2;
    static final int NO_VECTOR = 0xffff;

    final VirtioDevice device;
    private final MsiX msix;
    private int isr;
    int configVector = NO_VECTOR;
    int queueSel;
    private int deviceFeaturesSel;
    private int driverFeaturesSel;

    /** @param transitional with the legacy interface, too */
    public VirtioPci(VirtioDevice device, boolean transitional) {
        super(VENDOR, transitional ? TRANSITIONAL_ID + transitionalId(device.type()) : MODERN_ID + device.type(), classCode(device.type()));
        this.device = device;
        if (transitional) {
            subsystem(device.type());
            ioBar(LEGACY_BAR, Math.max(32, Integer.highestOneBit(VirtioLegacyRegisters.CONFIGURATION_AT_MOST
                    + device.configuration().length - 1) << 1), new VirtioLegacyRegisters(this));
        } else {
            revision(1);
        }
        interruptPin();
        block(COMMON_AT, COMMON_CFG, 0);
        block(ISR_AT, ISR_CFG, 1);
        block(DEVICE_AT, DEVICE_CFG, 2);
        block(NOTIFY_AT, NOTIFY_CFG, 3, NOTIFY_MULTIPLIER, 0, 0, 0);
        capability(VENDOR_SPECIFIC, ACCESS_AT, (byte) 20, (byte) PCI_CFG, new byte[16]);
        writableBits(ACCESS_BAR, 1, 0xff);
        writableBits(ACCESS_OFFSET, 4, -1);
        writableBits(ACCESS_LENGTH, 4, -1);
        writableBits(ACCESS_DATA, 4, -1);
        msix = new MsiX(this, MSIX_AT, MSIX_BAR, vectors(device.type()));
        memory64Bar(MODERN_BAR, MODERN_SIZE, new Modern());
        device.connect(new VirtioDevice.Listener() {
            @Override
            public void used(VirtQueue queue) {
                raise(USED_BUFFER, queue.vector());
            }

            @Override
            public void configurationChanged() {
                raise(USED_BUFFER | CONFIGURATION_CHANGE, configVector);
            }

            @Override
            public boolean isMaster() {
                return VirtioPci.this.isMaster();
            }
        });
    }

    /** Section 4.1.2.1; of those that are here. */
    private static int transitionalId(int type) {
        return switch (type) {
            case VirtioNet.TYPE -> 0;
            case VirtioBlock.TYPE -> 1;
            case VirtioConsole.TYPE -> 3;
            case VirtioRng.TYPE -> 5;
            case VirtioP9.TYPE -> 9;
            default -> throw new IllegalArgumentException("virtio device " + type + " has no transitional PCI device ID");
        };
    }

    /** As QEMU's: network, mass storage, communication controller, or none of the kinds there are. */
    private static int classCode(int type) {
        return switch (type) {
            case VirtioNet.TYPE -> 0x0200;
            case VirtioBlock.TYPE -> 0x0100;
            case VirtioConsole.TYPE -> 0x0780;
            case VirtioP9.TYPE -> 0x0002;
            default -> 0x00ff;
        };
    }

    /** As QEMU's: of a network's, one is for the control queue, which is not there. */
    private static int vectors(int type) {
        return type == VirtioNet.TYPE ? 4 : 2;
    }

    /** A structure of a page in the modern register: section 4.1.4. */
    private void block(int at, int type, int page, int... more) {
        byte[] fixed = new byte[14 + more.length];
        fixed[0] = (byte) (fixed.length + 2);
        fixed[1] = (byte) type;
        fixed[2] = MODERN_BAR;
        fixed[7] = (byte) (page * BLOCK >>> 8);
        fixed[11] = (byte) (BLOCK >>> 8);
        for (int i = 0; i < more.length; i++) {
            fixed[14 + i] = (byte) more[i];
        }
        capability(VENDOR_SPECIFIC, at, fixed);
    }

    private void capability(int id, int at, byte length, byte type, byte... rest) {
        byte[] fixed = new byte[2 + rest.length];
        fixed[0] = length;
        fixed[1] = type;
        System.arraycopy(rest, 0, fixed, 2, rest.length);
        capability(id, at, fixed);
    }

    // Interrupts --------------------------------------------------------------------------------------------------------

    private void raise(int cause, int vector) {
        isr |= cause;
        if (msix.enabled()) {
            msix.notify(vector);
        } else {
            intx(true);
        }
    }

    boolean messages() {
        return msix.enabled();
    }

    /** Reading acknowledges. */
    int readIsr() {
        int was = isr;
        isr = 0;
        intx(false);
        return was;
    }

    int peekIsr() {
        return isr;
    }

    /** A vector that is not there cannot be set: section 4.1.5.1.2. */
    int vector(int asked) {
        return asked < msix.vectors() ? asked : NO_VECTOR;
    }

    /** A driver's reset leaves which words of the features it looks at, as in QEMU. */
    void status(int value) {
        device.status(value);
        if (value == 0) {
            resetInterrupts();
        }
    }

    private void resetInterrupts() {
        isr = 0;
        msix.clearPending();
        configVector = NO_VECTOR;
        queueSel = 0;
        intx(false);
    }

    // The modern interface ----------------------------------------------------------------------------------------------

    private final class Modern implements PciRegion {
        @Override
        public long read(long offset, int size) {
            return offset / BLOCK == 1 ? offset == BLOCK ? readIsr() : 0 : peek(offset, size);
        }

        @Override
        public long peek(long offset, int size) {
            return switch ((int) offset / BLOCK) {
                case 0 -> Parts.low(common((int) offset), size);
                case 1 -> offset == BLOCK ? isr : 0;
                case 2 -> device.readConfiguration(offset - 2 * BLOCK, size);
                default -> 0;
            };
        }

        @Override
        public void write(long offset, int size, long value) {
            switch ((int) offset / BLOCK) {
                case 0 -> writeCommon((int) offset, (int) value);
                case 2 -> device.configure(offset - 2 * BLOCK, size, value);
                case 3 -> device.notified((int) (offset - 3 * BLOCK) / NOTIFY_MULTIPLIER);
                default -> { }
            }
        }
    }

    // struct virtio_pci_common_cfg, section 4.1.4.3.
    private static final int DEVICE_FEATURE_SELECT = 0x00;  // RW
    private static final int DEVICE_FEATURE = 0x04;         // RO
    private static final int DRIVER_FEATURE_SELECT = 0x08;  // RW
    private static final int DRIVER_FEATURE = 0x0c;         // RW
    private static final int MSIX_CONFIG = 0x10;            // RW  16 bits
    private static final int NUM_QUEUES = 0x12;             // RO  16 bits
    private static final int DEVICE_STATUS = 0x14;          // RW  8 bits
    private static final int QUEUE_SELECT = 0x16;           // RW  16 bits
    private static final int QUEUE_SIZE = 0x18;             // RW  16 bits
    private static final int QUEUE_MSIX_VECTOR = 0x1a;      // RW  16 bits
    private static final int QUEUE_ENABLE = 0x1c;           // RW  16 bits
    private static final int QUEUE_NOTIFY_OFF = 0x1e;       // RO  16 bits
    private static final int QUEUE_DESC = 0x20;             // RW  64 bits, low word first
    private static final int QUEUE_DRIVER = 0x28;           // RW
    private static final int QUEUE_DEVICE = 0x30;           // RW

    private long common(int offset) {
        return switch (offset) {
            case DEVICE_FEATURE_SELECT -> deviceFeaturesSel;
            case DEVICE_FEATURE -> word(device.offered(), deviceFeaturesSel);
            case DRIVER_FEATURE_SELECT -> driverFeaturesSel;
            case DRIVER_FEATURE -> word(device.features(), driverFeaturesSel);
            case MSIX_CONFIG -> configVector;
            case NUM_QUEUES -> device.queueCount();
            case DEVICE_STATUS -> device.status();
            case QUEUE_SELECT -> queueSel;
            default -> {
                VirtQueue q = device.queue(queueSel);
                yield q == null ? 0 : queue(q, offset);
            }
        };
    }

    private static long word(long features, int select) {
        return select == 0 || select == 1 ? features >>> 32 * select : 0;
    }

    private long queue(VirtQueue q, int offset) {
        return switch (offset) {
            case QUEUE_SIZE -> q.size();
            case QUEUE_MSIX_VECTOR -> q.vector();
            case QUEUE_ENABLE -> q.ready() ? 1 : 0;
            case QUEUE_NOTIFY_OFF -> queueSel;
            case QUEUE_DESC -> q.descriptors();
            case QUEUE_DESC + 4 -> q.descriptors() >>> 32;
            case QUEUE_DRIVER -> q.available();
            case QUEUE_DRIVER + 4 -> q.available() >>> 32;
            case QUEUE_DEVICE -> q.used();
            case QUEUE_DEVICE + 4 -> q.used() >>> 32;
            default -> 0;
        };
    }

    private void writeCommon(int offset, int value) {
        VirtQueue q = device.queue(queueSel);
        switch (offset) {
            case DEVICE_FEATURE_SELECT -> deviceFeaturesSel = value;
            case DRIVER_FEATURE_SELECT -> driverFeaturesSel = value;
            case DRIVER_FEATURE -> acceptFeatures(value);
            case MSIX_CONFIG -> configVector = vector(value);
            case DEVICE_STATUS -> status(value);
            case QUEUE_SELECT -> queueSel = value & 0xffff;
            default -> {
                if (q != null) {
                    writeQueue(q, offset, value);
                }
            }
        }
    }

    private void acceptFeatures(int value) {
        if (driverFeaturesSel == 0 || driverFeaturesSel == 1) {
            device.accept(driverFeaturesSel, value);
        }
    }

    private void writeQueue(VirtQueue q, int offset, int value) {
        switch (offset) {
            case QUEUE_SIZE -> q.size(value & 0xffff);
            case QUEUE_MSIX_VECTOR -> q.vector(vector(value & 0xffff));
            case QUEUE_ENABLE -> q.ready(q.ready() || value == 1);
            case QUEUE_DESC, QUEUE_DESC + 4 -> q.descriptors(Parts.write64(q.descriptors(), offset, 4, value));
            case QUEUE_DRIVER, QUEUE_DRIVER + 4 -> q.available(Parts.write64(q.available(), offset, 4, value));
            case QUEUE_DEVICE, QUEUE_DEVICE + 4 -> q.used(Parts.write64(q.used(), offset, 4, value));
            default -> { }
        }
    }

    // Configuration space -----------------------------------------------------------------------------------------------

    private boolean reachesData(int offset, int size) {
        return offset + size > ACCESS_DATA && offset < ACCESS_DATA + 4;
    }

    private int accessLength() {
        int n = (int) configuration(ACCESS_LENGTH, 4);
        long offset = configuration(ACCESS_OFFSET, 4);
        return (n == 1 || n == 2 || n == 4) && offset % n == 0 ? n : 0;
    }

    private PciRegion accessed(int length) {
        return length == 0 ? null : region((int) configuration(ACCESS_BAR, 1), configuration(ACCESS_OFFSET, 4), length);
    }

    @Override
    protected long readConfig(int offset, int size) {
        int n = accessLength();
        PciRegion r = accessed(n);
        if (reachesData(offset, size) && r != null) {
            super.writeConfig(ACCESS_DATA, n, r.read(configuration(ACCESS_OFFSET, 4), n));
        }
        return super.readConfig(offset, size);
    }

    @Override
    protected void writeConfig(int offset, int size, long value) {
        super.writeConfig(offset, size, value);
        int n = accessLength();
        PciRegion r = accessed(n);
        if (reachesData(offset, size) && r != null) {
            r.write(configuration(ACCESS_OFFSET, 4), n, configuration(ACCESS_DATA, n));
        }
        if (offset + size > MSIX_AT && offset < MSIX_AT + 4) {
            msix.maskChanged();
            // PCI 6.8.3.3: a function that is enabled for MSI-X does not use its pin.
            if (msix.enabled()) {
                intx(false);
            }
        }
    }

    // State -------------------------------------------------------------------------------------------------------------

    @Override
    public void reset() {
        device.reset();
        msix.reset();
        super.reset();
        resetInterrupts();
        deviceFeaturesSel = 0;
        driverFeaturesSel = 0;
    }

    @Override
    public void save(StateWriter out) {
        super.save(out);
        msix.save(out);
        out.u32(isr).u32(configVector).u32(queueSel).u32(deviceFeaturesSel).u32(driverFeaturesSel);
        device.save(out);
    }

    @Override
    public void load(StateReader in) {
        super.load(in);
        msix.load(in);
        isr = in.u32();
        configVector = in.u32();
        queueSel = in.u32();
        deviceFeaturesSel = in.u32();
        driverFeaturesSel = in.u32();
        device.load(in);
    }
}
