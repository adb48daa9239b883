package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Debian's 6.1 on two CPUs, under caches that write lines back at random moments; each boot is a process of its own ({@link RealBoot}). */
class A_real_boot_is_a_function_of_its_inputs_Test {
    private static final String CACHES = "random:3";
    private static final long SNAPSHOT_AT = 500_000_000L;

    @TempDir
    private Path folder;

    /** A boot that a snapshot is taken of, the same without, and the rest of it in a third process. */
    @Test
    void and_goes_on_from_a_snapshot_in_another_process_as_if_nothing_had_been() throws IOException, InterruptedException {
        Path snapshot = folder.resolve("snapshot");
        Process saving = start("saving", "save", Long.toString(SNAPSHOT_AT), snapshot.toString());
        Process plain = start("plain", "t0");
        List<String> whole = end(saving, "saving");
        assertTrue(whole.contains("reason POWER_OFF") && whole.contains("findings 0"), whole::toString);
        assertTrue(whole.stream().anyMatch(l -> l.startsWith("last ") && l.endsWith("reboot: Power down")), whole::toString);
        assertTrue(number(whole, "instructions (\\d+)") > SNAPSHOT_AT, whole::toString);
        Process loading = start("loading", "load", snapshot.toString());
        assertEquals(whole, end(plain, "plain"), "two boots, one without translated blocks");
        assertEquals(whole, end(loading, "loading"), "a boot and the one that goes on from its snapshot");
    }

    private static long number(List<String> said, String pattern) {
        return said.stream().filter(l -> l.matches(pattern)).mapToLong(l -> Long.parseLong(l.replaceAll(pattern, "$1"))).sum();
    }

    private Process start(String name, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-XX:+UseSerialGC", "-Xss4m",
                "-XX:+UnlockExperimentalVMOptions", "-XX:+TrustFinalNonStaticFields",
                "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), RealBoot.class.getName(),
                RealGuest.cached("debian-arm64/6.1/Image", "fetch-real-kernels").toString(),
                RealGuest.cached("user-space/current/workload.cpio", "build-user-space").toString(), CACHES));
        command.addAll(List.of(more));
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve(name).toFile()).start();
    }

    private List<String> end(Process p, String name) throws IOException, InterruptedException {
        int status = p.waitFor();
        List<String> said = Files.readAllLines(folder.resolve(name));
        assertEquals(0, status, () -> said.stream().collect(Collectors.joining("\n")));
        return said;
    }
}
