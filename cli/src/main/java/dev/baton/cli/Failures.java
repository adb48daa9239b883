package dev.baton.cli;

import dev.baton.cli.qemu.QemuOptionException;
import dev.baton.core.fdt.FdtException;
import dev.baton.images.ImageFormatException;
import dev.baton.kernel.chain.ChainException;
import dev.baton.kernel.chain.Reasons;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** What a command that fails says, and its exit status: one line, never a stack trace. */
final class Failures {
    static final int BAD_INPUT = 2;
    /** {@code EX_SOFTWARE} of sysexits.h. */
    private static final int INTERNAL = 70;

    private Failures() { }

    /** @param debug write the stack trace of an internal error to a file */
    static int report(Throwable e, PrintStream err, boolean debug) {
        String sentence = switch (e) {
            case ChainException c -> c.getMessage();
            case ImageFormatException i -> i.getMessage();
            case FdtException f -> f.getMessage();
            case BadInput b -> b.getMessage();
            case QemuOptionException q -> q.getMessage();
            case IOException io -> Reasons.of(io);
            case InvalidPathException p -> p.getInput() + ": expected a path, found none that this host can have";
            default -> null;
        };
        if (sentence != null) {
            err.println("baton: " + oneLine(sentence));
            return BAD_INPUT;
        }
        err.println("baton: internal error: " + oneLine(String.valueOf(e)) + "; "
                + (debug ? trace(e) : "run again with 'baton --debug ...' for its trace"));
        return INTERNAL;
    }

    private static String trace(Throwable e) {
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

    static String oneLine(String text) {
        return text == null ? "no reason given" : text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
