package dev.baton.core.finding;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a check reports.
 *
 * @param rule     stable id, e.g. {@code poc-load-of-dirty-line}
 * @param severity how bad
 * @param what     one sentence: what happened
 * @param cpu      index of the CPU, -1 if none
 * @param pc       PC of the instruction, 0 if none
 * @param time     instructions since power-on (virtual nanoseconds)
 * @param details  named facts in order of print: {@code va}, {@code pa}, {@code cached}, {@code poc}, {@code writer}, {@code missing} …
 * @param source   the rule's source: manual section, booting.rst clause, commit
 */
public record Finding(String rule, Severity severity, String what, int cpu, long pc, long time, Map<String, String> details,
        String source) {
    /** ERROR: would break on hardware. WARNING: legal but fragile. */
    public enum Severity { ERROR, WARNING }

    public Finding {
        details = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(details));
    }

    /** A copy with one more fact. */
    public Finding with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(details);
        more.put(name, value);
        return new Finding(rule, severity, what, cpu, pc, time, more, source);
    }
}
