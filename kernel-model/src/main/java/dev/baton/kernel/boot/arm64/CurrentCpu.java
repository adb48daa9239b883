package dev.baton.kernel.boot.arm64;

import dev.baton.core.cpu.Cpu;

/** {@code smp_processor_id()}: the CPU whose model call is being answered; everything a kernel does, it does with this one. */
final class CurrentCpu {
    private Cpu cpu;

    Cpu get() {
        return cpu;
    }

    void set(Cpu caller) {
        cpu = caller;
    }
}
