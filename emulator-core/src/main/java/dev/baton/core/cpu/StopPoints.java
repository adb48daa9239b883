package dev.baton.core.cpu;

import java.util.Arrays;
import java.util.List;

/**
 * Where a CPU stops for a debugger outside the machine: right before it executes an instruction at one of the addresses, or makes an
 * access that touches a watched range. The guest cannot see it. A CPU goes on from where it stopped without stopping there again.
 */
public final class StopPoints {
    /**
     * A watched range of virtual addresses.
     *
     * @param size bytes
     */
    public record Watch(long address, long size, boolean reads, boolean writes) {
        /** An access of this kind to [va, va + bytes) is one that it is about. */
        public boolean touchedBy(long va, int bytes, boolean write) {
            boolean apart = va >= address ? va - address >= size : address - va >= bytes;
            return (write ? writes : reads) && !apart;
        }
    }

    /**
     * Why a CPU stopped.
     *
     * @param watch   null for an address that was reached
     * @param address of the access, or of the instruction
     */
    public record Hit(Watch watch, long address) { }

    public static final StopPoints NONE = new StopPoints(new long[0], List.of());

    private final long[] addresses;
    private final List<Watch> watches;

    /** @param addresses of instructions, virtual */
    public StopPoints(long[] addresses, List<Watch> watches) {
        this.addresses = addresses.clone();
        Arrays.sort(this.addresses);
        this.watches = List.copyOf(watches);
    }

    /** These and more addresses. */
    public StopPoints and(long... more) {
        long[] all = Arrays.copyOf(addresses, addresses.length + more.length);
        System.arraycopy(more, 0, all, addresses.length, more.length);
        return new StopPoints(all, watches);
    }

    public boolean at(long pc) {
        return addresses.length > 0 && Arrays.binarySearch(addresses, pc) >= 0;
    }

    public boolean watching() {
        return !watches.isEmpty();
    }

    /** The first watch that this access is about, or null. */
    public Watch watch(long va, int bytes, boolean write) {
        for (Watch w : watches) {
            if (w.touchedBy(va, bytes, write)) {
                return w;
            }
        }
        return null;
    }
}
