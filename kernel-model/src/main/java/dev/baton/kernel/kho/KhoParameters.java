package dev.baton.kernel.kho;

import dev.baton.kernel.Era;
import dev.baton.kernel.mm.PageSize;

import java.util.function.Consumer;

/**
 * {@code kho=} and {@code kho_scratch=} of the command line.
 *
 * @param enabled wanted
 * @param scale   percent of what the kernel reserved for itself, unsigned; 0 when sizes are given
 * @param lowmem  bytes, when {@code scale} is 0
 * @param global  likewise
 * @param perNode likewise
 */
public record KhoParameters(boolean enabled, long scale, long lowmem, long global, long perNode) {
    private static final long DEFAULT_SCALE = 200;
    private static final int MAX_PERCENT_LENGTH = 11;

    /** Scratch of twice of what the kernel reserved for itself. */
    public static KhoParameters defaults(boolean enabled) {
        return new KhoParameters(enabled, DEFAULT_SCALE, 0, 0, 0);
    }

    /**
     * The early parameters of {@code bootargs}, in order; a malformed one changes nothing and is told on the log.
     *
     * @param enabledByDefault CONFIG_KEXEC_HANDOVER_ENABLE_DEFAULT
     */
    public static KhoParameters parse(String bootargs, boolean enabledByDefault, Era era, Consumer<String> printk) {
        KhoParameters p = defaults(enabledByDefault);
        for (String word : bootargs.trim().split("\\s+")) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            String value = equals < 0 ? "" : word.substring(equals + 1);
            KhoParameters next = switch (name) {
                case "kho" -> p.withKho(value);
                case "kho_scratch" -> p.withScratch(value, era, printk);
                default -> p;
            };
            if (next == null) {
                printk.accept("Malformed early option '%s'".formatted(name));
            } else {
                p = next;
            }
        }
        return p;
    }

    /** {@code kstrtobool}. @return null if malformed */
    private KhoParameters withKho(String value) {
        String v = value.toLowerCase(java.util.Locale.ROOT);
        if (v.startsWith("y") || v.startsWith("t") || v.startsWith("1") || v.startsWith("on")) {
            return new KhoParameters(true, scale, lowmem, global, perNode);
        }
        if (v.startsWith("n") || v.startsWith("f") || v.startsWith("0") || v.startsWith("of")) {
            return new KhoParameters(false, scale, lowmem, global, perNode);
        }
        return null;
    }

    /** {@code kho_parse_scratch_size}. @return null if malformed */
    private KhoParameters withScratch(String value, Era era, Consumer<String> printk) {
        if (value.endsWith("%")) {
            return withScale(value, printk);
        }
        boolean strict = era.kho() == Era.KhoAbi.KHO_V4;
        String[] parts = value.split(",", 3);
        if (parts.length != 3) {
            return null;
        }
        long[] sizes = new long[3];
        for (int i = 0; i < 3; i++) {
            int end = sizeEnd(parts[i]);
            // The last size of 6.16 may be followed by anything.
            boolean whole = end == parts[i].length() || i == 2 && !strict;
            if (end == 0 || !whole) {
                return null;
            }
            sizes[i] = memparse(parts[i].substring(0, end));
            if (!strict && sizes[i] == 0) {
                return null;
            }
        }
        if (sizes[0] + sizes[1] + sizes[2] == 0) {
            return null;
        }
        printk.accept("KHO: scratch areas: lowmem: %dMiB global: %dMiB pernode: %dMiB"
                .formatted(sizes[0] >>> 20, sizes[1] >>> 20, sizes[2] >>> 20));
        return new KhoParameters(enabled, 0, sizes[0], sizes[1], sizes[2]);
    }

    private KhoParameters withScale(String value, Consumer<String> printk) {
        String digits = value.substring(0, value.length() - 1);
        if (value.length() > MAX_PERCENT_LENGTH || !digits.matches("\\+?[0-9]+") || Long.parseLong(digits) >>> 32 != 0) {
            return null;
        }
        printk.accept("KHO: scratch scale is %s%%".formatted(Long.parseLong(digits)));
        return new KhoParameters(enabled, Long.parseLong(digits), lowmem, global, perNode);
    }

    /** How far {@code memparse} reads: a C number, then one of K, M, G, T. 0 if there is no number. */
    private static int sizeEnd(String s) {
        int i = 0;
        boolean hex = s.regionMatches(true, 0, "0x", 0, 2) && s.length() > 2;
        int radix = hex ? 16 : 10;
        i = hex ? 2 : 0;
        int from = i;
        while (i < s.length() && i - from < 16 && Character.digit(s.charAt(i), radix) >= 0) {
            i++;
        }
        if (i == from) {
            return 0;
        }
        return i < s.length() && "kKmMgGtT".indexOf(s.charAt(i)) >= 0 ? i + 1 : i;
    }

    private static long memparse(String s) {
        char last = Character.toUpperCase(s.charAt(s.length() - 1));
        boolean hex = s.regionMatches(true, 0, "0x", 0, 2);
        int shift = switch (last) {
            case 'K' -> 10;
            case 'M' -> 20;
            case 'G' -> 30;
            case 'T' -> 40;
            default -> 0;
        };
        String digits = s.substring(hex ? 2 : 0, s.length() - (shift > 0 ? 1 : 0));
        return Long.parseUnsignedLong(digits, hex ? 16 : 10) << shift;
    }

    /** Alignment of areas, and what scaled sizes are rounded up to: 2 MiB in 6.16, 4 MiB in 7.2. */
    static long alignment(Era era) {
        int order = era.kho() == Era.KhoAbi.KHO_V4 ? PageSize.MAX_PAGE_ORDER : PageSize.PAGEBLOCK_ORDER;
        return (long) PageSize.PAGE_SIZE << order;
    }
}
