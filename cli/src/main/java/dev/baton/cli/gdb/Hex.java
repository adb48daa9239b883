package dev.baton.cli.gdb;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Numbers and bytes as the protocol writes them. What is malformed is a {@link BadPacket}. */
final class Hex {
    private static final HexFormat FORMAT = HexFormat.of();

    private Hex() { }

    static String of(byte... bytes) {
        return FORMAT.formatHex(bytes);
    }

    static String ofText(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] bytes(String hex) {
        try {
            return FORMAT.parseHex(hex);
        } catch (IllegalArgumentException e) {
            throw new BadPacket();
        }
    }

    /** An unsigned number of 1 to 16 digits. */
    static long number(String hex) {
        if (hex.isEmpty() || hex.length() > 16) {
            throw new BadPacket();
        }
        try {
            return Long.parseUnsignedLong(hex, 16);
        } catch (NumberFormatException e) {
            throw new BadPacket();
        }
    }

    /** A number from 0 to {@code most}. */
    static int number(String hex, int most) {
        long n = number(hex);
        if (n < 0 || n > most) {
            throw new BadPacket();
        }
        return (int) n;
    }
}
