package dev.baton.devices.uart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.time.VirtualClock;
import dev.baton.devices.Level;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

class Pl011Test {
    private static final int DR = 0x00;
    private static final int RSR = 0x04;
    private static final int FR = 0x18;
    private static final int IBRD = 0x24;
    private static final int FBRD = 0x28;
    private static final int LCR_H = 0x2c;
    private static final int CR = 0x30;
    private static final int IFLS = 0x34;
    private static final int IMSC = 0x38;
    private static final int RIS = 0x3c;
    private static final int MIS = 0x40;
    private static final int ICR = 0x44;

    private static final int FIFOS = 0x10;
    private static final int ON = 0x301;
    private static final int LOOPBACK = 0x80;
    private static final int RX = 0x10;
    private static final int TX = 0x20;
    private static final int RT = 0x40;

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final VirtualClock clock = new VirtualClock();
    private final Level irq = new Level();
    private final List<String> unmodelled = new ArrayList<>();
    private final Pl011 uart = new Pl011(irq, sent::write, clock, 24_000_000,
            (write, register, size, value) -> unmodelled.add((write ? "write " : "read ") + register));

    private long read(int offset) {
        return uart.read(offset, 4);
    }

    private void write(int offset, int value) {
        uart.write(offset, 4, value);
    }

    private void switchOn() {
        write(LCR_H, FIFOS | 0x60);
        write(CR, ON);
    }

