package dev.baton.arm64.engine;

import static dev.baton.arm64.engine.Encode.word;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.arm64.Arm64Config;
import dev.baton.core.mem.CachePolicy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.Random;

/** A run ends after exactly the instruction it should, in every tier. */
class Slices_end_exactly_Test {
    private static final int NOP = 0xd503_201f;
    private static final int ADD_X1 = word("ADD_imm", "sf", 1, "imm12", 1, "Rn", 1, "Rd", 1);
    private static final int ADD_X2 = word("ADD_imm", "sf", 1, "imm12", 1, "Rn", 2, "Rd", 2);
    private static final int STORE_TO_DEVICE = word("STR_imm", "size", 3, "Rn", 0, "Rt", 1);

    private static Paged paged(Tier tier, int... code) {
        return new Paged(tier.of(Arm64Config.defaults()), CachePolicy.STRICT, code);
    }

    @ParameterizedTest
    @EnumSource
    void any_budget_is_used_up_to_the_instruction(Tier tier) {
        // add x1; add x2; b .-8
        try (Paged p = paged(tier, ADD_X1, ADD_X2, word("B", "imm26", -2))) {
            Random random = new Random(1);
            long all = 0;
            for (int i = 0; i < 2000; i++) {
                int budget = 1 + random.nextInt(50);
                assertEquals(budget, p.cpu.run(budget));
                all += budget;
                assertEquals(all, p.cpu.instructions());
                assertEquals(Paged.CODE + 4 * (all % 3), p.cpu.pc());
                assertEquals((all + 2) / 3, p.cpu.x[1]);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_device_that_ends_the_slice_does_so_right_after_its_access(Tier tier) {
        try (Paged p = paged(tier, ADD_X1, ADD_X2, STORE_TO_DEVICE, ADD_X2, ADD_X2, NOP, Paged.HLT)) {
            Probe probe = new Probe(p.cpu::endSlice);
            p.machine.add("probe", Paged.DEVICES, 0x1000, probe);
            p.cpu.x[0] = Paged.DEVICES;
            assertEquals(3, p.cpu.run(1000));
            assertEquals(Paged.CODE + 12, p.cpu.pc());
            assertEquals(1, p.cpu.x[2]);
            assertEquals(List.of("write 8 at 0 of 1"), probe.accesses);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_device_that_shortens_the_slice_is_obeyed_in_the_same_block(Tier tier) {
        try (Paged p = paged(tier, ADD_X1, STORE_TO_DEVICE, ADD_X2, ADD_X2, ADD_X2, ADD_X2, Paged.HLT)) {
            p.machine.add("probe", Paged.DEVICES, 0x1000, new Probe(() -> p.cpu.shortenSlice(4)));
            p.cpu.x[0] = Paged.DEVICES;
            assertEquals(4, p.cpu.run(1000));
            assertEquals(2, p.cpu.x[2]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_device_sees_how_many_instructions_came_before_its_access(Tier tier) {
        long[] seen = new long[1];
        try (Paged p = paged(tier, ADD_X1, ADD_X1, ADD_X1, STORE_TO_DEVICE, ADD_X2, Paged.HLT)) {
            p.machine.add("probe", Paged.DEVICES, 0x1000, new Probe(() -> seen[0] = p.cpu.executedInSlice()));
            p.cpu.x[0] = Paged.DEVICES;
            p.cpu.run(1000);
            assertEquals(3, seen[0]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_interrupt_that_a_store_raises_is_taken_before_the_next_instruction(Tier tier) {
        try (Paged p = paged(tier, ADD_X1, STORE_TO_DEVICE, ADD_X2, ADD_X2, Paged.HLT)) {
            p.machine.add("probe", Paged.DEVICES, 0x1000, new Probe(() -> p.cpu.interrupt("irq").set(true)));
            p.cpu.x[0] = Paged.DEVICES;
            p.cpu.register("pstate", 0x5);
            p.run(1000, 1000);
            assertEquals(Paged.CODE + 8, p.cpu.register("elr_el1"));
            assertEquals(0, p.cpu.x[2]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_pair_whose_second_half_reaches_a_device_makes_each_device_access_once(Tier tier) {
        int stp = word("STP_off", "x", 1, "Rt2", 2, "Rn", 0, "Rt", 1);
        try (Paged p = paged(tier, ADD_X1, stp, word("LDP_off", "x", 1, "Rt2", 4, "Rn", 0, "Rt", 3), Paged.HLT)) {
            Probe probe = new Probe(() -> { });
            p.machine.add("probe", Paged.DEVICES, 0x1000, probe);
            p.cpu.x[0] = Paged.DEVICES;
            p.run(1000, 1000);
            assertEquals(List.of("write 8 at 0 of 1", "write 8 at 8 of 0", "read 8 at 0", "read 8 at 8"), probe.accesses);
            assertEquals(0x1122_3344_5566_7788L, p.cpu.x[4]);
        }
    }
}
