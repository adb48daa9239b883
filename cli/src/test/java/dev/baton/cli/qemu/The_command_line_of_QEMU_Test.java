package dev.baton.cli.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.devices.board.Peripherals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

class The_command_line_of_QEMU_Test {
    private static QemuCommandLine parse(String... words) {
        return QemuParser.parse(Arrays.asList(words), List.of("cortex-a57", "max"), List.of("virtconsole", "virtio-serial-device"));
    }

    private static QemuCommandLine words(String line) {
        return parse(line.split(" "));
    }

    @Test
    void is_read_as_the_KHO_selftest_writes_it() {
        QemuCommandLine q = parse("-M", "virt", "-cpu", "max", "-m", "1G", "-smp", "2", "-no-reboot", "-nographic", "-nodefaults",
                "-accel", "kvm", "-accel", "hvf", "-accel", "tcg", "-serial", "file:out.log", "-append", "console=ttyAMA0 kho=on panic=-1",
                "-kernel", "Image", "-initrd", "initrd.gz");
        assertNull(q.answer());
        assertEquals("max", q.cpu());
        assertEquals(1L << 30, q.memory());
        assertEquals(2, q.cpus());
        assertTrue(q.noReboot());
        assertEquals(List.of(new Backend.ToFile(Path.of("out.log"), false)), q.serials());
        assertEquals("console=ttyAMA0 kho=on panic=-1", q.boot().append());
        assertEquals(Path.of("Image"), q.boot().kernel());
        assertEquals(Path.of("initrd.gz"), q.boot().initrd());
        assertEquals(List.of(), q.notes());
    }

    @Test
    void is_read_as_kunit_writes_it() {
        QemuCommandLine q = words("-nodefaults -m 1024 -kernel Image.gz -append x -no-reboot -nographic -accel kvm -accel hvf -accel tcg"
                + " -serial stdio -machine virt -cpu max");
        assertEquals(1L << 30, q.memory());
        assertEquals(List.of(new Backend.Stdio(false, true)), q.serials());
    }

    @Test
    void is_read_as_kvm_unit_tests_write_it() {
        QemuCommandLine q = words("-nodefaults -machine virt,gic-version=3 -accel tcg -cpu cortex-a57 -device virtio-serial-device"
                + " -device virtconsole,chardev=ctd -chardev testdev,id=ctd -display none -serial stdio -kernel x.flat -smp 2");
        assertEquals("3", q.board().gic());
        assertEquals(new Backend.TestDev(), q.chardevs().get("ctd"));
        assertEquals(List.of(new QemuCommandLine.Device("virtio-serial-device", Map.of()),
                new QemuCommandLine.Device("virtconsole", Map.of("chardev", "ctd"))), q.devices());
    }

    @Test
    void is_read_as_tuxrun_writes_it() {
        QemuCommandLine q = words("-cpu max,pauth-impdef=on -machine virt,virtualization=on,gic-version=3,mte=on -nographic -nic none -m 4G"
                + " -monitor none -no-reboot -smp 2 -kernel Image -drive file=r.ext4,if=none,format=raw,id=hd0 -append root=/dev/vda");
        assertTrue(q.board().virtualization());
        assertEquals(Map.of("pauth-impdef", "on"), q.features());
        assertEquals(List.of(new QemuCommandLine.Drive("hd0", "none", Path.of("r.ext4"), "raw", false, false)), q.drives());
        assertEquals(List.of(new Backend.Stdio(true, false)), q.serials());
        assertTrue(q.notes().getFirst().startsWith("-machine mte=on: "), q.notes()::toString);
    }

    @Test
    void is_read_as_virtme_ng_writes_its_console() {
        QemuCommandLine q = words("-name virtme-ng -m 1G -chardev stdio,id=console,signal=off,mux=on -serial chardev:console"
                + " -mon chardev=console -parallel none -net none -vga none -display none -echr 1 -smp 4 -no-reboot");
        assertEquals(List.of(new Backend.Stdio(true, false)), q.serials());
        assertEquals(4, q.cpus());
    }

