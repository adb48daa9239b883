package dev.baton.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.finding.Finding;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.devices.board.EnableMethod;
import dev.baton.devices.board.VirtConfig;
import dev.baton.kernel.Era;
import dev.baton.kernel.Quirk;
import dev.baton.kernel.UserStep;
import dev.baton.kernel.UserStep.KernelFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.Set;

/** Each quirk passes where caches are not modelled, as under QEMU, and breaks where they are. */
class Forgotten_maintenance_shows_as_on_hardware {
    private static VirtConfig machine(CachePolicy caches) {
        return VirtConfig.defaults().withEntryLevel(2).withCaches(caches);
    }

    /**
     * The first kernel finds memory as power-on left it, so whatever it forgets to clean is 0 there. What the second one writes
     * may be in memory already, since the first wrote the same to the same place; but its successor goes where the first one ran,
     * whose lines are still in the caches.
     */
    private static StopReason run(ModelledMachine m, Era era, Quirk quirk, int generation) {
        KernelFile last = m.kernel("third", era, new UserStep.PowerOff());
        KernelFile middle = m.kernel("second", era, generation == 2 ? Set.of(quirk) : Set.of(), ModelledMachine.load(last),
                new UserStep.Kexec());
        m.limit = 1_000_000;
        return m.run(m.kernel("first", era, generation == 1 ? Set.of(quirk) : Set.of(), ModelledMachine.load(middle),
                new UserStep.Kexec()));
    }

    @ParameterizedTest
    @CsvSource({
        "kern-reloc-arg, RELOC_ARG_NOT_CLEANED, 1, poc-load-of-dirty-line",
        "v4.8, RELOC_CODE_NOT_CLEANED, 1, poc-fetch-of-dirty-line",
        "kern-reloc-arg, RELOC_CODE_NOT_CLEANED, 1, poc-fetch-of-dirty-line",
        "v4.8, KIMAGE_LIST_NOT_CLEANED, 1, poc-load-of-dirty-line",
        "v4.8, SOURCE_NOT_CLEANED, 1, poc-load-of-dirty-line",
        "v4.8, DESTINATION_NOT_INVALIDATED, 2, boot-protocol-image-not-at-poc",
        "v5.16, DESTINATION_NOT_CLEANED, 1, hand-over-differs",
        "7.2, DESTINATION_NOT_CLEANED, 1, hand-over-differs",
        "7.2, EL2_VECTORS_NOT_CLEANED, 1, poc-fetch-of-dirty-line"})
    void by_a_finding_of_its_rule(String era, Quirk quirk, int generation, String rule) {
        try (ModelledMachine m = new ModelledMachine(machine(CachePolicy.NONE))) {
            assertEquals(StopReason.POWER_OFF, run(m, Era.parse(era), quirk, generation), m::console);
            assertEquals(List.of(), m.findings());
        }
        try (ModelledMachine m = new ModelledMachine(machine(CachePolicy.STRICT))) {
            assertNotEquals(StopReason.POWER_OFF, run(m, Era.parse(era), quirk, generation), m::console);
            assertTrue(m.rules().contains(rule), m.rules()::toString);
            assertTrue(m.findings().getFirst().time() > m.reports().get(generation - 1).startTime,
                    "nothing is found before the kernel with the bug runs");
        }
    }

    @Test
    void the_load_of_an_uncleaned_argument_is_named_with_its_place_in_the_copied_routine() {
        try (ModelledMachine m = new ModelledMachine(machine(CachePolicy.STRICT))) {
            run(m, Era.RELOC_ARG, Quirk.RELOC_ARG_NOT_CLEANED, 1);
            Finding f = m.findings().getFirst();
            assertEquals("0x0000000000000000", f.details().get("poc"));
            assertEquals("relocate_reloc_arg+0x24 [copy, first]", m.host.symbol(f.pc(), f.time()));
        }
    }

    @Test
    void a_secondary_in_the_pen_never_sees_a_release_that_stayed_in_a_cache() {
        VirtConfig config = VirtConfig.defaults().withCpus(2).withEnableMethod(EnableMethod.SPIN_TABLE);
        for (CachePolicy caches : List.of(CachePolicy.NONE, CachePolicy.STRICT)) {
            try (ModelledMachine m = new ModelledMachine(config.withCaches(caches))) {
                m.run(m.kernel("only", Era.V5_16, Set.of(Quirk.PEN_RELEASE_NOT_CLEANED), new UserStep.Halt()));
                boolean cachesModelled = caches != CachePolicy.NONE;
                assertEquals(cachesModelled ? List.of("CPU1: failed to come online") : List.of(), m.reports().getFirst().errors);
                assertEquals(cachesModelled ? List.of("poc-load-of-dirty-line") : List.of(), m.rules());
            }
        }
    }
}
