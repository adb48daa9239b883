package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Options of every command with values that make no sense, in any order, and files that are none: one sentence, never a trace. */
@Timeout(300)
class Nonsense_on_the_command_line_Test {
    private static final List<String> VALUES = List.of(
            "", " ", ",", "=", ",,", "=,=", "id=", "id=a", "on", "off", "help", "?", "0", "1", "2", "-1", "99999999999999999999",
            "0x", "0x10", "1e9", "1.5G", "virt", "max", "max,", "cortex-a57,pauth=on", "none", "null", "stdio", "mon:stdio",
            "file:", "chardev:a", "testdev,id=a", "null,id=a", "virtio-rng-pci", "virtio-serial-device", "virtconsole,chardev=a",
            "virtio-blk-pci,drive=a", "virtio-9p-device,fsdev=a,mount_tag=", "virtio-net-pci,netdev=a,mac=zz", "user", "user,id=a",
            "tcp::0", "tcp::-1", "shift=auto", "base=0000-00-00", "base=9999-99-99T99:99:99", "caches=random:", "limit=-1",
            "limit=1k", "rng-random,id=a", "virtio-mmio.force-legacy=maybe", "local,id=a,path=", "enable=on,target=gdb",
            "gic-version=", "dumpdtb=", "\u0001\u0002", "\ud83d\ude00", "%s%n", "arm64-kho-three-kernels", "psci", "adversarial",
            "random:x");
    private static final List<String> QEMU = List.of("-M", "-machine", "-cpu", "-smp", "-m", "-append", "-serial", "-chardev", "-mon",
            "-monitor", "-echr", "-device", "-global", "-object", "-drive", "-fsdev", "-virtfs", "-netdev", "-nic", "-net", "-parallel",
            "-vga", "-display", "-gdb", "-d", "-accel", "-icount", "-rtc", "-semihosting-config", "-name", "-baton", "-nodefaults",
            "-no-reboot", "-s", "-semihosting", "-version", "--help", "-frob");
    private static final List<String> BOOT = List.of("-M", "--initrd", "--dtb", "--append", "--smp", "-m", "--cpu", "--caches", "--el",
            "--enable-method", "--seed", "--symbols", "--frob", "--summary");
    private static final List<List<String>> OTHERS = List.of(List.of("run"), List.of("run", "--all"), List.of("run", "--json"),
            List.of("chain"), List.of("chain", "check"), List.of("chain", "list"), List.of("chain", "schema"), List.of("fdt"),
            List.of("fdt", "dump"), List.of("fdt", "diff"), List.of("fdt", "check"), List.of("image"), List.of("image", "inspect"),
            List.of());

    @TempDir
    private Path folder;

    private String kernel;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void kernel() throws IOException {
        kernel = new GuestProgram().psci(GuestProgram.PSCI_SYSTEM_OFF).image(folder.resolve("kernel")).toString();
    }

