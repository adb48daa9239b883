package dev.baton.arm64.mmu;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.Hcr;
import dev.baton.arm64.sysreg.Register;

/**
 * The VMSAv8-64 stage 1 walk (Arm ARM, AArch64.S1Walk), its descriptors found through stage 2 where that is on. One instance
 * per CPU; a walk leaves its outcome in the fields.
 */
final class Walker {
    private static final long AF = 1L << 10;
    private static final long READ_ONLY = 1L << 7;
    private static final long DBM = 1L << 51;

    private final Register[] tcr;
    private final Register[] ttbr0;
    private final Register[] ttbr1;
    private final Register[] mair;
    private final Register[] sctlr;
    private final Register hcr;
    private final Vmsa vmsa;
    private final Stage2 stage2;
    private final Descriptors descriptors;
    /** By regime and half, null until asked for. */
    private final TableControls[] controls = new TableControls[8];

    // Chosen by begin().
    TableControls c;
    /** The address with its tag replaced by copies of bit 55. */
    long canonical;

    // Outcome.
    /** Output address of stage 1, {@link #shift} is its size. */
    long pa;
    int shift;
    int attr;
    int ap;
    boolean pxn;
    boolean uxn;
    boolean global;
    /** GP: branches into the page are checked (FEAT_BTI). */
    boolean guarded;
    /** Writable once hardware has marked it so. */
    boolean clean;
    int shareability;
    int level;
    /** Physical address of the leaf descriptor. */
    long address;
    long descriptor;
    /** With a stage 2 fault, the address that faulted. */
    long faultIpa;

    private final boolean hasTbid;
    private boolean view;
    private boolean descriptorWritable;
    private boolean descriptorClean;
    private long descriptorIpa;
    private int descriptorLevel;

    Walker(Arm64Cpu cpu, Vmsa vmsa, Stage2 stage2, Descriptors descriptors) {
        this.vmsa = vmsa;
        this.stage2 = stage2;
        this.descriptors = descriptors;
        tcr = registers(cpu, "TCR");
        ttbr0 = registers(cpu, "TTBR0");
        mair = registers(cpu, "MAIR");
        sctlr = registers(cpu, "SCTLR");
        ttbr1 = new Register[] {cpu.sysregs.register("TTBR1_EL1"), null, cpu.sysregs.register("TTBR1_EL2"), null};
        hcr = cpu.sysregs.hcrEl2;
        hasTbid = cpu.features.has("FEAT_PAuth");
    }

    private static Register[] registers(Arm64Cpu cpu, String name) {
        Register el2 = cpu.sysregs.register(name + "_EL2");
        return new Register[] {cpu.sysregs.register(name + "_EL1"), el2, el2, cpu.sysregs.register(name + "_EL3")};
    }

    long sctlr(int regime) {
        return sctlr[regime].value;
    }

    int asidMask(int regime) {
        return (tcr[regime].value >>> 36 & 1) != 0 ? 0xffff : 0xff;
    }

    /** TCR_ELx.TBI for the half of the address space that bit 55 of {@code va} selects; TBID takes it back from instructions. */
    boolean topByteIgnored(int regime, long va, boolean instruction) {
        long control = tcr[regime].value;
        boolean two = Regime.hasAsid(regime);
        int half = (int) (va >>> 55) & 1;
        boolean dataOnly = instruction && (control >>> (two ? 51 + half : 29) & 1) != 0 && hasTbid;
        return (control >>> (two ? 37 + half : 20) & 1) != 0 && !dataOnly;
    }

    /** Bits of an input address of that half, where there are two. */
    int inputBits(int regime, boolean upper) {
        return controls(regime, upper && Regime.hasAsid(regime)).inputBits;
    }

    boolean wideDescriptors(int regime) {
        return controls(regime, false).ds;
    }

    void controlsChanged() {
        java.util.Arrays.fill(controls, null);
    }

    private TableControls controls(int regime, boolean upper) {
        int i = regime * 2 + (upper ? 1 : 0);
        TableControls known = controls[i];
        if (known == null) {
            boolean two = Regime.hasAsid(regime);
            known = TableControls.stage1(vmsa, two, upper, tcr[regime].value, ttbr0[regime].value, two ? ttbr1[regime].value : 0,
                    sctlr[regime].value);
            controls[i] = known;
        }
        return known;
    }

    /**
     * Selects the half of the address space. A lookup in the TLB may follow: {@link #canonical} and the ASID of {@link #c} are its
     * key.
     *
     * @param level whose access it is
     * @param instruction it is a fetch
     * @return {@link Fault#OK} or the fault status code: the address is outside both halves, or the half is disabled
     */
    int begin(int regime, long va, int level, boolean instruction) {
        boolean two = Regime.hasAsid(regime);
        boolean upper = two && (va >>> 55 & 1) != 0;
        boolean ignored = topByteIgnored(regime, va, instruction);
        canonical = !ignored ? va : two ? va << 8 >> 8 : va & -1L >>> 8;
        c = controls(regime, upper);
        boolean outside = canonical >> c.inputBits != (two && canonical < 0 ? -1 : 0);
        return outside || c.disabled || c.e0pd && level == 0 ? Fault.TRANSLATION : Fault.OK;
    }

