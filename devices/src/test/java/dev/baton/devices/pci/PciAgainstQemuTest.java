package dev.baton.devices.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.mem.PhysicalBus;
import dev.baton.devices.FakeCpu;
import dev.baton.devices.Tools;
import dev.baton.devices.board.Backends;
import dev.baton.devices.board.Peripherals;
import dev.baton.devices.board.VirtBoard;
import dev.baton.devices.board.VirtConfig;
import dev.baton.devices.p9.SharedFolder;
import dev.baton.devices.uart.ByteSink;
import dev.baton.devices.virtio.BlockImage;
import dev.baton.devices.virtio.ZeroDisk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/** The same accesses to the PCIe host of QEMU's board and of ours, with the same functions in it, give the same values. */
class PciAgainstQemuTest {
    private static final long ECAM = 0x40_1000_0000L;
    private static final long MEMORY = 0x1000_0000L;
    private static final long IO = 0x3eff_0000L;
    private static final int SLOTS = 8;
    private static final int DISK = 1 << 20;

    @TempDir
    private Path folder;
    private Qtest qemu;
    private VirtBoard board;

    @BeforeEach
    void plugTheSameIntoBoth() throws IOException {
        Tools.assume("qemu-system-aarch64");
        Path disk = Files.write(folder.resolve("disk"), new byte[DISK]);
        qemu = new Qtest("-device", "pci-testdev", "-drive", "if=none,id=d,readonly=on,format=raw,file=" + disk, "-device",
                "virtio-blk-pci,drive=d,write-cache=on", "-device", "virtio-rng-pci,addr=5", "-device", "virtio-serial-pci",
                "-device", "virtio-rng-pci,disable-legacy=on", "-device", "virtio-net-pci,romfile=",
                "-fsdev", "local,id=f,security_model=none,path=" + folder, "-device", "virtio-9p-pci,fsdev=f,mount_tag=tag");
        Peripherals p = Peripherals.FULL.with(device("pci-testdev")).with(device("virtio-blk-pci", "drive", "d"))
                .with(device("virtio-rng-pci", "addr", "5")).with(device("virtio-serial-pci"))
                .with(device("virtio-rng-pci", "disable-legacy", "on")).with(device("virtio-net-pci"))
                .with(new Peripherals.Device("virtio-9p-pci", Map.of("fsdev", "f", "mount_tag", "tag")));
        board = new VirtBoard(VirtConfig.defaults().withMemory(8 << 20).withPeripherals(p), b -> { }, backends(),
                (machine, index, wiring) -> new FakeCpu(index));
    }

    @AfterEach
    void end() {
        if (qemu != null) {
            qemu.close();
            board.machine().close();
        }
    }

    private static Peripherals.Device device(String driver, String... property) {
        return new Peripherals.Device(driver, property.length == 0 ? Map.of() : Map.of(property[0], property[1]));
    }

