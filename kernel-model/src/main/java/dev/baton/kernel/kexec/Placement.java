package dev.baton.kernel.kexec;

import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;
import static dev.baton.kernel.mm.PageSize.alignDown;
import static dev.baton.kernel.mm.PageSize.alignUp;

import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.kho.Kho;
import dev.baton.kernel.kho.ScratchArea;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PhysRange;

import java.util.List;

/**
 * {@code kexec_add_buffer} and the search for a hole (kernel/kexec_file.c, 7.2). With KHO on, scratch areas in the order of the
 * array and nothing else; otherwise what memblock says is free, from the wanted end. Only earlier segments are in the way:
 * with KHO a destination may cover the running kernel. There is no CMA area.
 */
final class Placement {
    private final Memblock memblock;
    private final Kho kho;

    Placement(Memblock memblock, Kho kho) {
        this.memblock = memblock;
        this.kho = kho;
    }

    /** Places a segment behind those of {@code image}. @throws KernelError EINVAL, EADDRNOTAVAIL */
    KexecSegment add(Kimage image, KexecBuffer wanted) {
        if (!image.fileMode() || image.segmentCount() >= KexecConstants.KEXEC_SEGMENT_MAX || image.hasControlPages()) {
            throw new KernelError(Errno.EINVAL);
        }
        long memsz = alignUp(wanted.memsz(), PAGE_SIZE);
        KexecBuffer b = new KexecBuffer(wanted.label(), wanted.buffer(), wanted.mem(), memsz, Math.max(wanted.align(), PAGE_SIZE),
                wanted.min(), wanted.max(), wanted.topDown());
        long mem = b.mem() != KexecConstants.KEXEC_BUF_MEM_UNKNOWN ? b.mem() : locate(image, b);
        KexecSegment segment = KexecSegment.of(b.label(), b.buffer(), mem, memsz);
        image.addSegment(segment);
        return segment;
    }

    private long locate(Kimage image, KexecBuffer b) {
        if (kho.enabled()) {
            return locateInScratch(image, b);
        }
        List<PhysRange> free = memblock.freeRanges(0);
        for (PhysRange r : b.topDown() ? free.reversed() : free) {
            long found = hole(image, b, r);
            if (found != 0) {
                return found;
            }
        }
        throw new KernelError(Errno.EADDRNOTAVAIL);
    }

    private long locateInScratch(Kimage image, KexecBuffer b) {
        for (ScratchArea area : kho.scratch()) {
            long found = hole(image, b, area.range());
            if (found != 0) {
                return found;
            }
        }
        throw new KernelError(Errno.EADDRNOTAVAIL);
    }

    private static long hole(Kimage image, KexecBuffer b, PhysRange r) {
        long last = r.end() - 1;
        if (r.size() < b.memsz() || Long.compareUnsigned(last, b.min()) < 0 || Long.compareUnsigned(r.start(), b.max()) > 0) {
            return 0;
        }
        return b.topDown() ? holeTopDown(image, b, r.start(), last) : holeBottomUp(image, b, r.start(), last);
    }

    private static long holeTopDown(Kimage image, KexecBuffer b, long first, long last) {
        long from = minUnsigned(last, b.max()) - b.memsz() + 1;
        while (true) {
            from = alignDown(from, b.align());
            if (from < first || Long.compareUnsigned(from, b.min()) < 0) {
                return 0;
            }
            if (!image.isDestination(from, from + b.memsz() - 1)) {
                return from;
            }
            from -= PAGE_SIZE;
        }
    }

    private static long holeBottomUp(Kimage image, KexecBuffer b, long first, long last) {
        long from = Math.max(first, b.min());
        while (true) {
            from = alignUp(from, b.align());
            long to = from + b.memsz() - 1;
            if (to > last || Long.compareUnsigned(to, b.max()) > 0) {
                return 0;
            }
            if (!image.isDestination(from, to)) {
                return from;
            }
            from += PAGE_SIZE;
        }
    }

    private static long minUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }
}
