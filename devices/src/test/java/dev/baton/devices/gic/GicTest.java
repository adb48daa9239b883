package dev.baton.devices.gic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.Level;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** Scenarios: what a kernel sees happen. Set up as Linux does: everything in Group 1, priority 0xc0, PMR 0xf0. */
class GicTest {
    private static final int SPURIOUS = 1023;
    private static final int UART = 33;
    private static final int VIRTUAL_TIMER = 27;
    private static final int SGI_FRAME = 0x1_0000;

    private final List<String> unmodelled = new ArrayList<>();
    private final Gic gic = new Gic(new long[] {0, 1, 0x1_0002_0305L},
            (write, register, size, value) -> unmodelled.add((write ? "write " : "read ") + register));
    private final Level[] irq = {new Level(), new Level(), new Level()};
    private final Level[] fiq = {new Level(), new Level(), new Level()};

    @BeforeEach
    void as_Linux_leaves_it_after_its_driver_started() {
        for (int cpu = 0; cpu < 3; cpu++) {
            gic.connect(cpu, irq[cpu], fiq[cpu]);
            redistributor(cpu, SGI_FRAME + 0x80, -1);
            for (int i = 0; i < 32; i += 4) {
                redistributor(cpu, SGI_FRAME + 0x400 + i, 0xc0c0_c0c0);
            }
            redistributor(cpu, SGI_FRAME + 0x100, 0xffff);
            gic.write(cpu, "ICC_PMR_EL1", 0xf0);
            gic.write(cpu, "ICC_BPR1_EL1", 0);
            gic.write(cpu, "ICC_IGRPEN1_EL1", 1);
        }
        for (int word = 1; word < 8; word++) {
            distributor(0x80 + 4 * word, -1);
        }
        for (int intid = 32; intid < 256; intid += 4) {
            distributor(0x400 + intid, 0xc0c0_c0c0);
        }
        distributor(0, 0x13);
    }

    private void distributor(int offset, int value) {
        gic.distributor().write(offset, 4, value);
    }

    private long distributor(int offset) {
        return gic.distributor().read(offset, 4);
    }

    private void redistributor(int cpu, int offset, int value) {
        gic.redistributors().write(cpu * Gic.REDISTRIBUTOR_SIZE + offset, 4, value);
    }

    private long redistributor(int cpu, int offset) {
        return gic.redistributors().read(cpu * Gic.REDISTRIBUTOR_SIZE + offset, 4);
    }

    private void enable(int intid) {
        distributor(0x100 + intid / 32 * 4, 1 << intid % 32);
    }

    private void edgeTriggered(int intid) {
        distributor(0xc00 + intid / 16 * 4, 2 << intid % 16 * 2);
    }

    private void priority(int intid, int priority) {
        gic.distributor().write(0x400 + intid, 1, priority);
    }

    private long acknowledge(int cpu) {
        return gic.read(cpu, "ICC_IAR1_EL1");
    }

    private void end(int cpu, long intid) {
        gic.write(cpu, "ICC_EOIR1_EL1", intid);
    }

    private void pulse(int spi) {
        gic.spi(spi).set(true);
        gic.spi(spi).set(false);
    }

    // Levels and edges --------------------------------------------------------------------------------------------------

    @Test
    void a_level_interrupt_is_pending_again_after_EOI_while_its_line_is_high() {
        enable(UART);
        gic.spi(1).set(true);
        assertTrue(irq[0].isHigh());
        assertEquals(UART, acknowledge(0));
        assertFalse(irq[0].isHigh(), "active: not signalled again");
        end(0, UART);
        assertTrue(irq[0].isHigh());
        assertEquals(UART, acknowledge(0));
        gic.spi(1).set(false);
        end(0, UART);
        assertFalse(irq[0].isHigh());
        assertEquals(SPURIOUS, acknowledge(0));
    }

    @Test
    void a_level_interrupt_that_goes_away_unacknowledged_is_not_pending_any_more() {
        enable(UART);
        gic.spi(1).set(true);
        gic.spi(1).set(false);
        assertFalse(irq[0].isHigh());
        assertEquals(SPURIOUS, acknowledge(0));
    }