    private Backends backends() {
        return new Backends() {
            @Override
            public ByteSink output(String chardev) {
                return b -> { };
            }

            @Override
            public BlockImage disk(String drive) {
                return new ZeroDisk(DISK);
            }

            @Override
            public SharedFolder folder(String fsdev) {
                try {
                    return new SharedFolder(folder, true);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    private PhysicalBus.Window window(long address) {
        return board.machine().bus().window(address);
    }

    private void same(long address, int size) {
        PhysicalBus.Window w = window(address);
        assertEquals(Long.toHexString(qemu.read(address, size)), Long.toHexString(w.device().read(address - w.base(), size)),
                () -> "%d bytes at 0x%x".formatted(size, address));
    }

    private void write(long address, int size, long value) {
        qemu.write(address, size, value);
        PhysicalBus.Window w = window(address);
        w.device().write(address - w.base(), size, value);
    }

    private static long slot(int n) {
        return ECAM + ((long) n << 15);
    }

    private void wholeSpace() {
        for (int slot = 0; slot < SLOTS; slot++) {
            for (int at = 0; at < 0x108; at += 4) {
                same(slot(slot) + at, 4);
            }
        }
    }

    @Test
    void configuration_space_at_power_on() {
        wholeSpace();
        same(slot(31), 4);
        same(slot(1) + 0x1000, 4);
        same(ECAM + (1 << 20), 4);
        same(MEMORY + 0x100, 4);
        same(IO + 0x100, 2);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void random_accesses_to_configuration_space(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 3_000; i++) {
            int size = 1 << random.nextInt(3);
            int offset = random.nextInt(256) & -size;
            // The window of VIRTIO_PCI_CAP_PCI_CFG acts on registers whose contents differ with the features of a device.
            if (offset >= 0x84 && offset < 0x98) {
                continue;
            }
            long address = slot(random.nextInt(SLOTS)) + offset;
            if (random.nextBoolean()) {
                long value = random.nextInt(3) == 0 ? 0xffff_ffffL : random.nextInt() & 0xffff_ffffL;
                write(address, size, size == 4 ? value : value & (1L << 8 * size) - 1);
            }
            same(address, size);
        }
        wholeSpace();
    }

    /** Base address registers of a slot, and everything decoded. */
    private void enable(int slot, long memory, long io) {
        write(slot(slot) + 0x10, 4, slot == 1 ? memory : io);
        write(slot(slot) + 0x14, 4, slot == 1 ? io : memory);
        write(slot(slot) + 0x20, 4, memory + 0x4000);
        write(slot(slot) + 0x24, 4, 0);
        write(slot(slot) + 4, 2, 7);
    }

    @Test
    void the_test_device() {
        enable(1, MEMORY, 0x1000);
        for (long region : new long[] {MEMORY, IO + 0x1000}) {
            for (int test = 0; test < 4; test++) {
                write(region, 1, test);
                long target = region + window(region).device().read(region - window(region).base() + 4, 4);
                for (int value : new int[] {0xfa, 0xce, 0xfa, 0x12}) {
                    if (test < 3) {
                        write(target, 1, value);
                    }
                    for (int at = 0; at < 0x28; at++) {
                        same(region + at, 1);
                    }
                }
            }
        }
    }

    /** Registers whose values do not depend on the features that a device has. */
    private static final int[][] COMMON = {{0x00, 4}, {0x08, 4}, {0x10, 2}, {0x12, 2}, {0x14, 1}, {0x15, 1}, {0x16, 2}, {0x18, 2},
        {0x1a, 2}, {0x1c, 2}, {0x1e, 2}, {0x20, 4}, {0x24, 4}, {0x28, 4}, {0x30, 4}, {0x34, 4}};

    @ParameterizedTest
    @CsvSource({"2, 1", "3, 2", "5, 1", "4, 1"})
    void the_common_configuration_of_virtio_and_the_table_of_MSI_X(int slot, int queues) {
        enable(slot, MEMORY, 0x1000);
        long common = MEMORY + 0x4000;
        Random random = new Random(slot);
        for (int i = 0; i < 2_000; i++) {
            int[] r = COMMON[random.nextInt(COMMON.length)];
            // No queue is enabled, for its rings would be anywhere; the status is that of a driver that has not gone further.
            if (random.nextBoolean() && r[0] != 0x1c && r[0] != 0x12 && r[0] != 0x15 && r[0] != 0x1e) {
                write(common + r[0], r[1], switch (r[0]) {
                    case 0x14 -> new int[] {0, 1, 3}[random.nextInt(3)];
                    case 0x16 -> random.nextInt(queues);
                    case 0x18 -> 1 << random.nextInt(4);
                    case 0x10, 0x1a -> random.nextInt(4);
                    default -> random.nextInt() & (1L << 8 * r[1]) - 1;
                });
            }
            same(common + r[0], r[1]);
            long entry = MEMORY + 4L * random.nextInt(10);
            write(entry, 4, entry % 16 == 12 ? 1 : random.nextInt() & 0xffff_ffffL);
            same(entry, 4);
            same(MEMORY + 0x800, 4);
        }
    }

    @Test
    void the_legacy_interface_at_power_on() {
        for (int slot : new int[] {2, 5, 3}) {
            enable(slot, MEMORY + 0x1_0000L * slot, 0x1000L * slot);
            long io = IO + 0x1000L * slot;
            // QEMU's control queues of a console, 2 and 3, are shorter than its others.
            for (int queue = 0; queue < 2; queue++) {
                write(io + 0x0e, 2, queue);
                same(io + 0x08, 4);
                same(io + 0x0c, 2);
                same(io + 0x0e, 2);
                same(io + 0x12, 1);
                same(io + 0x13, 1);
            }
            write(io + 0x0e, 2, 0);
            write(slot(slot) + 0x9a, 2, 0x8000);
            same(io + 0x14, 2);
            same(io + 0x16, 2);
            write(io + 0x16, 2, 1);
            write(io + 0x14, 2, 2);
            same(io + 0x14, 2);
            same(io + 0x16, 2);
        }
        assertTrue(board.unmodelled().accesses().isEmpty(), () -> board.unmodelled().accesses().toString());
    }

    @Test
    void registers_through_configuration_space() {
        enable(2, MEMORY, 0x1000);
        write(slot(2) + 0x88, 1, 4);
        write(slot(2) + 0x8c, 4, 0x14);
        write(slot(2) + 0x90, 4, 1);
        write(slot(2) + 0x94, 1, 3);
        same(slot(2) + 0x94, 4);
        same(MEMORY + 0x4014, 1);
        write(slot(2) + 0x8c, 4, 0x18);
        write(slot(2) + 0x90, 4, 2);
        same(slot(2) + 0x94, 2);
        write(slot(2) + 0x8c, 4, 0x19);
        same(slot(2) + 0x94, 2);
    }
}
