package dev.baton.devices.gic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.devices.Level;
import dev.baton.devices.UnmodelledAccess;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Scenarios on a GICv2 with three CPUs: what its own registers do, and QEMU's leave open. Set up as Linux does: all in Group 0. */
class GicV2Test {
    private static final int UART = 33;

    private int current;
    private final GicV2 gic = new GicV2(3, () -> current, UnmodelledAccess.UNHEARD);
    private final MsiFrame frame = new MsiFrame(gic, 0x0802_0000L, 48, 64, UnmodelledAccess.UNHEARD);
    private final Level[] irq = {new Level(), new Level(), new Level()};
    private final Level[] fiq = {new Level(), new Level(), new Level()};

    @BeforeEach
    void as_Linux_leaves_it_after_its_driver_started() {
        for (int cpu = 0; cpu < 3; cpu++) {
            current = cpu;
            gic.connect(cpu, irq[cpu], fiq[cpu]);
            cpuInterface(0x04, 0xf0);
            cpuInterface(0x00, 1);
        }
        for (int intid = 32; intid < 288; intid += 4) {
            distributor(0x400 + intid, 0xa0a0_a0a0);
            distributor(0x800 + intid, 0x0101_0101);
        }
        distributor(0, 1);
        current = 0;
    }

    private void distributor(int offset, int value) {
        gic.distributor().write(offset, 4, Integer.toUnsignedLong(value));
    }

    private long distributor(int offset) {
        return gic.distributor().read(offset, 4);
    }

    private void cpuInterface(int offset, int value) {
        gic.cpuInterface().write(offset, 4, Integer.toUnsignedLong(value));
    }

    private long cpuInterface(int offset) {
        return gic.cpuInterface().read(offset, 4);
    }

    @Test
    void an_interrupt_with_two_targets_is_taken_by_the_first_that_acknowledges_it() {
        gic.distributor().write(0x800 + UART, 1, 6);
        distributor(0x104, 2);
        gic.spi(1).set(true);
        assertFalse(irq[0].isHigh());
        assertTrue(irq[1].isHigh() && irq[2].isHigh());
        current = 2;
        assertEquals(UART, cpuInterface(0x0c));
        assertFalse(irq[1].isHigh(), "active: nobody else's");
        current = 1;
        assertEquals(1023, cpuInterface(0x0c));
        current = 2;
        cpuInterface(0x10, UART);
        assertTrue(irq[1].isHigh() && irq[2].isHigh(), "the level lasts");
    }

    @Test
    void each_CPU_sees_itself_as_the_target_of_private_interrupts() {
        for (current = 0; current < 3; current++) {
            assertEquals(0x0101_0101L << current, distributor(0x800));
        }
    }

    @Test
    void the_target_registers_of_a_single_CPU_read_as_zero_and_everything_is_its() {
        GicV2 one = new GicV2(1, () -> 0, UnmodelledAccess.UNHEARD);
        Level input = new Level();
        one.connect(0, input, new Level());
        one.distributor().write(0x820, 4, 0x0101_0101);
        assertEquals(0, one.distributor().read(0x820, 4));
        assertEquals(0, one.distributor().read(0x800, 4));
        one.distributor().write(0x104, 4, 2);
        one.distributor().write(0, 4, 1);
        one.cpuInterface().write(0x04, 4, 0xf0);
        one.cpuInterface().write(0x00, 4, 1);
        one.spi(1).set(true);
        assertTrue(input.isHigh());
        assertEquals(8, one.distributor().read(4, 4), "GICD_TYPER: 288 INTIDs, one CPU");
    }

    @Test
    void an_SGI_sent_by_two_CPUs_is_acknowledged_twice_with_the_sender_in_CPUID() {
        for (current = 1; current < 3; current++) {
            distributor(0xf00, 0x1_0000 | 5);
        }
        current = 0;
        assertTrue(irq[0].isHigh());
        assertEquals(1 << 10 | 5, cpuInterface(0x0c));
        cpuInterface(0x10, 1 << 10 | 5);
        assertEquals(2 << 10 | 5, cpuInterface(0x0c));
        cpuInterface(0x10, 2 << 10 | 5);
        assertEquals(1023, cpuInterface(0x0c));
    }

    @Test
    void the_priority_mask_hides_what_is_not_above_it() {
        distributor(0x104, 2);
        gic.spi(1).set(true);
        cpuInterface(0x04, 0xa0);
        assertFalse(irq[0].isHigh());
        assertEquals(1023, cpuInterface(0x0c));
        cpuInterface(0x04, 0xa8);
        assertTrue(irq[0].isHigh());
    }

    @Test
    void Group_1_is_shown_to_plain_registers_as_1022_unless_AckCtl_and_has_registers_of_its_own() {
        distributor(0x84, 2);
        distributor(0, 3);
        distributor(0x104, 2);
        cpuInterface(0x00, 3);
        gic.spi(1).set(true);
        assertTrue(irq[0].isHigh());
        assertEquals(1022, cpuInterface(0x18));
        assertEquals(1022, cpuInterface(0x0c));
        assertEquals(UART, cpuInterface(0x28));
        assertEquals(UART, cpuInterface(0x20));
        cpuInterface(0x24, UART);
        cpuInterface(0x00, 7);
        assertEquals(UART, cpuInterface(0x0c));
        assertEquals(0xa0, cpuInterface(0x14));
        cpuInterface(0x10, UART);
        assertEquals(0xff, cpuInterface(0x14));
    }

    @Test
    void FIQEn_makes_Group_0_an_FIQ() {
        distributor(0x104, 2);
        gic.spi(1).set(true);
        cpuInterface(0x00, 9);
        assertTrue(fiq[0].isHigh());
        assertFalse(irq[0].isHigh());
        assertEquals(9, cpuInterface(0x00));
    }

    @Test
    void with_EOImode_an_interrupt_stays_active_until_it_is_deactivated() {
        distributor(0x104, 2);
        cpuInterface(0x00, 0x201);
        gic.spi(1).set(true);
        assertEquals(UART, cpuInterface(0x0c));
        cpuInterface(0x10, UART);
        assertEquals(0xff, cpuInterface(0x14));
        assertEquals(2, distributor(0x304));
        cpuInterface(0x1000, UART);
        assertEquals(0, distributor(0x304));
    }

    @Test
    void ABPR_can_be_written_and_read_whatever_CBPR_says() {
        cpuInterface(0x00, 0x11);
        cpuInterface(0x1c, 6);
        cpuInterface(0x08, 4);
        assertEquals(6, cpuInterface(0x1c));
        assertEquals(4, cpuInterface(0x08));
        assertEquals(0x11, cpuInterface(0x00));
    }

    @Test
    void an_MSI_is_an_edge_on_the_SPI_whose_INTID_is_written_and_on_none_outside_the_frame() {
        assertEquals(0x50_0040, frame.read(8, 4));
        distributor(0x108, 1 << 16);
        distributor(0xc14, 2);
        frame.msi(7, 80);
        assertTrue(irq[0].isHigh());
        assertEquals(80, cpuInterface(0x0c));
        cpuInterface(0x10, 80);
        assertEquals(1023, cpuInterface(0x0c));
        frame.write(0x40, 4, 80);
        assertEquals(80, cpuInterface(0x0c));
        for (int data : new int[] {79, 144, 0, -1}) {
            frame.msi(0, data);
        }
        assertEquals(0, distributor(0x208) & 0xffff, "INTID 79");
        assertEquals(0, distributor(0x210));
        assertEquals(0x0802_0040L, frame.address());
    }
}
