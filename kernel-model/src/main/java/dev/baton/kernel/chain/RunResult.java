package dev.baton.kernel.chain;

import dev.baton.core.finding.Finding;
import dev.baton.core.machine.Bytes;
import dev.baton.kernel.GenerationReport;

import java.util.List;

/**
 * What became of one run of a chain.
 *
 * @param scenario     what was asked for
 * @param verdict      in one word
 * @param failures     what was not as expected, one sentence each; for a skipped run the reason
 * @param generations  in order, as far as they started
 * @param findings     what the checks reported
 * @param exit         how the run ended; null if skipped
 * @param stuck        where each CPU is and what it waits for, when the guest made no progress
 * @param instructions of all CPUs
 * @param nanos        host time from power-on to the end
 * @param setupNanos   host time to build kernels and machine
 * @param stateHash    digest of the machine at the end; 0 unless the chain asks for determinism
 */
public record RunResult(Scenario scenario, Verdict verdict, List<String> failures, List<Turn> generations, List<Finding> findings,
        Outcome.Exit exit, List<String> stuck, long instructions, long nanos, long setupNanos, long stateHash) {

    /** The result in one word. */
    public enum Verdict {
        /** Everything was as the chain expects. */
        PASSED(0),
        /** A file that the chain requires is absent. */
        SKIPPED(0),
        /** An expectation failed. */
        FAILED(1),
        /** The guest stopped making progress although the chain does not expect that. */
        STUCK(3);

        private final int exitCode;

        Verdict(int exitCode) {
            this.exitCode = exitCode;
        }

        /** Of {@code baton run}. */
        public int exitCode() {
            return exitCode;
        }
    }

    /**
     * One generation's turn.
     *
     * @param report  what the kernel and the hand-over said
     * @param console its lines
     * @param dtb     the device tree it was started with; null if it was not found
     * @param memoryFailures what of the RAM was not as expected at its end
     */
    public record Turn(GenerationReport report, List<String> console, Bytes dtb, List<String> memoryFailures) { }

    public RunResult {
        failures = List.copyOf(failures);
        generations = List.copyOf(generations);
        findings = List.copyOf(findings);
        stuck = List.copyOf(stuck);
    }

    static RunResult skipped(Scenario scenario, String reason) {
        return new RunResult(scenario, Verdict.SKIPPED, List.of(reason), List.of(), List.of(), null, List.of(), 0, 0, 0, 0);
    }

    /** Exit status of a command that ran all of these: stuck before failed before passed. */
    public static int exitCode(List<RunResult> results) {
        return results.stream().mapToInt(r -> r.verdict().exitCode()).max().orElse(0);
    }
}
