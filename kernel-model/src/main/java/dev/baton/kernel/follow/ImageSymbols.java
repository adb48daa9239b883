package dev.baton.kernel.follow;

/** Names of what a kernel's Image holds, by offset from its start: neither where it lies nor where it is mapped matters. */
interface ImageSymbols {
    /** {@code name+0x…} of the last symbol at or before an offset from the Image's start; "" if there is none. */
    String at(long offset);
}
