package dev.baton.kernel.chain;

import java.util.List;
import java.util.Map;

/**
 * What must be true of a whole run. A null part has the default written at its key.
 *
 * @param exit          how the run ends
 * @param generations   number of generations that start
 * @param console       texts that console lines of the whole run contain, in this order
 * @param errors        errors that kernels noticed themselves, in order; nothing else may be noticed
 * @param findings      what the checks report, in order; nothing else may be reported
 * @param deterministic the chain is run twice and both machines must end alike
 * @param growth        bounds on what later generations may use more than the first comparable one
 */
public record Outcome(
        @Doc("how the run ends: power-off (default), stuck, reset, or running when the last awaited line came") Exit exit,
        @Doc("number of generations that start (default: all)") Integer generations,
        @Doc("texts that console lines of the whole run contain, in this order") List<String> console,
        @Doc("errors that kernels noticed themselves, each by a text it contains, in order (default: none)") List<String> errors,
        @Doc("what the checks report, in order; nothing else may be reported (default: none)") List<ExpectedFinding> findings,
        @Doc("run twice and compare both machines' state (default false)") Boolean deterministic,
        @Doc("bounds on growth from the second generation to the last that kexecs") Growth growth) {

    static final Outcome DEFAULT = new Outcome(null, null, null, null, null, null, null);

    public Outcome {
        exit = exit == null ? Exit.POWER_OFF : exit;
        console = console == null ? List.of() : List.copyOf(console);
        errors = errors == null ? List.of() : List.copyOf(errors);
        findings = findings == null ? List.of() : List.copyOf(findings);
        deterministic = deterministic != null && deterministic;
    }

    /** How a run ends. */
    public enum Exit {
        /** The guest switched the machine off. */
        POWER_OFF,
        /** No CPU can make progress, or the instruction limit was reached. */
        STUCK,
        /** Every awaited line came; the guest was still running. */
        RUNNING,
        /** The guest asked for a reset. */
        RESET
    }

    /**
     * A finding that must be reported.
     *
     * @param rule    its id
     * @param what    text that its sentence contains; null for any
     * @param details texts that its details contain, by detail name
     */
    public record ExpectedFinding(
            @Doc("rule id") @Required String rule,
            @Doc("text that the finding's sentence contains") String what,
            @Doc("texts that the finding's details contain, by name") Map<String, String> details) {
        public ExpectedFinding {
            details = details == null ? Map.of() : details;
        }
    }

    /** Bounds on growth: the last generation that kexecs may have this much more than the second one. */
    public record Growth(
            @Doc("segments loaded") Integer segments,
            @Doc("bytes in the segments loaded") Size segmentBytes,
            @Doc("bytes that the page allocator has given out") Size allocated,
            @Doc("bytes that memblock holds reserved") Size reserved) { }
}
