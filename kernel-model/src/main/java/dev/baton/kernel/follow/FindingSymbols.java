package dev.baton.kernel.follow;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.Machine;

import java.util.HashMap;
import java.util.Map;

/** Symbols of what findings name, looked up when they are reported: then the kernel they are about still has its tables. */
final class FindingSymbols {
    private final Machine machine;
    private final PeekedMemory memory;
    private final Map<Finding, String> names = new HashMap<>();
    private FollowedKernel known;
    private Kallsyms symbols;

    FindingSymbols(Machine machine, PeekedMemory memory) {
        this.machine = machine;
        this.memory = memory;
    }

    void name(Finding f, FollowedKernel kernel) {
        String name = symbol(kernel, physical(f.cpu(), f.pc()));
        if (!name.isEmpty()) {
            names.put(f, name);
        }
    }

    String of(Finding f) {
        return names.getOrDefault(f, "");
    }

    /** Symbol and offset of a physical address inside the kernel's image; "" if nobody knows. */
    String symbol(FollowedKernel kernel, long pa) {
        if (!kernel.holds(pa)) {
            return "";
        }
        if (known != kernel) {
            known = kernel;
            symbols = Kallsyms.in(memory.read(kernel.image().address(), (int) Math.min(kernel.image().size(), Integer.MAX_VALUE - 8)));
        }
        return symbols == null ? "" : symbols.at(pa - kernel.image().address());
    }

    long physical(int index, long pc) {
        Cpu cpu = machine.cpu(Math.clamp(index, 0, machine.cpus().size() - 1));
        long translated = cpu.translate(pc);
        return translated == -1 ? pc : translated;
    }
}
