package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.baton.cli.RealGuest.Run;
import dev.baton.core.machine.Bytes;
import dev.baton.images.cpio.CpioWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Debian's 6.1 loads itself by static kexec-tools and goes on by {@code kexec -e}: purgatory checks SHA-256 on the way. */
class Debian_kexecs_itself_Test {
    @TempDir
    private Path folder;

    /** Without kaslr-seed: kexec-tools refuses a tree whose seed the kernel did not wipe. */
    @Test
    void through_three_generations_and_each_is_followed() throws IOException {
        Path kernel = RealGuest.cached("debian-arm64/6.1/Image", "fetch-real-kernels");
        Path tools = RealGuest.cached("user-space/current/kexec-chain.cpio", "build-user-space");
        Path initrd = folder.resolve("initrd");
        try (OutputStream out = Files.newOutputStream(initrd)) {
            Files.copy(tools, out);
            out.write(image(kernel));
        }
        Run run = RealGuest.baton("boot", "--kernel", kernel.toString(), "--initrd", initrd.toString(), "--cpu", "cortex-a57", "-m", "1G",
                "--seed", "0", "--limit", "30G", "--append", "console=ttyAMA0 panic=-1 gen=1 of=3");
        run.expectInOrder(List.of("baton: generation 1 of 3", "Starting new kernel", "Bye!", "Linux version 6.1",
                "baton: generation 2 of 3", "Starting new kernel", "Bye!", "Linux version 6.1",
                "baton: generation 3 of 3", "reboot: Power down"));
        assertEquals(0, run.status(), run.told());
        assertFalse(run.told().contains("finding"), run.told());
    }

    private static byte[] image(Path kernel) throws IOException {
        return new CpioWriter().directory("boot", 0755).file("boot/Image", 0644, Bytes.wrap(Files.readAllBytes(kernel))).write();
    }
}
