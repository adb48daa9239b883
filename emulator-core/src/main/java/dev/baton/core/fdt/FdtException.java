package dev.baton.core.fdt;

/**
 * A tree, a source text or a request that cannot be honoured, as one sentence. It carries no stack trace: it speaks of the input.
 */
public final class FdtException extends RuntimeException {
    private final FdtError error;

    /** {@code sentence} says where, what was expected, and what was found. */
    public FdtException(FdtError error, String sentence) {
        super(error.libfdtName() + ": " + sentence, null, false, false);
        this.error = error;
    }

    /** libfdt's error for it. */
    public FdtError error() {
        return error;
    }
}
