package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.cli.RealGuest.Run;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Debian's linux-source, built with KHO: ten generations by kexec_file_load, each with an initramfs that the one before made. */
class A_KHO_kernel_hands_over_to_itself_Test {
    private static final int GENERATIONS = 10;

    private static Run chain(int generations, String caches) {
        Path kernel = RealGuest.cached("kho-kernel/current/Image", "build-kho-kernel");
        Path initrd = RealGuest.cached("kho-kernel/current/chain.cpio", "build-kho-kernel");
        return RealGuest.baton("boot", "--kernel", kernel.toString(), "--initrd", initrd.toString(), "-m", "1G", "--caches", caches,
                "--append", "console=ttyAMA0 panic=-1 kho=on gen=1 of=" + generations);
    }

    @Test
    void through_ten_generations_restoring_in_every_second_one() {
        Run run = chain(GENERATIONS, "strict");
        List<String> expected = new ArrayList<>(List.of("baton: generation 1 of " + GENERATIONS));
        for (int g = 2; g <= GENERATIONS; g++) {
            expected.add("KHO: found kexec handover data.");
            expected.add("KHO: exec from: 7.2");
            if (g % 2 == 0) {
                expected.add("test_kho: KHO restore succeeded");
            }
            expected.add("baton: generation " + g + " of " + GENERATIONS);
        }
        expected.add("reboot: Power down");
        run.expectInOrder(expected);
        for (int g = 2; g <= GENERATIONS; g++) {
            assertEquals(1, run.count("(count " + (g - 1) + ")"), "exec from count " + (g - 1));
        }
        assertEquals(GENERATIONS / 2, run.count("KHO restore succeeded"));
        assertEquals(0, run.count("KHO restore failed"));
        assertEquals(0, run.status(), run.told());
        assertFalse(run.told().contains("finding"), run.told());
        theSummaryTellsOfEach(run.told());
    }

    private static void theSummaryTellsOfEach(String told) {
        for (int g = 1; g <= GENERATIONS; g++) {
            assertTrue(told.contains("generation " + g + "  Linux version 7.2"), told);
        }
        assertFalse(told.contains("generation " + (GENERATIONS + 1) + " "), told);
        assertEquals(GENERATIONS - 1, told.lines().filter(l -> l.contains("kho-v4  preserved-memory-map 0x")).count(), told);
        assertEquals(GENERATIONS - 1, told.lines().filter(l -> l.contains("linux,booted-from-kexec")).count(), told);
        assertEquals(GENERATIONS - 1, told.lines().filter(l -> l.matches("  relocated .* translation on: .*")).count(), told);
    }

    @Test
    void and_says_the_same_in_every_run_of_the_same_input() {
        assertEquals(chain(2, "adversarial").console(), chain(2, "adversarial").console());
    }
}
