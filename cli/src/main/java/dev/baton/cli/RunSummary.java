package dev.baton.cli;

import dev.baton.core.finding.Finding;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.chain.Kebab;
import dev.baton.kernel.chain.KernelEntry;
import dev.baton.kernel.chain.RunResult;
import dev.baton.kernel.chain.Scenario;
import dev.baton.kernel.chain.Size;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A run for people to read: each generation, what it handed on, what was found, how it ended. */
final class RunSummary {
    private static final String LINUX_VERSION = "Linux version ";
    private static final long RAM_BASE = 0x4000_0000L;
    /** Longer chains show their first and last generations. */
    private static final int SHOWN = 4;
    private static final int WIDTH = 100;

    private final PrintStream out;
    private final Style style;
    private final boolean everything;

    /** @param everything show every generation, and its console */
    RunSummary(PrintStream out, Style style, boolean everything) {
        this.out = out;
        this.style = style;
        this.everything = everything;
    }

    void print(RunResult r) {
        Scenario s = r.scenario();
        out.printf("%s  %s%n", style.bold(s.name()), s.title() == null ? "" : s.title());
        if (r.verdict() == RunResult.Verdict.SKIPPED) {
            out.printf("%s: %s%n", style.warn("SKIPPED"), GuestText.printable(r.failures().getFirst()));
            return;
        }
        out.println(style.faint("machine  %s, %d CPU%s, %s, caches %s, EL%d, %s".formatted(Kebab.text(s.machine().board()),
                s.machine().cpus(), s.machine().cpus() == 1 ? "" : "s", s.machine().memory(), s.machine().caches(), s.machine().el(),
                Kebab.text(s.machine().enableMethod()))));
        MemoryMap map = new MemoryMap(RAM_BASE, s.machine().memory().bytes());
        generations(r, map);
        out.println(style.faint("memory   %d KiB a letter from 0x%x, where each generation ended".formatted(map.cell() >> 10, RAM_BASE)));
        wrapped(map.legend()).forEach(l -> out.println(style.faint("         " + l)));
        findings(r.findings());
        stuck(r);
        verdict(r);
    }

    private void generations(RunResult r, MemoryMap map) {
        int n = r.generations().size();
        for (int i = 0; i < n; i++) {
            if (everything || n <= SHOWN + 1 || i < SHOWN / 2 || i >= n - SHOWN / 2) {
                generation(r.scenario(), r.generations().get(i), map);
            } else if (i == SHOWN / 2) {
                out.println(style.faint("\n  ... %d more generations; --all shows them".formatted(n - SHOWN)));
            }
        }
        out.println();
    }

    private void generation(Scenario s, RunResult.Turn turn, MemoryMap map) {
        GenerationReport g = turn.report();
        out.printf("%n%s%n", style.bold("generation " + g.number + "  " + kernel(s, g)));
        row("banner", clip(GuestText.printable(banner(turn))));
        row("entry", entry(g));
        row("KHO in", khoIn(g));
        g.loaded.forEach(l -> row("loaded", "%-12s 0x%08x  %s".formatted(l.label(), l.address(), bytes(l.size()))));
        row("KHO out", g.foliosPreserved == 0 && g.khoOutgoing.isEmpty() ? "" : g.foliosPreserved + " folios preserved");
        tree(g.khoOutgoing);
        row("jump", g.oracleChecked ? g.oracleDifferences.isEmpty() ? style.good("memory and registers equal the plan")
                : style.bad(g.oracleDifferences.size() + " differences from the plan") : "");
        g.oracleDifferences.stream().limit(8).forEach(d -> row("", d));
        g.errors.forEach(e -> row("error", style.bad(GuestText.printable(e))));
        row("memory", areas(g).isEmpty() ? "" : map.line(areas(g)));
        row("ran", "%s instructions".formatted(count(g.instructions)));
        if (everything) {
            turn.console().forEach(line -> row("console", GuestText.printable(line)));
        }
    }

    /** A modelled kernel reports its banner; a real one prints it. */
    private static String banner(RunResult.Turn turn) {
        return !turn.report().banner.isEmpty() ? turn.report().banner
                : turn.console().stream().filter(l -> l.contains(LINUX_VERSION)).findFirst()
                        .map(l -> l.substring(l.indexOf(LINUX_VERSION))).orElse("");
    }

    private static List<GenerationReport.Area> areas(GenerationReport g) {
        return g.areas.isEmpty() ? g.loaded.stream().map(l -> new GenerationReport.Area(l.label(), l.address(), l.size())).toList()
                : g.areas;
    }

    private static String kernel(Scenario s, GenerationReport g) {
        KernelEntry e = g.number <= s.generations().size() ? s.kernels().get(s.generations().get(g.number - 1).kernel()) : null;
        if (e == null || e.era() == null) {
            return g.kernel;
        }
        return g.kernel + ", era " + e.era() + (e.quirks() == null || e.quirks().isEmpty() ? "" : " with " + e.quirks());
    }

