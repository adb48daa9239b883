package dev.baton.cli;

/** Bad input found by a command: one sentence, exit 2, no stack trace. */
final class BadInput extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadInput(String sentence) {
        super(sentence, null, false, false);
    }
}