    /** What {@code vng --run --arch arm64 --exec} of 1.42 starts, and as of 1.20 has: 9p folders and six ports, one device each. */
    @Test
    void is_read_as_virtme_ng_writes_it_for_a_script() {
        StringBuilder line = new StringBuilder("-m 1G -fsdev local,id=virtfs3,path=/,security_model=none,readonly=on,multidevs=remap"
                + " -device virtio-9p-device,fsdev=virtfs3,mount_tag=/dev/root -machine accel=kvm:tcg -M virt -cpu cortex-a57"
                + " -parallel none -net none -smp 2 -vga none -display none -serial chardev:console"
                + " -chardev file,id=console,path=/proc/self/fd/2"
                + " -chardev stdio,id=stdin,signal=on,mux=off -device virtio-serial-device"
                + " -device virtserialport,name=virtme.stdin,chardev=stdin");
        for (String port : List.of("stdout", "stderr", "dev_stdout", "dev_stderr", "ret")) {
            line.append(" -chardev file,id=").append(port).append(",path=/proc/self/fd/1 -device virtio-serial-device")
                    .append(" -device virtserialport,name=virtme.").append(port).append(",chardev=").append(port);
        }
        line.append(" -no-reboot -device virtio-net-device,netdev=n0 -netdev user,id=n0 -kernel Image -append x");
        QemuCommandLine q = QemuParser.parse(Arrays.asList(line.toString().split(" ")), List.of("cortex-a57"),
                Peripherals.DRIVERS);
        assertEquals(List.of(new Backend.ToFile(Path.of("/proc/self/fd/2"), false)), q.serials());
        assertEquals(new Backend.Stdio(false, true), q.chardevs().get("stdin"));
        assertEquals(new QemuCommandLine.Share(Path.of("/"), true), q.shares().get("virtfs3"));
        assertEquals(Map.of("name", "virtme.ret", "chardev", "ret"), q.devices().get(12).properties());
        assertEquals(List.of(QemuNetwork.NOTE), q.notes());
    }

    @Test
    void is_read_as_virtme_ng_writes_it_on_an_arm64_host_with_KVM() {
        QemuCommandLine q = words("-machine accel=kvm:tcg -M virt,gic-version=host -cpu host");
        assertEquals("3", q.board().gic());
        assertEquals("max", q.cpu());
        assertEquals(2, q.notes().size());
    }

    @Test
    void names_the_debugger_and_the_logs() {
        QemuCommandLine q = words("-s -S -d int,unimp -D log.txt");
        assertEquals(new QemuCommandLine.Debug(OptionalInt.of(1234), true, List.of("int", "unimp"), Path.of("log.txt")), q.debug());
        assertEquals(OptionalInt.of(4000), words("-gdb tcp:127.0.0.1:4000").debug().port());
        assertEquals(OptionalInt.of(4001), words("-gdb tcp::4001,server=on").debug().port());
        assertEquals(OptionalInt.empty(), words("-s -gdb none").debug().port());
    }

    @ParameterizedTest
    @CsvSource({"128,134217728", "1G,1073741824", "1.5G,1610612736", "0x100M,268435456", "64k,65536", "1048576B,1048576",
        "2T,2199023255552"})
    void has_sizes_in_MiB_unless_they_say_otherwise(String text, long bytes) {
        assertEquals(bytes, words("-m " + text).memory());
        assertEquals(bytes, words("-m size=" + text + ",slots=2,maxmem=8T").memory());
    }

    @Test
    void takes_machine_properties_from_several_options_and_the_last_of_each() {
        QemuCommandLine q = words("-M virt,gic-version=2 -machine gic-version=max,its=off -M virt-8.2,dtb-randomness=off");
        assertEquals("max", q.board().gic());
        assertFalse(q.board().its());
        assertFalse(q.board().randomness());
        assertEquals(Path.of("a,b.dtb"), words("-M virt,dumpdtb=a,,b.dtb").board().dumpDtb());
    }

