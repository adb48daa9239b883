package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.core.machine.Bytes;
import dev.baton.images.cpio.CpioWriter;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Real kernels and user space from the cache that scripts/fetch-real-kernels and its like fill, and a run of Baton with them. */
final class RealGuest {
    private static final Path CACHE = Path.of(System.getenv().getOrDefault("BATON_CACHE",
            System.getProperty("user.home") + "/.cache/baton"));

    private RealGuest() { }

    /** @param maker script that puts it there */
    static Path cached(String path, String maker) {
        Path file = CACHE.resolve(path);
        assumeTrue(Files.exists(file), () -> file + " is not there: scripts/" + maker + " makes it");
        return file;
    }

    /** A user space of scripts/build-user-space with {@code kernel} as /boot/Image; put into {@code folder}. */
    static Path withImage(String name, Path kernel, Path folder) throws IOException {
        Path tools = cached("user-space/current/" + name + ".cpio", "build-user-space");
        Path initrd = folder.resolve("initrd");
        try (OutputStream out = Files.newOutputStream(initrd)) {
            Files.copy(tools, out);
            out.write(new CpioWriter().directory("boot", 0755).file("boot/Image", 0644, Bytes.wrap(Files.readAllBytes(kernel))).write());
        }
        return initrd;
    }

    /** What a command of Baton's said. */
    record Run(int status, String console, String told) {
        List<String> lines() {
            return console.lines().toList();
        }

        /** Each text is part of a line, in this order; other lines may stand between. */
        void expectInOrder(List<String> texts) {
            int at = 0;
            List<String> lines = lines();
            for (String text : texts) {
                while (at < lines.size() && !lines.get(at).contains(text)) {
                    at++;
                }
                if (at++ >= lines.size()) {
                    fail("not on the console, or not in this order: " + text + "\n" + told + "\n" + tail());
                }
            }
        }

        long count(String text) {
            return lines().stream().filter(l -> l.contains(text)).count();
        }

        String tail() {
            List<String> lines = lines();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        }
    }

    static Run baton(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(arguments, new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Run(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
