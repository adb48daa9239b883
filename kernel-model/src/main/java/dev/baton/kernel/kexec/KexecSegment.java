package dev.baton.kernel.kexec;

import dev.baton.core.machine.Bytes;
import dev.baton.kernel.mm.PhysRange;

/**
 * {@code struct kexec_segment}.
 *
 * @param label for people: {@code kernel}, {@code initrd}, {@code dtb}, …
 * @param buf   the caller's buffer; null is a pointer that faults
 * @param bufsz bytes to take from it; the rest up to {@code memsz} is zero
 * @param mem   destination, physical
 * @param memsz bytes of destination
 */
public record KexecSegment(String label, Bytes buf, long bufsz, long mem, long memsz) {
    public static KexecSegment of(String label, Bytes buf, long mem, long memsz) {
        return new KexecSegment(label, buf, buf.length(), mem, memsz);
    }

    public PhysRange range() {
        return PhysRange.of(mem, memsz);
    }

    KexecSegment shifted(long offset) {
        return new KexecSegment(label, buf, bufsz, mem + offset, memsz - offset);
    }
}
