package dev.baton.kernel.chain;

import java.util.Locale;

/** A number of instructions: {@code 250000}, {@code 500M}, {@code 2G}; units are powers of 1000. */
public record Count(long value) {
    private static final String UNITS = "KMGT";

    /** @throws IllegalArgumentException with one sentence */
    public static Count parse(String text) {
        String t = text.toUpperCase(Locale.ROOT).replace("_", "");
        int unit = t.isEmpty() ? -1 : UNITS.indexOf(t.charAt(t.length() - 1));
        try {
            long n = Long.parseLong(unit < 0 ? t : t.substring(0, t.length() - 1));
            if (n <= 0) {
                throw new NumberFormatException();
            }
            for (int i = 0; i <= unit; i++) {
                n = Math.multiplyExact(n, 1000L);
            }
            return new Count(n);
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException("limit '" + text + "': expected a number of instructions, such as 500M or 2G");
        }
    }
}
