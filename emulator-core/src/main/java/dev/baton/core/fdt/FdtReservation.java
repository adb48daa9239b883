package dev.baton.core.fdt;

/**
 * One entry of the memory reservation block.
 *
 * @param address physical address, bytes
 * @param size length in bytes, unsigned; an entry of size 0 would end the block
 */
public record FdtReservation(long address, long size) {
}
