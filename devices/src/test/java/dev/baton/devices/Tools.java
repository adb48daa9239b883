package dev.baton.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** External programs that tests compare with when they are installed. */
public final class Tools {
    private Tools() { }

    /** The directory of the whole project. */
    public static Path root() {
        return Path.of(System.getProperty("baton.root", "..")).toAbsolutePath();
    }

    /** Skips the test, with the reason, if the program is not installed. */
    public static void assume(String program) {
        boolean found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
        assumeTrue(found, program + " is not installed");
    }

    /** Runs a program to its end, which must be a good one, and gives what it printed. */
    public static String run(String... command) throws IOException, InterruptedException {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).redirectInput(new File("/dev/null")).start();
        String output = new String(p.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertEquals(0, p.waitFor(), () -> String.join(" ", command) + ": " + output);
        return output;
    }
}
