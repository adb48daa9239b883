package dev.baton.core.cpu;

/** Receives model calls: {@code HLT #imm16} on ARM, {@code OUT} to the model port on x86. Counts as one instruction. */
@FunctionalInterface
public interface ModelCalls {
    /** Nobody registered. */
    ModelCalls NONE = (cpu, number) -> false;

    /** @return false if nobody answers this number: the CPU then does what the architecture says */
    boolean call(Cpu cpu, int number);
}
