package dev.baton.arm64.mmu;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.Hcr;
import dev.baton.arm64.sysreg.Register;

/**
 * The VMSAv8-64 stage 2 walk (Arm ARM, AArch64.S2Walk): intermediate physical address to physical address. A walk leaves its
 * outcome in the fields.
 */
final class Stage2 {
    private static final long AF = 1L << 10;
    private static final long WRITABLE = 1L << 7;
    private static final long DBM = 1L << 51;

    private final Vmsa vmsa;
    private final Descriptors descriptors;
    private final Register hcr;
    private final Register vtcr;
    private final Register vttbr;
    private final Register sctlr;
    private final boolean el2;
    private TableControls controls;

    /** Address of the byte asked for, and of the block or page that holds it. */
    long pa;
    int shift;
    /** MemAttr[3:0]. */
    int memAttr;
    int shareability;
    boolean readable;
    boolean writable;
    /** XN[1:0]; without FEAT_XNX only 0 and 2. */
    int xn;
    /** Writable once hardware has marked it so. */
    boolean clean;
    int level;
    /** Physical address of the leaf descriptor, and its value. */
    long address;
    long descriptor;

    Stage2(Arm64Cpu cpu, Vmsa vmsa, Descriptors descriptors) {
        this.vmsa = vmsa;
        this.descriptors = descriptors;
        hcr = cpu.sysregs.hcrEl2;
        vtcr = cpu.sysregs.register("VTCR_EL2");
        vttbr = cpu.sysregs.register("VTTBR_EL2");
        sctlr = cpu.sysregs.sctlrEl2;
        el2 = cpu.config.el2();
    }

    /** HCR_EL2.DC makes stage 2 behave as enabled; a host's own translations have none. */
    boolean enabled() {
        return el2 && (hcr.value & (Hcr.VM | Hcr.DC)) != 0 && (hcr.value & (Hcr.E2H | Hcr.TGE)) != (Hcr.E2H | Hcr.TGE);
    }

    void controlsChanged() {
        controls = null;
    }

    private TableControls controls() {
        if (controls == null) {
            controls = TableControls.stage2(vmsa, vtcr.value, vttbr.value, (hcr.value & Hcr.CD) != 0, (sctlr.value & 1 << 25) != 0);
        }
        return controls;
    }

    boolean wideDescriptors() {
        return controls().ds;
    }

    long root() {
        return controls().root;
    }

    int vmid() {
        int vmid = (int) (vttbr.value >>> 48);
        return vmsa.vmid16() && (vtcr.value & 1 << 19) != 0 ? vmid : vmid & 0xff;
    }

    /** @return {@link Fault#OK} or the fault, with {@link Fault#STAGE2} */
    int walk(long ipa, boolean peek) {
        TableControls c = controls();
        if (c.disabled || ipa >>> c.inputBits != 0) {
            return Fault.TRANSLATION | Fault.STAGE2;
        }
        if (c.beyond(c.root)) {
            return Fault.ADDRESS_SIZE | Fault.STAGE2;
        }
        long table = c.root;
        for (level = c.first; level < 3; level++) {
            if (!read(c, table + c.offset(ipa, level), peek)) {
                return Fault.at(Fault.EXTERNAL, level) | Fault.STAGE2;
            }
            if ((descriptor & 3) != 3) {
                return leaf(c, ipa, peek);
            }
            table = c.address(descriptor, c.pageBits);
            if (c.beyond(table)) {
                return Fault.at(Fault.ADDRESS_SIZE, level) | Fault.STAGE2;
            }
        }
        return read(c, table + c.offset(ipa, 3), peek) ? leaf(c, ipa, peek) : Fault.EXTERNAL + 3 | Fault.STAGE2;
    }

    private boolean read(TableControls c, long at, boolean peek) {
        address = at;
        boolean there = descriptors.read(at, c.cacheable, c.bigEndian, peek);
        descriptor = descriptors.value;
        return there;
    }

    private int leaf(TableControls c, long ipa, boolean peek) {
        if (!c.leaf(descriptor, level)) {
            return Fault.at(Fault.TRANSLATION, level) | Fault.STAGE2;
        }
        shift = c.shift(level);
        long base = c.address(descriptor, shift);
        if (c.beyond(base)) {
            return Fault.ADDRESS_SIZE + level | Fault.STAGE2;
        }
        if ((descriptor & AF) == 0) {
            if (!c.ha) {
                return Fault.ACCESS_FLAG + level | Fault.STAGE2;
            }
            update(c, AF, peek);
        }
        pa = base | ipa & (1L << shift) - 1;
        memAttr = (int) (descriptor >>> 2) & 15;
        shareability = c.ds ? c.shareability : (int) (descriptor >>> 8) & 3;
        readable = (descriptor & 1 << 6) != 0;
        writable = (descriptor & WRITABLE) != 0;
        clean = c.hd && (descriptor & DBM) != 0 && !writable;
        xn = (int) (descriptor >>> 53) & (vmsa.xnx() ? 3 : 2);
        return Fault.OK;
    }

    private void update(TableControls c, long set, boolean peek) {
        descriptor |= set;
        if (!peek) {
            descriptors.update(address, descriptor, c.cacheable, c.bigEndian);
        }
    }

    /** Hardware management of the dirty state: the page of the last walk is about to be written. */
    void makeDirty(boolean peek) {
        update(controls(), WRITABLE, peek);
        writable = true;
        clean = false;
    }

    /** As {@link TlbEntry#stage2} holds it. */
    int rights() {
        return (readable ? 1 : 0) | (writable || clean ? 2 : 0) | xn << 2 | level << 4;
    }

    int pageBits() {
        return controls().pageBits;
    }

    /** XN[1:0] for a level: 1 forbids EL1, 3 forbids EL0, 2 both. */
    static boolean executable(int xn, int el) {
        return xn == 0 || xn == (el == 0 ? 1 : 3);
    }
}