    @Test
    void starts_the_clock_when_told() {
        assertEquals(1_704_164_645L, words("-rtc base=2024-01-02T03:04:05,clock=vm").epoch().orElseThrow());
        assertTrue(words("-rtc base=utc").epoch().isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-version        | QEMU emulator version 7.2",
        "--version       | QEMU emulator version 7.2",
        "--help          | QEMU",
        "-machine help   | ARM Virtual Machine",
        "-machine ?      | ARM Virtual Machine",
        "-M virt,?       | gic-version",
        "-cpu help       | cortex-a57",
        "-device ?       | virtconsole",
        "-chardev ?      | testdev",
        "-accel help     | tcg",
        "-d help         | unimp",
    })
    void answers_the_questions_of_scripts(String line, String words) {
        String answer = words(line).answer();
        assertTrue(answer.contains(words), answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "disk.img                           | disk.img: ",
        "-frobnicate                        | -frobnicate: ",
        "-kernel                            | -kernel: expected FILE after it",
        "-M sbsa-ref                        | -machine sbsa-ref: expected virt",
        "-M virt,frob=on                    | -machine virt,frob=on: frob=on is not supported",
        "-M virt,gic-version=4              | -machine gic-version=4: expected 2, 3 or max",
        "-M virt,its=perhaps                | -machine virt: its=perhaps: expected on or off",
        "-M virt,iommu=smmuv3               | -machine virt,iommu=smmuv3: iommu=smmuv3 is not supported, only none",
        "-cpu cortex-a15                    | -cpu cortex-a15: expected one of cortex-a57, max",
        "-cpu max,sve=on                    | -cpu max,sve=on: not supported",
        "-M virt,highmem=off                | -machine highmem=off: not supported",
        "-cpu max,pmu=off                   | -cpu max,pmu=off: not supported",
        "-cpu max,rme=off                   | -cpu max,rme=off: not supported",
        "-cpu max,sve128=on                 | -cpu max,sve128=on: not supported",
        "-smp two                           | -smp two: expected a number",
        "-smp 4,threads=2                   | -smp 4,threads=2: threads: expected 1",
        "-m lots                            | -m lots: expected a size",
        "-m 99999999999T                    | -m 99999999999T: expected a size below 8 EiB",
        "-serial tcp::5000                  | -serial tcp::5000: expected none",
        "-serial chardev:x                  | -serial chardev:x: expected a -chardev with that id",
        "-serial stdio -serial stdio        | -serial stdio: the board has one serial port",
        "-chardev socket,id=a               | -chardev socket,id=a: expected file",
        "-chardev stdio                     | -chardev stdio: expected id=...",
        "-device e1000                      | -device e1000: not supported",
        "-drive file=a,format=qcow2         | -drive file=a,format=qcow2: format=qcow2: expected raw",
        "-nic tap                           | -nic tap: expected user or none",
        "-nic user,model=e1000              | -nic user,model=e1000: model=e1000: expected virtio or virtio-net-pci",
        "-netdev user,id=n,hostfwd=tcp::1-:2 | -netdev user,id=n,hostfwd=tcp::1-:2: hostfwd=tcp::1-:2 is not supported",
        "-netdev user                       | -netdev user: expected id=...",
        "-fsdev proxy,id=f,path=/           | -fsdev proxy,id=f,path=/: expected local",
        "-fsdev local,path=/                | -fsdev local,path=/: expected id=...",
        "-fsdev local,id=f,path=/,security_model=mapped | -fsdev local,id=f,path=/,security_model=mapped: security_model=mapped: expected",
        "-virtfs local,path=/               | -virtfs local,path=/: expected mount_tag=...",
        "-net tap                           | -net tap: expected user or none",
        "-net nic,netdev=n                  | -net nic,netdev=n: there is no -netdev of that id",
        "-gdb tcp:192.0.2.1:1               | -gdb tcp:192.0.2.1:1: expected tcp::PORT",
        "-gdb tcp::99999                    | -gdb tcp::99999: expected tcp::PORT",
        "-d op                              | -d op: expected one of cpu",
        "-global virtio-pci.x=on            | -global virtio-pci.x=on: virtio-pci.x=on is not supported",
        "-object memory-backend-ram,id=m    | -object memory-backend-ram,id=m: expected rng-random",
        "-semihosting-config enable=on,userspace=on | -semihosting-config enable=on,userspace=on: userspace=on: not supported",
        "-icount shift=4                    | -icount shift=4: shift=4: expected 0",
        "-echr 1e9                          | -echr 1e9: expected",
        "-echr 08                           | -echr 08: expected",
        "-echr 65                           | -echr 65: expected",
        "-rtc base=yesterday                | -rtc base=yesterday: base=yesterday: expected",
    })
    void is_refused_by_the_name_of_the_option_that_cannot_be_honoured(String line, String sentence) {
        String said = assertThrows(QemuOptionException.class, () -> words(line)).getMessage();
        assertTrue(said.startsWith(sentence), said);
        assertEquals(1, said.lines().count());
    }
}
