package dev.baton.arm64.sysreg;

import dev.baton.arm64.Arm64Cpu;

/**
 * RNDR and RNDRRS (FEAT_RNG): a number never fails to come, so NZCV is 0b0000 after each read. {@link #value} counts the numbers
 * given, from the seed of the machine; what is given is that count mixed by the finaliser of SplitMix64 (Steele, Lea and Flood,
 * "Fast splittable pseudorandom number generators", 2014). A CPU that is switched on again goes on where it was.
 */
final class RandomNumbers extends Register {
    private static final long GAMMA = 0x9e37_79b9_7f4a_7c15L;

    private final Arm64Cpu cpu;

    RandomNumbers(Row row, Arm64Cpu cpu) {
        super(row);
        this.cpu = cpu;
        value = mix(cpu.config.seed() + mix((long) cpu.index() << 16 | row.key()));
    }

    private static long mix(long v) {
        long a = (v ^ v >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        long b = (a ^ a >>> 27) * 0x94d0_49bb_1331_11ebL;
        return b ^ b >>> 31;
    }

    @Override
    long read() {
        value += GAMMA;
        cpu.nzcv = 0;
        return mix(value);
    }

    @Override
    void reset(CpuModel model) { }
}
