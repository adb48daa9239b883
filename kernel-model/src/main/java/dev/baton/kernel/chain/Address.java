package dev.baton.kernel.chain;

/** A 64-bit value, decimal or {@code 0x} hexadecimal. */
public record Address(long value) {
    /** @throws IllegalArgumentException with one sentence */
    public static Address parse(String text) {
        String t = text.replace("_", "");
        try {
            return new Address(t.startsWith("0x") || t.startsWith("0X") ? Long.parseUnsignedLong(t.substring(2), 16) : Long.parseLong(t));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "': expected a number, decimal or 0x hexadecimal");
        }
    }

    @Override
    public String toString() {
        return "0x" + Long.toHexString(value);
    }
}
