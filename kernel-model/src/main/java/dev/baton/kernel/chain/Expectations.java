package dev.baton.kernel.chain;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtException;
import dev.baton.core.fdt.FdtProperty;
import dev.baton.core.finding.Finding;
import dev.baton.kernel.GenerationReport;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Holds a run against what its chain expects; every difference is one sentence. */
final class Expectations {
    private final Scenario scenario;
    private final List<String> failures = new ArrayList<>();

    private Expectations(Scenario scenario) {
        this.scenario = scenario;
    }

    static List<String> failures(Scenario scenario, Outcome.Exit exit, List<RunResult.Turn> turns, List<Finding> findings) {
        Expectations e = new Expectations(scenario);
        e.exit(exit);
        e.count(turns.size());
        for (int i = 0; i < Math.min(turns.size(), scenario.generations().size()); i++) {
            e.generation(turns.get(i), scenario.generations().get(i), i == turns.size() - 1);
        }
        e.console("the run", turns.stream().flatMap(t -> t.console().stream()).toList(), scenario.expect().console());
        e.inOrder("errors", turns.stream().flatMap(t -> errors(t.report())).toList(), scenario.expect().errors());
        e.findings(findings);
        e.growth(turns);
        return e.failures;
    }

    private void fail(String format, Object... arguments) {
        failures.add(format.formatted(arguments));
    }

    private void exit(Outcome.Exit exit) {
        if (exit != scenario.expect().exit()) {
            fail("the run ended by %s, expected %s", Kebab.text(exit), Kebab.text(scenario.expect().exit()));
        }
    }

    private void count(int started) {
        if (started != scenario.generationsExpected()) {
            fail("%d generations started, expected %d", started, scenario.generationsExpected());
        }
    }

    private void generation(RunResult.Turn turn, Generation asked, boolean last) {
        GenerationReport r = turn.report();
        Generation.Expect e = asked.expect() == null ? new Generation.Expect(null, null, null, null, null, null, null, null, null)
                : asked.expect();
        String who = "generation " + r.number;
        console(who, turn.console(), e.console() == null ? List.of() : e.console());
        never(who, turn.console(), e.consoleNever() == null ? List.of() : e.consoleNever());
        equal(who + ": KHO state found at boot", e.kho(), r.khoIncoming.isEmpty() ? "none" : r.khoIncoming);
        equal(who + ": folios restored", e.foliosRestored(), r.foliosRestored);
        equal(who + ": folios preserved", e.foliosPreserved(), r.foliosPreserved);
        if (!r.restoredBytesIntact) {
            fail("%s: restored folios do not hold the bytes that were preserved", who);
        }
        entry(who, r, e);
        turn.memoryFailures().forEach(f -> fail("%s: %s", who, f));
        properties(who, turn, e);
        if (!last) {
            oracle(who, r, e);
        }
    }

    private void console(String who, List<String> lines, List<String> wanted) {
        int from = 0;
        for (String want : wanted) {
            int at = indexOf(lines, want, from);
            if (at < 0) {
                fail("%s: no console line %scontains '%s'", who, from == 0 ? "" : "after the one expected before ", want);
                return;
            }
            from = at + 1;
        }
    }

    private static Stream<String> errors(GenerationReport r) {
        return r.errors.stream().map(e -> "generation " + r.number + ": " + e);
    }

    private void never(String who, List<String> lines, List<String> unwanted) {
        for (String never : unwanted) {
            int at = indexOf(lines, never, 0);
            if (at >= 0) {
                fail("%s: a console line must not contain '%s': %s", who, never, lines.get(at));
            }
        }
    }

    private static int indexOf(List<String> lines, String text, int from) {
        for (int i = from; i < lines.size(); i++) {
            if (lines.get(i).contains(text)) {
                return i;
            }
        }
        return -1;
    }

    private void equal(String what, Object want, Object found) {
        if (want != null && !want.equals(found)) {
            fail("%s: expected %s, found %s", what, want, found);
        }
    }

    private void entry(String who, GenerationReport r, Generation.Expect e) {
        if (e.entry() == null) {
            return;
        }
        e.entry().forEach((name, want) -> {
            Long found = r.entryState.get(name);
            if (found == null || found != want.value()) {
                fail("%s: %s at entry: expected %s, found %s", who, name, want, found == null ? "no such register"
                        : "0x" + Long.toHexString(found));
            }
        });
    }

    private void inOrder(String what, List<String> found, List<String> want) {
        for (int i = 0; i < Math.max(found.size(), want.size()); i++) {
            if (i >= want.size()) {
                fail("%s: not expected: %s", what, found.get(i));
            } else if (i >= found.size() || !found.get(i).contains(want.get(i))) {
                fail("%s: expected '%s', found %s", what, want.get(i), i >= found.size() ? "none" : "'" + found.get(i) + "'");
            }
        }
    }

