package dev.baton.kernel.chain;

import dev.baton.core.machine.Bytes;
import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;
import dev.baton.images.arm64.GzipImage;
import dev.baton.images.cpio.Initrd;
import dev.baton.kernel.UserStep;
import dev.baton.kernel.UserStep.KernelFile;
import dev.baton.kernel.UserStep.KernelSpec;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Turns the kernels and steps of a scenario into kernel files, the last generation first: each carries what it loads. */
final class ScenarioKernels {
    private final Scenario scenario;
    private final MachineFactory.Workshop workshop;
    private final Map<Path, Bytes> files = new HashMap<>();

    ScenarioKernels(Scenario scenario, MachineFactory.Workshop workshop) {
        this.scenario = scenario;
        this.workshop = workshop;
    }

    /** Why the scenario cannot run here, or null. */
    static String missing(Scenario scenario) {
        for (Chain.Requirement r : scenario.file().chain().requires()) {
            Path file = resolve(scenario, r.file());
            if (!Files.isRegularFile(file)) {
                return file + ": no such file" + (r.hint() == null ? "" : "; " + r.hint());
            }
        }
        return null;
    }

    private static Path resolve(Scenario scenario, String path) {
        String cache = System.getenv("BATON_CACHE");
        String home = System.getProperty("user.home");
        String full = path.replace("${BATON_CACHE}", cache == null || cache.isEmpty() ? home + "/.cache/baton" : cache);
        return scenario.file().folder().resolve(full.startsWith("~/") ? home + full.substring(1) : full);
    }

    /** The file's bytes, null for no path. Each file is read once. */
    Bytes file(String path) {
        return file(path, ImageFile::bytes);
    }

    /** As {@link #file}, of an archive that is whole. */
    Bytes initrd(String path) {
        return file(path, Initrd::bytes);
    }

    private Bytes file(String path, Function<ImageFile, Bytes> as) {
        if (path == null) {
            return null;
        }
        return files.computeIfAbsent(resolve(scenario, path), p -> {
            try {
                return as.apply(ImageFile.read(p));
            } catch (ImageFormatException e) {
                throw new ChainException(e.getMessage());
            }
        });
    }

    /** The first generation's kernel, which carries all that follow. */
    KernelFile first() {
        KernelFile next = null;
        for (int g = scenario.generations().size() - 1; g >= 0; g--) {
            next = kernel(g, next);
        }
        return next;
    }

    private KernelFile kernel(int g, KernelFile next) {
        Generation generation = scenario.generations().get(g);
        KernelEntry entry = scenario.kernels().get(generation.kernel());
        if (entry.image() != null) {
            return image(entry);
        }
        List<UserStep> user = new ArrayList<>();
        String nextName = g + 1 < scenario.generations().size() ? scenario.generations().get(g + 1).kernel() : null;
        for (Step s : generation.steps()) {
            UserStep step = userStep(s, g + 1, next, nextName);
            if (step != null) {
                user.add(step);
            }
        }
        return workshop.modelled(new KernelSpec(generation.kernel(), entry.era(), quirks(entry), user));
    }

    private static Set<dev.baton.kernel.Quirk> quirks(KernelEntry entry) {
        Set<dev.baton.kernel.Quirk> quirks = EnumSet.noneOf(dev.baton.kernel.Quirk.class);
        if (entry.quirks() != null) {
            quirks.addAll(entry.quirks());
        }
        return java.util.Collections.unmodifiableSet(quirks);
    }

    private KernelFile image(KernelEntry entry) {
        ImageFile f = new ImageFile(resolve(scenario, entry.image()).toString(), file(entry.image()));
        try {
            Bytes plain = GzipImage.probe(f) ? GzipImage.decompress(f, scenario.machine().memory().bytes()).bytes() : f.bytes();
            return new KernelFile(Path.of(f.name()).getFileName().toString(), plain, null);
        } catch (ImageFormatException e) {
            throw new ChainException(e.getMessage());
        }
    }

    private UserStep userStep(Step step, int generation, KernelFile next, String nextName) {
        return switch (step) {
            case Step.Boot() -> null;
            case Step.Preserve(String subtree, List<Integer> orders, Long seed) ->
                new UserStep.Preserve(subtree, orders, seed == null ? generation : seed);
            case Step.Restore(String subtree) -> new UserStep.Restore(subtree);
            case Step.Finalize() -> new UserStep.Finalize();
            case Step.Load load -> load(load, next, nextName);
            case Step.Kexec() -> new UserStep.Kexec();
            case Step.PowerOff() -> new UserStep.PowerOff();
            case Step.Halt() -> new UserStep.Halt();
            case Step.Await a -> throw new IllegalStateException("await in a modelled kernel");
        };
    }

    private UserStep load(Step.Load load, KernelFile next, String nextName) {
        boolean successor = load.kernel() == null || load.kernel().equals(nextName);
        String name = successor ? nextName : load.kernel();
        KernelEntry entry = scenario.kernels().get(name);
        KernelFile kernel = successor ? next : stranger(name, entry);
        String cmdline = entry.cmdline() == null ? "" : entry.cmdline();
        int errno = load.errno() == null ? 0 : load.errno().number();
        Bytes initrd = initrd(entry.initrd());
        return load.via() == Step.Via.FILE ? new UserStep.KexecFileLoad(kernel, initrd, cmdline, load.flagBits(), errno)
                : new UserStep.KexecLoad(kernel, initrd, cmdline, errno);
    }

    /** A kernel that is loaded but whose turn never comes. */
    private KernelFile stranger(String name, KernelEntry entry) {
        return entry.image() != null ? image(entry)
                : workshop.modelled(new KernelSpec(name, entry.era(), quirks(entry), List.of(new UserStep.PowerOff())));
    }
}
