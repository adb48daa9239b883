package dev.baton.core.machine;

/** Why {@link Machine#run} came back. */
public enum StopReason {
    /** The instruction limit was reached. */
    LIMIT,
    /** Somebody called {@link Machine#stop}. */
    REQUESTED,
    /** The guest powered the machine off. */
    POWER_OFF,
    /** The guest asked for a reset. */
    RESET,
    /** Every CPU waits or is off and no deadline is set. */
    DEADLOCK,
    /** The only CPU that is on takes the exception that the first instruction of its vector raises, for ever. */
    EXCEPTION_LOOP
}
