package dev.baton.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Entry point: exit 0 as expected, 1 an expectation failed, 2 bad input, 3 the guest stopped making progress, 70 a fault of ours. */
public final class Main {
    private Main() { }

    public static void main(String[] arguments) {
        int status = run(arguments, System.in, System.out, System.err);
        System.out.flush();
        System.exit(status);
    }

    /** Runs one command line with nobody at the keyboard. @return exit status */
    static int run(String[] arguments, PrintStream out, PrintStream err) {
        return run(arguments, null, out, err);
    }

    /** Runs one command line. @return exit status */
    static int run(String[] arguments, InputStream in, PrintStream out, PrintStream err) {
        // What a guest prints is part of a run, and must not follow the host's digits.
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        try {
            if (arguments.length > 0 && arguments[0].equals(QemuCommand.NAME)) {
                return QemuCommand.run(Arrays.asList(arguments).subList(1, arguments.length), in, out, err);
            }
            return isPlainRun(arguments) ? plainRun(arguments, out, err) : Commands.run(arguments, in, out, err);
        } catch (OutOfMemoryError | StackOverflowError e) {
            return Failures.report(e, err, false);
        }
    }

    /**
     * {@code run CHAIN...} without options is not worth a command line parser: picocli's class files are of a version that no AOT
     * cache takes (49), and loading them costs more than the main chain's machine.
     */
    private static boolean isPlainRun(String[] arguments) {
        return arguments.length > 1 && arguments[0].equals("run") && Arrays.stream(arguments).noneMatch(a -> a.startsWith("-"));
    }

    private static int plainRun(String[] arguments, PrintStream out, PrintStream err) {
        List<String> chains = List.of(arguments).subList(1, arguments.length);
        try {
            return new ChainRuns(out, err, chains, null, null, null, false, false, null).run();
        } catch (Exception e) {
            return Failures.report(e, err, false);
        }
    }
}
