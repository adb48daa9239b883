package dev.baton.core.machine;

/**
 * The world around a running machine: keys, debuggers, people who ask how it gets on. Called on the machine's thread, at slice
 * boundaries only, so that a run is a function of its inputs and of the boundaries at which they came.
 */
public interface Outside {
    /** Nobody is there. */
    Outside NONE = new Outside() { };

    /** Between two slices. May change anything about the machine, and may {@link Machine#stop} it. Must be quick. */
    default void betweenSlices() { }

    /**
     * Every CPU waits. May block for as long as a person would.
     *
     * @param nanos virtual time until the next deadline, {@link Long#MAX_VALUE} if there is none
     * @return true if something was done that may have woken a CPU or stopped the machine; else time passes, or the run ends
     */
    default boolean idle(long nanos) {
        return false;
    }

    /** Somebody wants to look at a guest that will get no further, so it goes on in its circle. */
    default boolean looksOn() {
        return false;
    }
}
