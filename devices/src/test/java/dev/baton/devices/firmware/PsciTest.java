package dev.baton.devices.firmware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;
import dev.baton.core.trace.TraceSink;
import dev.baton.devices.FakeCpu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

class PsciTest {
    private static final long RAM = 0x4000_0000L;
    private static final long VERSION = 0x8400_0000L;
    private static final long CPU_SUSPEND = 0xc400_0001L;
    private static final long CPU_OFF = 0x8400_0002L;
    private static final long CPU_ON_32 = 0x8400_0003L;
    private static final long CPU_ON = 0xc400_0003L;
    private static final long AFFINITY_INFO = 0xc400_0004L;
    private static final long MIGRATE_INFO_TYPE = 0x8400_0006L;
    private static final long SYSTEM_OFF = 0x8400_0008L;
    private static final long SYSTEM_RESET = 0x8400_0009L;
    private static final long FEATURES = 0x8400_000aL;
    private static final long SYSTEM_RESET2 = 0xc400_0012L;
    private static final long SMCCC_VERSION = 0x8000_0000L;
    private static final long ARCH_FEATURES = 0x8000_0001L;

    private final Machine machine = new Machine();
    private final FakeCpu boot = new FakeCpu(0, 0x000);
    private final FakeCpu second = new FakeCpu(1, 0x001);
    private final FakeCpu third = new FakeCpu(2, 0x1_0000_0200L);
    private final List<Integer> resets = new ArrayList<>();
    private final Psci psci = new Psci(machine, Conduit.HVC, 1, resets::add);

    @BeforeEach
    void machine_of_three_CPUs_with_the_first_on() {
        machine.bus().add(new Ram(RAM, 1 << 20, CachePolicy.NONE));
        machine.add(boot);
        machine.add(second);
        machine.add(third);
        machine.launch(new LaunchPlan(0, List.of(), new TreeMap<>()));
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private long call(long... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            boot.argument(i, arguments[i]);
        }
        assertTrue(psci.call(boot, "hvc", 0));
        return boot.argument(0);
    }

    @Test
    void the_version_is_1_1() {
        assertEquals(0x1_0001, call(VERSION));
    }

    @Test
    void the_other_conduit_and_other_immediates_are_not_answered() {
        boot.argument(0, VERSION);
        assertFalse(psci.call(boot, "smc", 0));
        assertFalse(psci.call(boot, "hvc", 1));
        assertEquals(VERSION, boot.argument(0));
    }

    @Test
    void a_CPU_starts_at_the_entry_with_the_context_in_x0_at_the_firmware_s_exception_level() {
        assertEquals(0, call(CPU_ON, 1, RAM + 0x1000, 0x1234_5678_9abcL));
        assertEquals(Cpu.State.RUNNING, second.state());
        assertEquals(RAM + 0x1000, second.register("pc"));
        assertEquals(0x1234_5678_9abcL, second.argument(0));
        assertEquals(1, second.register("el"));
        assertEquals(List.of(1), resets, "its CPU interface is reset with it");
    }

    @Test
    void all_affinity_levels_name_a_CPU() {
        assertEquals(0, call(CPU_ON, 0x1_0000_0200L, RAM, 0));
        assertEquals(Cpu.State.RUNNING, third.state());
    }

    @Test
    void the_32_bit_call_uses_the_low_halves_of_its_arguments() {
        assertEquals(0, call(CPU_ON_32, 0xdead_0000_0000_0001L, 0xdead_0000_4000_2000L, 0xdead_0000_0000_0007L));
        assertEquals(RAM + 0x2000, second.register("pc"));
        assertEquals(7, second.argument(0));
    }

    @Test
    void a_CPU_that_is_on_is_ALREADY_ON_even_while_it_waits() {
        assertEquals(-4, call(CPU_ON, 0, RAM, 0));
        call(CPU_ON, 1, RAM, 0);
        second.waitForInterrupt();
        assertEquals(-4, call(CPU_ON, 1, RAM, 0));
    }

    @ParameterizedTest
    @ValueSource(longs = {7, 0x8000_0001L, 0x1_0000_0000L, -1})
    void an_affinity_without_a_CPU_is_INVALID_PARAMETERS(long target) {
        assertEquals(-2, call(CPU_ON, target, RAM, 0));
        assertEquals(-2, call(AFFINITY_INFO, target, 0));
    }

    @ParameterizedTest
    @ValueSource(longs = {0x4000_0002L, 0x0900_0000L, 0x4010_0000L, -4})
    void an_entry_that_is_misaligned_or_not_in_RAM_is_INVALID_ADDRESS(long entry) {
        assertEquals(-9, call(CPU_ON, 1, entry, 0));
        assertEquals(Cpu.State.OFF, second.state());
    }

