package dev.baton.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.finding.CacheChecks;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.devices.board.VirtBoard;
import dev.baton.devices.board.VirtBoot;
import dev.baton.devices.board.VirtConfig;
import dev.baton.images.ImageFile;
import dev.baton.images.arm64.ImageHeader;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Debian's kernel on Baton and on QEMU until all its CPUs run: what its drivers say about the GIC, the ITS and where its tables lie must
 * be the same, word by word. With {@code its=off} QEMU's redistributors have LPIs that nobody can send, and the kernel says so; ours have
 * none.
 */
class A_real_kernel_finds_the_interrupt_controllers_of_QEMU {
    private static final String ARGUMENTS = "console=ttyAMA0 earlycon nokaslr";
    private static final String LAST = "smp: Brought up";
    private static final long LIMIT = 400_000_000;

    @ParameterizedTest(name = "gic-version={0}, its={1}, {2} CPUs, entry at EL{3}, caches {4}")
    @CsvSource({"3, on, 1, 1, strict", "3, on, 2, 1, none", "3, on, 8, 1, adversarial", "3, on, 2, 2, strict", "3, off, 2, 1, strict",
            "2, on, 1, 1, strict", "2, on, 2, 1, adversarial", "2, on, 8, 1, none"})
    void and_says_so_in_the_same_words(int gic, String its, int cpus, int el, String caches, @TempDir Path dir) throws Exception {
        Path kernel = kernel();
        List<String> theirs = lines(qemu(dir, kernel, gic, its, cpus, el));
        VirtConfig config = VirtConfig.defaults().withGicVersion(gic).withIts(its.equals("on")).withCpus(cpus).withEntryLevel(el)
                .withCaches(CachePolicy.parse(caches));
        List<String> ours = lines(baton(config, kernel));
        assertEquals(String.join("\n", theirs), String.join("\n", ours));
        assertTrue(theirs.size() >= 3, () -> "nothing to compare: " + theirs);
    }

    private static Path kernel() {
        String cache = System.getenv().getOrDefault("BATON_CACHE", System.getProperty("user.home") + "/.cache/baton");
        Path kernel = Path.of(cache, "debian-arm64", "current", "Image");
        assumeTrue(Files.exists(kernel), "no kernel at " + kernel + ": run scripts/fetch-real-kernels");
        boolean found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(d -> Files.isExecutable(Path.of(d, "qemu-system-aarch64")));
        assumeTrue(found, "qemu-system-aarch64 is not installed");
        return kernel;
    }

    /** Without time stamps. */
    private static List<String> lines(String console) {
        return console.lines().map(String::strip).filter(l -> l.matches(".*(GIC|ITS|LPI|smp:).*"))
                .filter(l -> !l.endsWith("No ITS available, not enabling LPIs")).map(l -> l.replaceFirst("^\\[[^]]*] ", "")).toList();
    }

    private static String baton(VirtConfig config, Path image) {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        ImageFile file = ImageFile.read(image);
        ImageHeader header = ImageHeader.read(file);
        VirtBoard board = new VirtBoard(config, console::write, (machine, index, wiring) -> new Arm64Cpu(machine, index,
                Arm64Config.defaults().withFirmware(wiring.firmware()).withGic(wiring.gic(), wiring.interrupts())
                        .withLevels(wiring.el2(), false)));
        try {
            CacheChecks.install(board.machine());
            var loaded = VirtBoot.Kernel.image(file.bytes(), header.textOffset(), header.imageSize());
            board.launch(VirtBoot.plans(config, loaded, Bytes.of(), ARGUMENTS));
            for (long done = 0; done < LIMIT && !text(console).contains(LAST); done += 5_000_000) {
                assertEquals(StopReason.LIMIT, board.machine().run(5_000_000), () -> text(console));
            }
            assertEquals(List.of(), board.machine().findings().all());
            return text(console);
        } finally {
            board.machine().close();
        }
    }

    private static String text(ByteArrayOutputStream console) {
        return console.toString(StandardCharsets.US_ASCII);
    }

    private static String qemu(Path dir, Path kernel, int gic, String its, int cpus, int el) throws IOException, InterruptedException {
        Path output = dir.resolve("console");
        Process qemu = new ProcessBuilder("qemu-system-aarch64", "-M", "virt,gic-version=" + gic + ",its=" + its + ",dtb-randomness=off"
                + ",virtualization=" + (el == 2 ? "on" : "off"), "-cpu", "cortex-a57", "-smp", "" + cpus, "-m", "512M", "-display", "none",
                "-nic", "none", "-serial", "stdio", "-kernel", kernel.toString(), "-append", ARGUMENTS)
                .redirectInput(Path.of("/dev/null").toFile()).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            for (int tenths = 0; tenths < 1200 && !Files.readString(output, StandardCharsets.ISO_8859_1).contains(LAST); tenths++) {
                if (qemu.waitFor(100, TimeUnit.MILLISECONDS)) {
                    break;
                }
            }
        } finally {
            qemu.destroyForcibly().waitFor();
        }
        return Files.readString(output, StandardCharsets.ISO_8859_1);
    }
}
