package dev.baton.kernel.follow;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

/**
 * The copying of a loaded kernel into place, from the first instruction of the relocation code to the first one of the kernel.
 * Times are counts of instructions that the machine had executed; the other CPUs are off meanwhile.
 *
 * @param cpu        the CPU that copies
 * @param code       physical address of the first instruction
 * @param translated address translation is on at that instruction: so since v5.16, and not before
 * @param pages      pages that the list names
 * @param began      time of the first instruction
 * @param jumped     time of the jump to what was loaded; 0 before it
 * @param entered    time of the first instruction of the next kernel: later than {@code jumped} by purgatory; 0 before it
 */
public record Relocation(int cpu, long code, boolean translated, int pages, long began, long jumped, long entered) {
    static Relocation begun(Cpu cpu, long code, boolean translated, int pages, long now) {
        return new Relocation(cpu.index(), code, translated, pages, now, 0, 0);
    }

    Relocation jumped(long now) {
        return new Relocation(cpu, code, translated, pages, began, now, 0);
    }

    Relocation entered(long now) {
        return new Relocation(cpu, code, translated, pages, began, jumped, now);
    }

    /** Instructions from the first one of the relocation code to the jump. */
    public long instructions() {
        return jumped - began;
    }

    /** Instructions of purgatory; 0 if there was none. */
    public long purgatory() {
        return entered - jumped;
    }

    void save(StateWriter out) {
        out.u32(cpu).u64(code).flag(translated).u32(pages).u64(began).u64(jumped);
    }

    static Relocation load(StateReader in) {
        return new Relocation(in.u32(), in.u64(), in.flag(), in.u32(), in.u64(), in.u64(), 0);
    }
}
