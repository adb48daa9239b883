package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.cli.console.SerialOutput;
import dev.baton.cli.qemu.QemuParser;
import dev.baton.core.machine.Machine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class The_look_alike_of_QEMU_Test {
    /** Not loaded by firmware, so a reset leaves it. */
    private static final long COUNTER = 0x4700_0000L;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int qemu(InputStream in, String... options) {
        out.reset();
        err.reset();
        List<String> words = new ArrayList<>(List.of("qemu-system-aarch64", "-M", "virt,gic-version=3", "-nographic"));
        words.addAll(List.of(options));
        return Main.run(words.toArray(new String[0]), in, new PrintStream(out, true), new PrintStream(err, true));
    }

    private String kernel(GuestProgram program) throws IOException {
        return program.image(folder.resolve("kernel")).toString();
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void prints_what_the_guest_prints_and_ends_with_0_at_power_off() throws IOException {
        String kernel = kernel(new GuestProgram().print("hello\n").psci(GuestProgram.PSCI_SYSTEM_OFF));
        assertEquals(0, qemu(null, "-kernel", kernel), this::err);
        assertEquals("hello\n", out());
        assertEquals(0, qemu(null, "-kernel", kernel, "-nodefaults"));
        assertEquals("", out(), "without defaults there is no serial port on standard output");
    }

    @Test
    void runs_firmware_from_flash() throws IOException {
        String firmware = kernel(new GuestProgram().print("from flash\n").psci(GuestProgram.PSCI_SYSTEM_OFF));
        assertEquals(0, qemu(null, "-bios", firmware), this::err);
        assertEquals("from flash\n", out());
    }

    @Test
    void plugs_devices_in_and_refuses_those_that_lead_nowhere() throws IOException {
        String kernel = kernel(new GuestProgram().print("hello\n").psci(GuestProgram.PSCI_SYSTEM_OFF));
        String disk = Files.write(folder.resolve("disk"), new byte[4096]).toString();
        assertEquals(0, qemu(null, "-kernel", kernel, "-drive", "if=none,id=d,file=" + disk, "-device", "virtio-blk-device,drive=d"),
                this::err);
        assertEquals(0, qemu(null, "-kernel", kernel, "-drive", "file=" + disk, "-device", "pci-testdev", "-object", "rng-random,id=r",
                "-device", "virtio-rng-pci,rng=r,addr=0x4"), this::err);
        assertEquals(0, qemu(null, "-kernel", kernel, "-netdev", "user,id=n", "-device", "virtio-net-device,netdev=n"), this::err);
        assertEquals("baton: warning: user network: it has a gateway, a name server and DHCP, and leads nowhere\n", err());
        assertEquals(0, qemu(null, "-kernel", kernel, "-virtfs", "local,path=" + folder + ",mount_tag=t,security_model=none,readonly"),
                this::err);
        assertEquals(2, qemu(null, "-kernel", kernel, "-virtfs", "local,path=" + disk + ",mount_tag=t"));
        assertEquals("baton: -fsdev path=" + disk + ": cannot be opened: expected a directory\n", err());
        assertEquals(2, qemu(null, "-kernel", kernel, "-device", "virtio-9p-pci,fsdev=f,mount_tag=t"));
        assertEquals("baton: -device fsdev=f: there is no -fsdev of that id\n", err());
        assertEquals(2, qemu(null, "-kernel", kernel, "-device", "virtio-net-pci,netdev=n"));
        assertEquals("baton: -device virtio-net-pci,netdev=n: there is no -netdev of that id\n", err());
        assertEquals(2, qemu(null, "-kernel", kernel, "-nic", "user,mac=1:2:3"));
        assertTrue(err().endsWith("baton: -device virtio-net-pci,mac=1:2:3: expected six hexadecimal bytes with colons\n"), this::err);
        assertEquals(2, qemu(null, "-kernel", kernel, "-device", "virtio-rng-pci,max-bytes=1"));
        assertEquals("baton: -device virtio-rng-pci,max-bytes=1: not supported\n", err());
        assertEquals(2, qemu(null, "-kernel", kernel, "-device", "virtio-rng-pci,addr=2", "-device", "pci-testdev,addr=2"));
        assertEquals("baton: -device pci-testdev,addr=2: expected a free PCI slot\n", err());
        assertEquals(2, qemu(null, "-kernel", kernel, "-device", "virtio-blk-device,drive=nowhere"));
        assertEquals("baton: -device drive=nowhere: there is no such drive\n", err());
        assertEquals(2, qemu(null, "-kernel", kernel, "-device", "virtio-serial-device", "-device", "virtconsole,chardev=nobody"));
        assertEquals("baton: -device chardev=nobody: there is no such character device\n", err());
        assertEquals(2, qemu(null, "-kernel", kernel, "-drive", "if=none,id=d,file=/no/such", "-device", "virtio-blk-device,drive=d"));
        assertTrue(err().startsWith("baton: -drive file=/no/such: cannot be opened"), this::err);
    }

    @Test
    void network_cards_are_before_the_devices_and_disks_of_drives_behind_them() {
        var line = QemuParser.parse(List.of("-kernel", "k", "-drive", "file=a", "-drive", "file=b,id=second", "-device", "pci-testdev",
                "-net", "nic,model=virtio,macaddr=52:54:00:12:34:58", "-net", "user"), List.of("cortex-a57"), List.of("pci-testdev"));
        assertEquals(List.of("virtio-net-pci {netdev=hub0, mac=52:54:00:12:34:58}", "pci-testdev {}", "virtio-blk-pci {drive=virtio0}",
                "virtio-blk-pci {drive=second}"),
                line.devices().stream().map(d -> d.driver() + " " + d.properties()).toList());
    }

    @Test
    void a_testdev_ends_the_emulator_with_the_status_that_kvm_unit_tests_expect() {
        var line = QemuParser.parse(List.of("-kernel", "k", "-chardev", "testdev,id=ctd"), List.of("cortex-a57"),
                List.of());
        for (String[] c : new String[][] {{"0q", "1"}, {"2q", "5"}, {"1x0q", "1"}, {"77q", "155"}}) {
            QemuBackends backends = new QemuBackends(line, new SerialOutput(new ByteArrayOutputStream()));
            backends.machine(new Machine());
            var testDev = backends.output("ctd");
            for (byte b : c[0].getBytes(StandardCharsets.US_ASCII)) {
                testDev.accept(b);
            }
            assertEquals(Integer.parseInt(c[1]), backends.status().orElse(-1), c[0]);
        }
    }

    @Test
    void writes_its_serial_port_to_a_file() throws IOException {
        String kernel = kernel(new GuestProgram().print("to a file\n").psci(GuestProgram.PSCI_SYSTEM_OFF));
        Path file = Files.writeString(folder.resolve("serial.log"), "what was there before is gone, as long as it may be");
        assertEquals(0, qemu(null, "-kernel", kernel, "-serial", "file:" + file), this::err);
        assertEquals("to a file\n", Files.readString(file));
        assertEquals(2, qemu(null, "-kernel", kernel, "-serial", "file:" + folder.resolve("no/such")));
        assertTrue(err().contains("baton: -serial file:"), this::err);
    }

    /** Counts in RAM that no firmware writes, prints the count as a letter, resets once and then powers off. */
    private GuestProgram resetsOnce() {
        GuestProgram p = new GuestProgram().mov(2, COUNTER).word(0xb940_0043).word(0x1100_0463).word(0xb900_0043);
        p.mov(1, GuestProgram.UART).word(0x1101_0064).word(0x3900_0024);
        p.word(0x7100_0460).word(0x5400_0000 | 7 << 5 | 1);
        return p.psci(GuestProgram.PSCI_SYSTEM_RESET).word(0xd503_201f).psci(GuestProgram.PSCI_SYSTEM_OFF);
    }

    @Test
    void starts_again_at_a_reset_and_RAM_is_as_it_was() throws IOException {
        String kernel = kernel(resetsOnce());
        assertEquals(0, qemu(null, "-kernel", kernel), this::err);
        assertEquals("AB", out());
    }

    @Test
    void ends_with_0_at_a_reset_under_no_reboot() throws IOException {
        String kernel = kernel(resetsOnce());
        assertEquals(0, qemu(null, "-kernel", kernel, "-no-reboot"), this::err);
        assertEquals("A", out());
    }

    @Test
    void loads_a_kernel_without_a_header_where_QEMU_does() throws IOException {
        // adr x4, . ; lsr x4, x4, #19 ; sub w4, w4, #0x7c0 ; strb w4, [x1]: 0x40080000 >> 19 is 0x801, 'A' is 0x41.
        GuestProgram p = new GuestProgram().word(0x1000_0004).mov(1, GuestProgram.UART).word(0xd353_fc84).word(0x511f_0084)
                .word(0x3900_0024);
        Path flat = Files.write(folder.resolve("flat"), p.psci(GuestProgram.PSCI_SYSTEM_OFF).flat());
        assertEquals(0, qemu(null, "-kernel", flat.toString()), this::err);
        assertEquals("A", out());
    }

    @Test
    void gives_what_is_typed_to_the_guest() throws IOException {
        // Echoes each byte until a newline: uart enabled, then FR.RXFE polled.
        GuestProgram p = new GuestProgram().mov(1, GuestProgram.UART).mov(0, 0x301).word(0xb900_3020);
        int poll = p.here();
        p.word(0xb940_1822).word(0x3720_0002 | (poll - p.here() - 1 & 0x3fff) << 5);
        p.word(0xb940_0023).word(0x3900_0023).word(0x7100_287f).word(0x5400_0001 | (poll - p.here() - 5 & 0x7_ffff) << 5);
        String kernel = kernel(p.psci(GuestProgram.PSCI_SYSTEM_OFF));
        byte[] typed = ("a long line " + "x".repeat(100) + "\nwhat nobody reads").getBytes(StandardCharsets.UTF_8);
        assertEquals(0, qemu(new ByteArrayInputStream(typed), "-kernel", kernel, "-baton", "limit=100M"), this::err);
        assertEquals("a long line " + "x".repeat(100) + "\n", out());
    }

    @Test
    void quits_at_the_key_for_it_with_0() throws IOException {
        String kernel = kernel(new GuestProgram().branchTo(0));
        assertEquals(0, qemu(new ByteArrayInputStream(new byte[] {'a', 1, 'x'}), "-kernel", kernel, "-baton", "limit=2G"), this::err);
    }

    @Test
    void says_where_each_CPU_is_when_none_will_run_again() throws IOException {
        String kernel = kernel(new GuestProgram().sleep());
        assertEquals(3, qemu(null, "-kernel", kernel));
        assertTrue(err().contains("cpu0 waiting at 0x40200"), this::err);
    }

    /** Stores a word pair where X2 points, which then is X1, and calls an operation. */
    private static GuestProgram semihosting(GuestProgram p, int operation, long first, long second) {
        p.mov(2, COUNTER).mov(3, first).word(0xf900_0043).mov(3, second).word(0xf900_0443);
        return p.mov(1, COUNTER).mov(0, operation).word(0xd45e_0000);
    }

    @Test
    void answers_semihosting_when_told_to_and_ends_with_the_status_of_the_guest() throws IOException {
        GuestProgram p = semihosting(new GuestProgram(), 0x03, 'S', 0);
        semihosting(p, 0x04, 0x000a_6968L, 0);
        String kernel = kernel(semihosting(p, 0x18, 0x2_0026, 7));
        assertEquals(7, qemu(null, "-kernel", kernel, "-semihosting"), this::err);
        assertEquals("Shi\n", out());
        assertEquals(7, qemu(null, "-kernel", kernel, "-semihosting-config", "enable=on,target=native"), this::err);
        assertEquals(3, qemu(null, "-kernel", kernel, "-baton", "limit=1M"), "without the option HLT is undefined");
        String fails = kernel(semihosting(new GuestProgram(), 0x20, 0x2_0023, 9));
        assertEquals(1, qemu(null, "-kernel", fails, "-semihosting-config", "enable=on"), "the reason is not that of an exit");
    }

    @Test
    void waits_for_the_key_that_semihosting_reads() throws IOException {
        // SYS_READC, the key to memory, SYS_WRITEC of it, and again; at the end of the input SYS_READC is -1.
        GuestProgram p = new GuestProgram().mov(1, COUNTER);
        int again = p.here();
        p.mov(0, 7).word(0xd45e_0000).word(0xb100_041f).word(0x5400_0000 | 8 << 5).word(0xf900_0020).mov(0, 3).word(0xd45e_0000);
        p.branchTo(again);
        String kernel = kernel(semihosting(p, 0x18, 0x2_0026, 0));
        assertEquals(0, qemu(new ByteArrayInputStream("typed".getBytes(StandardCharsets.US_ASCII)), "-kernel", kernel, "-semihosting",
                "-baton", "limit=100G"), this::err);
        assertEquals("typed", out());
    }

    @Test
    void logs_exceptions_and_instructions_to_a_file() throws IOException {
        Path log = folder.resolve("log");
        String kernel = kernel(new GuestProgram().word(0xd400_0001));
        assertEquals(3, qemu(null, "-kernel", kernel, "-d", "int", "-D", log.toString(), "-baton", "limit=1k"));
        assertTrue(Files.readString(log).startsWith("cpu0 exception at 0x40200040, ESR 0x54000000, to 0x200"), Files.readString(log));
        assertEquals(3, qemu(null, "-kernel", kernel, "-d", "in_asm,exec,cpu", "-D", log.toString(), "-baton", "limit=1k"));
        List<String> lines = Files.readAllLines(log);
        assertTrue(lines.contains("0x40200040:  d4000001"), () -> lines.getFirst());
        assertTrue(lines.contains("Trace cpu0 0x40200040 after 1 ns"), () -> lines.getFirst());
        assertTrue(lines.stream().anyMatch(l -> l.startsWith("cpu0 x0=44000000 ") && l.contains(" pc=40200040 ")), () -> lines.get(2));
    }

    @Test
    void starts_firmware_at_the_first_byte_of_a_pflash_drive() throws IOException {
        Path bios = Files.write(folder.resolve("bios"), new GuestProgram().print("fw\n").psci(GuestProgram.PSCI_SYSTEM_OFF).flat());
        assertEquals(0, qemu(null, "-drive", "if=pflash,format=raw,readonly=on,file=" + bios), this::err);
        assertEquals("fw\n", out());
        assertEquals(2, qemu(null, "-bios", bios.toString(), "-drive", "if=pflash,readonly=on,file=" + bios, "-drive",
                "if=pflash,readonly=on,file=" + bios));
        assertTrue(err().contains("-drive if=pflash, beyond 2 banks,: not supported"), this::err);
    }

    @Test
    void has_the_time_of_day_that_rtc_base_says() throws IOException {
        // PL031 DR to the UART, two bytes of it: bits 16 to 31 of 0x65937545, which is 2024-01-02T02:30:29.
        GuestProgram p = new GuestProgram().mov(1, GuestProgram.UART).mov(2, 0x0901_0000).word(0xb940_0043).word(0x5310_7c63);
        String kernel = kernel(p.word(0x3900_0023).word(0xd348_fc63).word(0x3900_0023).psci(GuestProgram.PSCI_SYSTEM_OFF));
        assertEquals(0, qemu(null, "-kernel", kernel, "-rtc", "base=2024-01-02T02:30:29,clock=vm"), this::err);
        assertEquals("\u0093e", out.toString(StandardCharsets.ISO_8859_1));
    }

    @Test
    void writes_the_device_tree_and_runs_nothing() throws IOException {
        Path tree = folder.resolve("virt.dtb");
        assertEquals(0, qemu(null, "-M", "virt,dumpdtb=" + tree, "-append", "some words", "-m", "256M"));
        assertTrue(new String(Files.readAllBytes(tree), StandardCharsets.ISO_8859_1).contains("some words"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "-m 1G                           | baton: -kernel: expected one",
        "-kernel x -smp 9                | baton: -smp 9: too many SMP CPUs, the board has at most 8",
        "-kernel x -smp 0                | baton: -smp 0: virt: expected 1 to 8 CPUs, found 0",
        "-kernel no/such                 | baton: -kernel: could not load kernel no/such: expected a file, found none of that name",
        "-kernel x -m 3                  | baton: -m: virt: expected memory of",
        "-kernel x -cpu cortex-a57,pauth=off | baton: -cpu cortex-a57,pauth=off: arm64 CPU model 'cortex-a57' has no property 'pauth=off'",
        "-kernel x -cpu max,lpa2=maybe   | baton: -cpu max,lpa2=maybe: arm64 CPU model 'max' has no property 'lpa2=maybe'",
        "-kernel x -baton frob=1         | baton: -baton frob: expected one of caches",
        "-kernel x -baton caches=warm    | baton: -baton cache policy 'warm'",
        "-kernel x -baton findings=hide  | baton: -baton findings=hide: expected report or fail",
        "-kernel x -baton seed=x         | baton: -baton seed=x: expected a number",
    })
    void gives_bad_input_one_sentence_and_status_2(String options, String sentence) {
        assertEquals(2, qemu(null, options.split(" ")));
        String said = err();
        assertTrue(said.startsWith(sentence), said);
        assertEquals(1, said.lines().count(), said);
    }
}
