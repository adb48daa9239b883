package dev.baton.kernel.follow;

import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;
import dev.baton.images.arm64.ImageHeader;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * An arm64 Image lying in memory.
 *
 * @param address of its first instruction, physical
 * @param size    {@code image_size} of its header, bytes, at most what is left of the RAM it lies in
 */
record FoundImage(long address, long size) {
    static final int MAGIC_AT = 56;
    private static final int SIZE_AT = 16;

    /** The places of RAM at which a header stands, in either view. */
    static List<FoundImage> all(PhysicalBus bus) {
        List<FoundImage> found = new ArrayList<>();
        for (Ram ram : bus.banks()) {
            for (long base = ram.base(); base - ram.base() < ram.size(); base += ImageHeader.BASE_ALIGNMENT) {
                for (long offset : new long[] {0, ImageHeader.LEGACY_TEXT_OFFSET}) {
                    FoundImage image = at(bus, base + offset);
                    if (image != null) {
                        found.add(image);
                    }
                }
            }
        }
        return found;
    }

    /** The image whose first instruction is at {@code address}; null if there is none. */
    static FoundImage at(PhysicalBus bus, long address) {
        FoundImage coherent = at(bus, address, View.CACHED);
        return coherent != null ? coherent : at(bus, address, View.POC);
    }

    private static FoundImage at(PhysicalBus bus, long address, View view) {
        byte[] header = new byte[ImageHeader.SIZE];
        if (!bus.peek(address, header, 0, header.length, view)) {
            return null;
        }
        ByteBuffer b = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        if (b.getInt(MAGIC_AT) != ImageHeader.MAGIC) {
            return null;
        }
        Ram ram = bus.ram(address);
        return new FoundImage(address, Math.clamp(b.getLong(SIZE_AT), ImageHeader.SIZE, ram.base() + ram.size() - address));
    }
}