    @Test
    void an_edge_stays_pending_after_its_line_fell_and_is_taken_once() {
        enable(UART);
        edgeTriggered(UART);
        pulse(1);
        assertEquals(UART, acknowledge(0));
        end(0, UART);
        assertEquals(SPURIOUS, acknowledge(0));
    }

    @Test
    void an_edge_during_the_handler_makes_it_pending_again() {
        enable(UART);
        edgeTriggered(UART);
        pulse(1);
        assertEquals(UART, acknowledge(0));
        pulse(1);
        pulse(1);
        end(0, UART);
        assertEquals(UART, acknowledge(0));
        end(0, UART);
        assertEquals(SPURIOUS, acknowledge(0), "two edges while active are one interrupt");
    }

    @Test
    void an_edge_interrupt_whose_line_stays_high_fires_once() {
        enable(UART);
        edgeTriggered(UART);
        gic.spi(1).set(true);
        end(0, acknowledge(0));
        assertFalse(irq[0].isHigh());
    }

    @Test
    void ICPENDR_clears_an_edge_and_cannot_clear_a_level() {
        edgeTriggered(UART);
        pulse(1);
        assertEquals(2, distributor(0x204));
        distributor(0x284, 2);
        assertEquals(0, distributor(0x204));
        gic.spi(2).set(true);
        distributor(0x284, 4);
        assertEquals(4, distributor(0x204));
    }

    @Test
    void ISPENDR_makes_a_level_interrupt_pending_until_it_is_acknowledged() {
        enable(UART);
        distributor(0x204, 2);
        assertEquals(UART, acknowledge(0));
        end(0, UART);
        assertEquals(SPURIOUS, acknowledge(0));
    }

    // Enables, groups, masks ------------------------------------------------------------------------------------------

    @Test
    void nothing_is_signalled_unless_every_enable_allows_it() {
        enable(UART);
        gic.spi(1).set(true);
        assertTrue(irq[0].isHigh());
        distributor(0x184, 2);
        assertFalse(irq[0].isHigh(), "GICD_ICENABLER");
        enable(UART);
        distributor(0, 0x10);
        assertFalse(irq[0].isHigh(), "GICD_CTLR.EnableGrp1");
        distributor(0, 0x12);
        gic.write(0, "ICC_IGRPEN1_EL1", 0);
        assertFalse(irq[0].isHigh(), "ICC_IGRPEN1_EL1");
        gic.write(0, "ICC_IGRPEN1_EL1", 1);
        gic.write(0, "ICC_PMR_EL1", 0xc0);
        assertFalse(irq[0].isHigh(), "a priority equal to ICC_PMR_EL1 is masked");
        assertEquals(UART, gic.read(0, "ICC_HPPIR1_EL1"), "ICC_HPPIR1_EL1 does not look at the mask");
        gic.write(0, "ICC_PMR_EL1", 0xc8);
        assertTrue(irq[0].isHigh());
    }

    @Test
    void a_Group_0_interrupt_is_an_FIQ_and_belongs_to_the_Group_0_registers() {
        enable(UART);
        distributor(0x84, ~2);
        gic.write(0, "ICC_IGRPEN0_EL1", 1);
        gic.spi(1).set(true);
        assertTrue(fiq[0].isHigh());
        assertFalse(irq[0].isHigh());
        assertEquals(SPURIOUS, acknowledge(0));
        assertEquals(SPURIOUS, gic.read(0, "ICC_HPPIR1_EL1"));
        assertEquals(UART, gic.read(0, "ICC_HPPIR0_EL1"));
        assertEquals(UART, gic.read(0, "ICC_IAR0_EL1"));
        gic.write(0, "ICC_EOIR1_EL1", UART);
        assertEquals(0xc0, gic.read(0, "ICC_RPR_EL1"), "the other group's EOIR ends nothing");
        gic.write(0, "ICC_EOIR0_EL1", UART);
        assertEquals(0xff, gic.read(0, "ICC_RPR_EL1"));
    }

    // Priorities ------------------------------------------------------------------------------------------------------

