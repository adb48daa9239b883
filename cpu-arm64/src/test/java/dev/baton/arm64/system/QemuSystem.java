package dev.baton.arm64.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.io.StatelessDevice;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Runs one bare program under {@code qemu-system-aarch64 -M virt} and here: RAM at 1 GiB, a UART at 0x9000000, PSCI to end. */
final class QemuSystem implements AutoCloseable {
    static final long CODE = 0x4018_0000L;
    private static final long UART = 0x0900_0000L;

    final Bare bare;
    private final int el;
    private final String model;
    private final Path dir;
    private final List<String> loaders = new ArrayList<>();
    private final StringBuilder printed = new StringBuilder();

    QemuSystem(Path dir, int el) {
        this(dir, el, Arm64Config.defaults().model());
    }

    /** @param model of ours; of QEMU's, {@code max} for itself and the Neoverse N1 for the others */
    QemuSystem(Path dir, int el, String model) {
        assumeTrue(has("qemu-system-aarch64") && has("aarch64-linux-gnu-as") && has("aarch64-linux-gnu-objcopy"),
                "needs qemu-system-aarch64 and the aarch64 binutils");
        this.dir = dir;
        this.el = el;
        this.model = model;
        Arm64Config cores = Arm64Config.defaults().withModel(model).withLevels(el == 2, false);
        Arm64Config config = cores.withFirmware((cpu, instruction, immediate) -> {
            boolean listening = instruction.equals(el == 2 ? "smc" : "hvc");
            if (listening) {
                ((Arm64Cpu) cpu).machine.stop(StopReason.POWER_OFF);
            }
            return listening;
        });
        bare = new Bare(el, CachePolicy.STRICT, config, 1);
        bare.machine.add("uart", UART, 0x1000, new Uart());
    }

    private final class Uart implements StatelessDevice {
        @Override
        public long read(long offset, int size) {
            return 0;
        }

        @Override
        public void write(long offset, int size, long value) {
            printed.append((char) (value & 0xff));
        }
    }

    /** Assembles the resource beside this class and places it at {@link #CODE}. */
    void program(String resource) throws IOException, InterruptedException {
        copy("hexadecimal.inc");
        copy("exceptions.inc");
        place(CODE, assemble(copy(resource)));
    }

    private Path copy(String resource) throws IOException {
        Path file = dir.resolve(resource);
        try (var in = QemuSystem.class.getResourceAsStream(resource)) {
            Files.write(file, in.readAllBytes());
        }
        return file;
    }

    /** The bytes of the only section of an assembled source. */
    byte[] assemble(Path source) throws IOException, InterruptedException {
        Path object = dir.resolve("a.o");
        Path binary = dir.resolve("a.bin");
        run("aarch64-linux-gnu-as", "-march=armv8.1-a+pan", "-I", dir.toString(), "-o", object.toString(), source.toString());
        run("aarch64-linux-gnu-objcopy", "-O", "binary", object.toString(), binary.toString());
        return Files.readAllBytes(binary);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, p.waitFor(), out);
    }

    void place(long pa, byte[] bytes) throws IOException {
        bare.ram.place(pa, bytes, 0, bytes.length);
        Path file = dir.resolve("at-%x.bin".formatted(pa));
        Files.write(file, bytes);
        loaders.add("-device");
        loaders.add("loader,file=%s,addr=0x%x,force-raw=on".formatted(file, pa));
    }

    static byte[] words(long... values) {
        ByteBuffer b = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long v : values) {
            b.putLong(v);
        }
        return b.array();
    }

    /** What the program prints here, by lines. */
    List<String> ours() {
        TreeMap<String, Long> at = new TreeMap<>();
        at.put("el", (long) el);
        at.put("pc", CODE);
        bare.cpu.powerOn(at);
        bare.machine.run(200_000_000);
        return lines(printed.toString());
    }

    /** What it prints on a CPU of QEMU's that has what our model has, and more. */
    List<String> qemu() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("qemu-system-aarch64", "-M", el == 2 ? "virt,virtualization=on" : "virt", "-cpu",
                model.equals("max") ? "max" : "neoverse-n1", "-m", "64", "-nodefaults", "-display", "none", "-serial", "stdio", "-device",
                "loader,addr=0x%x,cpu-num=0".formatted(CODE)));
        command.addAll(loaders);
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertTrue(p.waitFor(60, TimeUnit.SECONDS) && p.exitValue() == 0, out);
        return lines(out);
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).toList();
    }

    private static boolean has(String tool) {
        return Arrays.stream(System.getenv("PATH").split(":")).anyMatch(d -> Files.isExecutable(Path.of(d, tool)));
    }

    @Override
    public void close() {
        bare.close();
    }
}
