package dev.baton.arm64.mmu;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

/** One translation held by the TLB. */
final class TlbEntry {
    final int regime;
    /** First virtual address, bits 63:56 copies of bit 55. */
    final long va;
    /** log2 of its size. */
    final int shift;
    /** Meaningful if not global. */
    final int asid;
    /** Of the EL1&amp;0 regime, 0 elsewhere. */
    final int vmid;
    final boolean global;
    /** Output address of {@link #va}. */
    final long pa;
    /** The MAIR attribute byte. */
    final int attr;
    /** AP[2:1] after APTable. */
    final int ap;
    final boolean pxn;
    final boolean uxn;
    /** Level of the leaf descriptor. */
    final int level;
    /** Physical address of the leaf descriptor. */
    final long address;
    /** Its value when it was read. */
    final long descriptor;

    /** {@link TableWatch#epoch} when a walk last gave this translation, or -1; {@link #root} is where that walk began. */
    long agreed = -1;
    long root;

    /** What the walk of {@code w} found. */
    TlbEntry(Walker w, int regime, int vmid) {
        this.regime = regime;
        this.vmid = vmid;
        va = w.canonical >> w.shift << w.shift;
        shift = w.shift;
        asid = w.asid;
        global = w.global;
        pa = w.pa;
        attr = w.attr;
        ap = w.ap;
        pxn = w.pxn;
        uxn = w.uxn;
        level = w.level;
        address = w.address;
        descriptor = w.descriptor;
    }

    TlbEntry(StateReader in) {
        regime = in.u32();
        va = in.u64();
        shift = in.u32();
        asid = in.u32();
        vmid = in.u32();
        global = in.flag();
        pa = in.u64();
        attr = in.u32();
        ap = in.u32();
        pxn = in.flag();
        uxn = in.flag();
        level = in.u32();
        address = in.u64();
        descriptor = in.u64();
    }

    void save(StateWriter out) {
        out.u32(regime).u64(va).u32(shift).u32(asid).u32(vmid).flag(global).u64(pa).u32(attr).u32(ap).flag(pxn).flag(uxn).u32(level);
        out.u64(address).u64(descriptor);
    }

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