    /** What a kernel was entered with, as {@code name value  name value}. */
    static String entry(GenerationReport g) {
        List<String> words = new ArrayList<>();
        g.entryState.forEach((name, value) -> words.add(name + (Long.compareUnsigned(value, 10) < 0 ? " " : " 0x")
                + Long.toHexString(value)));
        return String.join("  ", words);
    }

    private static String khoIn(GenerationReport g) {
        if (g.khoIncoming.isEmpty()) {
            return "";
        }
        return g.khoIncoming + ": " + g.foliosRestored + " folios restored"
                + (g.restoredBytesIntact ? ", every byte as it was" : ", bytes differ");
    }

    private void tree(String text) {
        if (!text.isBlank()) {
            List<String> lines = text.lines().filter(l -> !l.isBlank()).toList();
            (everything ? lines : lines.subList(0, Math.min(lines.size(), 24)))
                    .forEach(l -> row("", style.faint(clip(l))));
            if (!everything && lines.size() > 24) {
                row("", style.faint("... %d more lines".formatted(lines.size() - 24)));
            }
        }
    }

    private void row(String name, String text) {
        if (!text.isEmpty()) {
            out.printf("  %-8s %s%n", name, text);
        }
    }

    private static List<String> wrapped(String words) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String w : words.split("(?<=,) ")) {
            if (!line.isEmpty() && line.length() + w.length() >= WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(w);
        }
        lines.add(line.toString());
        return lines;
    }

    static String clip(String text) {
        return text.length() <= WIDTH ? text : text.substring(0, WIDTH - 3) + "...";
    }

    private void findings(List<Finding> findings) {
        out.println("findings " + (findings.isEmpty() ? style.good("none") : String.valueOf(findings.size())));
        for (Finding f : findings) {
            String severity = f.severity() == Finding.Severity.ERROR ? style.bad("error") : style.warn("warning");
            out.printf("  %s %s: %s%n", severity, style.bold(f.rule()), f.what());
            details(out, f);
        }
    }

    /** Where a finding was made and what it knows, a row each. */
    static void details(PrintStream out, Finding f) {
        String where = f.cpu() < 0 ? "" : "cpu%d pc 0x%x, ".formatted(f.cpu(), f.pc());
        detail(out, "where", where + "after " + count(f.time()) + " instructions");
        f.details().forEach((name, text) -> detail(out, name, text));
        detail(out, "rule", f.source());
    }

    private static void detail(PrintStream out, String name, String text) {
        if (text == null || text.isEmpty()) {
            return;
        }
        String value = text.matches("[0-9a-f]{65,}") ? text.replaceAll("(.{64})(?=.)", "$1\n") : text;
        out.printf("    %-16s %s%n", name, GuestText.printableLines(value).replace("\n", "\n                     "));
    }

    private void stuck(RunResult r) {
        if (!r.stuck().isEmpty()) {
            out.println("stuck    no more progress after " + count(r.instructions()) + " instructions");
            r.stuck().forEach(l -> out.println("  " + GuestText.printable(l)));
        }
    }

    private void verdict(RunResult r) {
        r.failures().forEach(f -> out.println(style.bad("not as expected") + ": " + GuestText.printable(f)));
        String word = switch (r.verdict()) {
            case PASSED -> style.good("PASSED");
            case SKIPPED -> style.warn("SKIPPED");
            case FAILED -> style.bad("FAILED");
            case STUCK -> style.bad("STUCK");
        };
        double seconds = r.nanos() / 1e9;
        out.printf(Locale.ROOT, "%s: %s instructions in %.3f s (%s), machine built in %.3f s%n", word, count(r.instructions()),
                seconds, rate(r.instructions(), seconds), r.setupNanos() / 1e9);
    }

    static String count(long n) {
        return n < 10_000 ? String.valueOf(n) : n < 1_000_000 ? String.format(Locale.ROOT, "%.1f k", n / 1e3)
                : String.format(Locale.ROOT, "%.1f M", n / 1e6);
    }

    static String bytes(long n) {
        if (n % 1024 == 0 && n >= 10_240 && n < 1 << 20 || n % (1 << 20) == 0) {
            return new Size(n).toString();
        }
        return n < 10_240 ? n + " bytes" : n < 1 << 20 ? String.format(Locale.ROOT, "%.1f KiB", n / 1024.0)
                : String.format(Locale.ROOT, "%.1f MiB", n / 1048576.0);
    }

    private static String rate(long instructions, double seconds) {
        double mips = instructions / 1e6 / Math.max(seconds, 1e-9);
        return String.format(Locale.ROOT, mips < 10 ? "%.1f MIPS" : "%.0f MIPS", mips);
    }
}
