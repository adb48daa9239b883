package dev.baton.kernel.kho;

import dev.baton.kernel.mm.KernelMemory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The array of scratch areas: {@code struct kho_scratch} {u64 addr, u64 size} each, native byte order. */
public final class KhoScratch {
    private KhoScratch() { }

    /** The array as bytes. */
    public static byte[] array(List<ScratchArea> areas) {
        ByteBuffer b = ByteBuffer.allocate(areas.size() * ScratchArea.SIZE).order(ByteOrder.LITTLE_ENDIAN);
        areas.forEach(a -> b.putLong(a.addr()).putLong(a.size()));
        return b.array();
    }

    /** Reads {@code length / 16} elements: a length that is no multiple of 16 loses the rest, as in Linux. */
    static List<ScratchArea> read(KernelMemory mem, long phys, long length) {
        List<ScratchArea> areas = new ArrayList<>();
        for (long at = phys; at + ScratchArea.SIZE <= phys + length; at += ScratchArea.SIZE) {
            areas.add(new ScratchArea(mem.u64(at), mem.u64(at + 8)));
        }
        return areas;
    }
}
