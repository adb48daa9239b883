package dev.baton.kernel.follow;

import static dev.baton.kernel.follow.FollowedMachine.IMAGE;
import static dev.baton.kernel.follow.FollowedMachine.PAGE;
import static dev.baton.kernel.follow.FollowedMachine.RAM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.fdt.FdtWriter;
import dev.baton.core.fdt.FdtWriter.Node;
import dev.baton.core.finding.Finding;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Consumer;

/** Kernels that are entered in place, as a crash kernel is, and what is wrong with that. */
class Entries_of_next_kernels_Test {
    private static final long DTB = RAM + 0xc0_0000;
    private static final long KHO = RAM + 0xc1_0000;
    private static final long SCRATCH = RAM + 0xc2_0000;
    private static final long ROOT = RAM + 0xc3_0000;

    private final FollowedMachine m = new FollowedMachine();

    /** @param chosen adds properties to {@code /chosen} */
    private void enter(Consumer<Node> chosen) {
        m.image(IMAGE);
        place(DTB, new FdtWriter().write(root -> root.u32("#address-cells", 2).u32("#size-cells", 2).node("chosen", chosen)));
        m.registers.put("x0", DTB);
        m.off.run();
        m.enter(IMAGE);
    }

    private void place(long pa, byte... bytes) {
        m.ram.place(pa, bytes, 0, bytes.length);
    }

    private String only(String rule) {
        assertEquals(List.of(rule), m.rules());
        Finding found = m.machine.findings().all().getFirst();
        return found.what() + found.details();
    }

    @Test
    void that_keep_the_protocol_are_told_and_nothing_is_found() {
        enter(chosen -> chosen.string("bootargs", "quiet"));
        assertEquals(List.of(), m.rules());
        assertEquals("quiet", m.follower.kernels().getLast().tree().findNode("/chosen").orElseThrow().string("bootargs"));
    }

    @Test
    void with_a_CPU_that_still_runs_the_old_kernel() {
        m.second = Cpu.State.RUNNING;
        enter(chosen -> { });
        assertTrue(only("hand-over-cpu-not-off").contains("CPU 1"));
    }

    @Test
    void without_a_device_tree() {
        m.image(IMAGE);
        m.registers.put("x0", DTB);
        m.off.run();
        m.enter(IMAGE);
        assertTrue(only("boot-protocol-dtb").contains("0x%x".formatted(DTB)));
    }

    @Test
    void with_interrupts_unmasked_and_something_in_x3() {
        m.registers.put("pstate", 0x345L);
        m.registers.put("x3", 9L);
        enter(chosen -> { });
        assertEquals(List.of("boot-protocol-daif", "boot-protocol-arguments"), m.rules());
    }

    @Test
    void whose_bytes_lie_in_a_cache_only() {
        m.ram.store(m.machine.cpu(0), IMAGE + PAGE + 8, 8, 0x1122_3344_5566_7788L, true);
        enter(chosen -> { });
        String found = only("boot-protocol-image-not-at-poc");
        assertTrue(found.contains("0x%x".formatted(IMAGE + PAGE + 8)) && found.contains("cached=8877665544332211")
                && found.contains("poc=0000000000000000"), found);
    }

    @Test
    void whose_handover_they_will_ignore() {
        enter(chosen -> chosen.u64s("linux,kho-fdt", KHO, PAGE, KHO, PAGE).u64s("linux,kho-scratch", SCRATCH, 16));
        String found = only("kho-chosen-ignored");
        assertTrue(found.contains("linux,kho-fdt has 32 bytes, expected 16"), found);
    }

    /** A page of the next kernel's image is among what was preserved for it. */
    @Test
    void that_lie_over_what_was_preserved_for_them() {
        preserve(IMAGE + PAGE);
        handedOver();
        String found = only("kho-preserved-in-destination");
        assertTrue(found.contains("the kernel of generation 2") && found.contains("0x%x".formatted(IMAGE + PAGE)), found);
    }

    @Test
    void whose_preserved_memory_lies_elsewhere() {
        preserve(RAM + 0x10_0000);
        handedOver();
        assertEquals(List.of(), m.rules());
        assertEquals(PAGE, m.follower.kernels().getLast().kho().preservedBytes());
        assertEquals(1 << 20, m.follower.kernels().getLast().kho().scratch().getFirst().size());
    }

    @Test
    void whose_tree_of_preserved_memory_runs_in_a_circle() {
        for (long node = 0; node < PAGE; node += 8) {
            m.words(ROOT + node, ROOT);
        }
        handedOver();
        only("kho-map-broken");
    }

    /** One page of order 0 below 16 GiB: five tables and a bit, include/linux/kho/abi/kexec_handover.h. */
    private void preserve(long page) {
        m.words(ROOT + 2 * 8, ROOT + PAGE);
        m.words(ROOT + PAGE, ROOT + 2 * PAGE);
        m.words(ROOT + 2 * PAGE, ROOT + 3 * PAGE);
        m.words(ROOT + 3 * PAGE, ROOT + 4 * PAGE);
        m.words(ROOT + 4 * PAGE + 8 * (page >>> 27), ROOT + 5 * PAGE);
        long bit = page >>> 12 & 0x7fff;
        m.words(ROOT + 5 * PAGE + bit / 64 * 8, 1L << bit % 64);
    }

    private void handedOver() {
        place(KHO, new FdtWriter().write(root -> root.string("compatible", "kho-v4").nativeU64("preserved-memory-map", ROOT)));
        m.words(SCRATCH, RAM + 0xe0_0000, 1 << 20);
        enter(chosen -> chosen.u64s("linux,kho-fdt", KHO, PAGE).u64s("linux,kho-scratch", SCRATCH, 16));
    }
}
