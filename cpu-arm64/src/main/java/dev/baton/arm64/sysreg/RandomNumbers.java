package dev.baton.arm64.sysreg;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.machine.SplitMix64;

/**
 * RNDR and RNDRRS (FEAT_RNG): a number never fails to come, so NZCV is 0b0000 after each read. {@link #value} is the state of a
 * {@link SplitMix64} from the seed of the machine. A CPU that is switched on again goes on where it was.
 */
final class RandomNumbers extends Register {
    private final Arm64Cpu cpu;

    RandomNumbers(Row row, Arm64Cpu cpu) {
        super(row);
        this.cpu = cpu;
        value = SplitMix64.mix(cpu.config.seed() + SplitMix64.mix((long) cpu.index() << 16 | row.key()));
    }

    @Override
    long read() {
        value += SplitMix64.GAMMA;
        cpu.nzcv = 0;
        return SplitMix64.mix(value);
    }

    @Override
    void reset(CpuModel model) { }
}
