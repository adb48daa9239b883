package dev.baton.core.io;

/** One wire: a device or timer drives it, an interrupt controller or CPU watches it. Level-sensitive by nature. */
@FunctionalInterface
public interface InterruptLine {
    /** A line that leads nowhere. */
    InterruptLine UNCONNECTED = asserted -> { };

    void set(boolean asserted);
}
