package dev.baton.arm64.mmu;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.FpAccess;
import dev.baton.arm64.sysreg.Hcr;
import dev.baton.arm64.sysreg.Register;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.SoftTlb;

/**
 * Address translation of one CPU: stage 1 of every regime, through an architectural TLB that keeps entries until they are
 * invalidated. Stage 2 is not modelled.
 *
 * <p>Every software-TLB entry of a context with the MMU on is backed by an entry of the architectural TLB, and goes with it:
 * what the fast path sees is always what the architecture's TLB would give.
 */
public final class Mmu {
    public static final int READ = 0;
    public static final int WRITE = 1;
    public static final int FETCH = 2;
    /** With READ or WRITE: as if executed at EL0 (LDTR, STTR). */
    public static final int UNPRIV = 4;
    /** With READ or WRITE: cache maintenance or address translation instruction. */
    public static final int MAINTENANCE = 8;
    /** No exception and no side effect: {@link #ok} tells. */
    public static final int PROBE = 16;

    /** Number of software-TLB contexts, {@link SoftTlb#MISS} included. */
    public static final int CONTEXTS = 11;

    private static final int SCTLR_M = 1;
    private static final int SCTLR_A = 1 << 1;
    private static final int SCTLR_C = 1 << 2;
    private static final int SCTLR_SA = 1 << 3;
    private static final int SCTLR_SA0 = 1 << 4;
    private static final int SCTLR_I = 1 << 12;
    private static final int SCTLR_WXN = 1 << 19;
    private static final int SCTLR_E0E = 1 << 24;
    private static final int SCTLR_EE = 1 << 25;
    private static final int ADDRESS_SIZE_LEVEL_0 = 0x00;
    private static final int PERMISSION = 0x0c;
    private static final long PA_MASK = (1L << 48) - 1;
    private static final int DEVICE_NGNRNE = 0x00;
    private static final int NORMAL_WRITE_THROUGH = 0xaa;
    private static final int NORMAL_NON_CACHEABLE = 0x44;

    /** The virtual address of the last {@link #translate}. */
    public long va;
    /** Outcome of the last {@link #translate} with {@link #PROBE}. */
    public boolean ok;
    /** Physical address. */
    public long pa;
    /** Normal memory that the caches hold: Write-Back and SCTLR.C (SCTLR.I for a fetch) allow it. */
    public boolean cacheable;
    public boolean device;
    public boolean normal;
    /** The MAIR attribute byte. */
    public int attr;
    public boolean readable;
    public boolean writable;
    public boolean executable;
    public boolean global;
    /** Size of the translation minus 1. */
    public long pageMask;

    private Runnable translationOff = () -> { };
    /** SCTLR_ELx.A of the current level. */
    public boolean alignmentCheck;
    /** SCTLR_ELx.SA, or SA0 at EL0. */
    public boolean spAlignmentCheck;
    /** Data accesses are big-endian: SCTLR_ELx.EE, or E0E at EL0. */
    public boolean bigEndian;

    private int shareability;
    private final Arm64Cpu cpu;
    private final Walker walker;
    private final Tlb tlb;
    private final StaleTranslations stale;
    private final TableWatch tables;
    private final Register hcr;
    private final Register vttbr;

    public Mmu(Arm64Cpu cpu) {
        this.cpu = cpu;
        walker = new Walker(cpu);
        tlb = new Tlb(this::forgetFast);
        stale = new StaleTranslations(cpu);
        tables = new TableWatch(cpu.machine.bus(), tlb, this::forgetFast, this::forgetAllFast);
        hcr = cpu.sysregs.hcrEl2;
        vttbr = cpu.sysregs.register("VTTBR_EL2");
    }

    // Regimes -----------------------------------------------------------------------------------------------------------

    private int regime(int level) {
        return switch (level) {
            case 0 -> cpu.sysregs.hostEl0() ? Regime.EL20 : Regime.EL10;
            case 1 -> Regime.EL10;
            case 2 -> cpu.sysregs.e2h() ? Regime.EL20 : Regime.EL2;
            default -> Regime.EL3;
        };
    }

    /** SCTLR.M, which counts as 0 for EL1&amp;0 while HCR_EL2.{TGE, DC} send or default everything elsewhere. */
    private boolean enabled(int regime) {
        boolean off = regime == Regime.EL10 && cpu.config.el2() && (hcr.value & (Hcr.TGE | Hcr.DC)) != 0;
        return !off && (walker.sctlr(regime) & SCTLR_M) != 0;
    }

