package dev.baton.cli;

import dev.baton.kernel.chain.ChainFile;
import dev.baton.kernel.chain.ChainRunner;
import dev.baton.kernel.chain.MachineFactory;
import dev.baton.kernel.chain.Progress;
import dev.baton.kernel.chain.Reasons;
import dev.baton.kernel.chain.RunResult;
import dev.baton.kernel.chain.Scenario;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Runs chains and prints their results.
 *
 * @param chains files or names
 * @param json   where to write results, {@code -} for standard output; null for not at all
 * @param all    show every generation and its console
 * @param gdb    port for a debugger of the first run, null for none
 * @param quiet  show only what is not as expected
 */
record ChainRuns(PrintStream out, PrintStream err, List<String> chains, String json, String junit, String tap, boolean all, boolean quiet,
        Integer gdb) {
    /** @return exit status */
    int run() {
        List<ChainFile> files = chains.stream().map(ChainCommand::find).toList();
        TerminalProgress progress = Terminal.errIsTerminal() ? new TerminalProgress(err) : null;
        MachineFactory machines = gdb == null ? Machines.FACTORY : new DebuggedMachines(Machines.FACTORY, gdb, err);
        ChainRunner runner = new ChainRunner(machines, progress == null ? Progress.NONE : progress);
        List<RunResult> results = new ArrayList<>();
        for (ChainFile f : files) {
            for (Scenario s : Scenario.of(f)) {
                RunResult r = runner.run(s);
                if (progress != null) {
                    progress.done();
                }
                results.add(r);
                show(r, results.size() > 1);
            }
        }
        write(json, results, Reports::json);
        write(junit, results, Reports::junit);
        write(tap, results, Reports::tap);
        if (toScreen() && !quiet && !StartTimes.line().isEmpty()) {
            out.println(StartTimes.line());
        }
        return RunResult.exitCode(results);
    }

    private boolean toScreen() {
        return Stream.of(json, junit, tap).noneMatch("-"::equals);
    }

    private void show(RunResult r, boolean another) {
        if (toScreen() && (!quiet || r.verdict().exitCode() != 0)) {
            if (another) {
                out.println();
            }
            new RunSummary(out, Terminal.colours(out) ? Style.COLOURED : Style.PLAIN, all).print(r);
        }
    }

    private void write(String file, List<RunResult> results, Function<List<RunResult>, String> form) {
        if (file == null) {
            return;
        }
        String text = form.apply(results);
        if (file.equals("-")) {
            out.print(text);
            return;
        }
        try {
            Files.writeString(Path.of(file), text);
        } catch (IOException e) {
            throw new BadInput(file + ": cannot be written: " + Reasons.of(e));
        }
    }
}