    @Test
    void the_higher_priority_is_acknowledged_first_and_of_equals_the_lower_number() {
        enable(40);
        enable(41);
        enable(42);
        priority(42, 0x80);
        for (int spi : new int[] {9, 10, 8}) {
            gic.spi(spi).set(true);
        }
        assertEquals(42, acknowledge(0));
        gic.spi(10).set(false);
        end(0, 42);
        assertEquals(40, acknowledge(0));
        gic.spi(8).set(false);
        end(0, 40);
        assertEquals(41, acknowledge(0));
    }

    @Test
    void a_higher_priority_preempts_a_handler_and_an_equal_one_waits() {
        enable(40);
        enable(41);
        enable(42);
        priority(42, 0x40);
        gic.spi(8).set(true);
        assertEquals(40, acknowledge(0));
        assertEquals(0xc0, gic.read(0, "ICC_RPR_EL1"));
        gic.spi(9).set(true);
        assertFalse(irq[0].isHigh());
        assertEquals(SPURIOUS, acknowledge(0));
        gic.spi(10).set(true);
        assertTrue(irq[0].isHigh());
        assertEquals(42, acknowledge(0));
        assertEquals(0x40, gic.read(0, "ICC_RPR_EL1"));
        assertEquals(1L << (0xc0 >> 3) | 1L << (0x40 >> 3), gic.read(0, "ICC_AP1R0_EL1"));
        gic.spi(10).set(false);
        end(0, 42);
        assertEquals(0xc0, gic.read(0, "ICC_RPR_EL1"));
        gic.spi(8).set(false);
        end(0, 40);
        assertEquals(41, acknowledge(0));
    }

    @Test
    void priorities_that_differ_below_the_binary_point_do_not_preempt() {
        enable(40);
        enable(41);
        priority(41, 0xa0);
        gic.write(0, "ICC_BPR1_EL1", 7);
        gic.spi(8).set(true);
        assertEquals(40, acknowledge(0));
        assertEquals(0x80, gic.read(0, "ICC_RPR_EL1"), "the group priority: ICC_BPR1_EL1 of 7 leaves one bit");
        gic.spi(9).set(true);
        assertFalse(irq[0].isHigh());
        gic.write(0, "ICC_BPR1_EL1", 6);
        gic.spi(8).set(false);
        end(0, 40);
        assertEquals(41, acknowledge(0));
    }

    @Test
    void with_CBPR_the_binary_point_of_Group_0_rules_Group_1() {
        gic.write(0, "ICC_BPR0_EL1", 6);
        gic.write(0, "ICC_CTLR_EL1", 1);
        assertEquals(7, gic.read(0, "ICC_BPR1_EL1"), "reads one more than ICC_BPR0_EL1");
        gic.write(0, "ICC_BPR1_EL1", 4);
        gic.write(0, "ICC_CTLR_EL1", 0);
        assertEquals(3, gic.read(0, "ICC_BPR1_EL1"), "the write was ignored");
    }

    @Test
    void five_bits_of_priority_are_there() {
        distributor(0x420, -1);
        assertEquals(0xf8f8_f8f8L, distributor(0x420));
        gic.write(0, "ICC_PMR_EL1", 0xff);
        assertEquals(0xf8, gic.read(0, "ICC_PMR_EL1"));
        gic.write(0, "ICC_BPR0_EL1", 0);
        assertEquals(2, gic.read(0, "ICC_BPR0_EL1"));
        assertEquals(3, gic.read(0, "ICC_BPR1_EL1"));
        assertEquals(4, gic.read(0, "ICC_CTLR_EL1") >> 8 & 7);
    }

    // End of interrupt ------------------------------------------------------------------------------------------------

    @Test
    void with_EOImode_1_EOIR_drops_the_priority_and_DIR_deactivates() {
        gic.write(0, "ICC_CTLR_EL1", 2);
        enable(UART);
        enable(40);
        gic.spi(1).set(true);
        assertEquals(UART, acknowledge(0));
        end(0, UART);
        assertEquals(0xff, gic.read(0, "ICC_RPR_EL1"));
        assertEquals(2, distributor(0x304), "still active");
        assertFalse(irq[0].isHigh());
        gic.spi(8).set(true);
        assertEquals(40, acknowledge(0), "others of the same priority come in between");
        end(0, 40);
        gic.write(0, "ICC_DIR_EL1", UART);
        assertEquals(0x100, distributor(0x304));
        assertTrue(irq[0].isHigh());
        assertEquals(UART, acknowledge(0));
    }