    /** 16-bit ASIDs if TCR.AS says so, else 8-bit. */
    int asidMask(int regime) {
        return walker.asidMask(regime);
    }

    int vmid(int regime) {
        return regime == Regime.EL10 ? (int) (vttbr.value >>> 48) : 0;
    }

    /** The level whose permissions apply: LDTR and STTR act as EL0 from EL1, and from EL2 of a host. */
    private int accessLevel(int access) {
        boolean lower = (access & UNPRIV) != 0 && (cpu.el == 1 || cpu.el == 2 && cpu.sysregs.hostEl0());
        return lower ? 0 : cpu.el;
    }

    // Translation -------------------------------------------------------------------------------------------------------

    /**
     * Translates {@code address} for {@code access} into the public fields. A fault is described in {@link Arm64Cpu#pending} and
     * thrown; with {@link #PROBE} it only clears {@link #ok}.
     */
    public void translate(long address, int access) {
        va = address;
        int level = accessLevel(access);
        int fault = resolve(regime(level), address, access, level, level > 0 && cpu.pan && (access & MAINTENANCE) == 0);
        ok = fault == Walker.OK;
        if (!ok && (access & PROBE) == 0) {
            throw cpu.exceptions.abort(address, access, fault);
        }
    }

    /**
     * The translation that an AT instruction asks for.
     *
     * @param level   whose permissions apply
     * @param stage12 of the EL1&amp;0 regime, even under a host
     * @return PAR_EL1; its NS bit, UNKNOWN in Non-secure state, says 1
     */
    public long addressTranslation(long va, int access, int level, boolean stage12, boolean pan) {
        int regime = switch (level) {
            case 0, 1 -> !stage12 && cpu.el >= 2 && cpu.sysregs.hostEl0() ? Regime.EL20 : Regime.EL10;
            default -> regime(level);
        };
        int fault = resolve(regime, va, access, level, pan);
        if (fault >= 0x14 && fault <= 0x17) {
            throw cpu.exceptions.abort(va, access | MAINTENANCE, fault);
        }
        if (fault != Walker.OK) {
            return 1L << 11 | (long) fault << 1 | 1;
        }
        long outer = 2;
        long sh = device || attr == NORMAL_NON_CACHEABLE ? outer : shareability;
        return (long) attr << 56 | 1L << 11 | 1L << 9 | pa & PA_MASK & -4096L | sh << 7;
    }

    private int resolve(int regime, long va, int access, int level, boolean pan) {
        if (!enabled(regime)) {
            return flat(regime, va, access);
        }
        int fault = walker.begin(regime, va);
        if (fault != Walker.OK) {
            return fault;
        }
        boolean probe = (access & PROBE) != 0;
        TlbEntry e = tlb.find(regime, walker.canonical, walker.asid, vmid(regime));
        if (e == null) {
            fault = walker.walk(regime, probe);
            if (fault != Walker.OK) {
                return fault;
            }
            e = new TlbEntry(walker, regime, vmid(regime));
            if (!probe) {
                tlb.insert(e);
                tables.agree(e, walker);
            }
        } else if (!probe && !tables.agrees(e, walker.root)) {
            checkUse(e, regime, va, access, level, pan);
        }
        output(e, regime, access, level, pan);
        return permitted(access, level) ? Walker.OK : PERMISSION + e.level;
    }

    /** What a walk would give now, against the entry that is used, where the tables may have changed. No side effects. */
    private void checkUse(TlbEntry e, int regime, long va, int access, int level, boolean pan) {
        int fault = walker.walk(regime, true);
        if (fault == Walker.OK && walker.descriptor == e.descriptor && walker.address == e.address) {
            tables.agree(e, walker);
            return;
        }
        tables.disagree(e, walker);
        TlbEntry now = fault == Walker.OK ? new TlbEntry(walker, regime, e.vmid) : null;
        boolean allowed = false;
        if (now != null) {
            permissions(now, level, pan);
            allowed = permitted(access, level);
        }
        stale.judge(e, now, va, allowed, level > 0);
    }

