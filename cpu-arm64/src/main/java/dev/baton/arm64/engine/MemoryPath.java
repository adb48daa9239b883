package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Loads and stores that left the fast path. */
public final class MemoryPath {
    public MemoryPath(Arm64Cpu cpu) { }

    public long loadSlow(long va, int size, Insn self) {
        throw new UnsupportedOperationException();
    }

    public void storeSlow(long va, int size, long value, Insn self) {
        throw new UnsupportedOperationException();
    }

    public long deviceLoad(long pa, int size, long va) {
        throw new UnsupportedOperationException();
    }

    public void deviceStore(long pa, int size, long value, long va) {
        throw new UnsupportedOperationException();
    }
}