    @Test
    void with_EOImode_0_DIR_does_nothing() {
        enable(UART);
        gic.spi(1).set(true);
        acknowledge(0);
        gic.write(0, "ICC_DIR_EL1", UART);
        assertEquals(2, distributor(0x304));
    }

    @Test
    void an_EOI_without_an_active_interrupt_or_of_a_special_number_is_ignored() {
        enable(UART);
        gic.spi(1).set(true);
        acknowledge(0);
        end(0, SPURIOUS);
        assertEquals(0xc0, gic.read(0, "ICC_RPR_EL1"));
        end(0, 500);
        assertEquals(0xff, gic.read(0, "ICC_RPR_EL1"), "a number that nobody has still drops the priority");
        end(0, UART);
        assertEquals(2, distributor(0x304), "no priority left to drop: not deactivated either");
    }

    // SGIs ------------------------------------------------------------------------------------------------------------

    @Test
    void an_SGI_reaches_exactly_its_targets() {
        gic.write(0, "ICC_SGI1R_EL1", 5L << 24 | 1 << 1);
        assertFalse(irq[0].isHigh());
        assertTrue(irq[1].isHigh());
        assertFalse(irq[2].isHigh());
        assertEquals(5, acknowledge(1));
        end(1, 5);
        assertFalse(irq[1].isHigh());
    }

    @Test
    void an_SGI_by_all_affinity_levels_reaches_a_far_CPU() {
        gic.write(1, "ICC_SGI1R_EL1", 1L << 48 | 2L << 32 | 7L << 24 | 3L << 16 | 1 << 5);
        assertTrue(irq[2].isHigh());
        assertEquals(7, acknowledge(2));
        assertFalse(irq[0].isHigh());
    }

    @Test
    void an_SGI_to_all_others_leaves_out_the_sender() {
        gic.write(1, "ICC_SGI1R_EL1", 1L << 40 | 3L << 24);
        assertEquals(List.of(true, false, true), List.of(irq[0].isHigh(), irq[1].isHigh(), irq[2].isHigh()));
    }

    @Test
    void an_SGI_to_oneself_is_pending_at_once() {
        gic.write(0, "ICC_SGI1R_EL1", 2L << 24 | 1);
        assertEquals(2, acknowledge(0));
    }

    @Test
    void an_SGI_of_the_other_group_is_not_forwarded() {
        gic.write(0, "ICC_SGI0R_EL1", 5L << 24 | 1 << 1);
        assertEquals(0, redistributor(1, SGI_FRAME + 0x200));
        redistributor(1, SGI_FRAME + 0x80, ~(1 << 5));
        gic.write(0, "ICC_SGI1R_EL1", 5L << 24 | 1 << 1);
        assertEquals(0, redistributor(1, SGI_FRAME + 0x200));
        gic.write(0, "ICC_SGI0R_EL1", 5L << 24 | 1 << 1);
        assertEquals(1 << 5, redistributor(1, SGI_FRAME + 0x200));
    }

    @Test
    void SGIs_are_edge_triggered_and_cannot_be_made_otherwise() {
        redistributor(0, SGI_FRAME + 0xc00, 0);
        assertEquals(0xaaaa_aaaaL, redistributor(0, SGI_FRAME + 0xc00));
    }

    // PPIs and routing ------------------------------------------------------------------------------------------------

    @Test
    void a_timer_s_PPI_interrupts_its_own_CPU_until_the_timer_is_quiet() {
        redistributor(1, SGI_FRAME + 0x100, 1 << VIRTUAL_TIMER);
        InterruptLine timer = gic.ppi(1, 11);
        timer.set(true);
        assertFalse(irq[0].isHigh());
        assertEquals(VIRTUAL_TIMER, acknowledge(1));
        timer.set(false);
        end(1, VIRTUAL_TIMER);
        assertFalse(irq[1].isHigh());
        assertEquals(SPURIOUS, acknowledge(1));
    }

