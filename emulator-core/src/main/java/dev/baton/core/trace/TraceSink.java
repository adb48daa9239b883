package dev.baton.core.trace;

/**
 * Architectural events in execution order. Every tier reports the same events at the same instruction counts; only the
 * observed stepper also reports {@link #instruction}. All methods default to nothing.
 */
public interface TraceSink {
    TraceSink NONE = new TraceSink() { };

    /** Observed stepper only: about to execute {@code word} at {@code pc}. */
    default void instruction(int cpu, long time, long pc, int word) { }

    /** An exception is taken: {@code syndrome} as the architecture encodes it, {@code target} the vector address. */
    default void exception(int cpu, long time, long pc, long syndrome, long target) { }

    /** A device register access at a physical address. */
    default void mmio(int cpu, long time, boolean write, long pa, int size, long value) { }

    /** A system-register write, by its architectural name. */
    default void systemRegister(int cpu, long time, String name, long value) { }

    /** A call from guest code into the model or firmware. */
    default void call(int cpu, long time, String name, long argument) { }

    /** End of a scheduler slice: the digest of the CPU's whole register state. */
    default void slice(int cpu, long time, long stateHash) { }
}
