package dev.baton.kernel.chain;

import java.util.List;
import java.util.Map;

/**
 * A chain document as it is written: which machine, which kernels, what each generation does, what must be true. A part that
 * is not written is null or empty; {@link Scenario} fills in the defaults.
 *
 * @param baton       version of the format, 1
 * @param name        for lists and reports
 * @param title       one sentence for people
 * @param requires    files without which the chain is skipped
 * @param machine     what to build
 * @param kernels     by a name that generations use
 * @param generations in order; the first is booted by firmware, each other one by its predecessor's kexec
 * @param expect      what must be true of the whole run
 * @param variants    runs of the same chain under other conditions; without any the chain itself is the only run
 */
public record Chain(
        @Doc("version of this format: 1") @Required Integer baton,
        @Doc("name for lists and reports") @Required String name,
        @Doc("what the chain shows, in one sentence") String title,
        @Doc("files without which the chain is skipped") List<Requirement> requires,
        @Doc("the machine to build") MachineSpec machine,
        @Doc("kernels by name") @Required Map<String, KernelEntry> kernels,
        @Doc("kernels in the order in which they run; each hands over to the next") @Required List<Generation> generations,
        @Doc("what must be true of the whole run") Outcome expect,
        @Doc("runs of the same chain under other conditions, each with its own expectations") List<Variant> variants) {

    /** The format this program reads. */
    public static final int FORMAT = 1;

    public Chain {
        requires = requires == null ? List.of() : List.copyOf(requires);
        kernels = kernels == null ? Map.of() : kernels;
        generations = generations == null ? List.of() : List.copyOf(generations);
        variants = variants == null ? List.of() : List.copyOf(variants);
    }

    /**
     * A file that may be absent.
     *
     * @param file path; {@code ${BATON_CACHE}} stands for the cache folder
     * @param hint how to get it
     */
    public record Requirement(
            @Doc("path; ${BATON_CACHE} is the cache folder, by default ~/.cache/baton") @Required String file,
            @Doc("how to get it") String hint) { }

    /**
     * The same chain under other conditions: what is written here replaces what the chain says.
     *
     * @param expect replaces the chain's {@code expect} as a whole
     */
    public record Variant(
            @Doc("name, added to the chain's") @Required String name,
            @Doc("what the variant shows") String title,
            @Doc("keys that replace those of the chain's machine") MachineSpec machine,
            @Doc("keys that replace those of the chain's kernels of the same name") Map<String, KernelEntry> kernels,
            @Doc("what must be true instead of what the chain says") Outcome expect) {

        public Variant {
            kernels = kernels == null ? Map.of() : kernels;
        }
    }
}
