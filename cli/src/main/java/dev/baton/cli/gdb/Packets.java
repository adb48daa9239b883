package dev.baton.cli.gdb;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The framing of GDB's remote serial protocol (GDB manual, appendix "GDB Remote Serial Protocol", Overview): {@code $data#checksum},
 * acknowledged by {@code +} or asked for again by {@code -}, and the byte 0x03 between packets for Ctrl-C.
 */
final class Packets {
    /** Longest data of a packet, escapes included; what is longer is not ours and is thrown away. */
    static final int LONGEST = 0x10000;
    private static final int INTERRUPT = 3;
    private static final int ESCAPE = 0x7d;
    private static final int ESCAPED = 0x20;

    /** Who hears what came. */
    interface Receiver {
        /** A packet with the right checksum, escapes resolved; one byte a char. */
        void packet(String data);

        void interrupt();

        /** The other side did not understand the last packet. */
        void again();

        /** To be sent as it is: an acknowledgement. */
        void acknowledge(char c);
    }

    private enum State { BETWEEN, DATA, CHECKSUM_HIGH, CHECKSUM_LOW }

    private final Receiver receiver;
    private final StringBuilder data = new StringBuilder();
    private State state = State.BETWEEN;
    private int sum;
    private int claimed;
    private boolean tooLong;

    Packets(Receiver receiver) {
        this.receiver = receiver;
    }

    void received(byte... bytes) {
        for (byte b : bytes) {
            received(b & 0xff);
        }
    }

    private void received(int c) {
        switch (state) {
            case BETWEEN -> between(c);
            case DATA -> data(c);
            case CHECKSUM_HIGH -> {
                claimed = Character.digit(c, 16) << 4;
                state = State.CHECKSUM_LOW;
            }
            case CHECKSUM_LOW -> {
                claimed |= Character.digit(c, 16);
                state = State.BETWEEN;
                complete();
            }
        }
    }

    private void between(int c) {
        switch (c) {
            case '$' -> begin();
            case INTERRUPT -> receiver.interrupt();
            case '-' -> receiver.again();
            default -> { }
        }
    }

    private void begin() {
        data.setLength(0);
        sum = 0;
        tooLong = false;
        state = State.DATA;
    }

    private void data(int c) {
        if (c == '$') {
            begin();
        } else if (c == '#') {
            state = State.CHECKSUM_HIGH;
        } else {
            sum += c;
            tooLong |= data.length() >= LONGEST;
            if (!tooLong) {
                data.append((char) c);
            }
        }
    }

    private void complete() {
        if (tooLong || claimed != (sum & 0xff)) {
            receiver.acknowledge('-');
            return;
        }
        receiver.acknowledge('+');
        receiver.packet(unescaped());
    }

    private String unescaped() {
        if (data.indexOf("}") < 0) {
            return data.toString();
        }
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < data.length(); i++) {
            char c = data.charAt(i);
            if (c == ESCAPE && i + 1 < data.length()) {
                c = (char) (data.charAt(++i) ^ ESCAPED);
            }
            plain.append(c);
        }
        return plain.toString();
    }

    /** A packet to send: {@code data} of one byte a char. */
    static byte[] framed(String data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(data.length() + 4);
        out.write('$');
        int sum = 0;
        for (int i = 0; i < data.length(); i++) {
            int c = data.charAt(i);
            if (c == '$' || c == '#' || c == ESCAPE || c == '*') {
                out.write(ESCAPE);
                sum += ESCAPE;
                c ^= ESCAPED;
            }
            out.write(c);
            sum += c;
        }
        out.writeBytes("#%02x".formatted(sum & 0xff).getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }
}
