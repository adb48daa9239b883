package dev.baton.devices.gic;

/**
 * Where message-signalled interrupts arrive: GITS_TRANSLATER of an ITS, or MSI_SETSPI_NS of a v2m frame. A PCIe host calls it for a
 * function's memory write to {@link #address}; every other address that a function writes to is memory's.
 */
public interface MsiDoorbell {
    /** No doorbell: a GICv3 without ITS. */
    MsiDoorbell NONE = new MsiDoorbell() {
        @Override
        public long address() {
            return -1;
        }

        @Override
        public void msi(int deviceId, int data) { }
    };

    /** Physical address of the 32-bit doorbell register, -1 if there is none. */
    long address();

    /**
     * A function writes {@code data} there.
     *
     * @param deviceId what the board's {@code msi-map} makes of the requester ID; a v2m frame does not look at it
     * @param data     EventID for an ITS, INTID for a v2m frame
     */
    void msi(int deviceId, int data);
}
