package dev.baton.cli.qemu;

import java.nio.file.Path;

/** Where a character device leads on the host. */
public sealed interface Backend {
    /** Nowhere. */
    record Nothing() implements Backend { }

    /**
     * Standard input and output.
     *
     * @param escapes  Ctrl-A leads to commands ({@code mon:stdio}, or {@code mux=on})
     * @param signals  Ctrl-C and its like stay signals to the emulator
     */
    record Stdio(boolean escapes, boolean signals) implements Backend { }

    /** Output to a file, which is created anew unless {@code append}. */
    record ToFile(Path path, boolean append) implements Backend { }

    /** kvm-unit-tests' way out: {@code CODEq} ends the machine with status {@code CODE << 1 | 1}. */
    record TestDev() implements Backend { }
}
