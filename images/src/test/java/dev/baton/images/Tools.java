package dev.baton.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Other implementations of the formats: binutils, gzip, cpio. */
public final class Tools {
    private Tools() {
    }

    /** Skips the test where {@code tool} is not installed. */
    public static void need(String tool) {
        boolean found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator)).anyMatch(d -> Files.isExecutable(Path.of(d, tool)));
        assumeTrue(found, "no " + tool + " on this machine");
    }

    /** Standard output of a command that must succeed, with {@code in} as its standard input. */
    public static byte[] run(Path dir, byte[] in, String... command) throws IOException, InterruptedException {
        need(command[0]);
        Path input = Files.write(dir.resolve("stdin"), in);
        Path errors = dir.resolve("stderr");
        ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile());
        builder.environment().put("LC_ALL", "C");
        Process p = builder.redirectInput(input.toFile()).redirectError(errors.toFile()).start();
        byte[] out = p.getInputStream().readAllBytes();
        assertEquals(0, p.waitFor(), () -> String.join(" ", command) + ": " + text(errors));
        return out;
    }

    public static String text(Path dir, String... command) throws IOException, InterruptedException {
        return new String(run(dir, new byte[0], command), StandardCharsets.UTF_8);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