    /**
     * MMU off: the address is physical, data is Device-nGnRnE, instructions are Normal and cached as SCTLR.I says
     * (AArch64.S1DisabledOutput).
     */
    private int flat(int regime, long va, int access) {
        boolean fetch = (access & FETCH) != 0;
        pa = walker.topByteIgnored(regime, va) ? va & -1L >>> 8 : va;
        if (pa >>> walker.paBits() != 0) {
            return ADDRESS_SIZE_LEVEL_0;
        }
        shareability = 2;
        attr = fetch ? NORMAL_WRITE_THROUGH : DEVICE_NGNRNE;
        normal = fetch;
        device = !fetch;
        cacheable = fetch && (walker.sctlr(regime) & SCTLR_I) != 0;
        readable = true;
        writable = true;
        executable = true;
        global = true;
        pageMask = 4095;
        return Walker.OK;
    }

    private void output(TlbEntry e, int regime, int access, int level, boolean pan) {
        permissions(e, level, pan);
        pa = e.translate(walker.canonical);
        attr = e.attr;
        shareability = (int) (e.descriptor >>> 8) & 3;
        device = attr >>> 4 == 0;
        normal = !device;
        boolean writeBack = normal && (writeBack(attr >>> 4) || writeBack(attr & 15));
        cacheable = writeBack && (walker.sctlr(regime) & ((access & FETCH) != 0 ? SCTLR_I : SCTLR_C)) != 0;
        global = e.global;
        pageMask = (1L << e.shift) - 1;
    }

    /** 0b11RW, and the transient 0b01RW with RW not 0. */
    private static boolean writeBack(int nibble) {
        return nibble >= 12 || nibble > 4 && nibble < 8;
    }

    /** AArch64.S1DirectBasePermissions: what the level may do with the page. */
    private void permissions(TlbEntry e, int level, boolean pan) {
        boolean readOnly = (e.ap & 2) != 0;
        boolean twoLevels = Regime.hasAsid(e.regime);
        boolean user = twoLevels && (e.ap & 1) != 0;
        boolean wxn = (walker.sctlr(e.regime) & SCTLR_WXN) != 0;
        if (level == 0) {
            readable = user;
            writable = user && !readOnly;
            executable = !e.uxn && !(wxn && writable);
        } else {
            executable = !e.pxn && !(user && !readOnly) && !(wxn && !readOnly);
            readable = !(pan && user);
            writable = readable && !readOnly;
        }
    }

    /**
     * Maintenance by address needs: DC IVAC (as a WRITE) write permission, anything at EL0 read permission, the rest none;
     * PAN does not apply.
     */
    private boolean permitted(int access, int level) {
        if ((access & FETCH) != 0) {
            return executable;
        }
        boolean write = (access & WRITE) != 0;
        if ((access & MAINTENANCE) != 0 && !write && level > 0) {
            return true;
        }
        return write ? writable : readable;
    }

    /** The address that a branch by exception return goes to: a tag is replaced by copies of bit 55 (AArch64.BranchAddr). */
    public long branchAddress(long address) {
        int regime = regime(cpu.el);
        if (!walker.topByteIgnored(regime, address)) {
            return address;
        }
        return Regime.hasAsid(regime) ? address << 8 >> 8 : address & -1L >>> 8;
    }

    // Context -----------------------------------------------------------------------------------------------------------

    /** The software-TLB context of the current state. */
    public int context() {
        if (bigEndian) {
            return SoftTlb.MISS;
        }
        int context = fetchContext();
        if (!cpu.pan) {
            return context;
        }
        return switch (context) {
            case Regime.CONTEXT_EL1 -> Regime.CONTEXT_EL1_PAN;
            case Regime.CONTEXT_EL2 -> cpu.sysregs.e2h() ? Regime.CONTEXT_EL2_PAN : context;
            default -> context;
        };
    }

    private int fetchContext() {
        int regime = regime(cpu.el);
        boolean on = enabled(regime);
        return switch (regime) {
            case Regime.EL10 -> !on ? Regime.CONTEXT_EL10_OFF : cpu.el == 0 ? Regime.CONTEXT_EL0 : Regime.CONTEXT_EL1;
            case Regime.EL3 -> on ? Regime.CONTEXT_EL3 : Regime.CONTEXT_EL3_OFF;
            default -> !on ? Regime.CONTEXT_EL2_OFF : cpu.el == 0 ? Regime.CONTEXT_HOST_EL0 : Regime.CONTEXT_EL2;
        };
    }

