package dev.baton.devices.virtio;

import dev.baton.devices.Parts;
import dev.baton.devices.pci.PciRegion;

/** The legacy interface of a transitional device in I/O space: virtio 1.1 section 4.1.4.8. */
final class VirtioLegacyRegisters implements PciRegion {
    private static final int DEVICE_FEATURES = 0x00;    // RO  32 bits
    private static final int DRIVER_FEATURES = 0x04;    // RW  32 bits
    private static final int QUEUE_ADDRESS = 0x08;      // RW  32 bits, in pages
    private static final int QUEUE_SIZE = 0x0c;         // RO  16 bits
    private static final int QUEUE_SELECT = 0x0e;       // RW  16 bits
    private static final int QUEUE_NOTIFY = 0x10;       // RW  16 bits
    private static final int DEVICE_STATUS = 0x12;      // RW  8 bits
    private static final int ISR_STATUS = 0x13;         // RO  8 bits
    private static final int CONFIG_VECTOR = 0x14;      // RW  16 bits, while MSI-X is enabled
    private static final int QUEUE_VECTOR = 0x16;       // RW  16 bits, while MSI-X is enabled
    private static final int CONFIGURATION_WITHOUT_VECTORS = 0x14;
    /** Where the device's own configuration begins at the latest. */
    static final int CONFIGURATION_AT_MOST = 0x18;
    private static final int PAGE = 4096;

    private final VirtioPci pci;

    VirtioLegacyRegisters(VirtioPci pci) {
        this.pci = pci;
    }

    private int configurationAt() {
        return pci.messages() ? CONFIGURATION_AT_MOST : CONFIGURATION_WITHOUT_VECTORS;
    }

    @Override
    public long read(long offset, int size) {
        return offset == ISR_STATUS ? pci.readIsr() : peek(offset, size);
    }

    @Override
    public long peek(long offset, int size) {
        return offset >= configurationAt() ? pci.device.readConfiguration(offset - configurationAt(), size)
                : Parts.low(register((int) offset), size);
    }

    private long register(int offset) {
        VirtQueue q = pci.device.queue(pci.queueSel);
        return switch (offset) {
            case DEVICE_FEATURES -> pci.device.offered();
            case DRIVER_FEATURES -> pci.device.features();
            case QUEUE_ADDRESS -> q == null ? 0 : q.descriptors() / PAGE;
            case QUEUE_SIZE -> q == null ? 0 : q.maximum();
            case QUEUE_SELECT -> pci.queueSel;
            case DEVICE_STATUS -> pci.device.status();
            case ISR_STATUS -> pci.peekIsr();
            case CONFIG_VECTOR -> pci.configVector;
            case QUEUE_VECTOR -> q == null ? VirtioPci.NO_VECTOR : q.vector();
            default -> 0;
        };
    }

    @Override
    public void write(long offset, int size, long value) {
        if (offset >= configurationAt()) {
            pci.device.configure(offset - configurationAt(), size, value);
        } else {
            write((int) offset, (int) value);
        }
    }

    private void write(int offset, int value) {
        VirtQueue q = pci.device.queue(pci.queueSel);
        switch (offset) {
            case DRIVER_FEATURES -> pci.device.accept(0, value);
            case QUEUE_ADDRESS -> writeAddress(q, value);
            case QUEUE_SELECT -> pci.queueSel = value & 0xffff;
            case QUEUE_NOTIFY -> pci.device.notified(value & 0xffff);
            case DEVICE_STATUS -> pci.status(value & 0xff);
            case CONFIG_VECTOR -> pci.configVector = pci.vector(value & 0xffff);
            case QUEUE_VECTOR -> {
                if (q != null) {
                    q.vector(pci.vector(value & 0xffff));
                }
            }
            default -> { }
        }
    }

    /** A driver that unmaps its first queue resets the device by that, as QEMU has it. */
    private void writeAddress(VirtQueue q, int value) {
        if (value == 0) {
            pci.status(0);
        } else if (q != null) {
            q.legacy(Integer.toUnsignedLong(value) * PAGE, PAGE);
        }
    }
}
