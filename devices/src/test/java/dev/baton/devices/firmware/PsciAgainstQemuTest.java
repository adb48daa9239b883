package dev.baton.devices.firmware;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;
import dev.baton.devices.FakeCpu;
import dev.baton.devices.QemuGuest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The same calls in the same order to QEMU's PSCI and to ours. */
class PsciAgainstQemuTest {
    private static final long PARK = 0x4020_0800L;

    /** Functions and up to three arguments, in order; what CPU_ON starts stays where it is. */
    private static final long[][] CALLS = {
            {0x8400_0000L}, {0x8400_0006L},
            {0xc400_0004L, 0, 0}, {0xc400_0004L, 1, 0}, {0x8400_0004L, 1, 0}, {0xc400_0004L, 5, 0}, {0xc400_0004L, 0, 4},
            {0xc400_0003L, 5, PARK, 0}, {0xc400_0003L, 0, PARK, 0},
            {0xc400_0003L, 1, PARK, 0}, {0xc400_0004L, 1, 0}, {0xc400_0003L, 1, PARK, 0},
            {0x8400_0003L, 2, PARK, 0}, {0xc400_0004L, 2, 0}, {0x8400_0004L, 2, 0},
            {0xc400_0001L, 1 << 24, 0, 0},
            {0x8400_0005L, 0}, {0xc400_0005L, 0}, {0xc400_000eL, PARK, 0}, {0xc400_0015L, 0, 0}, {0x8600_ff01L}, {0x8400_0050L}, {0},
            {0x8000_8000L},
            {0x8400_000aL, 0x8400_0000L}, {0x8400_000aL, 0x8400_0001L}, {0x8400_000aL, 0xc400_0001L}, {0x8400_000aL, 0x8400_0002L},
            {0x8400_000aL, 0x8400_0003L}, {0x8400_000aL, 0xc400_0003L}, {0x8400_000aL, 0x8400_0004L}, {0x8400_000aL, 0xc400_0004L},
            {0x8400_000aL, 0x8400_0006L}, {0x8400_000aL, 0x8400_0008L}, {0x8400_000aL, 0x8400_0009L}, {0x8400_000aL, 0x8400_000aL},
            {0x8400_000aL, 0xc400_0005L}, {0x8400_000aL, 0xc400_000eL}, {0x8400_000aL, 0xc400_0012L}, {0x8400_000aL, 0x8000_0000L},
            {0x8000_0000L}, {0x8000_0001L, 0x8000_0000L},
    };

    /** Where ours answers otherwise: call, QEMU's answer and ours, and why. */
    private static final Map<String, String> DIFFERENT = new TreeMap<>(Map.of(
            "[3288334340, 0, 4] 0 -2", "no such affinity level: QEMU says ON to any but 0",
            "[2214592522, 3288334354] -1 0", "SYSTEM_RESET2 is optional; ours has it",
            "[2214592522, 2147483648] -1 0", "SMCCC_VERSION is optional before PSCI 1.1; ours has it",
            "[2147483648] -1 65537", "and says 1.1",
            "[2147483649, 2147483648] -1 0", "and what comes with it"));

    @Test
    void QEMU_gives_the_same_answers_except_where_said(@TempDir Path dir) throws Exception {
        QemuGuest.assume();
        List<Long> theirs = QemuGuest.run(dir, program(), "-smp", "3", "-m", "128");
        List<Long> ours = ours();
        assertEquals(CALLS.length, theirs.size());
        Map<String, String> different = new TreeMap<>();
        for (int i = 0; i < CALLS.length; i++) {
            if (theirs.get(i).intValue() != ours.get(i).intValue()) {
                String row = java.util.Arrays.toString(CALLS[i]) + " " + theirs.get(i).intValue() + " " + ours.get(i).intValue();
                different.put(row, DIFFERENT.getOrDefault(row, "unexplained"));
            }
        }
        assertEquals(DIFFERENT, different);
    }

    /** After each call some time: QEMU turns a CPU on when that CPU's turn comes. */
    private static String program() {
        StringBuilder s = new StringBuilder("    b begin\n    .org 0x800\n    1: wfe\n    b 1b\nbegin:\n");
        for (long[] call : CALLS) {
            for (int i = 0; i < call.length; i++) {
                s.append("    imm x%d, 0x%x\n".formatted(i, call[i]));
            }
            s.append("    hvc #0\n    show x0\n    imm x4, 300000\n 2: subs x4, x4, #1\n    b.ne 2b\n");
        }
        return s.toString();
    }

    private static List<Long> ours() {
        Machine machine = new Machine();
        machine.bus().add(new Ram(0x4000_0000L, 8 << 20, CachePolicy.NONE));
        for (int i = 0; i < 3; i++) {
            machine.add(new FakeCpu(i));
        }
        machine.launch(new LaunchPlan(0, List.of(), new TreeMap<>()));
        Psci psci = new Psci(machine, Conduit.HVC, 1, cpu -> { });
        List<Long> answers = java.util.Arrays.stream(CALLS).map(call -> {
            for (int i = 0; i < call.length; i++) {
                machine.cpu(0).argument(i, call[i]);
            }
            psci.call(machine.cpu(0), "hvc", 0);
            return machine.cpu(0).argument(0);
        }).toList();
        machine.close();
        return answers;
    }
}
