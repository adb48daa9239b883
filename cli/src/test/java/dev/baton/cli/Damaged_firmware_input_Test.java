package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.cli.RealGuest.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What firmware is given, damaged at random from a seed: refused in one sentence, or a guest that fails in its own way. */
class Damaged_firmware_input_Test {
    private static final Path UBOOT = Path.of("/usr/lib/u-boot/qemu_arm64/u-boot.bin");
    private static final int CASES = 20;
    private static final int IMAGE_HEADER = 64;
    private static final int DTB_HEADER = 40;
    private static final long[] SIZES = {0, 1, 4, 63, 0xfff, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL, Long.MAX_VALUE, -1};

    @TempDir
    private Path folder;

    private final Random random = new Random(4711);
    private int refused;

    private static byte[] kernel() throws IOException {
        return Files.readAllBytes(RealGuest.cached("kho-kernel/current/Image", "build-kho-kernel"));
    }

    @Test
    void a_kernel_image() throws IOException {
        byte[] image = kernel();
        for (int i = 0; i < CASES; i++) {
            byte[] bad = damaged(image, IMAGE_HEADER, i);
            expect(RealGuest.baton("boot", "--kernel", file("kernel", bad), "-m", "64M", "--limit", "2M"));
        }
        assertTrue(refused > 0 && refused < CASES, "refused " + refused);
    }

    @Test
    void a_device_tree() throws IOException {
        String kernel = file("kernel", kernel());
        byte[] tree = Files.readAllBytes(RealGuest.cached("qemu-virt/smp2-512M.dtb", "fetch-real-kernels"));
        for (int i = 0; i < CASES; i++) {
            String dtb = file("dtb", damaged(tree, DTB_HEADER, i));
            expect(RealGuest.baton("boot", "--kernel", kernel, "--dtb", dtb, "--smp", "2", "-m", "512M", "--limit", "5M", "--append",
                    "console=ttyAMA0 earlycon"));
        }
        assertTrue(refused > 0 && refused < CASES, "refused " + refused);
    }

    @Test
    void an_initial_ram_disk() throws IOException {
        String kernel = file("kernel", kernel());
        byte[] archive = Files.readAllBytes(RealGuest.cached("user-space/current/kexec-chain.cpio", "build-user-space"));
        for (int i = 0; i < 6; i++) {
            expect(RealGuest.baton("boot", "--kernel", kernel, "--initrd", file("initrd", damaged(archive, 110, i)), "-m", "64M", "--limit",
                    "60M", "--append", "console=ttyAMA0 panic=-1"));
        }
        int damaged = refused;
        assertTrue(damaged > 0 && damaged < 6, "archives that are not whole: " + damaged);
        expect(RealGuest.baton("boot", "--kernel", kernel, "--initrd", file("initrd", new byte[64 << 20]), "-m", "64M"));
        assertEquals(damaged + 1, refused, "larger than RAM");
    }

    @Test
    void firmware_in_flash() throws IOException {
        assumeTrue(Files.exists(UBOOT), () -> "no " + UBOOT + ": install u-boot-qemu");
        byte[] firmware = Files.readAllBytes(UBOOT);
        for (int i = 0; i < CASES; i++) {
            expect(RealGuest.baton("qemu-system-aarch64", "-M", "virt", "-cpu", "max", "-m", "64M", "-nographic", "-no-reboot", "-bios",
                    file("bios", damaged(firmware, 16, i)), "-baton", "limit=3M"));
        }
        assertEquals(0, refused, "flash holds anything");
        expect(RealGuest.baton("qemu-system-aarch64", "-M", "virt", "-nographic", "-bios", file("bios", new byte[(64 << 20) + 1])));
        assertEquals(1, refused, "larger than the flash");
    }

    private String file(String name, byte... content) throws IOException {
        return Files.write(folder.resolve(name), content).toString();
    }

    /** Single bytes changed, a word of the header replaced, or the end missing. */
    private byte[] damaged(byte[] good, int header, int i) {
        byte[] bad = good.clone();
        switch (i % 4) {
            case 0 -> {
                return Arrays.copyOf(bad, random.nextInt(i % 8 == 0 ? header + 8 : bad.length));
            }
            case 1 -> ByteBuffer.wrap(bad).putLong(random.nextInt(header - 7), SIZES[random.nextInt(SIZES.length)]);
            case 2 -> flip(bad, header, 1 + random.nextInt(4));
            default -> flip(bad, bad.length, 1 + random.nextInt(200));
        }
        return bad;
    }

    private void flip(byte[] bytes, int within, int times) {
        for (int i = 0; i < times; i++) {
            bytes[random.nextInt(within)] = (byte) random.nextInt(256);
        }
    }

    private void expect(Run run) {
        assertTrue(List.of(0, 1, 2, 3).contains(run.status()), () -> run.status() + " " + run.told());
        List<String> said = new ArrayList<>(run.told().lines().toList());
        assertFalse(said.stream().anyMatch(l -> l.contains("internal error") || l.startsWith("\tat ")), run.told());
        if (run.status() == 2) {
            refused++;
            assertEquals(1, said.size(), run.told());
            assertTrue(said.getFirst().startsWith("baton: "), run.told());
        }
    }
}
