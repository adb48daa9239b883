package dev.baton.devices.pci;

/** What a base address register decodes. Accesses arrive naturally aligned, 1, 2 or 4 bytes, and within the region. */
public interface PciRegion {
    /** Reads a register; may have side effects. */
    long read(long offset, int size);

    void write(long offset, int size, long value);

    /** What {@link #read} would return, without side effects. */
    long peek(long offset, int size);
}
