package dev.baton.devices.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.cpu.FirmwareCalls;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.View;
import dev.baton.devices.FakeCpu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

class VirtBoardTest {
    private static final long MIB = 1L << 20;
    private static final VirtConfig CONFIG = VirtConfig.defaults().withCpus(2).withMemory(64 * MIB);

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final List<CpuWiring> wirings = new ArrayList<>();
    private final List<FakeCpu> cpus = new ArrayList<>();
    private VirtBoard board = board(CONFIG);

    private VirtBoard board(VirtConfig config) {
        if (board != null) {
            board.machine().close();
        }
        wirings.clear();
        cpus.clear();
        return new VirtBoard(config, console::write, (machine, index, wiring) -> {
            wirings.add(wiring);
            cpus.add(new FakeCpu(index));
            return cpus.getLast();
        });
    }

    @AfterEach
    void close() {
        board.machine().close();
    }

    private PhysicalBus.Window window(long pa) {
        return board.machine().bus().window(pa);
    }

    private void write(long pa, long value) {
        PhysicalBus.Window w = window(pa);
        w.device().write(pa - w.base(), 4, value);
    }

    private long read(long pa) {
        PhysicalBus.Window w = window(pa);
        return w.device().read(pa - w.base(), 4);
    }

    private void enableGroup1OnCpu(int cpu) {
        write(VirtLayout.GIC_DISTRIBUTOR, 2);
        write(VirtLayout.GIC_REDISTRIBUTORS + cpu * 0x2_0000L + 0x1_0080, -1);
        write(VirtLayout.GIC_DISTRIBUTOR + 0x84, -1);
        board.gic().write(cpu, "ICC_PMR_EL1", 0xff);
        board.gic().write(cpu, "ICC_IGRPEN1_EL1", 1);
    }

    @Test
    void the_console_prints_what_a_CPU_writes_to_the_UART() {
        write(VirtLayout.UART, 'B');
        assertEquals("B", console.toString());
    }

    @Test
    void typing_interrupts_the_CPU_by_SPI_1() {
        enableGroup1OnCpu(0);
        write(VirtLayout.GIC_DISTRIBUTOR + 0x104, 1 << 1);
        write(VirtLayout.UART + 0x30, 0x301);
        write(VirtLayout.UART + 0x38, 0x10);
        board.uart().input((byte) 'x');
        assertTrue(cpus.get(0).asserted("irq"));
        assertEquals(33, board.gic().read(0, "ICC_IAR1_EL1"));
    }

    @Test
    void the_RTC_s_alarm_is_SPI_2() {
        write(VirtLayout.RTC + 0x10, 1);
        write(VirtLayout.RTC + 0x04, CONFIG.epoch());
        assertEquals(1 << 2, read(VirtLayout.GIC_DISTRIBUTOR + 0x204));
    }

    @ParameterizedTest
    @CsvSource({"cntp, 30", "cntv, 27", "cnthp, 26", "cnthv, 28", "cntps, 29"})
    void a_timer_of_CPU_1_interrupts_CPU_1_by_its_PPI(String timer, int intid) {
        enableGroup1OnCpu(1);
        write(VirtLayout.GIC_REDISTRIBUTORS + 0x2_0000 + 0x1_0100, 1L << intid);
        wirings.get(1).interrupts().get(timer).set(true);
        assertFalse(cpus.get(0).asserted("irq"));
        assertTrue(cpus.get(1).asserted("irq"));
        assertEquals(intid, wirings.get(1).gic().read(1, "ICC_IAR1_EL1"));
    }

    @ParameterizedTest
    @CsvSource({"1, hvc, smc, false", "2, smc, hvc, true"})
    void firmware_answers_by_HVC_at_EL1_and_by_SMC_with_EL2(int el, String answers, String silent, boolean el2) {
        board = board(CONFIG.withEntryLevel(el));
        assertEquals(el2, wirings.getFirst().el2());
        FirmwareCalls firmware = wirings.getFirst().firmware();
        cpus.getFirst().argument(0, 0x8400_0000L);
        assertFalse(firmware.call(cpus.getFirst(), silent, 0));
        assertTrue(firmware.call(cpus.getFirst(), answers, 0));
        assertEquals(0x1_0001, cpus.getFirst().argument(0));
    }

    @Test
    void CPU_ON_starts_the_other_CPU_with_its_interface_reset() {
        board.gic().write(1, "ICC_PMR_EL1", 0xf0);
        long[] call = {0xc400_0003L, 1, VirtLayout.RAM + 0x1000, 5};
        for (int i = 0; i < call.length; i++) {
            cpus.getFirst().argument(i, call[i]);
        }
        wirings.getFirst().firmware().call(cpus.getFirst(), "hvc", 0);
        assertEquals(0, cpus.getFirst().argument(0));
        assertEquals(Cpu.State.RUNNING, cpus.get(1).state());
        assertEquals(0, board.gic().read(1, "ICC_PMR_EL1"));
    }

    @Test
    void under_spin_table_no_firmware_answers_and_all_CPUs_run() {
        VirtConfig config = CONFIG.withEnableMethod(EnableMethod.SPIN_TABLE);
        board = board(config);
        board.launch(VirtBoot.plans(config, VirtBoot.Kernel.image(Bytes.wrap(new byte[64]), 0, 4096), Bytes.of(), ""));
        assertFalse(wirings.getFirst().firmware().call(cpus.getFirst(), "hvc", 0));
        assertEquals(VirtLayout.FIRMWARE, cpus.get(1).register("pc"));
        byte[] word = new byte[4];
        board.machine().bus().peek(VirtLayout.FIRMWARE, word, 0, 4, View.POC);
        assertEquals((byte) 0xd5, word[3], "the pen's first instruction");
    }

