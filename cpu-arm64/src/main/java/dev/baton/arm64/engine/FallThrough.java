package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;

/** No instruction: a block ends because it is long enough or the page ends. */
final class FallThrough extends DirectJump {
    FallThrough(long lastPc) {
        super(lastPc, lastPc + 4);
    }

    @Override
    public Block next(Arm64Cpu c) {
        return fallThrough(c);
    }
}