    private void properties(String who, RunResult.Turn turn, Generation.Expect e) {
        if (e.fdt() == null) {
            return;
        }
        if (turn.dtb() == null) {
            fail("%s: the device tree it was started with was not found", who);
            return;
        }
        try {
            Fdt fdt = Fdt.of(turn.dtb().array());
            e.fdt().forEach(p -> property(who, fdt, p));
        } catch (FdtException x) {
            fail("%s: its device tree is damaged: %s", who, x.getMessage());
        }
    }

    private void property(String who, Fdt fdt, Generation.Property want) {
        String name = "%s: %s %s".formatted(who, want.node(), want.property());
        Optional<FdtProperty> found = fdt.findNode(want.node()).flatMap(n -> n.property(want.property()));
        if (want.present() != null && !want.present()) {
            if (found.isPresent()) {
                fail("%s: expected no such property", name);
            }
            return;
        }
        if (found.isEmpty()) {
            fail("%s: no such property", name);
            return;
        }
        byte[] value = found.get().bytes();
        equal(name + ": length", want.length(), value.length);
        equal(name, want.string(), text(value));
        if (want.bytes() != null && !java.util.Arrays.equals(want.bytes().value().array(), value)) {
            fail("%s: expected %s, found %s", name, want.bytes(), HexFormat.ofDelimiter(" ").formatHex(value));
        }
    }

    private static String text(byte[] value) {
        int n = value.length > 0 && value[value.length - 1] == 0 ? value.length - 1 : value.length;
        return new String(value, 0, n, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private void oracle(String who, GenerationReport r, Generation.Expect e) {
        if (e.oracle() == Generation.OracleRule.UNCHECKED) {
            return;
        }
        if (!r.oracleChecked) {
            fail("%s: its jump was not compared with the plan", who);
        }
        r.oracleDifferences.forEach(d -> fail("%s: at the jump %s", who, d));
    }

    private void findings(List<Finding> found) {
        List<Outcome.ExpectedFinding> want = scenario.expect().findings();
        for (int i = 0; i < Math.max(found.size(), want.size()); i++) {
            if (i >= want.size()) {
                fail("finding not expected: %s: %s", found.get(i).rule(), found.get(i).what());
            } else if (i >= found.size()) {
                fail("expected a finding %s, found none", want.get(i).rule());
            } else {
                finding(found.get(i), want.get(i));
            }
        }
    }

    private void finding(Finding found, Outcome.ExpectedFinding want) {
        if (!found.rule().equals(want.rule()) || want.what() != null && !found.what().contains(want.what())) {
            fail("expected a finding %s%s, found %s: %s", want.rule(), want.what() == null ? "" : " about '" + want.what() + "'",
                    found.rule(), found.what());
            return;
        }
        want.details().forEach((name, text) -> {
            String detail = found.details().get(name);
            if (detail == null || !detail.contains(text)) {
                fail("finding %s: expected '%s' in its %s, found %s", found.rule(), text, name,
                        detail == null ? "none" : "'" + detail + "'");
            }
        });
    }

    private void growth(List<RunResult.Turn> turns) {
        Outcome.Growth g = scenario.expect().growth();
        List<RunResult.Turn> kexecing = turns.subList(0, Math.max(0, turns.size() - 1));
        if (g == null) {
            return;
        }
        if (kexecing.size() < 3) {
            fail("growth: expected at least 3 generations that kexec, found %d", kexecing.size());
            return;
        }
        GenerationReport early = kexecing.get(1).report();
        GenerationReport late = kexecing.getLast().report();
        if (g.segments() != null) {
            grown("segments", g.segments(), early, early.loaded.size(), late, late.loaded.size());
        }
        grown("bytes in segments", g.segmentBytes(), early, bytes(early), late, bytes(late));
        grown("bytes allocated", g.allocated(), early, early.allocatedBytes, late, late.allocatedBytes);
        grown("bytes reserved", g.reserved(), early, early.reservedBytes, late, late.reservedBytes);
    }

    private static long bytes(GenerationReport r) {
        return r.loaded.stream().mapToLong(GenerationReport.Segment::size).sum();
    }

    private void grown(String what, Size bound, GenerationReport early, long before, GenerationReport late, long after) {
        if (bound != null) {
            grown(what, bound.bytes(), early, before, late, after);
        }
    }

    private void grown(String what, long bound, GenerationReport early, long before, GenerationReport late, long after) {
        if (after - before > bound) {
            fail("growth: generation %d has %d %s, generation %d has %d: expected at most %d more", early.number, before, what, late.number,
                    after, bound);
        }
    }
}
