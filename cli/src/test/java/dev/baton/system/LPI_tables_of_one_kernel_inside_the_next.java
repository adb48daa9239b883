package dev.baton.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.finding.CacheChecks;
import dev.baton.core.finding.DeviceOwnedMemory;
import dev.baton.core.finding.DeviceOwnedMemory.Area;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.devices.board.VirtBoard;
import dev.baton.devices.board.VirtBoot;
import dev.baton.devices.board.VirtConfig;
import dev.baton.images.ImageFile;
import dev.baton.images.arm64.ImageHeader;
import dev.baton.images.cpio.CpioWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A bug of a real kernel, unmodified: Debian's 6.1 with GICv3 and ITS, started by kexec where kexec-tools puts it, dies of an undefined
 * instruction in its own text, on QEMU as here. Nothing without EFI reserves the LPI tables; they lie inside the second kernel, which
 * takes its own memory for their reservation, adopts the property table and fills it with the priority 0xa2. Here that is said before.
 */
class LPI_tables_of_one_kernel_inside_the_next {
    private static final long MIB = 1L << 20;
    private static final long FIRST = 0x4020_0000L;
    private static final long STEP = 10_000_000;
    private static final long LIMIT = 2_000_000_000;

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    /** The console as it was at each finding. */
    private final List<String> consoles = new ArrayList<>();

    @Test
    void are_named_at_the_jump_and_when_they_are_filled_before_the_kernel_dies_of_it(@TempDir Path dir) throws Exception {
        ImageFile kernel = ImageFile.read(kernel());
        ImageHeader header = ImageHeader.read(kernel);
        long second = FIRST + header.imageSize() + 2 * MIB - 1 & -2 * MIB;
        Bytes initrd = Bytes.wrap(new CpioWriter().directory("dev", 0755).characterDevice("dev/console", 0600, 5, 1).directory("sys", 0755)
                .file("kernel", 0644, kernel.bytes()).file("init", 0755, Bytes.wrap(Files.readAllBytes(init(dir, second)))).write());
        VirtConfig config = VirtConfig.defaults().withCaches(CachePolicy.STRICT);
        VirtBoard board = new VirtBoard(config, console::write, (machine, index, wiring) -> new Arm64Cpu(machine, index,
                Arm64Config.defaults().withFirmware(wiring.firmware()).withGic(wiring.gic(), wiring.interrupts())
                        .withLevels(wiring.el2(), false)));
        try {
            CacheChecks.install(board.machine());
            board.machine().findings().onFinding(f -> consoles.add(text()));
            var loaded = VirtBoot.Kernel.image(kernel.bytes(), header.textOffset(), header.imageSize());
            board.launch(VirtBoot.plans(config, loaded, initrd, "console=ttyAMA0 earlycon nokaslr panic=-1"));
            DeviceOwnedMemory checks = new DeviceOwnedMemory(board.machine());
            List<Area> next = List.of(new Area("kernel", second, header.imageSize()), new Area("dtb", second + 40 * MIB, MIB));
            board.machine().cpu(0).callBefore(second, () -> checks.handOver(board.machine().cpu(0), 2, next, List.of()));
            run(board);
            verify(board.machine().findings().all(), second);
        } finally {
            board.machine().close();
        }
    }

    private void run(VirtBoard board) {
        StopReason reason = StopReason.LIMIT;
        for (long done = 0; done < LIMIT && reason == StopReason.LIMIT && !text().contains("Undefined instruction"); done += STEP) {
            reason = board.machine().run(STEP);
        }
        assertTrue(text().contains("init: kexec"), this::text);
        assertTrue(text().contains("Undefined instruction"), this::text);
    }

    private void verify(List<Finding> findings, long second) {
        List<String> inside = findings.stream().filter(f -> f.rule().equals(DeviceOwnedMemory.OVERLAP)).map(Finding::what).toList();
        assertEquals(Stream.of("LPI property table", "LPI pending table", "ITS command queue", "ITS device table",
                "ITS collection table").map(t -> "the " + t + " programmed by generation 1 is still in use and lies inside the kernel of "
                + "generation 2").toList(), inside);
        Finding named = findings.getFirst();
        assertEquals(second, named.pc(), "at the first instruction of the second kernel");
        assertEquals("GICR_PROPBASER of CPU 0", named.details().get("register"));
        assertTrue(consoles.getFirst().strip().endsWith("Bye!"), "before it said a word");
        Finding filled = findings.stream().filter(f -> f.rule().equals(DeviceOwnedMemory.STORE)
                && f.what().startsWith("CPU 0 stored into the LPI property table programmed by generation 1")
                && f.details().get("bytes").startsWith("a2a2")).findFirst().orElseThrow();
        assertTrue(text().contains("using LPI property table @0x%016x".formatted(pa(named))), this::text);
        assertTrue(filled.time() > named.time());
        consoles.forEach(c -> assertFalse(c.contains("Undefined instruction"), c));
        assertEquals(List.of(), findings.stream().map(Finding::rule).filter(r -> !r.contains("device")).toList());
    }

    private static long pa(Finding f) {
        return Long.decode(f.details().get("pa"));
    }

    private String text() {
        return console.toString(StandardCharsets.ISO_8859_1);
    }

    private static Path kernel() {
        String cache = System.getenv().getOrDefault("BATON_CACHE", System.getProperty("user.home") + "/.cache/baton");
        Path kernel = Path.of(cache, "debian-arm64", "current", "Image");
        assumeTrue(Files.exists(kernel), "no kernel at " + kernel + ": run scripts/fetch-real-kernels");
        return kernel;
    }

    private Path init(Path dir, long second) throws Exception {
        boolean found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(d -> Files.isExecutable(Path.of(d, "aarch64-linux-gnu-gcc")));
        assumeTrue(found, "aarch64-linux-gnu-gcc is not installed");
        Path source = dir.resolve("init.c");
        try (InputStream in = getClass().getResourceAsStream("kexec-init.c")) {
            Files.copy(in, source);
        }
        Path init = dir.resolve("init");
        List<String> gcc = List.of("aarch64-linux-gnu-gcc", "-O2", "-Wall", "-Werror", "-ffreestanding", "-fno-builtin", "-nostdlib",
                "-static", "-mgeneral-regs-only", "-fno-stack-protector", "-fno-tree-loop-distribute-patterns",
                "-DAT=0x" + Long.toHexString(second), "-o", init.toString(), source.toString());
        assertEquals(0, new ProcessBuilder(gcc).inheritIO().start().waitFor());
        return init;
    }
}
