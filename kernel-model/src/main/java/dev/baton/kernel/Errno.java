package dev.baton.kernel;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Error numbers as arm64 Linux has them (include/uapi/asm-generic/errno-base.h and errno.h). */
public enum Errno {
    EPERM(1), ENOENT(2), EIO(5), E2BIG(7), ENOEXEC(8), EBADF(9), EAGAIN(11), ENOMEM(12), EFAULT(14), EBUSY(16), EEXIST(17), ENODEV(19),
    EINVAL(22), EFBIG(27), EOVERFLOW(75), ELIBBAD(80), EOPNOTSUPP(95), EADDRNOTAVAIL(99), EKEYREJECTED(129);

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    /** Positive, as user space sees it. */
    public int number() {
        return number;
    }

    /** @throws IllegalArgumentException with the list */
    public static Errno parse(String text) {
        return Arrays.stream(values()).filter(e -> e.name().equals(text)).findFirst().orElseThrow(() -> new IllegalArgumentException(
                "errno '" + text + "': expected one of " + Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "))));
    }
}
