package dev.baton.arm64.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.GuestException;
import dev.baton.core.cpu.SystemRegisterPort;
import dev.baton.core.io.InterruptLine;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.time.VirtualClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.HashMap;
import java.util.Map;

/** Counters, compare timers and the event stream, to the nanosecond. */
class Timers_Test {
    private final Map<String, Boolean> lines = new HashMap<>();

    private Bare at(int el) {
        Map<String, InterruptLine> wired = new HashMap<>();
        for (String name : new String[] {"cntp", "cntv", "cnthp", "cnthv", "cntps"}) {
            wired.put(name, on -> lines.put(name, on));
        }
        Bare b = new Bare(Math.max(1, el), CachePolicy.STRICT, Arm64Config.defaults().withGic(SystemRegisterPort.NONE, wired), 1);
        b.cpu.el = el;
        return b;
    }

    private static void to(Bare b, long nanoseconds) {
        b.machine.clock().base(nanoseconds);
        b.machine.clock().fireDue();
    }

    @Test
    void the_counter_ticks_every_16_nanoseconds() {
        try (Bare b = at(1)) {
            assertEquals(62_500_000, b.get("CNTFRQ_EL0"));
            to(b, 15);
            assertEquals(0, b.get("CNTPCT_EL0"));
            to(b, 16);
            assertEquals(1, b.get("CNTPCT_EL0"));
            to(b, 1_000_000_000);
            assertEquals(62_500_000, b.get("CNTPCT_EL0"));
        }
    }

    @ParameterizedTest
    @CsvSource({"CNTP,EL0,cntp", "CNTV,EL0,cntv", "CNTHP,EL2,cnthp", "CNTHV,EL2,cnthv", "CNTPS,EL1,cntps"})
    void a_timer_raises_its_line_at_the_exact_nanosecond(String timer, String suffix, String line) {
        try (Bare b = at(1)) {
            b.set(timer + "_CVAL_" + suffix, 100);
            b.set(timer + "_CTL_" + suffix, 1);
            assertEquals(1600, b.machine.clock().earliest());
            to(b, 1599);
            assertFalse(lines.get(line));
            assertEquals(1, b.get(timer + "_CTL_" + suffix));
            to(b, 1600);
            assertTrue(lines.get(line));
            assertEquals(5, b.get(timer + "_CTL_" + suffix), "ISTATUS");
            assertEquals(VirtualClock.NEVER, b.machine.clock().earliest(), "a level needs no further deadline");
        }
    }

    @Test
    void imask_holds_the_line_down_and_disabling_lowers_it() {
        try (Bare b = at(1)) {
            b.set("CNTV_CTL_EL0", 3);
            assertFalse(lines.get("cntv"));
            assertEquals(7, b.get("CNTV_CTL_EL0"));
            b.set("CNTV_CTL_EL0", 1);
            assertTrue(lines.get("cntv"));
            b.set("CNTV_CTL_EL0", 0);
            assertFalse(lines.get("cntv"));
            assertEquals(0, b.get("CNTV_CTL_EL0"));
        }
    }

    @Test
    void a_later_compare_value_lowers_the_line_again() {
        try (Bare b = at(1)) {
            to(b, 1600);
            b.set("CNTV_CVAL_EL0", 100);
            b.set("CNTV_CTL_EL0", 1);
            assertTrue(lines.get("cntv"));
            b.set("CNTV_CVAL_EL0", 200);
            assertFalse(lines.get("cntv"));
            assertEquals(3200, b.machine.clock().earliest());
        }
    }

    @Test
    void tval_counts_down_and_is_signed() {
        try (Bare b = at(1)) {
            to(b, 16_000);
            b.set("CNTP_TVAL_EL0", 50);
            assertEquals(1050, b.get("CNTP_CVAL_EL0"));
            to(b, 16_160);
            assertEquals(40, b.get("CNTP_TVAL_EL0"));
            b.set("CNTP_TVAL_EL0", 0xffff_ffffL);
            assertEquals(1009, b.get("CNTP_CVAL_EL0"));
            assertEquals(0xffff_ffffL, b.get("CNTP_TVAL_EL0"));
        }
    }

    @Test
    void cntvoff_moves_the_virtual_counter_and_its_timer() {
        try (Bare b = at(1)) {
            to(b, 16_000);
            b.set("CNTVOFF_EL2", 400);
            assertEquals(600, b.get("CNTVCT_EL0"));
            b.set("CNTV_CVAL_EL0", 700);
            b.set("CNTV_CTL_EL0", 1);
            assertEquals(1100 * 16, b.machine.clock().earliest());
            b.set("CNTVOFF_EL2", 200);
            assertTrue(lines.get("cntv"), "800 is past 700");
        }
    }

