package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.devices.board.EnableMethod;
import dev.baton.devices.board.VirtBoard;
import dev.baton.devices.board.VirtBoot;
import dev.baton.devices.board.VirtConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Real guest code on the real CPU, board and firmware: interrupts by timer, UART and SGI, CPUs on and off. */
class The_virt_board_with_its_CPUs_Test {
    private static final long MIB = 1L << 20;

    @TempDir
    private Path dir;

    /** MPIDR, CurrentEL, timer, UART, CPU_ON, context, SGI back, SGI there, AFFINITY_INFO, CPU_ON, context. */
    private static List<String> expected(int el) {
        return List.of("80000000", Integer.toHexString(el << 2), "1b", "21", "0", "55", "4", "3", "1", "0", "66");
    }

    private Path assembled(String... options) throws Exception {
        assume("aarch64-linux-gnu-as");
        assume("aarch64-linux-gnu-objcopy");
        Path source = dir.resolve("guest.S");
        try (InputStream in = getClass().getResourceAsStream("virt-interrupts.S")) {
            Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
        }
        Path image = dir.resolve("Image");
        List<String> as = new ArrayList<>(List.of("aarch64-linux-gnu-as", "-o", dir.resolve("guest.o").toString(), source.toString()));
        as.addAll(List.of(options));
        run(as);
        run(List.of("aarch64-linux-gnu-objcopy", "-O", "binary", dir.resolve("guest.o").toString(), image.toString()));
        return image;
    }

    private static void assume(String program) {
        boolean found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(d -> Files.isExecutable(Path.of(d, program)));
        assumeTrue(found, program + " is not installed");
    }

    private static void run(List<String> command) throws Exception {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor(), command.getFirst());
    }

    private static List<String> numbers(String output) {
        return output.lines().map(line -> Long.toHexString(Long.parseUnsignedLong(line, 16))).toList();
    }

    private record Outcome(StopReason reason, List<String> output, long hash) { }

    private static VirtBoard board(VirtConfig config, ByteArrayOutputStream console) {
        return new VirtBoard(config, console::write, (machine, index, wiring) -> new Arm64Cpu(machine, index,
                Arm64Config.defaults().withFirmware(wiring.firmware()).withGic(wiring.gic(), wiring.interrupts())
                        .withLevels(wiring.el2(), false)));
    }

    private static void launch(VirtBoard board, Path image) throws Exception {
        var kernel = VirtBoot.Kernel.image(Bytes.wrap(Files.readAllBytes(image)), 0, 4 * MIB);
        board.launch(VirtBoot.plans(board.config(), kernel, Bytes.of(), ""));
    }

    private static Outcome runToTheEnd(VirtBoard board, ByteArrayOutputStream console) {
        StopReason reason = board.machine().run(50_000_000);
        return new Outcome(reason, numbers(console.toString(StandardCharsets.US_ASCII)), board.machine().stateHash());
    }

    private static Outcome boot(VirtConfig config, Path image) throws Exception {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        VirtBoard board = board(config, console);
        try {
            launch(board, image);
            return runToTheEnd(board, console);
        } finally {
            board.machine().close();
        }
    }

    private static VirtConfig twoCpus() {
        return VirtConfig.defaults().withCpus(2).withMemory(64 * MIB);
    }

    @ParameterizedTest(name = "entered at EL{0}, caches {1}")
    @CsvSource({"1, none", "1, strict", "1, adversarial", "1, random:1", "2, strict"})
    void interrupts_reach_the_right_CPU_and_PSCI_starts_and_stops_CPUs(int el, String caches) throws Exception {
        Outcome outcome = boot(twoCpus().withEntryLevel(el).withCaches(CachePolicy.parse(caches)), assembled());
        assertEquals(expected(el), outcome.output);
        assertEquals(StopReason.POWER_OFF, outcome.reason);
    }

    @ParameterizedTest(name = "entered at EL{0}")
    @ValueSource(ints = {1, 2})
    void QEMU_prints_the_same(int el) throws Exception {
        assume("qemu-system-aarch64");
        Path output = dir.resolve("output");
        Process p = new ProcessBuilder("qemu-system-aarch64", "-M", "virt,gic-version=3,virtualization=" + (el == 2 ? "on" : "off"),
                "-cpu", "cortex-a57", "-accel", "tcg,thread=single", "-smp", "2", "-m", "64", "-nic", "none", "-display", "none", "-serial",
                "stdio", "-kernel", assembled().toString()).redirectInput(new File("/dev/null")).redirectOutput(output.toFile()).start();
        boolean ended = p.waitFor(60, TimeUnit.SECONDS);
        p.destroyForcibly();
        assertTrue(ended, "QEMU did not end");
        assertEquals(expected(el), numbers(Files.readString(output)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "strict", "adversarial"})
    void the_spin_table_pen_lets_a_CPU_go_when_its_word_is_written(String caches) throws Exception {
        VirtConfig config = twoCpus().withEnableMethod(EnableMethod.SPIN_TABLE).withCaches(CachePolicy.parse(caches));
        Outcome outcome = boot(config, assembled("--defsym", "SPIN_TABLE=1"));
        assertEquals(expected(1).subList(0, 8), outcome.output);
        assertEquals(StopReason.DEADLOCK, outcome.reason, "both CPUs wait for an interrupt that nobody will send");
    }

    @Test
    void a_second_run_ends_in_the_same_state() throws Exception {
        Path image = assembled();
        assertEquals(boot(twoCpus(), image), boot(twoCpus(), image));
    }

    /** The guest runs 41,141 instructions; the places are in its set-up, before and amid timer, UART, CPU_ON, both SGIs and CPU_OFF. */
    @ParameterizedTest(name = "after {0} instructions")
    @ValueSource(longs = {100, 340, 380, 545, 740, 10_000, 20_500, 20_740, 20_800, 20_900, 30_000, 41_000})
    void a_snapshot_restored_on_another_board_ends_as_the_run_it_was_taken_from(long instructions) throws Exception {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        ByteArrayOutputStream otherConsole = new ByteArrayOutputStream();
        VirtBoard board = board(twoCpus(), console);
        VirtBoard other = board(twoCpus(), otherConsole);
        try {
            launch(board, assembled());
            assertEquals(StopReason.LIMIT, board.machine().run(instructions));
            byte[] snapshot = board.machine().snapshot();
            otherConsole.write(console.toByteArray());
            other.machine().restore(snapshot);
            Outcome original = runToTheEnd(board, console);
            assertEquals(expected(1), original.output);
            assertEquals(original, runToTheEnd(other, otherConsole));
        } finally {
            board.machine().close();
            other.machine().close();
        }
    }

    @Test
    void CPU_ON_of_a_CPU_that_is_not_there_is_INVALID_PARAMETERS() throws Exception {
        assertEquals("fffffffffffffffe", boot(twoCpus().withCpus(1), assembled()).output.getLast());
    }

    @Test
    void under_spin_table_HVC_is_nobody_s_and_takes_the_undefined_exception() throws Exception {
        Outcome outcome = boot(twoCpus().withEnableMethod(EnableMethod.SPIN_TABLE), assembled());
        assertEquals("2000000", outcome.output.get(4), "ESR_EL1: EC 0, unknown reason, IL");
    }
}
