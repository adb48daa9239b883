package dev.baton.kernel;

import java.util.List;

/**
 * What a system call returned.
 *
 * @param errno null for success
 * @param log   the lines it wrote to the kernel log
 */
public record SyscallResult(Errno errno, List<String> log) {
    public SyscallResult {
        log = List.copyOf(log);
    }

    public boolean ok() {
        return errno == null;
    }

    /** 0 or the positive error number. */
    public int number() {
        return errno == null ? 0 : errno.number();
    }

    @Override
    public String toString() {
        return errno == null ? "0" : "-" + errno.name();
    }
}
