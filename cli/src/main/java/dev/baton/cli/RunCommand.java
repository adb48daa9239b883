package dev.baton.cli;

import dev.baton.kernel.chain.ChainFile;
import dev.baton.kernel.chain.ChainRunner;
import dev.baton.kernel.chain.Progress;
import dev.baton.kernel.chain.RunResult;
import dev.baton.kernel.chain.Scenario;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;

@Command(name = "run", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Runs chains: files, or built-in ones by name ('baton chain list').")
final class RunCommand implements Callable<Integer> {
    @ParentCommand
    private BatonCommand baton;

    @Parameters(paramLabel = "CHAIN", arity = "1..*", description = "a YAML or JSON file, or the name of a built-in chain")
    private List<String> chains;

    @Option(names = "--json", paramLabel = "FILE", description = "write the results as JSON; - is standard output")
    private String json;

    @Option(names = "--junit", paramLabel = "FILE", description = "write the results as JUnit XML")
    private String junit;

    @Option(names = "--tap", paramLabel = "FILE", description = "write the results as TAP version 13")
    private String tap;

    @Option(names = "--all", description = "show every generation, with its console")
    private boolean all;

    @Option(names = {"-q", "--quiet"}, description = "show nothing but what is not as expected")
    private boolean quiet;

    @Override
    public Integer call() throws IOException {
        List<ChainFile> files = chains.stream().map(ChainCommand::find).toList();
        Style style = Terminal.colours(baton.out) ? Style.COLOURED : Style.PLAIN;
        RunSummary summary = new RunSummary(baton.out, style, all);
        TerminalProgress progress = Terminal.errIsTerminal() ? new TerminalProgress(baton.err) : null;
        ChainRunner runner = new ChainRunner(Machines.FACTORY, progress == null ? Progress.NONE : progress);
        boolean toScreen = Stream.of(json, junit, tap).noneMatch("-"::equals);
        List<RunResult> results = new ArrayList<>();
        for (ChainFile f : files) {
            for (Scenario s : Scenario.of(f)) {
                RunResult r = runner.run(s);
                results.add(r);
                if (progress != null) {
                    progress.done();
                }
                if (toScreen && (!quiet || r.verdict().exitCode() != 0)) {
                    baton.out.print(results.size() > 1 ? System.lineSeparator() : "");
                    summary.print(r);
                }
            }
        }
        write(json, results, Reports::json);
        write(junit, results, Reports::junit);
        write(tap, results, Reports::tap);
        String times = StartTimes.line();
        if (toScreen && !quiet && !times.isEmpty()) {
            baton.out.println(times);
        }
        return RunResult.exitCode(results);
    }

    private void write(String file, List<RunResult> results, Function<List<RunResult>, String> form) throws IOException {
        if (file == null) {
            return;
        }
        String text = form.apply(results);
        if (file.equals("-")) {
            baton.out.print(text);
        } else {
            try {
                Files.writeString(Path.of(file), text);
            } catch (IOException e) {
                throw new BadInput(file + ": cannot be written: " + dev.baton.kernel.chain.Reasons.of(e));
            }
        }
    }
}
