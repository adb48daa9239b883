package dev.baton.arm64.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.arm64.engine.Tier;
import dev.baton.arm64.table.Disassembler;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** See the package. The exclusions, with reasons, are {@link RandomPrograms#EXCLUDED}. */
class Random_programs_agree_with_qemu_Test {
    /** 200 by default; the property asks for more. */
    private static final int PROGRAMS = Integer.getInteger("baton.random.programs", 200);
    /** Units per program; with their set-up about twice as many instructions. */
    private static final int UNITS = 2500;
    private static final long SEED = Long.getLong("baton.random.seed", 1);

    @Test
    void a_million_instructions_leave_the_same_registers_flags_and_memory() throws Exception {
        assumeTrue(QemuUser.available(), "qemu-aarch64 is not installed");
        RandomPrograms.EXCLUDED.forEach((row, reason) -> System.out.println("random programs: without " + row + ": " + reason));
        System.out.println("random programs: without system registers other than NZCV, DC and IC other than DC ZVA: no access from EL0 in "
                + "user mode");
        long instructions = 0;
        for (int i = 0; i < PROGRAMS; i++) {
            Program p = RandomPrograms.make(SEED * 1000 + i, UNITS);
            instructions += p.units().stream().mapToInt(u -> u.length).sum();
            if (!sameOutcome(p)) {
                throw new AssertionError("seed " + (SEED * 1000 + i) + ": " + firstDifference(p));
            }
        }
        System.out.println("random programs: " + instructions + " instructions compared");
        assertTrue(instructions >= 5000L * PROGRAMS, instructions + " instructions compared");
    }

    @Test
    void the_stepper_T0_and_T1_leave_the_same_state_and_trace() {
        for (int i = 0; i < 10; i++) {
            Program p = RandomPrograms.make(77_000 + i, 800);
            OurCpu.Result stepped = OurCpu.run(p, Tier.STEPPER);
            for (Tier tier : List.of(Tier.T0, Tier.T1)) {
                OurCpu.Result other = OurCpu.run(p, tier);
                assertArrayEquals(stepped.data(), other.data(), tier::name);
                assertEquals(stepped.traceHash(), other.traceHash(), tier::name);
            }
        }
    }

    /** Cuts the program to the shortest beginning after which the executors differ: its last unit is the culprit. */
    private static String firstDifference(Program p) throws IOException, InterruptedException {
        int same = 0;
        int differ = p.units().size();
        while (differ - same > 1) {
            int middle = (same + differ) / 2;
            Program part = p.first(middle);
            if (sameOutcome(part)) {
                same = middle;
            } else {
                differ = middle;
            }
        }
        Program before = p.first(same);
        Program after = p.first(differ);
        StringBuilder s = new StringBuilder("unit " + same + ":\n");
        for (int word : p.units().get(same)) {
            s.append("  %08x  %s%n".formatted(word, Disassembler.disassemble(word, 0)));
        }
        if (!bothFinish(after)) {
            return s + "  one of the executors does not get through it";
        }
        byte[] start = QemuUser.run(before);
        byte[] expected = QemuUser.run(after);
        byte[] actual = OurCpu.run(after, Tier.T0).data();
        for (int at = 0; at < expected.length; at += 8) {
            long e = Program.getLong(expected, at);
            long a = Program.getLong(actual, at);
            if (e != a) {
                s.append("  %s: was %016x, qemu-aarch64 %016x, here %016x%n".formatted(Program.name(at), Program.getLong(start, at), e, a));
            }
        }
        s.append("  before: ");
        for (int at = 0; at < Program.V + 16 * 32; at += at == Program.FPCR ? Program.V - Program.FPCR : 8) {
            s.append(Program.name(at)).append('=').append(Long.toHexString(Program.getLong(start, at))).append(' ');
        }
        return s.toString();
    }

    private static boolean bothFinish(Program p) throws IOException, InterruptedException {
        try {
            QemuUser.run(p);
            OurCpu.run(p, Tier.T0);
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }

    private static boolean sameOutcome(Program p) throws IOException, InterruptedException {
        try {
            return Arrays.equals(QemuUser.run(p), OurCpu.run(p, Tier.T0).data());
        } catch (AssertionError e) {
            System.out.println(e.getMessage());
            return false;
        }
    }
}
