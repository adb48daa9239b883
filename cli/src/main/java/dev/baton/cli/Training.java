package dev.baton.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What the launcher lets the JVM learn once after each build: a boot to power-off, and the look-alike's command line (JEP 514, 515). */
final class Training {
    private Training() { }

    /** @param arguments an arm64 Image and an initramfs */
    public static void main(String[] arguments) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Main.run(new String[] {QemuCommand.NAME, "-version"}, nowhere, nowhere);
        Main.run(new String[] {"boot", "--kernel", arguments[0], "--initrd", arguments[1], "--cpu", "cortex-a57", "--append",
            "console=ttyAMA0 panic=-1", "--limit", "2G"}, nowhere, nowhere);
    }
}
