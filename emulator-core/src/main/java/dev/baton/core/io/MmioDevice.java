package dev.baton.core.io;

import dev.baton.core.machine.Stateful;

/**
 * A device behind memory-mapped registers. It knows offsets and lines; not its address, its interrupt number or the CPU.
 * Accesses arrive naturally aligned, 1, 2, 4 or 8 bytes.
 */
public interface MmioDevice extends Stateful {
    /** Reads a register; may have side effects. The value is zero-extended. */
    long read(long offset, int size);

    /** Writes the low {@code size} bytes of {@code value}. */
    void write(long offset, int size, long value);

    /** What {@link #read} would return, without side effects; for debuggers and traces. */
    default long peek(long offset, int size) {
        return 0;
    }

    /** Back to the state of power-on. */
    void reset();
}
