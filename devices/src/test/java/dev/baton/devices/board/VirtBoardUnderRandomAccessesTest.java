package dev.baton.devices.board;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.core.cpu.SystemRegisterPort;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.devices.FakeCpu;
import dev.baton.devices.uart.ByteSink;
import dev.baton.devices.virtio.BlockImage;
import dev.baton.devices.virtio.CopyOnWrite;
import dev.baton.devices.virtio.ZeroDisk;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Map;
import java.util.Random;

/** A guest may do anything to its devices: no access throws, a read gives no more than its size, any state can be saved. */
class VirtBoardUnderRandomAccessesTest {
    private static final List<String> REGISTERS = List.of("ICC_IAR0_EL1", "ICC_IAR1_EL1", "ICC_EOIR0_EL1", "ICC_EOIR1_EL1", "ICC_DIR_EL1",
            "ICC_HPPIR0_EL1", "ICC_HPPIR1_EL1", "ICC_PMR_EL1", "ICC_BPR0_EL1", "ICC_BPR1_EL1", "ICC_AP0R0_EL1", "ICC_AP1R0_EL1",
            "ICC_CTLR_EL1", "ICC_CTLR_EL3", "ICC_IGRPEN0_EL1", "ICC_IGRPEN1_EL1", "ICC_IGRPEN1_EL3", "ICC_SRE_EL1", "ICC_SGI0R_EL1",
            "ICC_SGI1R_EL1", "ICC_ASGI1R_EL1", "ICC_RPR_EL1", "ICH_HCR_EL2",
            "ICH_LR0_EL2", "ICH_LR15_EL2", "ICH_VMCR_EL2", "ICH_ELRSR_EL2");
    private static final int CPUS = 3;

    private static final int SLOTS = 5;

    private static VirtBoard board(long seed) {
        return new VirtBoard(VirtConfig.defaults().withCpus(CPUS).withMemory(8 << 20).withCaches(CachePolicy.NONE)
                .withGicVersion(seed % 3 == 0 ? 2 : 3).withIts(seed % 3 == 1).withStickyLpis(seed % 2 == 0)
                .withPeripherals(seed % 5 == 0 ? Peripherals.MINIMAL : plugged(seed)), b -> { },
                backends(),
                (machine, index, wiring) -> new FakeCpu(index));
    }

    private static Peripherals plugged(long seed) {
        Peripherals p = Peripherals.FULL.withLegacyMmio(seed % 2 == 0);
        for (String driver : List.of("virtio-blk-device", "virtio-rng-device", "virtio-serial-device", "virtconsole", "pci-testdev",
                "virtio-blk-pci", "virtio-rng-pci", "virtio-serial-pci")) {
            p = p.with(new Peripherals.Device(driver, Map.of()));
        }
        return p;
    }

    /** Base address registers at the start of the windows, one slot after the other, and everything decoded. */
    private static void enablePci(VirtBoard board) {
        for (PhysicalBus.Window w : board.machine().bus().windows()) {
            for (int slot = 1; slot < SLOTS && w.name().equals("pcie ecam"); slot++) {
                w.device().write((slot << 15) + 0x10, 4, (slot & 1) == 0 ? VirtLayout.PCIE_MEMORY : slot * 64);
                w.device().write((slot << 15) + 0x14, 4, VirtLayout.PCIE_MEMORY + 0x1000 * slot);
                w.device().write((slot << 15) + 0x20, 8, VirtLayout.PCIE_HIGH_MEMORY + 0x4000 * (slot - 1));
                w.device().write((slot << 15) + 4, 2, 7);
            }
        }
    }

    private static Backends backends() {
        return new Backends() {
            @Override
            public ByteSink output(String chardev) {
                return b -> { };
            }

            @Override
            public BlockImage disk(String drive) {
                return new CopyOnWrite(new ZeroDisk(1 << 20));
            }
        };
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
    void nothing_throws_and_what_is_saved_comes_back(long seed) {
        Random random = new Random(seed);
        VirtBoard board = board(seed);
        VirtBoard other = board(seed);
        try {
            enablePci(board);
            for (int i = 0; i < 20_000; i++) {
                act(board, random);
            }
            byte[] snapshot = board.machine().snapshot();
            other.machine().restore(snapshot);
            assertArrayEquals(snapshot, other.machine().snapshot());
        } finally {
            board.machine().close();
            other.machine().close();
        }
    }

    private static void act(VirtBoard board, Random random) {
        switch (random.nextInt(10)) {
            case 0 -> registers(board).read(random.nextInt(CPUS), REGISTERS.get(random.nextInt(REGISTERS.size())));
            case 1, 2 -> registers(board).write(random.nextInt(CPUS), REGISTERS.get(random.nextInt(REGISTERS.size())), value(random));
            case 3 -> board.interrupts().ppi(random.nextInt(CPUS), random.nextInt(16)).set(random.nextBoolean());
            case 4 -> board.uart().input((byte) random.nextInt());
            case 5 -> {
                board.machine().clock().base(board.machine().clock().base() + random.nextInt(1_000_000_000));
                board.machine().clock().fireDue();
            }
            case 6 -> board.msiDoorbell().msi(random.nextInt(4), random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(64));
            default -> access(board, random);
        }
    }

    private static SystemRegisterPort registers(VirtBoard board) {
        return board.config().gicVersion() == 3 ? board.gic() : SystemRegisterPort.NONE;
    }

    private static void access(VirtBoard board, Random random) {
        List<PhysicalBus.Window> windows = board.machine().bus().windows();
        PhysicalBus.Window w = windows.get(random.nextInt(windows.size()));
        int size = 1 << random.nextInt(4);
        long registers = w.name().startsWith("pcie") ? 0x1_0000 << random.nextInt(3) : 0x50;
        long range = random.nextBoolean() ? w.size() : Math.min(w.size(), registers);
        long offset = (range - 1 & random.nextLong() & Long.MAX_VALUE) & -size;
        if (offset + size > w.size()) {
            return;
        }
        if (random.nextBoolean()) {
            w.device().write(offset, size, value(random));
        } else {
            long value = w.device().read(offset, size);
            assertEquals(size == 8 ? value : value & (1L << 8 * size) - 1, value, () -> w.name() + " +0x" + Long.toHexString(offset));
        }
    }

    private static long value(Random random) {
        return random.nextLong() >>> random.nextInt(64);
    }
}
