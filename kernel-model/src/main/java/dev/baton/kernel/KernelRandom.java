package dev.baton.kernel;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** {@code get_random_bytes} of a kernel that must run the same twice: SplitMix64 (Steele, Lea, Flood, 2014) from a given seed. */
public final class KernelRandom implements Stateful {
    private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L;

    private long state;

    public KernelRandom(long seed) {
        state = seed;
    }

    public long nextU64() {
        state += GOLDEN_GAMMA;
        long z = state;
        z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }

    /** Fills {@code into}, eight bytes at a time, little-endian; what the last eight have too much is dropped. */
    public void fill(byte[] into) {
        ByteBuffer b = ByteBuffer.wrap(into).order(ByteOrder.LITTLE_ENDIAN);
        while (b.remaining() >= 8) {
            b.putLong(nextU64());
        }
        if (b.hasRemaining()) {
            for (long v = nextU64(); b.hasRemaining(); v >>>= 8) {
                b.put((byte) v);
            }
        }
    }

    @Override
    public void save(StateWriter out) {
        out.section("random").u64(state);
    }

    @Override
    public void load(StateReader in) {
        in.section("random");
        state = in.u64();
    }
}
