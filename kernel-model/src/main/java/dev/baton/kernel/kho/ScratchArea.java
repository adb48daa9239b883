package dev.baton.kernel.kho;

import dev.baton.kernel.mm.PhysRange;

/**
 * {@code struct kho_scratch}: 16 bytes, two native u64.
 *
 * @param addr physical
 * @param size bytes; 0 is legal (the global area when all RAM lies below 4 GiB)
 */
public record ScratchArea(long addr, long size) {
    /** Bytes of an element of the array. */
    public static final int SIZE = 16;

    public PhysRange range() {
        return PhysRange.of(addr, size);
    }
}
