package dev.baton.cli;

import picocli.CommandLine;

import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Command lines by picocli. */
final class Commands {
    private Commands() { }

    static int run(String[] arguments, InputStream in, PrintStream out, PrintStream err) {
        BatonCommand baton = new BatonCommand(in, out, err);
        CommandLine line = new CommandLine(baton);
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8)).setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(
                Terminal.colours(out) ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((e, given) -> badCommandLine(e, err));
        line.setExecutionExceptionHandler((e, failed, result) -> Failures.report(e, err, baton.debug));
        return line.execute(arguments);
    }

    private static int badCommandLine(CommandLine.ParameterException e, PrintStream err) {
        err.println("baton: " + Failures.oneLine(e.getMessage()) + "; see '" + e.getCommandLine().getCommandSpec().qualifiedName()
                + " --help'");
        return Failures.BAD_INPUT;
    }
}
