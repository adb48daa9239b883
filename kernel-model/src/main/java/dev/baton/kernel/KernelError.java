package dev.baton.kernel;

/** A kernel function's negative return value on its way to the system call; carries no stack trace. */
public final class KernelError extends RuntimeException {
    private final Errno errno;

    public KernelError(Errno errno) {
        super(errno.name(), null, false, false);
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }
}
