package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.cli.RealGuest.Run;
import dev.baton.core.machine.Bytes;
import dev.baton.images.cpio.CpioWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The selftests of the kernel tree that Debian ships, unmodified. */
class The_kernels_own_handover_selftests_Test {
    @TempDir
    private Path folder;

    @Test
    void kho_vmtest_passes_with_the_look_alike_as_its_QEMU() throws IOException, InterruptedException {
        Path script = RealGuest.cached("linux-source/current/tree/tools/testing/selftests/kho/vmtest.sh", "build-kho-kernel");
        Path build = RealGuest.cached("kho-selftest/current", "build-kho-kernel").toRealPath();
        Path compat = Path.of(System.getProperty("baton.root", "..")).resolve("compat").toRealPath();
        ProcessBuilder b = new ProcessBuilder(script.toString(), "-t", "aarch64", "-d", build.toString(), "-j", "2");
        b.environment().put("CROSS_COMPILE", "aarch64-linux-gnu-");
        b.environment().put("PATH", compat + File.pathSeparator + System.getenv("PATH"));
        Path output = folder.resolve("output");
        Process p = b.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        p.getOutputStream().close();
        int status = p.waitFor();
        String said = Files.readString(output, StandardCharsets.UTF_8);
        assertTrue(said.lines().anyMatch(l -> l.equals("ok 1 KHO succeeded")), said);
        assertEquals(0, status, said);
    }

    /** memfds and sessions, up to 500 and 2000 of them, preserved by LUO across one {@code kexec -e} of the tree's do_kexec.sh. */
    @Test
    void live_update_preserves_memfds_and_sessions_across_a_kexec() throws IOException {
        List<String> programs = List.of("luo_kexec_simple", "luo_multi_session", "luo_stress_files", "luo_stress_sessions");
        Run run = liveUpdate(programs, "");
        List<String> expected = new ArrayList<>();
        programs.forEach(p -> expected.add("baton: " + p + " stage 1 exit 0"));
        expected.addAll(List.of("Starting new kernel", "KHO: found kexec handover data."));
        programs.forEach(p -> expected.add("baton: " + p + " stage 2 exit 0"));
        expected.add("reboot: Power down");
        run.expectInOrder(expected);
        assertEquals(programs.size(), run.count(" KEXEC TEST PASSED"), run::tail);
    }

    @Test
    void live_update_passes_what_needs_no_kexec() throws IOException {
        Run run = liveUpdate(List.of("liveupdate"), "stages=none");
        run.expectInOrder(List.of("1..15", "# PASSED: 15 / 15 tests passed.", "pass:15 fail:0 xfail:0 xpass:0 skip:0 error:0",
                "baton: liveupdate stage 1 exit 0", "reboot: Power down"));
    }

    private Run liveUpdate(List<String> programs, String options) throws IOException {
        Path kernel = RealGuest.cached("kho-kernel/current/Image", "build-kho-kernel");
        Path selftests = RealGuest.cached("kho-kernel/current/selftests", "build-kho-kernel");
        Path tools = RealGuest.cached("user-space/current/luo.cpio", "build-user-space");
        CpioWriter added = new CpioWriter().directory("boot", 0755).file("boot/Image", 0644, bytes(kernel)).directory("selftests", 0755);
        added.file("selftests/do_kexec.sh", 0755, bytes(selftests.resolve("do_kexec.sh")));
        for (String p : programs) {
            added.file("selftests/" + p, 0755, bytes(selftests.resolve(p)));
        }
        Path initrd = folder.resolve("initrd");
        try (OutputStream out = Files.newOutputStream(initrd)) {
            Files.copy(tools, out);
            out.write(added.write());
        }
        Run run = RealGuest.baton("qemu-system-aarch64", "-M", "virt", "-cpu", "max", "-smp", "2", "-m", "512M", "-nographic", "-no-reboot",
                "-kernel", kernel.toString(), "-initrd", initrd.toString(), "-append",
                "console=ttyAMA0 panic=-1 kho=on liveupdate=on " + options + " test=" + String.join(",", programs),
                "-baton", "caches=adversarial,limit=20G,findings=fail");
        assertEquals(0, run.status(), () -> run.told() + run.tail());
        assertFalse(run.told().contains("finding"), run.told());
        return run;
    }

    private static Bytes bytes(Path file) throws IOException {
        return Bytes.wrap(Files.readAllBytes(file));
    }
}
