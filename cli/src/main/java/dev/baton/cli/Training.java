package dev.baton.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What the launcher lets the JVM learn once after each build (JEP 514, 515): classes loaded and linked, and method profiles, of the
 * main chain and, where a real kernel is at hand, of its boot.
 */
final class Training {
    private Training() { }

    /** @param arguments nothing, or the arm64 Image and the initramfs of a boot to power-off */
    public static void main(String[] arguments) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Main.run(new String[] {"run", "arm64-kho-three-kernels"}, nowhere, nowhere);
        if (arguments.length == 2) {
            Main.run(new String[] {QemuCommand.NAME, "-version"}, nowhere, nowhere);
            Main.run(new String[] {"boot", "--kernel", arguments[0], "--initrd", arguments[1], "--cpu", "cortex-a57", "--append",
                "console=ttyAMA0 panic=-1", "--limit", "2G"}, nowhere, nowhere);
        }
    }
}
