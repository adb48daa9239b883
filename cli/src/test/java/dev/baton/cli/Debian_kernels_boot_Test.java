package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.cli.RealGuest.Run;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Unmodified Debian kernels run scripts/guest/workload.sh and power off, without a finding. The rows cover each pair of kernel,
 * number of CPUs, GIC, CPU model, level and caches at least once for most pairs; the full matrix would be 324 boots.
 */
class Debian_kernels_boot_Test {
    private static final int THREADS = 4;
    private static final int ROUNDS = 20_000;

    @ParameterizedTest(name = "{0} -smp {1} gic {2} {3} {4} caches {5}")
    @CsvSource({
        "6.1,  1, 3, cortex-a57,  1, strict",
        "6.1,  2, 2, neoverse-n1, 2, adversarial",
        "6.1,  8, 3, max,         1, none",
        "6.12, 1, 2, max,         1, adversarial",
        "6.12, 2, 3, neoverse-n1, 1, none",
        "6.12, 8, 3, cortex-a57,  2, strict",
        "7.2,  1, 3, max,         2, strict",
        "7.2,  2, 3, cortex-a57,  1, adversarial",
        "7.2,  8, 3, neoverse-n1, 1, strict",
    })
    void to_user_space_and_power_off_without_a_finding(String series, int cpus, int gic, String cpu, int el, String caches) {
        Path kernel = RealGuest.cached("debian-arm64/" + series + "/Image", "fetch-real-kernels");
        Path initrd = RealGuest.cached("user-space/current/workload.cpio", "build-user-space");
        Run run = RealGuest.baton("qemu-system-aarch64", "-M", "virt,gic-version=" + gic + (el == 2 ? ",virtualization=on" : ""),
                "-cpu", cpu, "-smp", Integer.toString(cpus), "-m", "512M", "-nographic", "-no-reboot", "-kernel", kernel.toString(),
                "-initrd", initrd.toString(), "-append", "console=ttyAMA0 panic=-1",
                "-baton", "caches=" + caches + ",limit=20G,findings=fail");
        run.expectInOrder(List.of("Linux version " + series + ".", "baton: cpus " + cpus, "baton: awk " + awk(),
                "baton: threads " + threads(),
                "baton: gzip " + sha256(numbers()), "baton: dd " + sha256(part()), "baton: done", "reboot: Power down"));
        assertEquals(0, run.status(), () -> run.told() + run.tail());
        assertFalse(run.told().contains("finding"), run.told());
        assertTrue(run.lines().stream().noneMatch(l -> l.contains("Call trace") || l.contains("WARNING:")), run::tail);
    }

    private static String awk() {
        double x = 0;
        for (int i = 1; i <= 2000; i++) {
            x += i / 3.0 + i * 0.1;
        }
        return String.format(Locale.ROOT, "%.9f", x);
    }

    private static String threads() {
        double roots = 0;
        for (int i = 1; i <= ROUNDS; i++) {
            roots += Math.sqrt(i);
        }
        return String.format(Locale.ROOT, "%d.0 %d %.9f", THREADS * ROUNDS, THREADS * ROUNDS, roots);
    }

    private static byte[] numbers() {
        return IntStream.rangeClosed(1, 20_000).mapToObj(i -> i + "\n").collect(Collectors.joining()).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] part() {
        return Arrays.copyOfRange(numbers(), 7_000, 57_000);
    }

    private static String sha256(byte... b) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(b));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