    /**
     * Walks the tables for {@link #canonical} after {@link #begin}.
     *
     * @param peek without any side effect on memory or findings
     * @return {@link Fault#OK} or the fault
     */
    int walk(int regime, boolean peek) {
        descriptors.begin();
        if (c.beyond(c.root)) {
            return Fault.ADDRESS_SIZE;
        }
        boolean through = regime == Regime.EL10 && stage2.enabled();
        long table = c.root;
        int hierarchy = 0;
        for (level = c.first; level < 3; level++) {
            int fault = read(table + c.offset(canonical, level), through, peek);
            if (fault != Fault.OK) {
                return fault;
            }
            if ((descriptor & 3) != 3) {
                return leaf(regime, hierarchy, peek);
            }
            table = c.address(descriptor, c.pageBits);
            if (c.beyond(table)) {
                return Fault.at(Fault.ADDRESS_SIZE, level);
            }
            hierarchy |= c.hpd ? 0 : (int) (descriptor >>> 59) & 15;
        }
        int fault = read(table + c.offset(canonical, 3), through, peek);
        return fault != Fault.OK ? fault : leaf(regime, hierarchy, peek);
    }

    private int read(long at, boolean through, boolean peek) {
        address = at;
        view = c.cacheable;
        descriptorWritable = true;
        descriptorClean = false;
        int fault = through ? locate(at, peek) : Fault.OK;
        if (fault != Fault.OK) {
            return fault;
        }
        descriptors.leaf = descriptors.count;
        if (!descriptors.read(address, view, c.bigEndian, peek)) {
            return Fault.at(Fault.EXTERNAL, level);
        }
        descriptor = descriptors.value;
        return Fault.OK;
    }

    /** The descriptor's address through stage 2 (AArch64.S2Translate for AccessType_TTW). */
    private int locate(long ipa, boolean peek) {
        faultIpa = ipa;
        descriptorIpa = ipa;
        int fault = stage2.walk(ipa, peek);
        if (fault != Fault.OK) {
            return fault | Fault.S1PTW;
        }
        boolean fwb = (hcr.value & Hcr.FWB) != 0;
        int type = MemoryAttributes.combine(c.cacheable ? MemoryAttributes.NORMAL_WRITE_BACK : MemoryAttributes.NORMAL_NON_CACHEABLE,
                stage2.memAttr, fwb);
        boolean protectedWalk = (hcr.value & Hcr.PTW) != 0 && MemoryAttributes.device(type);
        if (!stage2.readable || protectedWalk) {
            return Fault.PERMISSION + stage2.level | Fault.STAGE2 | Fault.S1PTW;
        }
        address = stage2.pa;
        view = MemoryAttributes.writeBack(type);
        descriptorLevel = stage2.level;
        descriptorWritable = stage2.writable;
        descriptorClean = stage2.clean;
        return Fault.OK;
    }

    /** @param hierarchy APTable in bits 3:2, UXNTable in bit 1, PXNTable in bit 0, of all tables above */
    private int leaf(int regime, int hierarchy, boolean peek) {
        if (!c.leaf(descriptor, level)) {
            return Fault.at(Fault.TRANSLATION, level);
        }
        shift = c.shift(level);
        pa = c.address(descriptor, shift);
        if (c.beyond(pa)) {
            return Fault.at(Fault.ADDRESS_SIZE, level);
        }
        if ((descriptor & AF) == 0) {
            int fault = c.ha ? update(descriptor | AF, peek) : Fault.ACCESS_FLAG + level;
            if (fault != Fault.OK) {
                return fault;
            }
        }
        boolean twoLevels = Regime.hasAsid(regime);
        ap = (int) (descriptor >>> 6) & 3 | hierarchy >>> 2 & 2;
        ap = twoLevels && (hierarchy & 4) != 0 ? ap & 2 : ap;
        clean = c.hd && (descriptor & DBM) != 0 && (descriptor & READ_ONLY) != 0 && (hierarchy & 8) == 0;
        uxn = (descriptor >>> 54 & 1) != 0 || (hierarchy & 2) != 0;
        pxn = twoLevels ? (descriptor >>> 53 & 1) != 0 || (hierarchy & 1) != 0 : uxn;
        global = !twoLevels || (descriptor & 1 << 11) == 0;
        guarded = (descriptor >>> 50 & 1) != 0;
        shareability = c.ds ? c.shareability : (int) (descriptor >>> 8) & 3;
        attr = (int) (mair[regime].value >>> 8 * ((descriptor >>> 2) & 7)) & 0xff;
        return Fault.OK;
    }

    /** Hardware changes the leaf descriptor, which stage 2 must let it write. */
    private int update(long v, boolean peek) {
        if (descriptorClean && !peek) {
            int fault = stage2.walk(descriptorIpa, false);
            if (fault != Fault.OK) {
                return fault | Fault.S1PTW;
            }
            stage2.makeDirty(false);
        } else if (!descriptorWritable && !descriptorClean) {
            faultIpa = descriptorIpa;
            return Fault.PERMISSION + descriptorLevel | Fault.STAGE2 | Fault.S1PTW;
        }
        descriptor = v;
        if (!peek) {
            descriptors.update(address, v, view, c.bigEndian);
        }
        return Fault.OK;
    }

    /** Hardware management of the dirty state: the page of the last walk is about to be written. */
    int makeDirty(boolean peek) {
        int fault = update(descriptor & ~READ_ONLY, peek);
        ap &= ~2;
        clean = false;
        return fault;
    }
}
