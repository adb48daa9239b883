package dev.baton.core.finding;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Where checks report. The first finding of a rule at a place is kept; repetitions of the same key are counted, not stored. */
public final class Findings {
    private static final int LIMIT = 1000;

    private final List<Finding> all = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private final List<Consumer<Finding>> listeners = new ArrayList<>();
    private long repeated;

    /** Reports unless {@code key} (rule, line, PC, …) was reported before. */
    public void report(String key, Finding finding) {
        if (all.size() >= LIMIT || !seen.add(key)) {
            repeated++;
            return;
        }
        all.add(finding);
        listeners.forEach(l -> l.accept(finding));
    }

    public boolean reported(String key) {
        return seen.contains(key);
    }

    public void onFinding(Consumer<Finding> listener) {
        listeners.add(listener);
    }

    public List<Finding> all() {
        return List.copyOf(all);
    }

    /** Reports suppressed because their key was known or the list was full. */
    public long repeated() {
        return repeated;
    }
}
