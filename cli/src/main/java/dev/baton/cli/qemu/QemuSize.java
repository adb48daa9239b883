package dev.baton.cli.qemu;

import java.math.BigDecimal;
import java.util.Locale;

/** Sizes as QEMU reads them: a number, a fraction too unless it is hexadecimal, and a unit of powers of 1024. */
final class QemuSize {
    private static final String UNITS = "BKMGTPE";

    private QemuSize() { }

    /** Bytes; a number without a unit is in units of {@code unit}. @throws IllegalArgumentException if it is no size */
    static long parse(String text, char unit) {
        String t = text.toUpperCase(Locale.ROOT);
        boolean hex = t.startsWith("0X");
        // In a hexadecimal number B and E are digits.
        int suffix = t.isEmpty() ? -1 : (hex ? "?KMGTP" : UNITS).indexOf(t.charAt(t.length() - 1));
        String digits = suffix < 0 ? t : t.substring(0, t.length() - 1);
        long scale = 1L << 10 * (suffix < 0 ? UNITS.indexOf(unit) : suffix);
        if (!digits.matches(hex ? "0X[0-9A-F]{1,15}" : "[0-9]{1,18}(\\.[0-9]{1,9})?")) {
            throw new IllegalArgumentException("expected a size, such as 512M, 1.5G or 0x400M");
        }
        try {
            return hex ? Math.multiplyExact(Long.decode(digits), scale)
                    : new BigDecimal(digits).multiply(BigDecimal.valueOf(scale)).toBigInteger().longValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("expected a size below 8 EiB");
        }
    }
}
