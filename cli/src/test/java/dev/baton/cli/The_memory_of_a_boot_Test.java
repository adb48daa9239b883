package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Debian's 6.1 in a process of its own, started by the launcher with the flags that users get; the classes are those under test. */
class The_memory_of_a_boot_Test {
    /** What the process may hold beside guest RAM: the JVM, its heap, its compiled code, tables of pages, blocks and TLBs. */
    private static final long OVERHEAD = 250_000_000;
    private static final int VIEWS = 2;
    private static final Pattern TOUCHED = Pattern.compile("touched +([0-9.]+) MiB of 512 MiB; Baton's process held ([0-9.]+) MiB at most");

    @TempDir
    private Path folder;

    @Test
    void is_the_RAM_that_the_guest_touched_once_for_each_view_and_a_little_more() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/self/status")), "needs /proc/PID/status, to see what a process holds");
        Process boot = launch("boot", "--kernel", RealGuest.cached("debian-arm64/6.1/Image", "fetch-real-kernels").toString(),
                "--initrd", RealGuest.cached("user-space/current/workload.cpio", "build-user-space").toString(),
                "--append", "console=ttyAMA0 panic=-1", "--memory", "512M", "--caches", "strict", "--summary");
        long peak = peak(boot);
        String told = Files.readString(folder.resolve("err"));
        assertEquals(0, boot.waitFor(), told);
        Matcher m = TOUCHED.matcher(told);
        assertTrue(m.find(), told);
        long touched = mebibytes(m.group(1));
        assertTrue(touched > 32 << 20, "a kernel of 32 MiB lies in RAM: " + m.group());
        assertTrue(peak <= VIEWS * touched + OVERHEAD, "the process held " + peak + " bytes: " + m.group());
        assertTrue(peak <= mebibytes(m.group(2)) + (1 << 20), "seen from outside " + peak + " bytes: " + m.group());
    }

    private static long mebibytes(String number) {
        return Math.round(Double.parseDouble(number) * (1 << 20));
    }

    /** The launcher becomes the JVM (exec), whose peak only grows: the last that is seen is the peak, but for the last milliseconds. */
    private static long peak(Process p) throws InterruptedException {
        long peak = 0;
        while (p.isAlive()) {
            peak = Math.max(peak, ProcessMemory.peak(Long.toString(p.pid())).orElse(0));
            Thread.sleep(5);
        }
        return peak;
    }

    private Process launch(String... arguments) throws IOException {
        Path target = Files.createDirectories(folder.resolve("cli/target/lib")).getParent();
        Path launcher = Files.copy(Path.of(System.getProperty("baton.root"), "baton"), folder.resolve("baton"));
        jar(target.resolve("cli-1.jar"));
        Files.createFile(target.resolve("baton.stamp"));
        Files.createFile(target.resolve("baton-boot.aot"));
        ProcessBuilder b = new ProcessBuilder(launcher.toString());
        b.command().addAll(Arrays.asList(arguments));
        b.environment().putAll(java.util.Map.of("BATON_BUILD", "never", "BATON_JAVA", System.getProperty("java.home")));
        b.environment().remove("JAVA_OPTS");
        return b.redirectOutput(folder.resolve("out").toFile()).redirectError(folder.resolve("err").toFile()).start();
    }

    /** A jar that is nothing but the way to the classes under test. */
    private static void jar(Path file) throws IOException {
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, Arrays.stream(classes.split(File.pathSeparator))
                .map(c -> Path.of(c).toUri().toString()).collect(Collectors.joining(" ")));
        new JarOutputStream(Files.newOutputStream(file), manifest).close();
    }
}
