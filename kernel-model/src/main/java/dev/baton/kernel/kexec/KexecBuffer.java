package dev.baton.kernel.kexec;

import dev.baton.core.machine.Bytes;

/**
 * {@code struct kexec_buf}: what to place and where it may go.
 *
 * @param mem     destination, or {@link KexecConstants#KEXEC_BUF_MEM_UNKNOWN}
 * @param memsz   bytes of destination, rounded up to pages when placed
 * @param align   of the destination, at least a page
 * @param min     lowest address
 * @param max     highest last byte, unsigned
 * @param topDown highest place first
 */
record KexecBuffer(String label, Bytes buffer, long mem, long memsz, long align, long min, long max, boolean topDown) {
    static final long NO_LIMIT = -1L;

    KexecBuffer above(long address) {
        return new KexecBuffer(label, buffer, KexecConstants.KEXEC_BUF_MEM_UNKNOWN, memsz, align, address, max, topDown);
    }
}
