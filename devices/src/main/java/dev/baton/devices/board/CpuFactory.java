package dev.baton.devices.board;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.Machine;

/** Makes the CPUs of a board, so that boards do not depend on a CPU. */
@FunctionalInterface
public interface CpuFactory {
    /**
     * Makes CPU {@code index}, off. RAM is on the machine's bus already; CPU 0 is made first. The board adds the CPU to the
     * machine and connects its inputs {@code irq} and {@code fiq}.
     *
     * @return a CPU whose {@code mpidr_el1} has Aff0 = {@code index} and no other affinity
     */
    Cpu create(Machine machine, int index, CpuWiring wiring);
}
