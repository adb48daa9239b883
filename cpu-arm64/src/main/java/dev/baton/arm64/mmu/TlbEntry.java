package dev.baton.arm64.mmu;

/**
 * One translation held by the TLB.
 *
 * @param va         first virtual address, bits 63:56 copies of bit 55
 * @param shift      log2 of its size
 * @param asid       meaningful if not global
 * @param vmid       of the EL1&0 regime, 0 elsewhere
 * @param pa         output address of {@code va}
 * @param attr       the MAIR attribute byte
 * @param ap         AP[2:1] after APTable
 * @param level      of the leaf descriptor
 * @param address    physical address of the leaf descriptor
 * @param descriptor its value when it was read
 */
record TlbEntry(int regime, long va, int shift, int asid, int vmid, boolean global, long pa, int attr, int ap, boolean pxn, boolean uxn,
                int level, long address, long descriptor) {

    boolean covers(long canonicalVa) {
        return canonicalVa >> shift == va >> shift;
    }

    long translate(long canonicalVa) {
        return pa | canonicalVa & (1L << shift) - 1;
    }

    /**
     * Whether the tables may go from this entry to {@code now} without break-before-make (Arm ARM, "Using break-before-make when
     * updating translation table entries"): the address, size and memory type stay, and no global entry appears where
     * entries with an ASID may be held. Making a global entry non-global is allowed, and Linux does it.
     */
    boolean mayBecome(TlbEntry now) {
        return pa == now.pa && shift == now.shift && attr == now.attr && (global || !now.global);
    }
}
