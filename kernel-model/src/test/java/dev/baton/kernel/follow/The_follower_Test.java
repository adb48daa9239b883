package dev.baton.kernel.follow;

import static dev.baton.kernel.follow.FollowedMachine.CODE;
import static dev.baton.kernel.follow.FollowedMachine.IMAGE;
import static dev.baton.kernel.follow.FollowedMachine.KIMAGE;
import static dev.baton.kernel.follow.FollowedMachine.LIST;
import static dev.baton.kernel.follow.FollowedMachine.PAGE;
import static dev.baton.kernel.follow.FollowedMachine.PURGATORY;
import static dev.baton.kernel.follow.FollowedMachine.SOURCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.kernel.GenerationReport.Segment;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.TreeMap;

class The_follower_Test {
    private final FollowedMachine m = new FollowedMachine();
    private final Follower follower = m.follower;

    @Test
    void numbers_generations_through_purgatory_and_tells_what_the_list_copied() {
        m.list();
        m.image(IMAGE);
        m.relocation(PURGATORY);
        assertTrue(follower.stage().startsWith("generation 1"), follower.stage());
        assertTrue(follower.stage().endsWith("relocating 3 pages by the code at 0x%x, translation off".formatted(CODE)), follower.stage());
        m.enter(PURGATORY);
        assertEquals(1, follower.kernels().size());
        assertTrue(follower.stage().contains("in purgatory"), follower.stage());
        m.enter(IMAGE);
        assertEquals(2, follower.kernels().size());
        assertEquals(List.of(new Segment("kernel", IMAGE, 2 * PAGE), new Segment("purgatory", PURGATORY, PAGE)),
                follower.kernels().getLast().report().segments);
        assertTrue(follower.stage().startsWith("generation 2"), follower.stage());
        assertEquals(List.of("boot-protocol-dtb"), m.rules());
    }

    @Test
    void knows_the_image_of_a_list_that_is_copied_only_after_translation_went_off() {
        m.list();
        m.off.run();
        m.registers.put("x0", LIST | 2);
        m.registers.put("x1", IMAGE);
        m.begins();
        assertTrue(follower.stage().endsWith("relocating 3 pages by the code at 0x%x, translation off".formatted(CODE)), follower.stage());
        m.registers.remove("x0");
        m.registers.remove("x1");
        m.image(IMAGE);
        m.enter(IMAGE);
        assertEquals(2, follower.kernels().size());
        assertFalse(follower.kernels().getLast().relocation().translated());
        assertEquals(2, follower.kernels().getLast().report().segments.size());
    }

    /** The series between v4.8 and v5.16, never merged: with translation off x0 is a structure of head, entry point and arguments. */
    @Test
    void knows_the_list_of_a_kernel_that_passes_kern_reloc_arg() {
        m.list();
        m.words(KIMAGE + 8, IMAGE);
        m.off.run();
        m.registers.put("x0", KIMAGE);
        m.begins();
        m.registers.remove("x0");
        m.image(IMAGE);
        m.enter(IMAGE);
        assertEquals(3, follower.kernels().getLast().relocation().pages());
    }

    @Test
    void finds_a_destination_that_memory_does_not_hold() {
        m.list();
        m.image(IMAGE);
        m.words(IMAGE + PAGE + 24, 1);
        m.relocation(IMAGE);
        m.enter(IMAGE);
        assertEquals("hand-over-differs", m.rules().getFirst());
        assertTrue(m.machine.findings().all().getFirst().what().contains("0x%x".formatted(IMAGE + PAGE + 24)));
    }

    @Test
    void gives_up_a_list_that_runs_in_a_circle_or_leaves_memory_or_that_was_copied_over() {
        m.list();
        m.image(IMAGE);
        for (long damage : new long[] {LIST | 2, 0x10_0000_0000L | 2, 0x10_0000_0000L | 8, 0}) {
            m.words(LIST + 32, damage);
            m.relocation(IMAGE);
            m.enter(IMAGE);
            assertTrue(follower.kernels().getLast().report().segments.isEmpty());
        }
        assertEquals(5, follower.kernels().size());
    }

    @Test
    void takes_no_kernel_that_turns_translation_off_and_on_for_the_next() {
        m.image(IMAGE);
        m.off.run();
        m.registers.put("sctlr_el1", 5L);
        m.enter(IMAGE);
        assertEquals(1, follower.kernels().size());
        assertTrue(follower.stage().endsWith("running"), follower.stage());
    }

    @Test
    void counts_what_firmware_starts_after_a_reset_too_and_waits_for_no_jump_any_more() {
        m.image(IMAGE);
        m.off.run();
        follower.started(new LaunchPlan(0, List.of(), new TreeMap<>()));
        assertEquals(2, follower.kernels().size());
        assertTrue(!follower.stage().contains("handing over"), follower.stage());
    }

    @Test
    void tells_a_relocation_from_its_first_instruction_on_while_translation_is_on() {
        m.list();
        m.begins(IMAGE);
        assertTrue(follower.stage().endsWith("relocating 3 pages by the code at 0x%x, translation on".formatted(CODE)), follower.stage());
        assertEquals(List.of(), m.rules());
    }

    @Test
    void takes_no_other_identity_mapped_code_for_a_relocation() {
        m.registers.put("x0", KIMAGE);
        m.begins();
        m.registers.put("x0", LIST | 2);
        m.begins();
        m.registers.put("x0", 0x10_0000_0000L);
        m.begins();
        assertTrue(follower.stage().endsWith("translation still off"), follower.stage());
    }

    @Test
    void finds_before_the_copy_that_it_will_overwrite_its_own_code() {
        m.list();
        m.words(LIST, CODE & -PAGE | 1);
        m.begins(PURGATORY);
        assertEquals(List.of("relocation-overwrites-itself"), m.rules());
    }

    @Test
    void finds_before_the_copy_that_a_page_will_be_overwritten_before_it_is_read() {
        m.list();
        m.words(LIST + 24, SOURCE + 2 * PAGE | 1, SOURCE + 2 * PAGE | 8, 4);
        m.begins(IMAGE);
        assertEquals(List.of(), m.rules(), "a page may lie where it has to go");
        follower.started(new LaunchPlan(0, List.of(), new TreeMap<>()));
        m.words(LIST, SOURCE + PAGE | 1);
        m.begins(IMAGE);
        assertEquals(List.of("relocation-overwrites-source"), m.rules());
        assertTrue(m.machine.findings().all().getFirst().what().contains("0x%x".formatted(SOURCE + PAGE)));
    }

    @Test
    void goes_on_from_a_snapshot_in_the_middle_of_a_relocation_and_of_purgatory() {
        m.list();
        m.image(IMAGE);
        m.relocation(PURGATORY);
        byte[] relocating = saved();
        m.enter(PURGATORY);
        byte[] inPurgatory = saved();
        m.enter(IMAGE);
        follower.load(new StateReader(relocating));
        assertEquals(1, follower.kernels().size());
        assertTrue(follower.stage().contains("relocating 3 pages"), follower.stage());
        m.enter(PURGATORY);
        m.enter(IMAGE);
        assertEquals(3, follower.kernels().getLast().relocation().pages());
        follower.load(new StateReader(inPurgatory));
        assertTrue(follower.stage().contains("in purgatory"), follower.stage());
        m.enter(IMAGE);
        assertEquals(2, follower.kernels().size());
        assertEquals(2, follower.kernels().getLast().report().segments.size());
    }

    private byte[] saved() {
        StateWriter out = new StateWriter();
        follower.save(out);
        return out.toByteArray();
    }
}
