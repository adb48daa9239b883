package dev.baton.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.devices.board.EnableMethod;
import dev.baton.devices.board.VirtConfig;
import dev.baton.kernel.Era;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.UserStep;
import dev.baton.kernel.UserStep.KernelFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.stream.Stream;

class Every_era_hands_over {
    private static KernelFile chain(ModelledMachine m, Era first, Era second, Era third) {
        KernelFile last = m.kernel("third", third, new UserStep.PowerOff());
        KernelFile middle = m.kernel("second", second, kexec(second, last));
        return m.kernel("first", first, kexec(first, middle));
    }

    /** 6.16 has to be told that its handover is complete. */
    private static UserStep[] kexec(Era era, KernelFile next) {
        return era == Era.V6_16 ? new UserStep[] {new UserStep.Finalize(), ModelledMachine.load(next), new UserStep.Kexec()}
                : new UserStep[] {ModelledMachine.load(next), new UserStep.Kexec()};
    }

    private static void assertClean(ModelledMachine m, StopReason reason) {
        assertEquals(StopReason.POWER_OFF, reason, m::console);
        assertEquals(List.of(), m.findings());
        assertEquals(List.of("first", "second", "third"), m.reports().stream().map(r -> r.kernel).toList());
        for (GenerationReport r : m.reports().subList(0, 2)) {
            assertTrue(r.oracleChecked);
            assertEquals(List.of(), r.oracleDifferences);
            assertEquals(List.of(), r.errors);
        }
    }

    static Stream<Arguments> under_every_cache_policy() {
        return Stream.of(Era.values()).flatMap(era -> Stream.of("none", "strict", "adversarial", "random:7").flatMap(caches ->
                Stream.of(1, 2).map(el -> Arguments.of(era, caches, el))));
    }

    @ParameterizedTest
    @MethodSource
    void under_every_cache_policy(Era era, String caches, int el) {
        try (ModelledMachine m = new ModelledMachine(VirtConfig.defaults().withCpus(2).withEntryLevel(el)
                .withCaches(CachePolicy.parse(caches)))) {
            assertClean(m, m.run(chain(m, era, era, era)));
            assertEquals((long) el, m.reports().get(2).entryState.get("el"));
        }
    }

    @Test
    void to_a_kernel_of_another_era() {
        try (ModelledMachine m = new ModelledMachine(VirtConfig.defaults().withCpus(2).withEntryLevel(2))) {
            assertClean(m, m.run(chain(m, Era.V4_8, Era.V7_2, Era.RELOC_ARG)));
        }
    }

    @Test
    void with_the_other_cpus_off_at_the_jump() {
        try (ModelledMachine m = new ModelledMachine(VirtConfig.defaults().withCpus(3))) {
            assertClean(m, m.run(chain(m, Era.V5_16, Era.V5_16, Era.V5_16)));
            String console = m.console();
            assertTrue(console.indexOf("psci: CPU1 killed") < console.indexOf("psci: CPU2 killed"), console);
            assertTrue(console.indexOf("psci: CPU2 killed") < console.indexOf("Bye!"), console);
        }
    }

    @Test
    void but_not_from_a_spin_table_with_more_than_one_cpu() {
        try (ModelledMachine m = new ModelledMachine(VirtConfig.defaults().withCpus(2).withEnableMethod(EnableMethod.SPIN_TABLE))) {
            KernelFile next = m.kernel("next", Era.V5_16);
            m.run(m.kernel("first", Era.V5_16, new UserStep.KexecFileLoad(next, ModelledMachine.NO_INITRD, "", 0, 16),
                    new UserStep.Halt()));
            assertTrue(m.console().contains("Can't kexec: CPUs are stuck in the kernel."), m::console);
            assertEquals(List.of(), m.reports().getFirst().errors);
        }
    }

    @Test
    void from_a_spin_table_with_one_cpu() {
        try (ModelledMachine m = new ModelledMachine(VirtConfig.defaults().withEnableMethod(EnableMethod.SPIN_TABLE))) {
            KernelFile next = m.kernel("next", Era.V4_8, new UserStep.Halt());
            m.run(m.kernel("first", Era.V4_8, ModelledMachine.load(next), new UserStep.Kexec()));
            assertEquals(List.of(), m.findings());
            assertTrue(m.reports().getFirst().oracleChecked);
            assertEquals(List.of(), m.reports().getFirst().oracleDifferences);
            assertEquals(List.of(), m.reports().get(1).errors);
        }
    }

    @Test
    void through_purgatory_when_user_space_loads_by_kexec_load() {
        for (Era era : List.of(Era.V4_8, Era.V5_16)) {
            try (ModelledMachine m = new ModelledMachine(VirtConfig.defaults().withCpus(2).withEntryLevel(2))) {
                m.limit = 60_000_000;
                KernelFile next = m.kernel("next", era, new UserStep.PowerOff());
                StopReason reason = m.run(m.kernel("first", era, new UserStep.KexecLoad(next, ModelledMachine.NO_INITRD, "kho=off", 0),
                        new UserStep.Kexec()));
                assertEquals(StopReason.POWER_OFF, reason, m::console);
                assertEquals(List.of(), m.findings());
                assertEquals(List.of(), m.reports().getFirst().oracleDifferences);
                assertEquals(0L, m.reports().get(1).entryState.get("x1"));
                assertTrue(m.reports().get(1).entryState.get("x0") != 0);
            }
        }
    }

    @Test
    void the_same_way_twice() {
        long[] hashes = new long[2];
        for (int i = 0; i < 2; i++) {
            try (ModelledMachine m = new ModelledMachine(VirtConfig.defaults().withCpus(2).withMemory(64 << 20))) {
                assertClean(m, m.run(chain(m, Era.V4_8, Era.V5_16, Era.V4_8)));
                hashes[i] = m.machine().stateHash();
            }
        }
        assertEquals(hashes[0], hashes[1]);
    }
}
