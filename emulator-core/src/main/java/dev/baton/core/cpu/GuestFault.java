package dev.baton.core.cpu;

/** A model access through the CPU would fault: the model's equivalent of an oops. Carries no stack trace from guest paths. */
public final class GuestFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long address;

    public GuestFault(String message, long address) {
        super(message, null, false, false);
        this.address = address;
    }

    /** Virtual address of the access. */
    public long address() {
        return address;
    }
}
