package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

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
}