    @Test
    void IROUTER_moves_a_pending_SPI_to_another_CPU() {
        enable(UART);
        gic.spi(1).set(true);
        assertTrue(irq[0].isHigh());
        gic.distributor().write(0x6000 + 8 * UART, 8, 1);
        assertFalse(irq[0].isHigh());
        assertTrue(irq[1].isHigh());
        gic.distributor().write(0x6000 + 8 * UART, 4, 0x2_0305);
        gic.distributor().write(0x6004 + 8 * UART, 4, 1);
        assertTrue(irq[2].isHigh(), "written in two halves");
        gic.distributor().write(0x6000 + 8 * UART, 8, 0x77);
        assertEquals(List.of(false, false, false), List.of(irq[0].isHigh(), irq[1].isHigh(), irq[2].isHigh()));
    }

    @Test
    void an_SPI_deactivated_by_another_CPU_is_pending_again_on_its_own() {
        gic.write(0, "ICC_CTLR_EL1", 2);
        gic.write(1, "ICC_CTLR_EL1", 2);
        enable(UART);
        gic.spi(1).set(true);
        acknowledge(0);
        end(0, UART);
        assertFalse(irq[0].isHigh());
        gic.write(1, "ICC_DIR_EL1", UART);
        assertTrue(irq[0].isHigh());
    }

    // Registers -------------------------------------------------------------------------------------------------------

    @Test
    void the_redistributors_name_their_CPUs_and_the_last_one() {
        assertEquals(0x0000_0000_0100_0000L, gic.redistributors().read(0x8, 8));
        assertEquals(0x0000_0001_0100_0100L, gic.redistributors().read(0x2_0008, 8));
        assertEquals(0x0102_0305_0100_0210L, gic.redistributors().read(0x4_0008, 8));
        assertEquals(0x0102_0305L, gic.redistributors().read(0x4_000c, 4));
    }

    @Test
    void waking_a_redistributor_wakes_its_children_at_once() {
        assertEquals(6, redistributor(0, 0x14));
        redistributor(0, 0x14, 4);
        assertEquals(0, redistributor(0, 0x14));
        redistributor(0, 0x14, 2);
        assertEquals(6, redistributor(0, 0x14));
    }

    @Test
    void the_private_words_of_the_distributor_and_the_target_registers_are_RAZ_WI() {
        for (int offset : new int[] {0x80, 0x100, 0x200, 0x300, 0x400, 0x800, 0x820, 0xc00, 0xd04, 0xe08, 0xf00, 0x6000}) {
            distributor(offset, -1);
            assertEquals(0, distributor(offset), () -> Integer.toHexString(offset));
        }
        assertEquals(List.of(), unmodelled);
    }

    @Test
    void affinity_routing_and_disabled_security_cannot_be_switched() {
        distributor(0, 0);
        assertEquals(0x50, distributor(0));
        distributor(0, -1);
        assertEquals(0x53, distributor(0));
    }

    @Test
    void what_nobody_has_is_reported_by_name() {
        gic.read(0, "ICC_AP1R3_EL1");
        gic.write(0, "ICC_IAR1_EL1", 0);
        redistributor(0, 0x40, 1);
        distributor(0x2000);
        assertEquals(List.of("read ICC_AP1R3_EL1", "write ICC_IAR1_EL1", "write GICR +0x40", "read GICD +0x2000"), unmodelled);
    }

    @Test
    void peek_of_IAR_shows_nothing_and_acknowledges_nothing() {
        enable(UART);
        gic.spi(1).set(true);
        gic.peek(0, "ICC_IAR1_EL1");
        assertEquals(UART, acknowledge(0));
    }

    @Test
    void a_snapshot_with_an_active_and_a_pending_interrupt_goes_on_where_it_was() {
        enable(UART);
        enable(40);
        gic.spi(1).set(true);
        gic.spi(8).set(true);
        acknowledge(0);
        StateWriter out = new StateWriter();
        gic.save(out);

        Gic other = new Gic(new long[] {0, 1, 0x1_0002_0305L}, (write, register, size, value) -> { });
        Level otherIrq = new Level();
        other.connect(0, otherIrq, new Level());
        other.load(new StateReader(out.toByteArray()));
        assertFalse(otherIrq.isHigh());
        other.spi(1).set(false);
        other.write(0, "ICC_EOIR1_EL1", UART);
        assertTrue(otherIrq.isHigh());
        assertEquals(40, other.read(0, "ICC_IAR1_EL1"));
    }
}
