package dev.baton.arm64.mmu;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

/** One translation held by the TLB: of stage 1, of both stages combined, or of stage 2 alone ({@link Regime#IPA}). */
final class TlbEntry {
    /** Stage 2 forbids nothing. */
    private static final int NO_STAGE2 = -1;

    final int regime;
    /** First input address, bits 63:56 copies of bit 55. */
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
    /** The memory type as a MAIR byte, after stage 2; of {@link Regime#IPA}, MemAttr[3:0] of stage 2. */
    final int attr;
    final int shareability;
    /** AP[2:1] after APTable. */
    final int ap;
    final boolean pxn;
    final boolean uxn;
    final boolean guarded;
    /** Writable, but hardware marks the descriptor first. */
    final boolean clean;
    /** Level and granule of the stage 1 leaf descriptor. */
    final int level;
    final int pageBits;
    /** Physical address of the leaf descriptor. */
    final long address;
    /** Its value when it was read. */
    final long descriptor;
    /** Intermediate address of {@link #va}, if there is a stage 2. */
    final long ipa;
    /** Stage 2: readable in bit 0, writable in bit 1, XN[1:0] in bits 3:2, the level in bits 5:4; or {@link #NO_STAGE2}. */
    final int stage2;

    /** {@link TableWatch#epoch} when a walk last gave this translation, or -1; {@link #root} is where that walk began. */
    long agreed = -1;
    long root;
    /** In the TLB. */
    boolean live;

    /** What the walk of {@code w} found, with no stage 2. */
    TlbEntry(Walker w, int regime, int vmid) {
        this(w, regime, vmid, null, 0);
    }

    /** What the walk of {@code w} found, and then {@code two}. @param combined the memory type of both */
    TlbEntry(Walker w, int regime, int vmid, Stage2 two, int combined) {
        this.regime = regime;
        this.vmid = vmid;
        shift = two == null ? w.shift : Math.min(w.shift, two.shift);
        va = w.canonical >> shift << shift;
        asid = w.c.asid;
        global = w.global;
        ipa = w.pa | va & (1L << w.shift) - 1;
        pa = two == null ? w.pa : two.pa >>> shift << shift;
        attr = two == null ? w.attr : combined;
        shareability = two == null ? w.shareability : MemoryAttributes.shareability(combined, w.shareability, two.shareability);
        ap = w.ap;
        pxn = w.pxn;
        uxn = w.uxn;
        guarded = w.guarded;
        clean = w.clean || two != null && two.clean;
        level = w.level;
        pageBits = w.c.pageBits;
        address = w.address;
        descriptor = w.descriptor;
        stage2 = two == null ? NO_STAGE2 : two.rights();
    }

    /** Stage 2 alone. */
    TlbEntry(long ipa, int vmid, Stage2 two) {
        regime = Regime.IPA;
        this.vmid = vmid;
        shift = two.shift;
        va = ipa >> shift << shift;
        asid = 0;
        global = true;
        this.ipa = va;
        pa = two.pa >>> shift << shift;
        attr = two.memAttr;
        shareability = two.shareability;
        ap = 1;
        pxn = false;
        uxn = false;
        guarded = false;
        clean = two.clean;
        level = two.level;
        pageBits = two.pageBits();
        address = two.address;
        descriptor = two.descriptor;
        stage2 = two.rights();
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
        shareability = in.u32();
        ap = in.u32();
        pxn = in.flag();
        uxn = in.flag();
        guarded = in.flag();
        clean = in.flag();
        level = in.u32();
        pageBits = in.u32();
        address = in.u64();
        descriptor = in.u64();
        ipa = in.u64();
        stage2 = in.u32();
    }

    void save(StateWriter out) {
        out.u32(regime).u64(va).u32(shift).u32(asid).u32(vmid).flag(global).u64(pa).u32(attr).u32(shareability).u32(ap);
        out.flag(pxn).flag(uxn).flag(guarded).flag(clean).u32(level).u32(pageBits).u64(address).u64(descriptor).u64(ipa).u32(stage2);
    }

    boolean covers(long canonicalVa) {
        return canonicalVa >> shift == va >> shift;
    }

    long translate(long canonicalVa) {
        return pa | canonicalVa & (1L << shift) - 1;
    }

    boolean hasStage2() {
        return stage2 != NO_STAGE2;
    }

    boolean readableAtStage2() {
        return (stage2 & 1) != 0;
    }

    boolean writableAtStage2() {
        return (stage2 & 2) != 0;
    }

    boolean executableAtStage2(int el) {
        return !hasStage2() || Stage2.executable(stage2 >>> 2 & 3, el);
    }

    int stage2Level() {
        return stage2 >>> 4 & 3;
    }

    /**
     * Whether the tables may go from this entry to {@code now} without break-before-make (Arm ARM, "Using break-before-make when
     * updating translation table entries"): the address, size and memory type stay, and no global entry appears where
     * entries with an ASID may be held. Making a global entry non-global is allowed, and Linux does it.
     *
     * @param anySize FEAT_BBM level 2: the size may change
     */
    boolean mayBecome(TlbEntry now, boolean anySize) {
        boolean size = shift == now.shift ? pa == now.pa : anySize && pa - va == now.pa - now.va;
        return size && attr == now.attr && (global || !now.global);
    }

    /** Whether {@code now}, of the same leaf, grants whatever this entry does: no use of this entry can be a finding then. */
    boolean isWithin(TlbEntry now) {
        boolean writable = (ap & 2) != 0 || (now.ap & 2) == 0 || now.clean;
        return address == now.address && mayBecome(now, false) && writable && (ap & 1) == (now.ap & 1) && (pxn || !now.pxn)
                && (uxn || !now.uxn) && stage2 == now.stage2;
    }
}
