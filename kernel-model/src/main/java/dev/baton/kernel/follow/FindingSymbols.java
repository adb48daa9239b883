package dev.baton.kernel.follow;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.Machine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Symbols of what findings name, looked up when they are reported: then the kernel they are about still has its tables. */
final class FindingSymbols {
    private final Machine machine;
    private final PeekedMemory memory;
    private final Map<Finding, String> names = new HashMap<>();
    private final List<SymbolFile> files = new ArrayList<>();
    private FollowedKernel known;
    private ImageSymbols symbols;

    FindingSymbols(Machine machine, PeekedMemory memory) {
        this.machine = machine;
        this.memory = memory;
    }

    void know(SymbolFile file) {
        files.add(file);
    }

    /** Files of symbols that are none of {@code kernels}. */
    List<SymbolFile> foreign(List<FollowedKernel> kernels) {
        return files.stream().filter(f -> kernels.stream().noneMatch(k -> fits(f, k))).toList();
    }

    private static boolean fits(SymbolFile file, FollowedKernel kernel) {
        return kernel.image() != null && kernel.image().size() == file.size();
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
            symbols = of(kernel);
        }
        return symbols == null ? "" : symbols.at(pa - kernel.image().address());
    }

    /** The user's file of this kernel, else the table that it carries; null if there is neither. */
    private ImageSymbols of(FollowedKernel kernel) {
        return files.stream().filter(f -> fits(f, kernel)).map(f -> (ImageSymbols) f).findFirst().orElseGet(() -> Kallsyms.in(
                memory.read(kernel.image().address(), (int) Math.min(kernel.image().size(), Integer.MAX_VALUE - 8))));
    }

    long physical(int index, long pc) {
        Cpu cpu = machine.cpu(Math.clamp(index, 0, machine.cpus().size() - 1));
        long translated = cpu.translate(pc);
        return translated == -1 ? pc : translated;
    }
}
