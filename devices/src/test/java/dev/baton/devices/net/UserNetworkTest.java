package dev.baton.devices.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;

class UserNetworkTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final String GUEST_MAC = "525400123456";
    private static final String GATEWAY_MAC = "52550a000202";
    private static final String EVERYBODY = "ffffffffffff";
    private static final String GUEST = "0a00020f";
    private static final String GATEWAY = "0a000202";
    private static final int ETHERNET = 14;
    private static final int IP = 20;

    private final UserNetwork network = new UserNetwork();

    private static byte[] bytes(String... hex) {
        return HEX.parseHex(String.join("", hex).replace(" ", ""));
    }

    /** RFC 1071, in another way than the network's: over words, folded at the end. */
    private static int sum(byte[] b, int from, int to, long initial) {
        long sum = initial;
        for (int i = from; i < to; i += 2) {
            sum += (b[i] & 0xff) << 8 | (i + 1 < to ? b[i + 1] & 0xff : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }

    /** A frame to the gateway's address, the IP header's checksum in place. */
    private static byte[] ip(String protocol, String destination, String... data) {
        byte[] payload = bytes(data);
        byte[] f = bytes(GATEWAY_MAC, GUEST_MAC, "0800 4500", "%04x".formatted(IP + payload.length), "1234 4000 40", protocol, "0000",
                GUEST, destination, HEX.formatHex(payload));
        ByteBuffer.wrap(f).putShort(ETHERNET + 10, (short) ~sum(f, ETHERNET, ETHERNET + IP, 0));
        return f;
    }

    /** The answer's header is right, goes from and to these, and this is what it carries. */
    private static byte[] carried(byte[] answer, String protocol, String source, String destination) {
        assertEquals(GUEST_MAC + GATEWAY_MAC + "08004500", HEX.formatHex(answer, 0, 16));
        assertEquals(answer.length - ETHERNET, ByteBuffer.wrap(answer).getShort(16));
        assertEquals(0xffff, sum(answer, ETHERNET, ETHERNET + IP, 0), "header checksum");
        assertEquals(protocol, HEX.formatHex(answer, 23, 24));
        assertEquals(source + destination, HEX.formatHex(answer, 26, 34));
        return java.util.Arrays.copyOfRange(answer, ETHERNET + IP, answer.length);
    }

    private static long pseudo(byte[] answer, int protocol, int length) {
        return sum(answer, 26, 34, 0) + protocol + length;
    }

    @Test
    void gateway_and_name_server_tell_where_they_are_and_nobody_else_is_there() {
        String question = EVERYBODY + GUEST_MAC + "0806 0001 0800 0604 0001" + GUEST_MAC + GUEST + "000000000000";
        assertEquals(GUEST_MAC + GATEWAY_MAC + "0806000108000604" + "0002" + GATEWAY_MAC + GATEWAY + GUEST_MAC + GUEST,
                HEX.formatHex(network.answer(bytes(question, GATEWAY))));
        assertEquals("52550a000203", HEX.formatHex(network.answer(bytes(question, "0a000203")), 6, 12));
        assertNull(network.answer(bytes(question, GUEST)), "a guest asks whether its address is free");
        assertNull(network.answer(bytes(question.replace("0604 0001", "0604 0002"), GATEWAY)), "an answer");
    }

    @Test
    void an_echo_request_comes_back_with_its_data() {
        byte[] data = carried(network.answer(ip("01", GATEWAY, "0800 0000 0007 0001 61626364 65")), "01", GATEWAY, GUEST);
        assertEquals(0xffff, sum(data, 0, data.length, 0), "checksum");
        assertEquals("0000", HEX.formatHex(data, 0, 2));
        assertEquals("000700016162636465", HEX.formatHex(data, 4, data.length));
    }

    @Test
    void hosts_beyond_the_gateway_are_unreachable() {
        byte[] echo = ip("01", "08080808", "0800 0000 0007 0001 6162636465666768");
        byte[] data = carried(network.answer(echo), "01", GATEWAY, GUEST);
        assertEquals(0xffff, sum(data, 0, data.length, 0), "checksum");
        assertEquals("0301", HEX.formatHex(data, 0, 2));
        assertEquals(HEX.formatHex(echo, ETHERNET, ETHERNET + IP + 8), HEX.formatHex(data, 8, data.length));
    }

    @Test
    void no_name_is_known_and_no_port_is_open() {
        byte[] data = carried(network.answer(ip("11", "0a000203", "8000 0035 000c 0000 00000000")), "01", GATEWAY, GUEST);
        assertEquals("0303", HEX.formatHex(data, 0, 2));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a connection,    02, 00000000, '', 00000000, 11223345, 14",
        "data with ACK,   18, 55667788, 616263, 55667788, 00000000, 04",
        "a forgotten FIN, 01, 00000000, '', 00000000, 11223345, 14",
    })
    void a_connection_is_refused_at_once(String what, String flags, String acknowledged, String data, String sequence, String acknowledges,
            String answered) {
        byte[] answer = network.answer(ip("06", "08080808", "8000 0050 11223344", acknowledged, "50", flags, "2000 0000 0000", data));
        byte[] tcp = carried(answer, "06", "08080808", GUEST);
        assertEquals("00508000" + sequence + acknowledges + "50" + answered, HEX.formatHex(tcp, 0, 14));
        assertEquals(0xffff, sum(tcp, 0, tcp.length, pseudo(answer, 6, tcp.length)), "checksum");
    }

    @Test
    void a_reset_is_not_answered_nor_is_what_goes_to_many() {
        assertNull(network.answer(ip("06", GATEWAY, "8000 0050 00000000 00000000 5004 2000 0000 0000")));
        assertNull(network.answer(ip("11", "ffffffff", "8000 0035 0008 0000")));
        assertNull(network.answer(ip("11", "0a0002ff", "8000 0035 0008 0000")));
        assertNull(network.answer(ip("11", "e0000016", "8000 0035 0008 0000")));
        assertNull(network.answer(ip("01", GATEWAY, "0303 0000 0000 0000")), "an error is not answered by an error");
    }

    @Test
    void damaged_datagrams_and_fragments_are_dropped() {
        byte[] good = ip("01", GATEWAY, "0800 0000 0007 0001");
        byte[] summed = good.clone();
        summed[ETHERNET + 10]++;
        assertNull(network.answer(summed));
        byte[] fragment = good.clone();
        fragment[ETHERNET + 6] = 0x20;
        fragment[ETHERNET + 10] += 0x20;
        assertNull(network.answer(fragment));
        assertNull(network.answer(java.util.Arrays.copyOf(good, good.length - 1)));
        assertNull(network.answer(java.util.Arrays.copyOf(good, 13)));
    }

    // DHCP ----------------------------------------------------------------------------------------------------------------

    private static byte[] dhcp(String type, String more) {
        String bootp = "01010600 cafe0001 0000 0000" + "00000000".repeat(4) + GUEST_MAC + "00".repeat(10) + "00".repeat(192) + "63825363"
                + "3501" + type + more + "ff";
        int length = 8 + bytes(bootp).length;
        return ip("11", "ffffffff", "0044 0043", "%04x".formatted(length), "0000", bootp);
    }

    @ParameterizedTest(name = "{0} is answered by {2}")
    @CsvSource({"01, '', 02, 0a00020f", "03, 32040a00020f, 05, 0a00020f", "03, 3204c0a80001, 06, 00000000", "08, '', 05, 00000000"})
    void a_guest_is_lent_an_address(String type, String more, String answered, String address) {
        byte[] answer = network.answer(dhcp(type, more));
        byte[] udp = carried(answer, "11", GATEWAY, "ffffffff");
        assertEquals(0xffff, sum(udp, 0, udp.length, pseudo(answer, 17, udp.length)), "checksum");
        assertEquals("00430044", HEX.formatHex(udp, 0, 4));
        assertEquals("02010600cafe0001", HEX.formatHex(udp, 8, 16), "the transaction");
        assertEquals(address, HEX.formatHex(udp, 24, 28), "yiaddr");
        assertEquals(GUEST_MAC, HEX.formatHex(udp, 36, 42), "chaddr");
        boolean refused = answered.equals("06");
        String options = "63825363" + "3501" + answered + "3604" + GATEWAY
                + (refused ? "" : "0104ffffff00" + "0304" + GATEWAY + "06040a000203")
                + (address.equals("00000000") ? "" : "330400015180") + "ff";
        assertEquals(options, HEX.formatHex(udp, 244, 244 + options.length() / 2));
    }

    @Test
    void what_is_no_request_gets_no_lease() {
        assertNull(network.answer(dhcp("07", "")), "RELEASE");
        byte[] truncated = ip("11", "ffffffff", "0044 0043 0010 0000 0101060000000000");
        assertNull(network.answer(truncated));
        byte[] option = dhcp("01", "");
        option[ETHERNET + IP + 8 + 241] = (byte) 200;
        assertNull(network.answer(option), "an option that is longer than the message");
    }

    /** What could fail is an exception, or an answer that another machine would not give. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void no_frame_breaks_it_and_the_same_frame_gets_the_same_answer(long seed) {
        Random random = new Random(seed);
        byte[][] seeds = {dhcp("01", "32040a00020f"), ip("01", GATEWAY, "0800 0000 0007 0001"),
            ip("06", GATEWAY, "8000 0050 00000000 00000000 5002 2000 0000 0000"), ip("11", GATEWAY, "8000 0035 0008 0000"),
            bytes(EVERYBODY, GUEST_MAC, "0806 0001 0800 0604 0001", GUEST_MAC, GUEST, "000000000000", GATEWAY)};
        int answers = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] f = seeds[random.nextInt(seeds.length)].clone();
            for (int n = random.nextInt(4); n > 0; n--) {
                f[random.nextInt(f.length)] = (byte) random.nextInt();
            }
            f = java.util.Arrays.copyOf(f, random.nextInt(8) == 0 ? random.nextInt(f.length + 40) : f.length);
            if (f.length > ETHERNET + IP) {
                ByteBuffer.wrap(f).putShort(ETHERNET + 10, (short) 0);
                ByteBuffer.wrap(f).putShort(ETHERNET + 10, (short) ~sum(f, ETHERNET, ETHERNET + IP, 0));
            }
            byte[] answer = network.answer(f);
            assertArrayEquals(answer, new UserNetwork().answer(f));
            answers += answer == null ? 0 : 1;
        }
        assertEquals(true, answers > 10_000, () -> "most frames should have come through");
    }
}
