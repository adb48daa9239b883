package dev.baton.kernel.follow;

import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.View;
import dev.baton.kernel.mm.KernelMemory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Guest memory for somebody who only looks, as coherent caches show it. What is no RAM reads as zero. */
final class PeekedMemory implements KernelMemory {
    private final PhysicalBus bus;

    PeekedMemory(PhysicalBus bus) {
        this.bus = bus;
    }

    @Override
    public long u64(long phys) {
        return little(phys, 8).getLong();
    }

    @Override
    public int u32(long phys) {
        return little(phys, 4).getInt();
    }

    private ByteBuffer little(long phys, int n) {
        return ByteBuffer.wrap(read(phys, n)).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void read(long phys, byte[] into, int offset, int n) {
        if (!bus.peek(phys, into, offset, n, View.CACHED)) {
            Arrays.fill(into, offset, offset + n, (byte) 0);
        }
    }

    @Override
    public void u64(long phys, long value) {
        throw readOnly();
    }

    @Override
    public void u32(long phys, int value) {
        throw readOnly();
    }

    @Override
    public void write(long phys, byte[] from, int offset, int n) {
        throw readOnly();
    }

    @Override
    public void fill(long phys, long n, byte value) {
        throw readOnly();
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException("a follower writes nothing");
    }

    @Override
    public void activity(String text) {
        // Nobody is told what a follower does.
    }
}
