package dev.baton.arm64;

/**
 * Unwinds from the middle of an instruction to the run loop, which takes the exception described by
 * {@link Arm64Cpu#pending}. One preallocated instance, without stack trace; thrown only from slow paths.
 */
public final class GuestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    static final GuestException INSTANCE = new GuestException();

    private GuestException() {
        super(null, null, false, false);
    }
}