    @Test
    void a_CPU_that_turns_itself_off_reads_OFF_and_can_be_started_again() {
        call(CPU_ON, 1, RAM, 0);
        assertEquals(0, call(AFFINITY_INFO, 1, 0));
        second.argument(0, CPU_OFF);
        psci.call(second, "hvc", 0);
        assertEquals(1, call(AFFINITY_INFO, 1, 0));
        assertEquals(0, call(CPU_ON, 1, RAM + 8, 3));
        assertEquals(RAM + 8, second.register("pc"));
    }

    @Test
    void a_cluster_is_on_while_one_of_its_CPUs_is() {
        assertEquals(0, call(AFFINITY_INFO, 0x00, 1));
        assertEquals(1, call(AFFINITY_INFO, 0x1_0000_0200L, 1));
        assertEquals(-2, call(AFFINITY_INFO, 0, 4));
    }

    @Test
    void no_migration_is_needed() {
        assertEquals(2, call(MIGRATE_INFO_TYPE));
    }

    @Test
    void standby_waits_and_a_power_down_request_is_answered_by_standby() {
        assertEquals(0, call(CPU_SUSPEND, 0, RAM, 0));
        assertEquals(Cpu.State.WAITING, boot.state());
        assertEquals(0, call(CPU_SUSPEND, 1 << 16, RAM, 0));
        assertEquals(-2, call(CPU_SUSPEND, 1 << 24, RAM, 0), "power levels above the CPU");
    }

    @ParameterizedTest
    @CsvSource({"0x84000008, POWER_OFF", "0x84000009, RESET", "0xc4000012, RESET"})
    void the_system_calls_stop_the_machine_with_every_CPU_off(String function, StopReason reason) {
        call(CPU_ON, 1, RAM, 0);
        boot.onRun(() -> call(Long.decode(function), 0, 0));
        assertEquals(reason, machine.run(100));
        machine.cpus().forEach(c -> assertEquals(Cpu.State.OFF, c.state()));
    }

    @Test
    void a_reset_type_that_is_not_a_warm_reset_is_INVALID_PARAMETERS() {
        assertEquals(-2, call(SYSTEM_RESET2, 1, 0));
        assertEquals(-2, call(SYSTEM_RESET2, 0x8000_0000L, 0));
        assertEquals(Cpu.State.RUNNING, boot.state());
    }

    @ParameterizedTest
    @ValueSource(longs = {VERSION, CPU_SUSPEND, 0x8400_0001L, CPU_OFF, CPU_ON_32, CPU_ON, 0x8400_0004L, AFFINITY_INFO, MIGRATE_INFO_TYPE,
            SYSTEM_OFF, SYSTEM_RESET, FEATURES, 0x8400_0012L, SYSTEM_RESET2, SMCCC_VERSION})
    void FEATURES_knows_what_is_there(long function) {
        assertEquals(0, call(FEATURES, function));
    }

    @ParameterizedTest
    @ValueSource(longs = {0xc400_0005L, 0x8400_0005L, 0xc400_000eL, 0xc400_0015L, 0x8400_000fL, ARCH_FEATURES, 0xc400_0000L, 5})
    void FEATURES_knows_what_is_not_there(long function) {
        assertEquals(-1, call(FEATURES, function));
    }

    @Test
    void SMCCC_is_1_1_and_offers_no_workaround() {
        assertEquals(0x1_0001, call(SMCCC_VERSION));
        assertEquals(0, call(ARCH_FEATURES, SMCCC_VERSION));
        assertEquals(0, call(ARCH_FEATURES, ARCH_FEATURES));
        assertEquals(-1, call(ARCH_FEATURES, 0x8000_8000L), "SMCCC_ARCH_WORKAROUND_1");
        assertEquals(-1, call(ARCH_FEATURES, VERSION), "not an Arm Architecture service");
    }

    @ParameterizedTest
    @ValueSource(longs = {0x8400_0050L, 0x8600_ff01L, 0xc400_0005L, 0, 0x8000_8000L})
    void an_unknown_function_is_NOT_SUPPORTED_in_all_64_bits_and_changes_no_other_register(long function) {
        boot.argument(1, 11);
        boot.argument(17, 17);
        assertEquals(-1L, call(function));
        assertEquals(11, boot.argument(1));
        assertEquals(17, boot.argument(17));
    }

    @Test
    void every_call_is_traced_with_its_first_argument() {
        List<String> calls = new ArrayList<>();
        machine.trace(new TraceSink() {
            @Override
            public void call(int cpu, long time, String name, long argument) {
                calls.add("%d %s 0x%x".formatted(cpu, name, argument));
            }
        });
        call(AFFINITY_INFO, 1, 0);
        call(0x8600_ff01L, 2);
        assertEquals(List.of("0 AFFINITY_INFO_64 0x1", "0 unknown function 0x8600ff01 0x2"), calls);
    }
}