    /** After any change of the state that selects a translation. */
    public void contextChanged() {
        long sctlr = walker.sctlr(regime(cpu.el));
        alignmentCheck = (sctlr & SCTLR_A) != 0;
        spAlignmentCheck = (sctlr & (cpu.el == 0 ? SCTLR_SA0 : SCTLR_SA)) != 0;
        bigEndian = (sctlr & (cpu.el == 0 ? SCTLR_E0E : SCTLR_EE)) != 0;
        cpu.tlb = cpu.softTlb.contextBase(context());
        cpu.fetchContext(fetchContext());
        cpu.fpTrapped = cpu.sysregs.fpAccess.target() != FpAccess.NO_TRAP;
    }

    /** A register that controls translation changed its value. */
    public void controlWritten(String name, long old, long now) {
        switch (name) {
            case "HCR_EL2" -> hypervisorControl(old ^ now, now);
            case "TTBR0_EL1", "TTBR1_EL1", "TTBR0_EL2", "TTBR1_EL2", "TTBR0_EL3" -> flush(name);
            case "SCR_EL3" -> cpu.interruptsChanged();
            case "VTCR_EL2" -> { }
            default -> {
                tables.controlsChanged();
                flush(name);
            }
        }
        contextChanged();
        if (name.startsWith("SCTLR_") && (old & ~now & SCTLR_M) != 0) {
            translationOff.run();
        }
    }

    /** See {@link dev.baton.core.cpu.Cpu#whenTranslationGoesOff}. */
    public void whenTranslationGoesOff(Runnable off) {
        translationOff = off;
    }

    private void hypervisorControl(long changed, long now) {
        if ((now & (Hcr.VM | Hcr.DC)) != 0) {
            cpu.sysregs.unmodelled.report("stage 2 translation (HCR_EL2.{VM,DC})", "enabled");
        }
        if ((changed & (Hcr.VM | Hcr.DC | Hcr.TGE | Hcr.E2H)) != 0) {
            flushSoft(Regime.EL10);
            flushSoft(Regime.EL20);
            cpu.fetchTranslationsChanged();
        }
        cpu.interruptsChanged();
    }

    private void flush(String name) {
        switch (name.charAt(name.length() - 1)) {
            case '1' -> flushSoft(Regime.EL10);
            case '3' -> flushSoft(Regime.EL3);
            default -> {
                flushSoft(Regime.EL20);
                if (name.equals("VTTBR_EL2")) {
                    flushSoft(Regime.EL10);
                }
            }
        }
        cpu.fetchTranslationsChanged();
    }

    /** A descriptor above the leaves was stored to. */
    private void forgetAllFast() {
        for (int regime = Regime.EL10; regime <= Regime.EL3; regime++) {
            flushSoft(regime);
        }
        cpu.fetchTranslationsChanged();
    }

    private void flushSoft(int regime) {
        for (int c : Regime.contexts(regime)) {
            cpu.softTlb.flush(c);
        }
    }

    // Invalidation ------------------------------------------------------------------------------------------------------

    /** An entry left the TLB, or its descriptor was stored to: the fast entries it backed go. */
    private void forgetFast(TlbEntry e) {
        for (int c : Regime.contexts(e.regime)) {
            if (e.shift > 16) {
                cpu.softTlb.flush(c);
            } else {
                for (long va = e.va; va < e.va + (1L << e.shift); va += 4096) {
                    cpu.softTlb.flushPage(c, va);
                }
            }
        }
        if (!e.pxn || !e.uxn) {
            cpu.fetchTranslationsChanged();
        }
    }

    /** TLBI by address. @param asid -1: every ASID */
    void invalidate(int regime, long va, int asid, int vmid) {
        tlb.invalidate(regime, va, asid, vmid);
    }

    /** TLBI by ASID: entries that are not global. */
    void invalidateAsid(int regime, int asid, int vmid) {
        tlb.invalidateIf(e -> e.regime == regime && !e.global && e.asid == asid && e.vmid == vmid);
    }

    /** TLBI VMALL*, ALLE*. @param vmid -1: every VMID */
    void invalidateAll(int regime, int vmid) {
        tlb.invalidateIf(e -> e.regime == regime && (vmid < 0 || e.vmid == vmid));
    }

    /** Reset: no entry is valid. */
    public void reset() {
        tlb.invalidateIf(e -> true);
        tables.clear();
        cpu.softTlb.flushAll();
        cpu.fetchTranslationsChanged();
    }

    /** Fast entries are dropped by the caller; everything here is architectural. */
    public void dropDerivedState() {
        cpu.fetchTranslationsChanged();
    }

    public void save(StateWriter out) {
        tlb.save(out);
    }

    public void load(StateReader in) {
        tlb.load(in);
        tables.clear();
    }
}
