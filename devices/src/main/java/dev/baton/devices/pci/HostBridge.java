package dev.baton.devices.pci;

/** Function 00:00.0 of QEMU's generic host: there to be found, and nothing else. */
final class HostBridge extends PciFunction {
    private static final int VENDOR = 0x1b36;
    private static final int DEVICE = 0x0008;
    private static final int HOST_BRIDGE = 0x0600;

    HostBridge() {
        super(VENDOR, DEVICE, HOST_BRIDGE);
    }
}
