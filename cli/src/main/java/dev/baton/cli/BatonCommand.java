package dev.baton.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.InputStream;
import java.io.PrintStream;

@Command(name = "baton", version = "baton 0.1.0", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Runs whole machines and follows them through every hand-over from one kernel to the next.",
        subcommands = {RunCommand.class, ChainCommand.class, BootCommand.class, FdtCommand.class, ImageCommand.class},
        footerHeading = "%nExit status: 0 as expected, 1 an expectation failed, 2 bad input, 3 the guest stopped making progress.%n",
        footer = {"", "Examples", "  baton run arm64-kho-three-kernels", "  baton chain list"})
final class BatonCommand implements Runnable {
    final InputStream in;
    final PrintStream out;
    final PrintStream err;

    @Spec
    private CommandSpec spec;

    @Option(names = "--debug", description = "write the stack trace of an internal error to ./baton-trace.txt")
    boolean debug;

    BatonCommand(InputStream in, PrintStream out, PrintStream err) {
        this.in = in;
        this.out = out;
        this.err = err;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command");
    }
}