    private void type(String text) {
        uart.input(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void passTo(long nanoseconds) {
        clock.base(nanoseconds);
        clock.fireDue();
    }

    @Test
    void bytes_written_to_UARTDR_come_out_in_order_whatever_the_access_size() {
        switchOn();
        uart.write(DR, 1, 'o');
        uart.write(DR, 2, 'n');
        uart.write(DR, 4, 'e');
        assertEquals("one", sent.toString(StandardCharsets.ISO_8859_1));
    }

    @Test
    void an_early_console_prints_before_anyone_enabled_the_port() {
        write(DR, '!');
        assertEquals("!", sent.toString(StandardCharsets.ISO_8859_1));
    }

    @Test
    void an_idle_port_reads_both_FIFOs_empty() {
        assertEquals(0x90, read(FR));
    }

    @Test
    void input_waits_until_the_receiver_is_on() {
        type("a");
        assertEquals(0x90, read(FR));
        switchOn();
        assertEquals(0x80, read(FR));
        assertEquals('a', read(DR));
    }

    @Test
    void input_beyond_sixteen_characters_waits_outside_and_none_is_lost() {
        switchOn();
        type("0123456789abcdefXYZ");
        assertEquals(0xc0, read(FR), "receive FIFO full");
        StringBuilder got = new StringBuilder();
        while ((read(FR) & 0x10) == 0) {
            got.append((char) read(DR));
        }
        assertEquals("0123456789abcdefXYZ", got.toString());
        assertEquals(0, uart.unread());
    }

    @Test
    void the_receive_interrupt_follows_the_trigger_level_of_UARTIFLS() {
        switchOn();
        write(IFLS, 0x00);
        write(IMSC, RX);
        type("a");
        assertFalse(irq.isHigh());
        type("b");
        assertTrue(irq.isHigh(), "two of sixteen are 1/8");
        read(DR);
        assertFalse(irq.isHigh());
    }

    @Test
    void without_FIFOs_one_character_raises_the_receive_interrupt() {
        write(CR, ON);
        write(IMSC, RX);
        type("ab");
        assertTrue(irq.isHigh());
        assertEquals(0xc0, read(FR), "holding register full");
        assertEquals('a', read(DR));
        assertEquals('b', read(DR));
        assertFalse(irq.isHigh());
    }

    @Test
    void a_character_that_is_not_read_raises_the_timeout_interrupt_after_32_bits() {
        write(IBRD, 13);
        write(FBRD, 1);
        switchOn();
        write(IMSC, RT);
        type("a");
        long bit = 1_000_000_000L * 16 * (13 * 64 + 1) / 64 / 24_000_000;
        passTo(32 * bit - 1);
        assertFalse(irq.isHigh());
        passTo(32 * bit);
        assertTrue(irq.isHigh());
        read(DR);
        assertFalse(irq.isHigh(), "an empty FIFO ends it");
    }

    @Test
    void the_transmit_interrupt_follows_a_write_and_UARTICR_clears_it() {
        switchOn();
        write(IMSC, TX);
        assertFalse(irq.isHigh(), "enabling alone raises nothing");
        write(DR, 'x');
        assertTrue(irq.isHigh());
        assertEquals(TX, read(MIS));
        write(ICR, TX);
        assertFalse(irq.isHigh());
        assertEquals(0, read(RIS));
    }

    @Test
    void the_mask_hides_an_interrupt_but_keeps_it() {
        switchOn();
        write(DR, 'x');
        assertEquals(TX, read(RIS));
        assertEquals(0, read(MIS));
        write(IMSC, TX);
        assertTrue(irq.isHigh());
    }

    @Test
    void in_loopback_what_is_sent_is_received_and_nothing_leaves() {
        switchOn();
        write(CR, ON | LOOPBACK);
        write(DR, 'L');
        assertEquals(0, sent.size());
        assertEquals('L', read(DR));
    }

    @Test
    void a_seventeenth_character_in_loopback_is_an_overrun_until_it_is_read_or_cleared() {
        switchOn();
        write(CR, ON | LOOPBACK);
        for (int i = 0; i < 17; i++) {
            write(DR, 'a' + i);
        }
        assertEquals(0x400, read(RIS) & 0x400);
        assertEquals(8, read(RSR));
        assertEquals(0x800 | 'a', read(DR));
        assertEquals('b', read(DR));
        write(RSR, 0);
        assertEquals(0, read(RSR));
    }

    @Test
    void a_break_in_loopback_arrives_as_a_zero_with_the_break_bit() {
        switchOn();
        write(CR, ON | LOOPBACK);
        write(LCR_H, FIFOS | 0x61);
        assertEquals(0x200, read(RIS) & 0x200);
        assertEquals(0x400, read(DR));
        assertEquals(4, read(RSR));
    }

    @Test
    void in_loopback_the_modem_outputs_come_back_as_inputs() {
        switchOn();
        write(CR, ON | LOOPBACK | 0x3c00);
        assertEquals(0x107, read(FR) & 0x107);
        assertEquals(0xf, read(RIS) & 0xf);
    }

    @Test
    void turning_the_FIFOs_off_empties_them() {
        switchOn();
        type("abc");
        write(LCR_H, 0x60);
        assertEquals(0x90, read(FR));
    }

    @Test
    void peek_of_UARTDR_takes_nothing() {
        switchOn();
        type("p");
        assertEquals('p', uart.peek(DR, 4));
        assertEquals('p', uart.peek(DR, 4));
        assertEquals(1, uart.unread());
    }

    @Test
    void the_identification_is_that_of_a_PL011_r1p3() {
        int[] expected = {0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], read(0xfe0 + 4 * i));
        }
    }

    @Test
    void reserved_bits_read_as_zero() {
        for (int register : new int[] {IBRD, FBRD, LCR_H, CR, IFLS, IMSC}) {
            write(register, -1);
        }
        assertEquals(0xffff, read(IBRD));
        assertEquals(0x3f, read(FBRD));
        assertEquals(0xff, read(LCR_H));
        assertEquals(0xff87, read(CR));
        assertEquals(0x3f, read(IFLS));
        assertEquals(0x7ff, read(IMSC));
    }

    @Test
    void a_register_that_no_PL011_has_is_reported_and_reads_zero() {
        assertEquals(0, read(0x80));
        write(0x90, 1);
        assertEquals(List.of("read +0x80", "write +0x90"), unmodelled);
    }
}
