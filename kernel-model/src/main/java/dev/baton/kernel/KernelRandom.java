package dev.baton.kernel;

import dev.baton.core.machine.SplitMix64;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** {@code get_random_bytes} of a kernel that must run the same twice: {@link SplitMix64} from a given seed. */
public final class KernelRandom implements Stateful {
    private long state;

    public KernelRandom(long seed) {
        state = seed;
    }

    public long nextU64() {
        state += SplitMix64.GAMMA;
        return SplitMix64.mix(state);
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
