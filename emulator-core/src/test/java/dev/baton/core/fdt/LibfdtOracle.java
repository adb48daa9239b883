package dev.baton.core.fdt;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The C program libfdt-oracle.c, built once per run; tests that need it are skipped where gcc or libfdt is missing. */
final class LibfdtOracle {
    private static final Path DIRECTORY = temporaryDirectory();
    private static final Path PROGRAM = build();

    private LibfdtOracle() {
    }

    static void assumePresent() {
        Assumptions.assumeTrue(PROGRAM != null, "gcc and libfdt (Debian: gcc libfdt-dev) are needed to build libfdt-oracle.c");
    }

    /** What the oracle's check mode answers to these records. */
    static byte[] check(byte[] records) {
        return run(records, PROGRAM.toString(), "check");
    }

    /** One line per call: result, hash, and for {@code pathof} the path. */
    static List<String> script(List<String> calls) {
        return new String(run((String.join("\n", calls) + "\n").getBytes(), PROGRAM.toString(), "script")).lines().toList();
    }

    /** What {@code dtc} writes to stdout for this input. */
    static byte[] dtc(byte[] input, String... arguments) {
        String[] command = new String[arguments.length + 2];
        command[0] = "dtc";
        command[1] = "-q";
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        return run(input, command);
    }

    static void assumeDtc() {
        Assumptions.assumeTrue(succeeds("dtc", "--version"), "dtc (Debian: device-tree-compiler) is not installed");
    }

    /** FNV-1a over the tree, as the oracle prints it. */
    static String hash(FdtTree tree) {
        long h = 0xcbf29ce484222325L;
        for (byte x : tree.toBytes()) {
            h = (h ^ x & 0xff) * 0x100000001b3L;
        }
        return Long.toHexString(h);
    }

    /** An operand of the script; the empty value is a dash. */
    static String hex(byte[] value) {
        return value.length == 0 ? "-" : HexFormat.of().formatHex(value);
    }

    private static Path temporaryDirectory() {
        try {
            Path directory = Files.createTempDirectory("baton-fdt");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException e) {
            System.err.println("left behind: " + directory);
        }
    }

    private static Path build() {
        Path source = DIRECTORY.resolve("libfdt-oracle.c");
        Path program = DIRECTORY.resolve("libfdt-oracle");
        try (InputStream in = LibfdtOracle.class.getResourceAsStream("libfdt-oracle.c")) {
            Files.copy(in, source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return succeeds("gcc", "-O1", "-o", program.toString(), source.toString(), "-lfdt") ? program : null;
    }

    private static boolean succeeds(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] run(byte[] input, String... command) {
        try {
            Path in = Files.createTempFile(DIRECTORY, "in", "");
            Path out = Files.createTempFile(DIRECTORY, "out", "");
            Path err = Files.createTempFile(DIRECTORY, "err", "");
            Files.write(in, input);
            Process process = new ProcessBuilder(command).redirectInput(in.toFile()).redirectOutput(out.toFile())
                    .redirectError(err.toFile()).start();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(String.join(" ", command) + " does not end");
            }
            if (process.exitValue() != 0) {
                throw new AssertionError(String.join(" ", command) + " failed: " + Files.readString(err));
            }
            return Files.readAllBytes(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
