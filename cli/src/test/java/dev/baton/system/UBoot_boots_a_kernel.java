package dev.baton.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.devices.board.Backends;
import dev.baton.devices.board.Peripherals;
import dev.baton.devices.board.VirtBoard;
import dev.baton.devices.board.VirtBoot;
import dev.baton.devices.board.VirtConfig;
import dev.baton.devices.uart.ByteSink;
import dev.baton.devices.virtio.BlockImage;
import dev.baton.devices.virtio.CopyOnWrite;
import dev.baton.devices.virtio.RawFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Debian's U-Boot for QEMU's virt board, unchanged, in flash: typed at through the serial port, as a person would. */
class UBoot_boots_a_kernel {
    private static final Path FIRMWARE = Path.of("/usr/lib/u-boot/qemu_arm64/u-boot.bin");
    private static final long STEP = 200_000;
    private static final long PATIENCE = 3_000_000_000L;
    private static final int FIFO = 16;
    private static final String PROMPT = "\n=> ";

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private VirtBoard board;

    private VirtBoard board(CachePolicy caches, Peripherals peripherals, Path disk) throws IOException {
        assumeTrue(Files.exists(FIRMWARE), "no " + FIRMWARE + ": install u-boot-qemu");
        VirtConfig config = VirtConfig.defaults().withPeripherals(peripherals).withCaches(caches);
        board = new VirtBoard(config, console::write, new Disk(disk), (machine, index, wiring) -> new Arm64Cpu(machine, index,
                Arm64Config.defaults().withFirmware(wiring.firmware()).withGic(wiring.gic(), wiring.interrupts())
                        .withLevels(wiring.el2(), false)));
        board.peripherals().flash(0).load(Files.readAllBytes(FIRMWARE));
        board.launch(List.of(VirtBoot.firmware(config)));
        return board;
    }

    /** Every {@code drive} is this file, and never written. */
    private record Disk(Path file) implements Backends {
        @Override
        public ByteSink output(String chardev) {
            return b -> { };
        }

        @Override
        public BlockImage disk(String drive) {
            try {
                return new CopyOnWrite(new RawFile(file, true));
            } catch (IOException e) {
                throw new IllegalArgumentException(e);
            }
        }
    }

    private String text() {
        return console.toString(StandardCharsets.ISO_8859_1);
    }

    /** Runs until the console says this, from {@code from} on. @return where it ends */
    private int await(String what, int from) {
        for (long done = 0; done < PATIENCE; done += STEP) {
            int at = text().indexOf(what, from);
            if (at >= 0) {
                return at + what.length();
            }
            StopReason reason = board.machine().run(STEP);
            assertTrue(reason == StopReason.LIMIT || text().indexOf(what, from) >= 0, () -> reason + "\n" + text());
        }
        throw new AssertionError("the console never said '" + what + "':\n" + text());
    }

    private int type(String line, String answer, int from) {
        byte[] keys = (line + "\r").getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < keys.length; i += FIFO / 2) {
            for (int j = i; j < Math.min(keys.length, i + FIFO / 2); j++) {
                board.uart().input(keys[j]);
            }
            board.machine().run(STEP);
        }
        return await(answer, from);
    }

    /** At its prompt, whatever it tried to boot by itself before. */
    private int prompt() {
        int at = await("Hit any key to stop autoboot", 0);
        board.uart().input((byte) ' ');
        return await("=> ", at);
    }

    @Test
    void it_comes_to_its_prompt_and_prints_the_tree_that_the_board_gave_it() throws IOException {
        board(CachePolicy.STRICT, Peripherals.FULL, null);
        try {
            int at = prompt();
            assertTrue(text().contains("U-Boot 20"), text());
            assertTrue(text().contains("DRAM:  512 MiB"), text());
            at = type("fdt addr $fdtcontroladdr", PROMPT, at);
            int end = type("fdt print /fw-cfg@9020000", PROMPT, at);
            assertTrue(text().substring(at, end).contains("compatible = \"qemu,fw-cfg-mmio\";"), text());
            at = end;
            end = type("fdt print /chosen", PROMPT, at);
            assertTrue(text().substring(at, end).contains("stdout-path = \"/pl011@9000000\";"), text());
        } finally {
            board.machine().close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"virtio-blk-device", "virtio-blk-pci"})
    void it_finds_flash_and_reads_a_disk_on_virtio(String driver, @TempDir Path dir) throws IOException {
        byte[] bytes = new byte[1 << 20];
        new Random(5).nextBytes(bytes);
        Path file = Files.write(dir.resolve("disk"), bytes);
        board(CachePolicy.STRICT, Peripherals.FULL.with(new Peripherals.Device(driver, Map.of("drive", "d"))), file);
        try {
            int at = prompt();
            assertTrue(text().contains("Flash: 64 MiB") || text().contains("Flash: 128 MiB"), text());
            int pci = at;
            at = type("pci", PROMPT, type("pci enum", PROMPT, at));
            assertTrue(text().substring(pci, at).contains("0x1b36     0x0008     Bridge device"), text());
            assertEquals(driver.endsWith("pci"), text().substring(pci, at).contains("0x1af4     0x1001     Mass storage"), text());
            at = type("virtio scan", PROMPT, at);
            at = type("virtio read 48000000 8 1", PROMPT, at);
            assertTrue(text().contains("1 blocks read: OK"), text());
            int end = type("md.b 48000000 10", PROMPT, at);
            String expected = "48000000: ";
            StringBuilder hex = new StringBuilder(expected);
            for (int i = 0; i < 16; i++) {
                hex.append("%02x ".formatted(bytes[8 * 512 + i]));
            }
            assertTrue(text().substring(at, end).contains(hex.toString().strip()), text());
        } finally {
            board.machine().close();
        }
    }

    @Test
    void it_boots_a_kernel_that_fw_cfg_offers_through_booti() throws IOException {
        Path kernel = kernel();
        board(CachePolicy.STRICT, Peripherals.FULL, null);
        try {
            board.peripherals().firmwareItems().kernel(Bytes.wrap(Files.readAllBytes(kernel)), Bytes.of(),
                    "console=ttyAMA0 earlycon=pl011,0x9000000 nokaslr");
            int at = prompt();
            at = type("qfw load 0x44000000 0x50000000", PROMPT, at);
            at = type("fdt addr $fdtcontroladdr", PROMPT, at);
            at = type("booti 0x44000000 - $fdtcontroladdr", "Starting kernel", at);
            at = await("Booting Linux on physical CPU 0x0000000000", at);
            await("Kernel command line: console=ttyAMA0", at);
            assertEquals(-1, text().indexOf("Synchronous Abort"), text());
        } finally {
            board.machine().close();
        }
    }

    private static Path kernel() {
        String cache = System.getenv().getOrDefault("BATON_CACHE", System.getProperty("user.home") + "/.cache/baton");
        Path kernel = Path.of(cache, "debian-arm64", "current", "Image");
        assumeTrue(Files.exists(kernel), "no kernel at " + kernel + ": run scripts/fetch-real-kernels");
        return kernel;
    }
}
