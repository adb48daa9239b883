package dev.baton.kernel.chain;

/** Bad input: one sentence that names the place, what was expected and what was found. Carries no stack trace. */
public final class ChainException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ChainException(String sentence) {
        super(sentence, null, false, false);
    }
}
