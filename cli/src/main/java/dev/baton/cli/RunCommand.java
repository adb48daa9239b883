package dev.baton.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

import java.util.List;
import java.util.concurrent.Callable;

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

    @Option(names = "--gdb", paramLabel = "PORT",
            description = "hold the first run until a gdb that connected to this port of the loopback interface lets it go")
    private Integer gdb;

    @Override
    public Integer call() {
        return new ChainRuns(baton.out, baton.err, chains, json, junit, tap, all, quiet, gdb).run();
    }
}
