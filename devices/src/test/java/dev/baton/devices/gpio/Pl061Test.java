package dev.baton.devices.gpio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.time.VirtualClock;
import dev.baton.devices.UnmodelledAccess;
import org.junit.jupiter.api.Test;

/** Arm DDI 0190, as gpio-pl061 and gpio-keys of Linux use it. */
class Pl061Test {
    private static final int PIN3 = 8;

    private final VirtualClock clock = new VirtualClock();
    private boolean irq;
    private final Pl061 gpio = new Pl061(on -> irq = on, clock, UnmodelledAccess.UNHEARD);

    private long read(int offset) {
        return gpio.read(offset, 4);
    }

    private void write(int offset, int value) {
        gpio.write(offset, 4, value);
    }

    @Test
    void it_has_the_identification_that_Linux_looks_for() {
        int[] id = {0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};
        for (int i = 0; i < id.length; i++) {
            assertEquals(id[i], read(0xfe0 + 4 * i));
        }
    }

    @Test
    void the_power_key_goes_down_and_after_100_ms_up_and_both_edges_interrupt() {
        write(0x408, PIN3);
        write(0x410, PIN3);
        gpio.pressPowerKey();
        assertTrue(irq);
        assertEquals(PIN3, read(4 * PIN3));
        assertEquals(PIN3, read(0x418));
        write(0x41c, PIN3);
        assertFalse(irq);
        clock.base(100_000_000);
        clock.fireDue();
        assertTrue(irq);
        assertEquals(0, read(4 * PIN3));
    }

    @Test
    void a_masked_interrupt_shows_raw_and_a_level_one_cannot_be_cleared() {
        write(0x40c, PIN3);
        gpio.pressPowerKey();
        assertFalse(irq);
        assertEquals(PIN3, read(0x414));
        assertEquals(0, read(0x418));
        write(0x404, 0xff);
        write(0x40c, 0xff);
        write(0x410, PIN3);
        write(0x41c, 0xff);
        assertTrue(irq, "the key is still down");
    }

    @Test
    void outputs_are_written_under_the_mask_of_the_address_and_read_back() {
        write(0x400, 0x0f);
        write(4 * 0xff, 0xff);
        assertEquals(0x0f, read(4 * 0xff), "inputs are not written");
        write(4 * 0x01, 0x00);
        assertEquals(0x0e, read(4 * 0xff));
    }

    @Test
    void its_state_is_saved_and_reset_clears_it() {
        write(0x408, PIN3);
        write(0x410, PIN3);
        gpio.pressPowerKey();
        StateWriter out = new StateWriter();
        gpio.save(out);
        Pl061 other = new Pl061(on -> { }, new VirtualClock(), UnmodelledAccess.UNHEARD);
        other.load(new StateReader(out.toByteArray()));
        assertEquals(PIN3, other.read(0x418, 4));
        gpio.reset();
        assertFalse(irq);
        assertEquals(0, read(0x410));
        assertEquals(VirtualClock.NEVER, clock.earliest());
    }
}
