package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;

/** Decoded code: the I-cache model. */
public final class CodeCache {
    CodeCache(Arm64Cpu cpu) { }

    public void context(int context) { }

    public void translationsChanged() { }

    public void invalidateAll() { }

    public void invalidateLine(long pa) { }

    public void dropAll() { }
}
