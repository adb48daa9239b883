package dev.baton.kernel.boot.arm64;

/** The guest image's subroutines, called as C calls assembly. Ranges are virtual addresses, end exclusive. */
final class GuestRoutines {
    private final CurrentCpu current;
    private final BootImage image;

    GuestRoutines(CurrentCpu current, BootImage image) {
        this.current = current;
        this.image = image;
    }

    private long call(String routine, long... arguments) {
        return current.get().callGuest(image.va(routine), arguments);
    }

    void cleanInvalidatePoc(long start, long end) {
        call("dcache_clean_inval_poc", start, end);
    }

    /** {@code DC CVAU} and {@code IC IVAU}. */
    void cleanInvalidatePou(long start, long end) {
        call("caches_clean_inval_pou", start, end);
    }

    /** After new, so far invalid entries were written. */
    void tableWritten() {
        call("table_written");
    }

    void flushTlbPage(long va) {
        call("flush_tlb_page", va);
    }

    void sendEvent() {
        call("send_event");
    }

    /** PSCI by the conduit that is set. */
    long psci(long function, long... arguments) {
        long[] all = new long[1 + arguments.length];
        all[0] = function;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return call("psci_call", all);
    }
}
