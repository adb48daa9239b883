package dev.baton.kernel.kho;

import dev.baton.kernel.mm.KernelMemory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The array of scratch areas: {@code struct kho_scratch} {u64 addr, u64 size} each, native byte order. */
public final class KhoScratch {
    /** No machine has more: nodes + 2. Beyond it a length is nonsense. */
    private static final int MAX_AREAS = 1 << 10;

    private KhoScratch() { }

    /** The array as bytes. */
    public static byte[] array(List<ScratchArea> areas) {
        ByteBuffer b = ByteBuffer.allocate(areas.size() * ScratchArea.SIZE).order(ByteOrder.LITTLE_ENDIAN);
        areas.forEach(a -> b.putLong(a.addr()).putLong(a.size()));
        return b.array();
    }

    /** The areas in {@code array.length / 16} elements. */
    static List<ScratchArea> parse(byte[] array) {
        ByteBuffer b = ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
        List<ScratchArea> areas = new ArrayList<>();
        while (b.remaining() >= ScratchArea.SIZE) {
            areas.add(new ScratchArea(b.getLong(), b.getLong()));
        }
        return List.copyOf(areas);
    }

    /** Reads {@code length / 16} elements: a length that is no multiple of 16 loses the rest, as in Linux. */
    static List<ScratchArea> read(KernelMemory mem, long phys, long length) {
        return parse(mem.read(phys, (int) Math.clamp(length, 0, (long) MAX_AREAS * ScratchArea.SIZE)));
    }
}
