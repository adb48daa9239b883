package dev.baton.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.cpu.ModelCalls;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.StopReason;
import dev.baton.devices.board.EnableMethod;
import dev.baton.devices.board.VirtConfig;
import dev.baton.images.guest.GuestKernel;
import dev.baton.images.guest.ModelCallNumber;
import dev.baton.kernel.Era;
import dev.baton.kernel.UserStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

class A_modelled_kernel_boots {
    private static ModelledMachine machine(int cpus, int el) {
        return new ModelledMachine(VirtConfig.defaults().withCpus(cpus).withEntryLevel(el));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 2", "2, 1", "2, 2", "8, 2"})
    void at_either_exception_level_with_every_cpu_of_the_tree(int cpus, int el) {
        try (ModelledMachine m = machine(cpus, el)) {
            assertEquals(StopReason.POWER_OFF, m.run(m.kernel("only", Era.V7_2, new UserStep.PowerOff())), m::console);
            assertEquals(List.of(), m.findings());
            assertEquals(List.of(), m.reports().getFirst().errors);
            assertTrue(m.console().contains("smp: Brought up 1 node, %d CPU".formatted(cpus)), m::console);
            assertTrue(m.console().contains("CPU: All CPU(s) started at EL" + el), m::console);
            assertTrue(m.console().contains("Booting Linux on physical CPU 0x0000000000"), m::console);
            assertTrue(m.console().contains("Machine model: linux,dummy-virt"), m::console);
        }
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void in_every_era_and_says_so_in_its_banner(Era era) {
        try (ModelledMachine m = machine(1, 1)) {
            assertEquals(StopReason.POWER_OFF, m.run(m.kernel("only", era, new UserStep.PowerOff())), m::console);
            assertTrue(m.reports().getFirst().banner.startsWith("Linux version " + era + " "), m.reports().getFirst().banner);
            assertTrue(m.console().contains(m.reports().getFirst().banner));
        }
    }

    @Test
    void with_secondaries_that_firmware_keeps_in_a_spin_table() {
        try (ModelledMachine m = new ModelledMachine(VirtConfig.defaults().withCpus(2).withEnableMethod(EnableMethod.SPIN_TABLE))) {
            m.run(m.kernel("only", Era.V4_8, new UserStep.Halt()));
            assertTrue(m.console().contains("CPU1: Booted secondary processor 0x0000000001"), m::console);
            assertTrue(m.console().contains("smp: Brought up 1 node, 2 CPUs"), m::console);
            assertEquals(List.of(), m.findings());
        }
    }

    @Test
    void and_reports_what_the_boot_loader_should_not_have_left_in_registers() {
        try (ModelledMachine m = machine(1, 1)) {
            m.build(m.host);
            m.launch(m.kernel("only", Era.V7_2, new UserStep.PowerOff()), 2 << 20, plan -> with(plan, "x1", 7L));
            assertEquals(StopReason.POWER_OFF, m.machine().run(m.limit), m::console);
            assertEquals(List.of("boot-protocol-arguments"), m.rules());
            assertTrue(m.findings().getFirst().what().contains("x1 = 0x7"), m.findings()::toString);
        }
    }

    @Test
    void and_reports_an_image_that_is_not_two_mebibyte_aligned() {
        try (ModelledMachine m = machine(2, 1)) {
            m.build(m.host);
            m.launch(m.kernel("only", Era.V7_2, new UserStep.PowerOff()), (2 << 20) + 4096, plan -> plan);
            assertEquals(StopReason.POWER_OFF, m.machine().run(m.limit), m::console);
            assertEquals(List.of("boot-protocol-image-placement"), m.rules());
        }
    }

    @Test
    void and_reports_a_device_tree_that_is_not_eight_byte_aligned() {
        try (ModelledMachine m = machine(1, 1)) {
            m.build(m.host);
            m.launch(m.kernel("only", Era.V7_2, new UserStep.PowerOff()), 2 << 20, plan -> moveTree(plan, 4));
            assertEquals(StopReason.POWER_OFF, m.machine().run(m.limit), m::console);
            assertEquals(List.of("boot-protocol-dtb-placement"), m.rules());
        }
    }

    private static LaunchPlan moveTree(LaunchPlan plan, long by) {
        TreeMap<String, Long> registers = new TreeMap<>(plan.registers());
        registers.merge("x0", by, Long::sum);
        List<LaunchPlan.Segment> segments = plan.segments().stream().map(s -> !s.label().equals("dtb") ? s
                : new LaunchPlan.Segment(s.label(), s.address() + by, s.bytes(), s.size())).toList();
        return new LaunchPlan(plan.cpu(), segments, registers);
    }

    @Test
    void and_says_what_is_wrong_with_a_tree_that_is_none() {
        try (ModelledMachine m = machine(1, 1)) {
            m.build(m.host);
            m.launch(m.kernel("only", Era.V7_2, new UserStep.PowerOff()), 2 << 20, plan -> with(plan, "x0", 0x5000_0000L));
            assertEquals(StopReason.DEADLOCK, m.machine().run(m.limit));
            assertTrue(m.reports().getFirst().errors.getFirst().contains("invalid device tree blob at physical address 0x0000000050000000"),
                    m.reports().getFirst().errors::toString);
        }
    }

    /** Its own tables, as an EFI loader leaves them: 1 GiB of RAM mapped one to one. */
    @Test
    void with_the_mmu_on_and_reports_that_it_should_have_been_off() {
        try (ModelledMachine m = machine(2, 1)) {
            long tables = 0x5000_0000L;
            byte[] bytes = new byte[8192];
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, tables + 4096 | 3).putLong(4096 + 8, 0x4000_0701L);
            AtomicInteger starts = new AtomicInteger();
            ModelCalls firmware = (cpu, number) -> {
                if (number == ModelCallNumber.START_KERNEL && starts.incrementAndGet() == 1) {
                    cpu.register("ttbr0_el1", tables);
                    cpu.callGuest(0xffff_8000_8000_0000L + GuestKernel.symbol("flush_tlb_all"));
                    cpu.register("pc", cpu.argument(2));
                    for (int i = 1; i < 4; i++) {
                        cpu.argument(i, 0);
                    }
                    return true;
                }
                return m.host.call(cpu, number);
            };
            m.build(firmware);
            m.launch(m.kernel("only", Era.V7_2, new UserStep.PowerOff()), 2 << 20, plan -> {
                List<LaunchPlan.Segment> segments = new ArrayList<>(plan.segments());
                segments.add(new LaunchPlan.Segment("tables", tables, Bytes.wrap(bytes)));
                return new LaunchPlan(0, segments, plan.registers());
            });
            assertEquals(StopReason.POWER_OFF, m.machine().run(m.limit), m::console);
            assertEquals(List.of("boot-protocol-mmu"), m.rules());
            assertEquals(1L, m.reports().getFirst().entryState.get("mmu"));
        }
    }

    @Test
    void and_reports_a_cpu_that_firmware_started_at_another_level() {
        VirtConfig config = VirtConfig.defaults().withCpus(2).withEntryLevel(2).withEnableMethod(EnableMethod.SPIN_TABLE);
        try (ModelledMachine m = new ModelledMachine(config)) {
            m.build(m.host);
            m.launch(m.kernel("only", Era.V7_2, new UserStep.Halt()), 2 << 20, plan -> plan.cpu() == 1 ? with(plan, "el", 1L) : plan);
            m.machine().run(m.limit);
            assertEquals(List.of("boot-protocol-inconsistent-el"), m.rules());
            assertTrue(m.console().contains("CPU: CPUs started in inconsistent modes"), m::console);
        }
    }

    private static LaunchPlan with(LaunchPlan plan, String register, long value) {
        TreeMap<String, Long> registers = new TreeMap<>(plan.registers());
        registers.put(register, value);
        return new LaunchPlan(plan.cpu(), plan.segments(), registers);
    }

    @Test
    void and_panics_when_its_user_space_ends() {
        try (ModelledMachine m = machine(1, 1)) {
            assertEquals(StopReason.DEADLOCK, m.run(m.kernel("only", Era.V5_16)));
            assertEquals(List.of("Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000000"), m.reports().getFirst().errors);
        }
    }

    @Test
    void and_prints_an_oops_with_syndrome_and_place_when_it_takes_an_exception_nobody_expects() {
        try (ModelledMachine m = machine(1, 1)) {
            AtomicInteger runs = new AtomicInteger();
            ModelCalls astray = (cpu, number) -> {
                boolean answered = m.host.call(cpu, number);
                if (number == ModelCallNumber.RUN && runs.incrementAndGet() == 3) {
                    cpu.register("pc", 0x1234_5678_0000L);
                }
                return answered;
            };
            m.build(astray);
            m.launch(m.kernel("only", Era.V7_2, new UserStep.Finalize(), new UserStep.PowerOff()), 2 << 20, plan -> plan);
            assertEquals(StopReason.DEADLOCK, m.machine().run(m.limit), m::console);
            assertTrue(m.console().contains("instruction abort), FAR 0x0000123456780000"), m::console);
            assertTrue(m.console().contains("CPU: 0  pc : 0x0000123456780000"), m::console);
            assertTrue(m.reports().getFirst().errors.contains("Kernel panic - not syncing: Oops: Fatal exception"));
        }
    }

    @Test
    void and_gives_a_model_fault_the_form_of_a_paging_request() {
        try (ModelledMachine m = machine(1, 1)) {
            ModelCalls wild = (cpu, number) -> {
                if (number == ModelCallNumber.START_KERNEL) {
                    cpu.argument(0, 0xdead_0000_0000L);
                }
                return m.host.call(cpu, number);
            };
            m.build(wild);
            m.launch(m.kernel("only", Era.V7_2, new UserStep.PowerOff()), 2 << 20, plan -> with(plan, "x0", 0x7_0000_0000L));
            assertFalse(StopReason.POWER_OFF == m.machine().run(m.limit));
            assertTrue(m.reports().getFirst().errors.getFirst().contains("Unable to handle kernel paging request"),
                    m.reports().getFirst().errors::toString);
            assertEquals(Cpu.State.WAITING, m.machine().cpu(0).state());
        }
    }
}
