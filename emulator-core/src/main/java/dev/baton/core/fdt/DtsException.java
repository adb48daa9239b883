package dev.baton.core.fdt;

/** A device tree source text that cannot be compiled: one sentence that begins with {@code file:line:column}. */
public final class DtsException extends RuntimeException {
    private final int line;
    private final int column;

    DtsException(String file, int line, int column, String sentence) {
        super("%s:%d:%d: %s".formatted(file, line, column, sentence), null, false, false);
        this.line = line;
        this.column = column;
    }

    /** Counted from 1. */
    public int line() {
        return line;
    }

    /** Counted from 1, in bytes. */
    public int column() {
        return column;
    }
}
