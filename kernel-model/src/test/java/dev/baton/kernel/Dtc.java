package dev.baton.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The device tree compiler as a second opinion about a tree we wrote. */
public final class Dtc {
    private Dtc() { }

    /** The tree as source text; a tree that dtc finds fault with fails the test. Skips it if there is no dtc. */
    public static String decompile(byte[] dtb) {
        try {
            Path in = Files.createTempFile("tree", ".dtb");
            Path out = Files.createTempFile("tree", ".dts");
            try {
                Files.write(in, dtb);
                Process p = start("dtc", "-q", "-I", "dtb", "-O", "dts", "-o", out.toString(), in.toString());
                String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertEquals(0, p.waitFor(), said);
                return Files.readString(out, StandardCharsets.ISO_8859_1);
            } finally {
                Files.delete(in);
                Files.delete(out);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static Process start(String... command) {
        Process p = null;
        try {
            p = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, "dtc is not installed (Debian: device-tree-compiler)");
        }
        return p;
    }
}
