package dev.baton.cli.qemu;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The value of an option as QEMU writes it: {@code key=value,key=value}; two commas are one of the value; the first key may be
 * implied, and a key alone means {@code on}. Every key has to be taken by somebody, so that none is passed over in silence.
 */
final class KeyValues {
    private final String option;
    private final String text;
    private final Map<String, String> values = new LinkedHashMap<>();

    /** @param implied key of a first part without {@code =}; null if there is none */
    KeyValues(String option, String text, String implied) {
        this.option = option;
        this.text = text;
        String key = implied;
        StringBuilder part = new StringBuilder();
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == ',' && !text.startsWith(",,", i)) {
                add(part.toString(), key);
                key = null;
                part.setLength(0);
            } else {
                part.append(text.charAt(i));
                i += text.charAt(i) == ',' ? 1 : 0;
            }
        }
    }

    /** Values that were read before, to be taken now. */
    static KeyValues again(String option, Map<String, String> values) {
        KeyValues v = new KeyValues(option, "", "");
        v.values.clear();
        v.values.putAll(values);
        return v;
    }

    private void add(String part, String implied) {
        int equals = part.indexOf('=');
        if (equals >= 0) {
            values.put(part.substring(0, equals), part.substring(equals + 1));
        } else if (implied != null) {
            values.put(implied, part);
        } else {
            values.put(part, "on");
        }
    }

    /** The value of a key, which is then gone. */
    Optional<String> take(String key) {
        return Optional.ofNullable(values.remove(key));
    }

    String take(String key, String otherwise) {
        return take(key).orElse(otherwise);
    }

    /** @throws QemuOptionException if it is absent */
    String need(String key) {
        return take(key).orElseThrow(() -> refusal("expected " + key + "=..."));
    }

    /** @throws QemuOptionException if it is neither on nor off */
    boolean flag(String key, boolean otherwise) {
        String v = take(key, otherwise ? "on" : "off");
        return switch (v) {
            case "on", "yes", "true" -> true;
            case "off", "no", "false" -> false;
            default -> throw refusal(key + "=" + v + ": expected on or off");
        };
    }

    /** Takes the keys that change nothing here. */
    void ignore(String... keys) {
        for (String k : keys) {
            values.remove(k);
        }
    }

    /** Takes a key that may have this value only. */
    void only(String key, String value) {
        String found = take(key, value);
        if (!found.equals(value)) {
            throw refusal(key + "=" + found + " is not supported, only " + value);
        }
    }

    /** Takes all that are left. */
    Map<String, String> rest() {
        Map<String, String> rest = new LinkedHashMap<>(values);
        values.clear();
        return rest;
    }

    /** Refuses what nobody took. */
    void end() {
        values.forEach((key, value) -> {
            throw refusal(key + "=" + value + " is not supported");
        });
    }

    QemuOptionException refusal(String sentence) {
        return new QemuOptionException((option + " " + text).strip(), sentence);
    }
}
