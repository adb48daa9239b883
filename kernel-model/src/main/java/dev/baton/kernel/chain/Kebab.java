package dev.baton.kernel.chain;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Java names as documents spell them: lower case with hyphens. */
public final class Kebab {
    private Kebab() { }

    /** {@code enableMethod} to {@code enable-method}. */
    static String key(String camel) {
        return camel.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /** {@code SPIN_TABLE} to {@code spin-table}; an enum with a spelling of its own keeps that. */
    public static String text(Enum<?> constant) {
        String own = constant.toString();
        return own.equals(constant.name()) ? own.toLowerCase(Locale.ROOT).replace('_', '-') : own;
    }

    /** @throws IllegalArgumentException with the list of constants */
    static <E extends Enum<E>> E parse(Class<E> type, String text) {
        for (E e : type.getEnumConstants()) {
            if (text(e).equals(text)) {
                return e;
            }
        }
        throw new IllegalArgumentException("'" + text + "': expected one of "
                + Arrays.stream(type.getEnumConstants()).map(Kebab::text).collect(Collectors.joining(", ")));
    }
}
