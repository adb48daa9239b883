package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.cli.RealGuest.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Debian's kernels load themselves by static kexec-tools and go on by {@code kexec -e}: purgatory checks SHA-256 on the way. 5.10
 * relocates with translation off, 6.1 with translation on. And to a crash kernel.
 */
class Debian_kexecs_itself_Test {
    @TempDir
    private Path folder;

    /** Without kaslr-seed: kexec-tools refuses a tree whose seed the kernel did not wipe. */
    @ParameterizedTest(name = "{0}, {1} generations, EL{2}, caches {3}")
    @CsvSource({
        "5.10, 2, 2, adversarial, off",
        "6.1,  3, 1, strict,      on",
    })
    void and_each_generation_is_followed(String series, int generations, int el, String caches, String translation) throws IOException {
        Path kernel = RealGuest.cached("debian-arm64/" + series + "/Image", "fetch-real-kernels");
        Path initrd = RealGuest.withImage("kexec-chain", kernel, folder);
        Run run = RealGuest.baton("boot", "--kernel", kernel.toString(), "--initrd", initrd.toString(), "--cpu", "cortex-a57", "-m", "1G",
                "--el", Integer.toString(el), "--caches", caches, "--seed", "0", "--limit", "30G",
                "--append", "console=ttyAMA0 panic=-1 gen=1 of=" + generations);
        run.expectInOrder(console(series, generations));
        assertEquals(0, run.status(), run.told());
        assertFalse(run.told().contains("finding"), run.told());
        String handOver = "  relocated [0-9,]+ pages by CPU 0 at 0x4[0-9a-f]{7}, translation " + translation + ": [0-9.]+ M .*";
        assertEquals(generations - 1, run.told().lines().filter(l -> l.matches(handOver)).count(), run.told());
        assertEquals(generations - 1, run.told().lines().filter(l -> l.matches("  purgatory +[0-9.]+ M instructions")).count(), run.told());
    }

    /** A crash kernel lies in place: its CPU jumps to purgatory without a relocation, and the other one has been stopped. */
    @Test
    void when_it_panics_to_a_crash_kernel_that_sees_its_memory() throws IOException {
        Path kernel = RealGuest.cached("debian-arm64/6.1/Image", "fetch-real-kernels");
        Path initrd = RealGuest.withImage("crash", kernel, folder);
        Run run = RealGuest.baton("boot", "--kernel", kernel.toString(), "--initrd", initrd.toString(), "--cpu",
                "cortex-a57", "-m", "1G", "--smp", "2", "--caches", "strict", "--seed", "0", "--limit", "30G",
                "--append", "console=ttyAMA0 panic=-1 crashkernel=256M");
        run.expectInOrder(List.of("Linux version 6.1", "baton: crashing", "Kernel panic", "SMP: stopping secondary CPUs",
                "Starting crashdump kernel", "Bye!", "Linux version 6.1", "baton: vmcore  7f 45 4c 46"));
        assertEquals(0, run.status(), run.told());
        assertFalse(run.told().contains("finding"), run.told());
        assertFalse(run.told().contains("relocated"), run.told());
        assertTrue(run.told().contains("generation 2  Linux version 6.1"), run.told());
        assertTrue(run.told().contains("chosen    linux,usable-memory-range"), run.told());
    }

    private static List<String> console(String series, int generations) {
        List<String> lines = new ArrayList<>();
        for (int n = 1; n < generations; n++) {
            lines.addAll(List.of("Linux version " + series, "baton: generation " + n + " of " + generations, "Starting new kernel",
                    "Bye!"));
        }
        lines.addAll(List.of("Linux version " + series, "baton: generation " + generations + " of " + generations, "baton: done"));
        return lines;
    }
}
