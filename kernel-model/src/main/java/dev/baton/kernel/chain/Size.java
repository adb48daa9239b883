package dev.baton.kernel.chain;

import java.util.Locale;

/** A size in bytes: {@code 4096}, {@code 0x1000}, {@code 512M}, {@code 512MiB}, {@code 1G}; units are powers of 1024 as in QEMU. */
public record Size(long bytes) {
    private static final String UNITS = "KMGT";

    /** @throws IllegalArgumentException with one sentence */
    public static Size parse(String text) {
        String t = text.toUpperCase(Locale.ROOT).replaceFirst("(?<=[KMGT])(IB|B)$", "");
        int unit = t.isEmpty() ? -1 : UNITS.indexOf(t.charAt(t.length() - 1));
        String digits = unit < 0 ? t : t.substring(0, t.length() - 1);
        try {
            long n = Long.decode(digits);
            long scale = unit < 0 ? 1 : 1L << 10 * (unit + 1);
            if (n < 0) {
                throw new NumberFormatException();
            }
            return new Size(Math.multiplyExact(n, scale));
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException("size '" + text + "': expected a number of bytes, such as 512M, 1G or 0x1000");
        }
    }

    @Override
    public String toString() {
        for (int unit = UNITS.length(); unit > 0; unit--) {
            long scale = 1L << 10 * unit;
            if (bytes >= scale && bytes % scale == 0) {
                return bytes / scale + " " + UNITS.charAt(unit - 1) + "iB";
            }
        }
        return bytes + " bytes";
    }
}
