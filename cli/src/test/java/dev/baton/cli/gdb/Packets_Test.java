package dev.baton.cli.gdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

class Packets_Test {
    private final List<String> heard = new ArrayList<>();
    private final Packets packets = new Packets(new Packets.Receiver() {
        @Override
        public void packet(String data) {
            heard.add(data);
        }

        @Override
        public void interrupt() {
            heard.add("interrupt");
        }

        @Override
        public void again() {
            heard.add("again");
        }

        @Override
        public void acknowledge(char c) {
            heard.add(String.valueOf(c));
        }
    });

    private void receive(String text) {
        packets.received(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void come_one_after_the_other_and_in_pieces() {
        receive("+$g#6");
        receive("7$?#3f");
        receive("\003-");
        assertEquals(List.of("+", "g", "+", "?", "interrupt", "again"), heard);
    }

    @Test
    void with_a_wrong_checksum_are_asked_for_again() {
        receive("$g#68$g#zz$g#67");
        assertEquals(List.of("-", "-", "+", "g"), heard);
    }

    @Test
    void begin_anew_at_a_dollar() {
        receive("$half$g#67");
        assertEquals(List.of("+", "g"), heard);
    }

    @Test
    void that_are_too_long_are_thrown_away() {
        receive("$" + "a".repeat(Packets.LONGEST + 1) + "#00$g#67");
        assertEquals(List.of("-", "+", "g"), heard);
    }

    @Test
    void hold_any_byte_both_ways() {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 256; c++) {
            all.append(c);
        }
        byte[] framed = Packets.framed(all.toString());
        packets.received(framed);
        assertEquals(List.of("+", all.toString()), heard);
        assertArrayEquals("$OK#9a".getBytes(StandardCharsets.US_ASCII), Packets.framed("OK"));
    }
}
