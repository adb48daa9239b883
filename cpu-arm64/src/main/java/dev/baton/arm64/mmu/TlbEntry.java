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

    /** Everything that break-before-make protects is the same (Arm ARM D8.16.1): address, size, memory type, global or not. */
    boolean sameOutput(TlbEntry o) {
        return pa == o.pa && shift == o.shift && attr == o.attr && global == o.global;
    }
}
