package dev.baton.cli;

import java.io.PrintStream;

/** Whether somebody looks, and may be shown colours. */
final class Terminal {
    private Terminal() { }

    /** Standard error is a terminal. The launcher knows: Java can only ask about standard input and output together. */
    static boolean errIsTerminal() {
        return "1".equals(System.getenv("BATON_STDERR_TTY"));
    }

    static boolean inIsTerminal() {
        return "1".equals(System.getenv("BATON_STDIN_TTY"));
    }

    private static boolean outIsTerminal() {
        return "1".equals(System.getenv("BATON_STDOUT_TTY"));
    }

    /** See no-color.org: a terminal, and NO_COLOR absent or empty. */
    static boolean colours(PrintStream to) {
        String no = System.getenv("NO_COLOR");
        boolean terminal = to == System.out && outIsTerminal() || to == System.err && errIsTerminal();
        return terminal && (no == null || no.isEmpty()) && !"dumb".equals(System.getenv("TERM"));
    }
}