    @Test
    void a_host_reads_the_virtual_counter_without_the_offset() {
        try (Bare b = at(2)) {
            to(b, 16_000);
            b.set("CNTVOFF_EL2", 400);
            assertEquals(600, b.get("CNTVCT_EL0"));
            b.set("HCR_EL2", 1L << 34);
            assertEquals(1000, b.get("CNTVCT_EL0"));
        }
    }

    @Test
    void a_host_reaches_its_own_timers_by_the_el0_names_and_the_guests_by_el02() {
        try (Bare b = at(2)) {
            b.set("HCR_EL2", 1L << 34);
            b.cpu.sysregs.write(key(3, 3, 14, 2, 2), 123);
            assertEquals(123, b.get("CNTHP_CVAL_EL2"));
            b.cpu.sysregs.write(key(3, 5, 14, 2, 2), 456);
            assertEquals(456, b.cpu.sysregs.timers.named("CNTP").cval());
            b.cpu.sysregs.write(key(3, 3, 14, 3, 2), 789);
            assertEquals(789, b.get("CNTHV_CVAL_EL2"));
        }
    }

    private static int key(int op0, int op1, int crn, int crm, int op2) {
        return op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2;
    }

    @ParameterizedTest
    @ValueSource(longs = {-1L, Long.MAX_VALUE, 0x7fff_ffff_ffff_ff00L, 1L << 60})
    void a_compare_value_beyond_the_end_of_time_sets_no_deadline(long cval) {
        try (Bare b = at(1)) {
            b.set("CNTV_CVAL_EL0", cval);
            b.set("CNTV_CTL_EL0", 1);
            assertEquals(VirtualClock.NEVER, b.machine.clock().earliest());
            assertFalse(lines.get("cntv"));
        }
    }

    /** CNTKCTL_EL1 enables for EL0: bit, then the register it opens. */
    @ParameterizedTest
    @CsvSource({"0,3,3,14,0,1", "1,3,3,14,0,2", "9,3,3,14,2,1", "8,3,3,14,3,1"})
    void el0_needs_the_enables_of_cntkctl(int bit, int op0, int op1, int crn, int crm, int op2) {
        try (Bare b = at(0)) {
            b.set("CNTKCTL_EL1", 0);
            assertTrue(refused(b, key(op0, op1, crn, crm, op2)));
            assertEquals(1, b.cpu.pending.targetEl);
            b.set("CNTKCTL_EL1", 1L << bit);
            assertFalse(refused(b, key(op0, op1, crn, crm, op2)));
        }
    }

    @Test
    void el1_needs_cnthctl_for_the_physical_counter_and_timer_only() {
        try (Bare b = at(1)) {
            b.set("CNTHCTL_EL2", 0);
            assertTrue(refused(b, key(3, 3, 14, 0, 1)), "CNTPCT");
            assertEquals(2, b.cpu.pending.targetEl);
            assertTrue(refused(b, key(3, 3, 14, 2, 1)), "CNTP_CTL");
            assertFalse(refused(b, key(3, 3, 14, 0, 2)), "CNTVCT");
            assertFalse(refused(b, key(3, 3, 14, 3, 1)), "CNTV_CTL");
            b.set("CNTHCTL_EL2", 1);
            assertFalse(refused(b, key(3, 3, 14, 0, 1)));
            assertTrue(refused(b, key(3, 3, 14, 2, 1)));
            b.set("HCR_EL2", 1L << 34);
            b.set("CNTHCTL_EL2", 1 << 10);
            assertFalse(refused(b, key(3, 3, 14, 0, 1)), "with E2H the enables are bits 10 and 11");
            assertTrue(refused(b, key(3, 3, 14, 2, 1)));
        }
    }

    private static boolean refused(Bare b, int key) {
        try {
            b.cpu.sysregs.read(key);
            return false;
        } catch (GuestException e) {
            return true;
        }
    }

    /** EVNTI selects the counter bit, EVNTDIR the edge. Counter 1000 = 0b1111101000. */
    @ParameterizedTest
    @CsvSource({"0,0,1001", "0,1,1002", "4,0,1008", "4,1,1024", "9,0,1536", "9,1,1024"})
    void the_event_stream_comes_at_the_next_edge_of_its_counter_bit(int bit, int direction, long tick) {
        try (Bare b = at(1)) {
            to(b, 16_000);
            b.set("CNTKCTL_EL1", 1 << 2 | direction << 3 | bit << 4);
            b.cpu.sysregs.timers.armEventStream();
            assertEquals(tick * 16, b.machine.clock().earliest());
            b.cpu.eventRegister = false;
            to(b, tick * 16);
            assertTrue(b.cpu.eventRegister);
        }
    }

    @Test
    void without_evnten_nothing_is_armed() {
        try (Bare b = at(1)) {
            b.cpu.sysregs.timers.armEventStream();
            assertEquals(VirtualClock.NEVER, b.machine.clock().earliest());
        }
    }
}
