package dev.baton.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.devices.board.VirtConfig;
import dev.baton.kernel.Era;
import dev.baton.kernel.UserStep;
import dev.baton.kernel.UserStep.KernelFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

class A_snapshot_restores_a_hand_over {
    private static VirtConfig config() {
        return VirtConfig.defaults().withCpus(2).withEntryLevel(2).withMemory(64 << 20).withCaches(CachePolicy.STRICT);
    }

    private static KernelFile chain(ModelledMachine m, Era era) {
        KernelFile last = m.kernel("third", era, new UserStep.PowerOff());
        KernelFile middle = m.kernel("second", era, ModelledMachine.load(last), new UserStep.Kexec());
        return m.kernel("first", era, ModelledMachine.load(middle), new UserStep.Kexec());
    }

    /**
     * Snapshots in head.S (MMU off), before user space, in the middle of either relocation, and after it; a machine of the same
     * make that never ran goes on from there.
     */
    @ParameterizedTest
    @CsvSource({"V4_8, 5000", "V4_8, 50400", "V4_8, 75000", "V4_8, 100000", "V4_8, 200000", "V5_16, 50450", "V5_16, 70000", "V5_16, 95000",
        "V5_16, 180000", "RELOC_ARG, 90000"})
    void in_the_middle_of_anything(Era era, long at) {
        long expected;
        String tail;
        byte[] snapshot;
        try (ModelledMachine m = new ModelledMachine(config())) {
            m.start(chain(m, era));
            assertEquals(StopReason.LIMIT, m.machine().run(at));
            snapshot = m.machine().snapshot();
            int before = m.console().length();
            assertEquals(StopReason.POWER_OFF, m.machine().run(m.limit), m::console);
            expected = m.machine().stateHash();
            tail = m.console().substring(before);
        }
        try (ModelledMachine again = new ModelledMachine(config())) {
            chain(again, era);
            again.build(again.host);
            again.machine().restore(snapshot);
            assertEquals(StopReason.POWER_OFF, again.machine().run(again.limit), again::console);
            assertEquals(tail, again.console());
            assertEquals(expected, again.machine().stateHash());
            assertEquals(List.of(), again.findings());
            assertEquals(3, again.reports().size());
            assertTrue(again.reports().get(1).oracleChecked);
            assertEquals(List.of(), again.reports().get(1).oracleDifferences);
        }
    }
}
