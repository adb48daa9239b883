package dev.baton.kernel.mm;

/**
 * A run of physical addresses.
 *
 * @param start first byte
 * @param end   first byte after it
 */
public record PhysRange(long start, long end) {
    public static PhysRange of(long start, long size) {
        return new PhysRange(start, start + size);
    }

    public long size() {
        return end - start;
    }

    public boolean overlaps(PhysRange other) {
        return start < other.end && other.start < end;
    }

    public boolean contains(PhysRange other) {
        return start <= other.start && other.end <= end;
    }

    /** As the kernel prints a resource: {@code [0x…-0x…]}, both ends inclusive. */
    @Override
    public String toString() {
        return "[0x%x-0x%x]".formatted(start, end - 1);
    }
}
