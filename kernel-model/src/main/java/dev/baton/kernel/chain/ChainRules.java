package dev.baton.kernel.chain;

import java.util.List;
import java.util.Map;

/** What a document must satisfy beyond its shape. Each rule complains at the key that breaks it. */
final class ChainRules {
    private static final int MAX_GENERATIONS = 1000;

    private final ChainFile file;
    private final Chain chain;

    private ChainRules(ChainFile file) {
        this.file = file;
        this.chain = file.chain();
    }

    static void check(ChainFile file) {
        ChainRules rules = new ChainRules(file);
        rules.head();
        rules.machine("/machine", file.chain().machine());
        file.chain().kernels().forEach((name, k) -> rules.kernel("/kernels/" + name, k));
        rules.generations();
        rules.variants();
    }

    private void require(boolean holds, String pointer, String sentence, Object... arguments) {
        if (!holds) {
            throw file.complaint(pointer, sentence.formatted(arguments));
        }
    }

    private void head() {
        require(chain.baton() != null, "", "key 'baton' is missing: expected 'baton: %d', the version of the format", Chain.FORMAT);
        require(chain.baton() == Chain.FORMAT, "/baton", "format %d: expected %d", chain.baton(), Chain.FORMAT);
        require(chain.name() != null && chain.name().matches("[A-Za-z0-9][A-Za-z0-9._-]*"), "/name",
                "key 'name': expected letters, digits, dots and hyphens, found '%s'", chain.name());
        require(!chain.kernels().isEmpty(), "/kernels", "key 'kernels': expected at least one kernel");
        for (int i = 0; i < chain.requires().size(); i++) {
            require(chain.requires().get(i).file() != null, "/requires/" + i, "key 'file' is missing");
        }
    }

    private void machine(String at, MachineSpec m) {
        if (m == null) {
            return;
        }
        require(m.cpus() == null || m.cpus() >= 1 && m.cpus() <= 8, at + "/cpus", "cpus: expected 1 to 8, found %d", m.cpus());
        require(m.el() == null || m.el() == 1 || m.el() == 2, at + "/el", "el: expected 1 or 2, found %d", m.el());
        if (m.memory() != null) {
            long bytes = m.memory().bytes();
            require(bytes >= 16L << 20 && bytes <= 16L << 30 && bytes % (1 << 20) == 0, at + "/memory",
                    "memory: expected whole MiB from 16M to 16G, found %s", m.memory());
        }
    }

    private void kernel(String at, KernelEntry k) {
        require(k != null, at, "kernel: expected an era or an image");
        require(k.era() == null != (k.image() == null), at, "kernel: expected either an era or an image, found %s",
                k.era() == null ? "neither" : "both");
        require(k.image() == null || k.quirks() == null, at + "/quirks", "quirks: only modelled kernels have them");
    }

    private void generations() {
        List<Generation> all = chain.generations();
        require(!all.isEmpty(), "/generations", "key 'generations': expected at least one");
        long total = 0;
        for (int i = 0; i < all.size(); i++) {
            total += generation("/generations/" + i, all.get(i), i == all.size() - 1);
        }
        require(total <= MAX_GENERATIONS, "/generations", "expected at most %d generations, found %d", MAX_GENERATIONS, total);
    }

    private int generation(String at, Generation g, boolean last) {
        require(g != null && g.kernel() != null, at, "key 'kernel' is missing");
        require(chain.kernels().containsKey(g.kernel()), at + "/kernel", "kernel '%s': expected one of %s", g.kernel(),
                String.join(", ", chain.kernels().keySet()));
        int repeat = g.repeat() == null ? 1 : g.repeat();
        require(repeat >= 1 && repeat <= MAX_GENERATIONS, at + "/repeat", "repeat: expected 1 to %d, found %d", MAX_GENERATIONS, repeat);
        require(!last || repeat == 1, at + "/repeat", "repeat: the last generation has no successor to hand over to");
        boolean real = chain.kernels().get(g.kernel()).image() != null;
        steps(at + "/steps", g.steps(), real, last);
        if (g.expect() != null) {
            expectations(at + "/expect", g.expect());
        }
        return repeat;
    }

    private void steps(String at, List<Step> steps, boolean real, boolean last) {
        require(!steps.isEmpty(), at, "key 'steps': expected at least one step");
        for (int i = 0; i < steps.size(); i++) {
            String here = at + "/" + i;
            Step s = steps.get(i);
            require(s != null, here, "expected a step");
            require(i == 0 || !(s instanceof Step.Boot), here, "boot: expected as the first step only");
            require(!real || s instanceof Step.Boot || s instanceof Step.Await, here,
                    "the kernel is an image file: expected boot or await, nobody of ours runs inside it");
            require(real || !(s instanceof Step.Await), here, "await: expected for image files only");
            require(s.ends() == (!real && i == steps.size() - 1), here, s.ends() ? "expected as the last step"
                    : "expected kexec, power-off or halt as the last step");
            step(here, s);
        }
        boolean kexecs = steps.getLast() instanceof Step.Kexec;
        require(kexecs != last, at + "/" + (steps.size() - 1), last
                ? "kexec: expected another end, no generation follows" : "expected kexec as the last step, a generation follows");
    }

    private void step(String at, Step s) {
        if (s instanceof Step.Preserve p) {
            require(!p.orders().isEmpty() && p.orders().size() <= 1024, at, "preserve: expected 1 to 1024 orders");
            require(p.orders().stream().allMatch(o -> o != null && o >= 0 && o <= 10), at, "preserve: expected orders of 0 to 10");
        }
        if (s instanceof Step.Load l && l.kernel() != null) {
            require(chain.kernels().containsKey(l.kernel()), at, "load: kernel '%s': expected one of %s", l.kernel(),
                    String.join(", ", chain.kernels().keySet()));
        }
        if (s instanceof Step.Load l) {
            require(l.flags().isEmpty() || l.via() == Step.Via.FILE, at, "load: flags belong to kexec_file_load");
        }
        require(!(s instanceof Step.Await a) || a.console() != null, at, "await: key 'console' is missing");
    }

    private void expectations(String at, Generation.Expect e) {
        for (int i = 0; e.memory() != null && i < e.memory().size(); i++) {
            Generation.MemoryBytes m = e.memory().get(i);
            require(m.at() != null && m.bytes() != null, at + "/memory/" + i, "expected keys 'at' and 'bytes'");
        }
        for (int i = 0; e.fdt() != null && i < e.fdt().size(); i++) {
            Generation.Property p = e.fdt().get(i);
            require(p.node() != null && p.property() != null, at + "/fdt/" + i, "expected keys 'node' and 'property'");
        }
    }

    private void variants() {
        for (int i = 0; i < chain.variants().size(); i++) {
            Chain.Variant v = chain.variants().get(i);
            String at = "/variants/" + i;
            require(v.name() != null, at, "key 'name' is missing");
            machine(at + "/machine", v.machine());
            for (Map.Entry<String, KernelEntry> k : v.kernels().entrySet()) {
                require(chain.kernels().containsKey(k.getKey()), at + "/kernels/" + k.getKey(), "kernel '%s': expected one of %s",
                        k.getKey(), String.join(", ", chain.kernels().keySet()));
            }
        }
        for (int i = 0; i < chain.variants().size(); i++) {
            String name = chain.variants().get(i).name();
            require(chain.variants().stream().filter(v -> v.name().equals(name)).count() == 1, "/variants/" + i,
                    "two variants are named '%s'", name);
        }
    }
}
