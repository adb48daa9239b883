package dev.baton.kernel;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;

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

    /** Fills {@code into}, eight bytes at a time, little-endian. */
    public void fill(byte[] into) {
        for (int i = 0; i < into.length; ) {
            long v = nextU64();
            for (int k = 0; k < 8 && i < into.length; k++, i++) {
                into[i] = (byte) (v >>> 8 * k);
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
