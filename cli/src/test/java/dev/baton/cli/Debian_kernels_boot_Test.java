package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.cli.RealGuest.Run;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Unmodified Debian kernels run scripts/guest/workload.sh and power off, without a finding. {@link #COVERING} has each pair of
 * kernel, number of CPUs, GIC, CPU model, level and caches at least once for most pairs; {@code -Dbaton.boots=REGEX} runs instead
 * those of all 432 whose name the expression matches.
 */
class Debian_kernels_boot_Test {
    private static final int THREADS = 4;
    private static final int ROUNDS = 20_000;

    private static final List<Boot> COVERING = List.of(
            new Boot("5.10", 2, 2, "max", 2, "strict"),
            new Boot("6.1", 1, 3, "cortex-a57", 1, "strict"),
            new Boot("6.1", 2, 2, "neoverse-n1", 2, "adversarial"),
            new Boot("6.1", 8, 3, "max", 1, "none"),
            new Boot("6.12", 1, 2, "max", 1, "adversarial"),
            new Boot("6.12", 2, 3, "neoverse-n1", 1, "none"),
            new Boot("6.12", 8, 3, "cortex-a57", 2, "strict"),
            new Boot("7.2", 1, 3, "max", 2, "strict"),
            new Boot("7.2", 2, 3, "cortex-a57", 1, "adversarial"),
            new Boot("7.2", 8, 3, "neoverse-n1", 1, "strict"));

    /** One way to boot a kernel. */
    record Boot(String series, int cpus, int gic, String cpu, int el, String caches) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s -smp %d gic %d %s EL%d %s", series, cpus, gic, cpu, el, caches);
        }
    }

    static Stream<Boot> boots() {
        String wanted = System.getProperty("baton.boots");
        return wanted == null ? COVERING.stream() : all().filter(b -> b.toString().matches(wanted));
    }

    private static Stream<Boot> all() {
        return Stream.of("5.10", "6.1", "6.12", "7.2").flatMap(series -> Stream.of("none", "strict", "adversarial")
                .flatMap(caches -> Stream.of("cortex-a57", "neoverse-n1", "max").flatMap(cpu -> IntStream.of(1, 2, 8).boxed()
                .flatMap(cpus -> Stream.of(2, 3).flatMap(gic -> Stream.of(1, 2)
                .map(el -> new Boot(series, cpus, gic, cpu, el, caches)))))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("boots")
    void to_user_space_and_power_off_without_a_finding(Boot boot) {
        Path kernel = RealGuest.cached("debian-arm64/" + boot.series + "/Image", "fetch-real-kernels");
        Path initrd = RealGuest.cached("user-space/current/workload.cpio", "build-user-space");
        String machine = "virt,gic-version=" + boot.gic + (boot.el == 2 ? ",virtualization=on" : "");
        Run run = RealGuest.baton("qemu-system-aarch64", "-M", machine, "-cpu", boot.cpu, "-smp", Integer.toString(boot.cpus),
                "-m", "512M", "-nographic", "-no-reboot", "-kernel", kernel.toString(), "-initrd", initrd.toString(),
                "-append", "console=ttyAMA0 panic=-1", "-baton", "caches=" + boot.caches + ",limit=20G,findings=fail");
        run.expectInOrder(List.of("Linux version " + boot.series + ".", "baton: cpus " + boot.cpus, "baton: awk " + awk(),
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
