package dev.baton.core.io;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

/** A device that remembers nothing, or whose state others hold and save. */
public interface StatelessDevice extends MmioDevice {
    @Override
    default void reset() { }

    @Override
    default void save(StateWriter out) { }

    @Override
    default void load(StateReader in) { }
}
