package dev.baton.kernel.chain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One run that a chain asks for: a variant applied, defaults filled in, repetitions written out.
 *
 * @param name        the chain's, with the variant's after a slash
 * @param title       what it shows
 * @param file        the document, for paths
 * @param machine     without nulls, but for {@code dtb}
 * @param kernels     by name
 * @param generations one per kernel's turn, {@code repeat} gone
 * @param expect      what must be true of the run
 */
public record Scenario(String name, String title, ChainFile file, MachineSpec machine, Map<String, KernelEntry> kernels,
        List<Generation> generations, Outcome expect) {

    /** The runs of a document in order. */
    public static List<Scenario> of(ChainFile file) {
        Chain chain = file.chain();
        if (chain.variants().isEmpty()) {
            return List.of(of(file, new Chain.Variant(null, chain.title(), null, null, null)));
        }
        return chain.variants().stream().map(v -> of(file, v)).toList();
    }

    private static Scenario of(ChainFile file, Chain.Variant v) {
        Chain chain = file.chain();
        MachineSpec base = chain.machine() == null ? new MachineSpec(null, null, null, null, null, null, null, null, null)
                : chain.machine();
        MachineSpec machine = v.machine() == null ? base : v.machine().or(base);
        Map<String, KernelEntry> kernels = new LinkedHashMap<>(chain.kernels());
        v.kernels().forEach((name, k) -> kernels.put(name, k.or(chain.kernels().get(name))));
        Outcome expect = MachineSpec.first(v.expect(), MachineSpec.first(chain.expect(), Outcome.DEFAULT));
        return new Scenario(v.name() == null ? chain.name() : chain.name() + "/" + v.name(), MachineSpec.first(v.title(), chain.title()),
                file, machine.orDefaults(), kernels, writtenOut(chain.generations()), expect);
    }

    private static List<Generation> writtenOut(List<Generation> generations) {
        List<Generation> all = new ArrayList<>();
        for (Generation g : generations) {
            Generation one = new Generation(g.kernel(), null, g.steps(), g.expect());
            for (int i = 0; i < (g.repeat() == null ? 1 : g.repeat()); i++) {
                all.add(one);
            }
        }
        return List.copyOf(all);
    }

    /** Number of generations that must start. */
    public int generationsExpected() {
        return expect.generations() == null ? generations.size() : expect.generations();
    }
}
