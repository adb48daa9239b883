package dev.baton.cli.qemu;

/** A command line that cannot be honoured: one sentence that begins with the option. */
public final class QemuOptionException extends RuntimeException {
    private static final long serialVersionUID = 1;

    QemuOptionException(String option, String sentence) {
        super(option + ": " + sentence, null, false, false);
    }
}
