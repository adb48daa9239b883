package dev.baton.core.machine;

/** Something whose state belongs in a snapshot. {@code load} after {@code save} restores it bit for bit. */
public interface Stateful {
    void save(StateWriter out);

    void load(StateReader in);
}