    private int baton(List<String> words) {
        err.reset();
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        return Main.run(words.toArray(new String[0]), nowhere, new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    /** One of the documented statuses, and with 2 one sentence on one line; notes may precede it. */
    private void expect(List<String> words) {
        int status = baton(words);
        String said = err.toString(StandardCharsets.UTF_8);
        assertTrue(status >= 0 && status <= 3, () -> status + " from " + words + ": " + said);
        if (status == 2) {
            List<String> lines = said.lines().filter(l -> !l.startsWith("baton: warning: ")).toList();
            assertEquals(1, lines.size(), () -> words + ": " + said);
            assertTrue(lines.getFirst().startsWith("baton: "), () -> words + ": " + said);
        }
    }

    private List<String> some(Random random, List<String> options, int most) {
        List<String> words = new ArrayList<>();
        for (int n = random.nextInt(most); n > 0; n--) {
            String option = options.get(random.nextInt(options.size()));
            words.add(option);
            if (random.nextInt(12) != 0) {
                words.add(VALUES.get(random.nextInt(VALUES.size())));
            }
        }
        return words;
    }

    @Test
    void in_place_of_QEMU() {
        Random random = new Random(20);
        for (int i = 0; i < 3_000; i++) {
            List<String> words = new ArrayList<>(List.of("qemu-system-aarch64", "-kernel", kernel, "-baton", "limit=1k"));
            words.addAll(some(random, QEMU, 5));
            if (words.stream().noneMatch(w -> w.startsWith("file:") || w.startsWith("dumpdtb="))) {
                expect(words);
            }
        }
    }

    @Test
    void of_boot() {
        Random random = new Random(21);
        for (int i = 0; i < 500; i++) {
            List<String> words = new ArrayList<>(List.of("boot", "--kernel", kernel, "--limit", "1k"));
            words.addAll(some(random, BOOT, 4));
            expect(words);
        }
    }

    @Test
    void of_the_commands_for_files() throws IOException {
        Random random = new Random(22);
        byte[] tree = Files.readAllBytes(Path.of(kernel));
        for (int i = 0; i < 600; i++) {
            List<String> words = new ArrayList<>(OTHERS.get(random.nextInt(OTHERS.size())));
            for (int n = random.nextInt(3); n > 0; n--) {
                words.add(random.nextBoolean() ? VALUES.get(random.nextInt(VALUES.size())) : damaged(random, tree));
            }
            if (!words.contains("arm64-kho-three-kernels") && !words.contains("--json")) {
                expect(words);
            }
        }
    }

    private String damaged(Random random, byte[] good) throws IOException {
        String[] names = {"a.dts", "a.dtb", "a.yaml", "a.json", "a"};
        byte[] bad = new byte[random.nextInt(300)];
        random.nextBytes(bad);
        switch (random.nextInt(4)) {
            case 0 -> System.arraycopy(good, 0, bad, 0, bad.length);
            case 1 -> bad = "[".repeat(random.nextInt(100_000)).getBytes(StandardCharsets.US_ASCII);
            case 2 -> bad = ("/dts-v1/; / { a = <" + "(".repeat(random.nextInt(50_000))).getBytes(StandardCharsets.US_ASCII);
            default -> { }
        }
        return Files.write(folder.resolve(names[random.nextInt(names.length)]), bad).toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "run FIFO                                      | baton: FIFO: expected a regular file, found a special file",
        "run /dev/zero                                 | baton: /dev/zero: expected a regular file, found a special file",
        "run FOLDER                                    | baton: FOLDER: expected a regular file, found a directory",
        "chain check FIFO                              | baton: FIFO: expected a regular file, found a special file",
        "fdt dump FIFO                                 | baton: FIFO: expected a regular file, found a special file",
        "image inspect FIFO                            | baton: FIFO: expected a regular file, found a special file",
        "boot --kernel KERNEL --symbols FIFO           | baton: FIFO: expected a regular file, found a special file",
        "qemu-system-aarch64 -bios FIFO                | baton: FIFO: expected a regular file, found a special file",
        "qemu-system-aarch64 -kernel KERNEL -drive file=FIFO,readonly=on"
                + " | baton: -drive file=FIFO: cannot be opened: expected a file or a block device",
        "qemu-system-aarch64 -kernel KERNEL -drive file=/dev/zero"
                + " | baton: -drive file=/dev/zero: cannot be opened: expected a file or a block device",
        "qemu-system-aarch64 -kernel KERNEL -M virt,dumpdtb=FOLDER"
                + " | baton: -machine dumpdtb=FOLDER: cannot be written: Is a directory",
    })
    void files_that_are_none(String line, String sentence) throws IOException, InterruptedException {
        Path fifo = folder.resolve("fifo");
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "needs mkfifo");
        assertEquals(0, new ProcessBuilder("/usr/bin/mkfifo", fifo.toString()).start().waitFor());
        String folderName = folder.toString();
        List<String> words = List.of(line.replace("FIFO", fifo.toString()).replace("FOLDER", folderName).replace("KERNEL", kernel)
                .split(" "));
        assertEquals(2, baton(words), () -> err.toString(StandardCharsets.UTF_8));
        assertEquals(sentence.replace("FIFO", fifo.toString()).replace("FOLDER", folderName) + "\n", err.toString(StandardCharsets.UTF_8));
    }
}
