package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.cli.RealGuest.Run;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Debian's own drivers at work on virtio devices, on both transports and by each kind of interrupt: scripts/guest/virtio.sh reads and
 * writes a disk that is copied on write, reads one that is read-only, takes random numbers, leases an address, changes a folder of the
 * host, and talks at a console.
 */
class Debian_uses_virtio_devices_Test {
    private static final int DISK = 512 << 10;
    private static final int WRITTEN_AT = 16 * 512;

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0} on {1}, {2}, by {3}")
    @CsvSource({
        "5.10, pci,    gic-version=3,         ITS-MSI,                  none",
        "6.1,  device, gic-version=3,         Edge,                     strict",
        "6.1,  pci,    gic-version=3,         ITS-MSI,                  adversarial",
        "6.12, pci,    gic-version=2,         GICv2m-PCI-MSIX,          strict",
        "6.12, pci,    'gic-version=3,its=off', Level,                  none",
    })
    void disk_console_and_entropy(String series, String transport, String machine, String interrupts, String caches) throws IOException {
        Path kernel = RealGuest.cached("debian-arm64/" + series + "/Image", "fetch-real-kernels");
        byte[] content = new byte[DISK];
        new Random(1).nextBytes(content);
        Path disk = Files.write(folder.resolve("disk"), content);
        Path serial = folder.resolve("serial");
        List<String> words = new ArrayList<>(List.of("qemu-system-aarch64", "-M", "virt," + machine, "-cpu", "max", "-smp", "2",
                "-m", "512M", "-nodefaults", "-display", "none", "-no-reboot", "-kernel", kernel.toString(),
                "-initrd", initrd(series).toString(), "-append", "console=ttyAMA0 panic=-1 quiet",
                "-serial", "file:" + serial, "-chardev", "stdio,id=c",
                "-drive", "if=none,id=cow,format=raw,snapshot=on,file=" + disk,
                "-drive", "if=none,id=ro,format=raw,readonly=on,file=" + disk, "-baton", "limit=8G,findings=fail,caches=" + caches));
        // Linux names disks by address: on virtio-mmio the last one plugged in has the lowest.
        for (String drive : transport.equals("pci") ? List.of("cow", "ro") : List.of("ro", "cow")) {
            words.addAll(List.of("-device", "virtio-blk-" + transport + ",drive=" + drive));
        }
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Files.write(shared.resolve("data"), content);
        Files.writeString(shared.resolve("removed"), "");
        words.addAll(List.of("-fsdev", "local,id=f,path=" + shared + ",security_model=none,multidevs=remap", "-device",
                "virtio-9p-" + transport + ",fsdev=f,mount_tag=folder"));
        words.addAll(List.of("-netdev", "user,id=n", "-device", "virtio-net-" + transport + ",netdev=n,mac=52:54:00:0b:a7:01"));
        words.addAll(List.of("-device", "virtio-rng-" + transport, "-device", "virtio-serial-" + transport, "-device",
                "virtconsole,chardev=c"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(words.toArray(new String[0]), new ByteArrayInputStream("typed\n".getBytes(StandardCharsets.US_ASCII)),
                new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
        Run run = new Run(status, Files.readString(serial), err.toString(StandardCharsets.UTF_8));
        run.expectInOrder(List.of("baton: vda 1024 sectors ro 0 " + sha256(content), "baton: written " + sha256(written(content)),
                "baton: vdb ro 1 " + sha256(content), "baton: rng virtio_rng.0", "baton: random 32 ", "baton: eth0 52:54:00:0b:a7:01 1",
                "baton: lease 10.0.2.15 255.255.255.0 router 10.0.2.2 dns 10.0.2.3 for 86400 s",
                "baton: ping, 2 packets received, 0% packet loss",
                "baton: wget: can't connect to remote host (10.9.8.7): Connection refused",
                "baton: folder data removed " + sha256(content), "baton: moved 108894 bytes", "baton: hvc0 said typed",
                "baton: done"));
        assertEquals(0, status, () -> run.told() + run.tail());
        assertFalse(run.told().contains("finding"), run.told());
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("hello from hvc0"), out::toString);
        assertEquals(0, run.count("was refused") + run.count("was written to"), run::tail);
        List<String> lines = run.lines().stream().filter(l -> l.startsWith("baton: interrupt ")).toList();
        assertTrue(lines.size() >= 4 && lines.stream().allMatch(l -> l.contains(interrupts)), lines::toString);
        assertEquals(108_894, Files.size(shared.resolve("new/moved")));
        assertFalse(Files.exists(shared.resolve("removed")));
        assertArrayEquals(content, Files.readAllBytes(disk), "what the guest wrote is in no file");
    }

    /** User space, and the modules of this kernel. */
    private Path initrd(String series) throws IOException {
        Path both = folder.resolve("initrd");
        try (var to = Files.newOutputStream(both)) {
            Files.copy(RealGuest.cached("user-space/current/virtio.cpio", "build-user-space"), to);
            Files.copy(RealGuest.cached("debian-modules/" + series + "/modules.cpio", "fetch-real-kernels --modules"), to);
        }
        return both;
    }

    private static byte[] written(byte... disk) {
        byte[] after = Arrays.copyOf(disk, disk.length);
        byte[] numbers = IntStream.rangeClosed(1, 2000).mapToObj(i -> i + "\n").collect(Collectors.joining())
                .getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(numbers, 0, after, WRITTEN_AT, numbers.length);
        return after;
    }

    private static String sha256(byte... b) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(b));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
