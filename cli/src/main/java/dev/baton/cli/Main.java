package dev.baton.cli;

import dev.baton.core.fdt.FdtException;
import dev.baton.images.ImageFormatException;
import dev.baton.kernel.chain.ChainException;
import dev.baton.kernel.chain.Reasons;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Entry point: exit 0 as expected, 1 an expectation failed, 2 bad input, 3 the guest stopped making progress, 70 a fault of ours. */
public final class Main {
    private static final int BAD_INPUT = 2;
    /** {@code EX_SOFTWARE} of sysexits.h. */
    private static final int INTERNAL = 70;

    private Main() { }

    public static void main(String[] arguments) {
        int status = run(arguments, System.out, System.err);
        System.out.flush();
        System.exit(status);
    }

    static int run(String[] arguments, java.io.PrintStream out, java.io.PrintStream err) {
        CommandLine line = new CommandLine(new BatonCommand(out, err));
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8)).setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(
                Terminal.colours(out) ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler(Main::badCommandLine);
        line.setExecutionExceptionHandler(Main::failed);
        return line.execute(arguments);
    }

    private static int badCommandLine(CommandLine.ParameterException e, String[] arguments) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("baton: " + oneLine(e.getMessage()) + "; see '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'");
        return BAD_INPUT;
    }

    private static int failed(Exception e, CommandLine line, ParseResult result) {
        PrintWriter err = line.getErr();
        String sentence = switch (e) {
            case ChainException c -> c.getMessage();
            case ImageFormatException i -> i.getMessage();
            case FdtException f -> f.getMessage();
            case BadInput b -> b.getMessage();
            case IOException io -> Reasons.of(io);
            default -> null;
        };
        if (sentence != null) {
            err.println("baton: " + oneLine(sentence));
            return BAD_INPUT;
        }
        err.println("baton: internal error: " + oneLine(String.valueOf(e)) + "; " + trace(e, line));
        return INTERNAL;
    }

    /** Where the stack trace went, or how to get it. */
    private static String trace(Exception e, CommandLine line) {
        CommandLine root = line;
        while (root.getParent() != null) {
            root = root.getParent();
        }
        if (!((BatonCommand) root.getCommand()).debug) {
            return "run again with 'baton --debug ...' for its trace";
        }
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text, true));
        Path file = Path.of("baton-trace.txt").toAbsolutePath();
        try {
            Files.writeString(file, text.toString());
            return "its trace is in " + file;
        } catch (IOException io) {
            return "its trace could not be written to " + file + ": " + Reasons.of(io);
        }
    }

    private static String oneLine(String text) {
        return text == null ? "no reason given" : text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
