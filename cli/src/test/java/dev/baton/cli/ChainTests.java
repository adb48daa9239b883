package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.kernel.chain.ChainFile;
import dev.baton.kernel.chain.ChainRunner;
import dev.baton.kernel.chain.Progress;
import dev.baton.kernel.chain.RunResult;
import dev.baton.kernel.chain.Scenario;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

import java.util.stream.Stream;

/** Chain documents as JUnit tests: one for each run of a document, skipped where it skips. */
final class ChainTests {
    private ChainTests() { }

    static Stream<DynamicTest> of(ChainFile file) {
        return Scenario.of(file).stream().map(s -> DynamicTest.dynamicTest(s.name(), () -> check(s)));
    }

    private static void check(Scenario s) {
        RunResult r = new ChainRunner(Machines.FACTORY, Progress.NONE).run(s);
        Assumptions.assumeTrue(r.verdict() != RunResult.Verdict.SKIPPED, () -> r.failures().getFirst());
        assertEquals(RunResult.Verdict.PASSED, r.verdict(), () -> String.join("\n", r.failures()) + "\n" + String.join("\n", r.stuck()));
    }
}