    @Test
    void launch_places_the_plan_and_starts_the_boot_CPU_only() {
        board.launch(VirtBoot.plans(CONFIG, VirtBoot.Kernel.image(Bytes.of((byte) 0x77), 0, 4096), Bytes.of(), ""));
        byte[] first = new byte[1];
        board.machine().bus().peek(0x4020_0000L, first, 0, 1, View.POC);
        assertEquals(0x77, first[0]);
        assertEquals(0x4020_0000L, cpus.getFirst().register("pc"));
        assertEquals(Cpu.State.OFF, cpus.get(1).state());
    }

    @Test
    void a_guest_that_resets_the_system_can_be_started_again_on_new_devices() {
        board.launch(VirtBoot.plans(CONFIG, VirtBoot.Kernel.image(Bytes.wrap(new byte[64]), 0, 4096), Bytes.of(), ""));
        cpus.getFirst().onRun(() -> {
            enableGroup1OnCpu(0);
            write(VirtLayout.UART + 0x38, 0x20);
            cpus.getFirst().argument(0, 0x8400_0009L);
            wirings.getFirst().firmware().call(cpus.getFirst(), "hvc", 0);
        });
        assertEquals(StopReason.RESET, board.machine().run(100));
        board.reset();
        assertEquals(0x50, read(VirtLayout.GIC_DISTRIBUTOR));
        assertEquals(0, read(VirtLayout.UART + 0x38));
        assertEquals(0, board.gic().read(0, "ICC_PMR_EL1"));
        board.machine().launch(new LaunchPlan(0, List.of(), new TreeMap<>()));
        assertEquals(Cpu.State.RUNNING, cpus.getFirst().state());
    }

    @Test
    void windows_without_a_device_look_empty_and_are_listed_once_with_who_came() {
        board = board(CONFIG.withIts(false));
        List<String> heard = new ArrayList<>();
        board.unmodelled().listener(a -> heard.add(a.toString()));
        assertEquals(0, read(0x0a00_0000L));
        assertEquals(0, read(0x0a00_0004L));
        assertEquals(0xffff_ffffL, read(0x40_1000_8000L), "no PCIe function");
        write(0x0902_0010L, 3);
        read(0x0808_0004L);
        read(VirtLayout.UART + 0x80);
        assertEquals(List.of(
                "read of virtio_mmio +0x0 (4 bytes), which is not modelled, by CPU -1 at pc 0x0",
                "read of pcie ecam +0x8000 (4 bytes), which is not modelled, by CPU -1 at pc 0x0",
                "write of 0x3 to fw_cfg +0x10 (4 bytes), which is not modelled, by CPU -1 at pc 0x0",
                "read of gic its +0x4 (4 bytes), which is not modelled, by CPU -1 at pc 0x0",
                "read of pl011 +0x80 (4 bytes), which is not modelled, by CPU -1 at pc 0x0"), heard);
        assertEquals(5, board.unmodelled().accesses().size());
    }

    @Test
    void flash_and_the_PCIe_windows_are_nobody_s() {
        for (long pa : new long[] {0, 0x0400_0000L, 0x1000_0000L, 0x3eff_0000L, 0x080e_0000L}) {
            assertNull(window(pa));
            assertNull(board.machine().bus().ram(pa));
        }
    }

    @Test
    void a_snapshot_holds_every_device() {
        enableGroup1OnCpu(0);
        write(VirtLayout.UART + 0x30, 0x301);
        board.uart().input((byte) 'k', (byte) 'l');
        write(VirtLayout.RTC + 0x08, 1234);
        byte[] snapshot = board.machine().snapshot();
        board = board(CONFIG);
        board.machine().restore(snapshot);
        assertEquals(0x52, read(VirtLayout.GIC_DISTRIBUTOR));
        assertEquals('k', read(VirtLayout.UART));
        assertEquals('l', read(VirtLayout.UART));
        assertEquals(1234, read(VirtLayout.RTC));
    }

    @Test
    void a_CPU_of_another_affinity_than_its_index_is_refused() {
        CpuFactory wrong = (machine, index, wiring) -> new FakeCpu(index, 0x100);
        var e = assertThrows(IllegalArgumentException.class, () -> new VirtBoard(CONFIG, b -> { }, wrong));
        assertEquals("virt: expected affinity 0 of CPU 0, found 0x100", e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "0 | 64 MiB | 1 | virt: expected 1 to 8 CPUs, found 0",
            "9 | 64 MiB | 1 | virt: expected 1 to 8 CPUs, found 9",
            "1 | 7 MiB | 1 | virt: expected memory of 8 MiB to 255 GiB in whole MiB, found 7340032 bytes",
            "1 | 256 GiB | 1 | virt: expected memory of 8 MiB to 255 GiB in whole MiB, found 274877906944 bytes",
            "1 | 64 MiB | 3 | virt: expected entry at EL 1 or 2, found 3"})
    void a_machine_that_cannot_be_is_refused_in_one_sentence(int n, String memory, int el, String sentence) {
        String[] size = memory.split(" ");
        long bytes = Long.parseLong(size[0]) << (size[1].equals("GiB") ? 30 : 20);
        var e = assertThrows(IllegalArgumentException.class,
                () -> VirtConfig.defaults().withCpus(n).withMemory(bytes).withEntryLevel(el));
        assertEquals(sentence, e.getMessage());
    }
}
