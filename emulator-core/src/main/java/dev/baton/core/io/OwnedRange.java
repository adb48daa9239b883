package dev.baton.core.io;

/**
 * Memory that a device reads or writes by itself until it is told to stop: nobody else may use it.
 *
 * @param what     what the device keeps there, e.g. {@code LPI property table}
 * @param register what points there, e.g. {@code GICR_PROPBASER of CPU 0}
 * @param address  physical
 * @param size     bytes
 * @param since    virtual time at which the device began to use it
 * @param stop     what software must do before the memory is free
 */
public record OwnedRange(String what, String register, long address, long size, long since, String stop) {
    /** First address after it. */
    public long end() {
        return address + size;
    }

    public boolean overlaps(long start, long length) {
        return address < start + length && start < end();
    }
}
