package dev.baton.kernel.chain;

import dev.baton.core.machine.Bytes;

import java.util.HexFormat;

/** Bytes written in hexadecimal, blanks allowed. */
public record HexBytes(Bytes value) {
    /** @throws IllegalArgumentException with one sentence */
    public static HexBytes parse(String text) {
        try {
            return new HexBytes(Bytes.wrap(HexFormat.of().parseHex(text.replaceAll("\\s", ""))));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "': expected pairs of hexadecimal digits");
        }
    }

    @Override
    public String toString() {
        return HexFormat.ofDelimiter(" ").formatHex(value.array());
    }
}
