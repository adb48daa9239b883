package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.baton.cli.RealGuest.Run;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;

/** Debian's kernels give a program (scripts/guest/debug.c) the CPU's debug registers by ptrace and its performance monitors by perf. */
class A_kernel_debugs_and_measures_Test {
    @ParameterizedTest(name = "{0} {1} entered at EL{2}")
    @CsvSource({"6.1, cortex-a57, 1", "7.2, max, 2"})
    void to_the_instruction(String series, String cpu, int el) {
        Path kernel = RealGuest.cached("debian-arm64/" + series + "/Image", "fetch-real-kernels");
        Path initrd = RealGuest.cached("user-space/current/debug.cpio", "build-user-space");
        Run run = RealGuest.baton("boot", "--kernel", kernel.toString(), "--initrd", initrd.toString(), "--cpu", cpu, "--el",
                Integer.toString(el), "--limit", "20G", "--append", "console=ttyAMA0 panic=-1");
        run.expectInOrder(List.of("hw perfevents: enabled with armv8_pmuv3", "debug: slots 6 4", "debug: break 1 steps 201",
                "debug: breakpoints 3", "debug: watch 1 before 0x1", "debug: after 0xbeef00000001 exit 7",
                "perf: instructions 1998000 cycles 1998000", "perf: samples 20", "reboot: Power down"));
        assertEquals(0, run.status(), run.told());
        assertFalse(run.told().contains("finding"), run.told());
    }
}
