package dev.baton.core.machine;

/**
 * The generator behind everything random in a machine (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
 * 2014). Its whole state is one long, so a snapshot can hold it: the n-th number from {@code seed} is {@code mix(seed + n * GAMMA)}.
 */
public final class SplitMix64 {
    /** What the state grows by before each number. */
    public static final long GAMMA = 0x9e37_79b9_7f4a_7c15L;

    private SplitMix64() { }

    /** The number of a state. */
    public static long mix(long state) {
        long z = state;
        z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }
}
