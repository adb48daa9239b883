package dev.baton.devices.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.time.VirtualClock;
import dev.baton.devices.Level;
import dev.baton.devices.UnmodelledAccess;
import org.junit.jupiter.api.Test;

class Pl031Test {
    private static final int DR = 0x00;
    private static final int MR = 0x04;
    private static final int LR = 0x08;
    private static final int CR = 0x0c;
    private static final int IMSC = 0x10;
    private static final int RIS = 0x14;
    private static final int MIS = 0x18;
    private static final int ICR = 0x1c;
    private static final long SECOND = 1_000_000_000L;
    private static final long EPOCH = 1_767_225_600L;

    private final VirtualClock clock = new VirtualClock();
    private final Level irq = new Level();
    private final Pl031 rtc = new Pl031(irq, clock, EPOCH, UnmodelledAccess.UNHEARD);

    private long read(int offset) {
        return rtc.read(offset, 4);
    }

    private void write(int offset, long value) {
        rtc.write(offset, 4, value);
    }

    private void passTo(long nanoseconds) {
        clock.base(nanoseconds);
        clock.fireDue();
    }

    @Test
    void it_counts_the_seconds_of_virtual_time_from_its_epoch() {
        assertEquals(EPOCH, read(DR));
        passTo(3 * SECOND - 1);
        assertEquals(EPOCH + 2, read(DR));
        passTo(3 * SECOND);
        assertEquals(EPOCH + 3, read(DR));
    }

    @Test
    void a_loaded_time_runs_on_from_there() {
        passTo(10 * SECOND);
        write(LR, 500);
        assertEquals(500, read(DR));
        assertEquals(500, read(LR));
        passTo(12 * SECOND);
        assertEquals(502, read(DR));
    }

    @Test
    void the_alarm_fires_in_the_second_of_the_match_and_ICR_ends_it() {
        write(IMSC, 1);
        write(MR, EPOCH + 5);
        passTo(5 * SECOND - 1);
        assertFalse(irq.isHigh());
        passTo(5 * SECOND);
        assertTrue(irq.isHigh());
        write(ICR, 1);
        assertFalse(irq.isHigh());
        assertEquals(0, read(RIS));
    }

    @Test
    void a_match_with_the_present_second_fires_at_once() {
        write(IMSC, 1);
        write(MR, EPOCH);
        assertTrue(irq.isHigh());
    }

    @Test
    void a_match_in_the_past_waits_for_the_counter_to_wrap() {
        write(IMSC, 1);
        write(MR, EPOCH - 1);
        assertFalse(irq.isHigh());
        passTo((0xffff_ffffL) * SECOND);
        assertTrue(irq.isHigh());
        assertEquals(EPOCH - 1, read(DR));
    }

    @Test
    void loading_a_time_moves_the_alarm() {
        write(IMSC, 1);
        write(MR, EPOCH + 100);
        write(LR, EPOCH + 99);
        passTo(SECOND);
        assertTrue(irq.isHigh());
    }

    @Test
    void a_masked_alarm_shows_in_RIS_and_not_in_MIS() {
        write(MR, EPOCH);
        assertEquals(1, read(RIS));
        assertEquals(0, read(MIS));
        write(IMSC, 1);
        assertEquals(1, read(MIS));
        assertTrue(irq.isHigh());
    }

    @Test
    void it_is_running_and_cannot_be_stopped() {
        assertEquals(1, read(CR));
        write(CR, 0);
        assertEquals(1, read(CR));
    }
}
