package dev.baton.kernel.chain;

import dev.baton.core.mem.CachePolicy;

/**
 * The machine a chain asks for. A null part has its default.
 *
 * @param board        {@code virt}
 * @param cpus         1 to 8
 * @param memory       16 MiB to 16 GiB, whole MiB
 * @param caches       what the caches do on their own
 * @param enableMethod how secondary CPUs start
 * @param el           exception level at which firmware enters the first kernel: 1 or 2
 * @param seed         of {@code rng-seed} and {@code kaslr-seed}; 0: the tree has neither
 * @param limit        instructions of all CPUs together after which the run ends
 * @param dtb          device tree that firmware passes; by default the board's own
 */
public record MachineSpec(
        @Doc("board: virt") Board board,
        @Doc("number of CPUs, 1 to 8 (default 1)") Integer cpus,
        @Doc("RAM, 16M to 16G (default 512M)") Size memory,
        @Doc("none, strict, adversarial or random:SEED (default strict)") CachePolicy caches,
        @Doc("how secondary CPUs start: psci or spin-table (default psci)") EnableMethod enableMethod,
        @Doc("exception level of the first kernel's entry, 1 or 2 (default 1)") Integer el,
        @Doc("seed of kaslr-seed and rng-seed; 0 for none of them (default 1)") Long seed,
        @Doc("instructions after which the run ends (default 2G)") Count limit,
        @Doc("device tree that firmware passes (default: the board's own)") String dtb) {

    /** Boards. */
    public enum Board { VIRT }

    /** {@code enable-method} of the CPU nodes. */
    public enum EnableMethod {
        PSCI, SPIN_TABLE;

        /** @throws IllegalArgumentException with the list */
        public static EnableMethod parse(String text) {
            return Kebab.parse(EnableMethod.class, text);
        }
    }

    private static final MachineSpec NOTHING = new MachineSpec(null, null, null, null, null, null, null, null, null);
    private static final MachineSpec DEFAULTS = new MachineSpec(Board.VIRT, 1, new Size(512L << 20), CachePolicy.STRICT,
            EnableMethod.PSCI, 1, 1L, new Count(2_000_000_000L), null);

    /** Every part that is null here is taken from {@code other}. */
    public MachineSpec or(MachineSpec other) {
        MachineSpec o = other == null ? NOTHING : other;
        return new MachineSpec(first(board, o.board), first(cpus, o.cpus), first(memory, o.memory), first(caches, o.caches),
                first(enableMethod, o.enableMethod), first(el, o.el), first(seed, o.seed), first(limit, o.limit), first(dtb, o.dtb));
    }

    /** With defaults in place of all that is null, except {@code dtb}. */
    public MachineSpec orDefaults() {
        return or(DEFAULTS);
    }

    static <T> T first(T a, T b) {
        return a != null ? a : b;
    }
}
