package dev.baton.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.cpu.ModelCalls;
import dev.baton.core.machine.StopReason;
import dev.baton.devices.board.VirtConfig;
import dev.baton.images.guest.GuestKernel;
import dev.baton.images.guest.ModelCallNumber;
import dev.baton.kernel.Era;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The calls of arch/arm64/include/asm/virt.h, made by HVC from EL1 of a kernel that was entered at EL2. */
class The_hyp_stub_at_el2 {
    private static final long SET_VECTORS = 0;
    private static final long SOFT_RESTART = 1;
    private static final long RESET_VECTORS = 2;
    private static final long STUB_ERROR = 0xbadca11L;
    private static final long IMAGE = 0x4020_0000L;

    private static long va(String symbol) {
        return 0xffff_8000_8000_0000L + GuestKernel.symbol(symbol);
    }

    private static long pa(String symbol) {
        return IMAGE + GuestKernel.symbol(symbol);
    }

    private static long hvc(Cpu cpu, long... arguments) {
        return cpu.callGuest(va("psci_hvc"), arguments);
    }

    /** Boots the guest image at EL2 and, where it would start its model, does something else. */
    private static void atStart(Consumer<Cpu> test) {
        try (ModelledMachine m = new ModelledMachine(VirtConfig.defaults().withEntryLevel(2))) {
            List<Integer> calls = new ArrayList<>();
            ModelCalls once = (cpu, number) -> {
                calls.add(number);
                if (number == ModelCallNumber.START_KERNEL) {
                    test.accept(cpu);
                }
                m.machine().stop(StopReason.REQUESTED);
                return true;
            };
            m.build(once);
            m.launch(m.kernel("none", Era.V7_2), IMAGE - 0x4000_0000L, plan -> plan);
            m.machine().run(200_000);
            assertEquals(List.of(ModelCallNumber.START_KERNEL), calls);
        }
    }

    @Test
    void answers_an_unknown_call_with_its_error_value() {
        atStart(cpu -> {
            assertEquals(STUB_ERROR, hvc(cpu, 3));
            assertEquals(STUB_ERROR, hvc(cpu, 99));
        });
    }

    @Test
    void sets_vectors_and_answers_zero() {
        atStart(cpu -> {
            assertEquals(pa("hyp_stub_vectors"), cpu.register("vbar_el2"));
            assertEquals(0, hvc(cpu, RESET_VECTORS));
            assertEquals(0, hvc(cpu, SET_VECTORS, pa("el2_vectors_copy")));
            assertEquals(pa("el2_vectors_copy"), cpu.register("vbar_el2"));
        });
    }

    @Test
    void copied_for_relocation_knows_only_two_calls() {
        atStart(cpu -> {
            hvc(cpu, SET_VECTORS, pa("el2_vectors_copy"));
            assertEquals(STUB_ERROR, hvc(cpu, RESET_VECTORS));
            assertEquals(0, hvc(cpu, SET_VECTORS, pa("hyp_stub_vectors")));
            assertEquals(0, hvc(cpu, RESET_VECTORS));
        });
    }

    @Test
    void restarts_at_el2_with_exactly_three_arguments() {
        for (String vectors : List.of("hyp_stub_vectors", "el2_vectors_copy")) {
            try (ModelledMachine m = new ModelledMachine(VirtConfig.defaults().withEntryLevel(2))) {
                List<Long> found = new ArrayList<>();
                long target = pa("secondary_entry");
                ModelCalls restart = (cpu, number) -> {
                    hvc(cpu, SET_VECTORS, pa(vectors));
                    long[] x = {SOFT_RESTART, target, 0x22, 0x33, 0x44, 0x55};
                    for (int i = 0; i < x.length; i++) {
                        cpu.argument(i, x[i]);
                    }
                    cpu.register("pc", va("psci_hvc"));
                    cpu.callBefore(target, () -> {
                        for (int i = 0; i < 4; i++) {
                            found.add(cpu.argument(i));
                        }
                        found.add(cpu.register("pstate") >>> 2 & 3);
                        m.machine().stop(StopReason.REQUESTED);
                    });
                    return true;
                };
                m.build(restart);
                m.launch(m.kernel("none", Era.V7_2), IMAGE - 0x4000_0000L, plan -> plan);
                m.machine().run(200_000);
                assertEquals(List.of(0x22L, 0x33L, 0x44L, 0x33L, 2L), found, vectors + ": x3 is what it was, not a fourth argument");
            }
        }
    }
}
