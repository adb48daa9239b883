package dev.baton.arm64.mmu;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.CpuModel;
import dev.baton.arm64.sysreg.FpAccess;
import dev.baton.arm64.sysreg.Hcr;
import dev.baton.arm64.sysreg.Register;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.SoftTlb;

/**
 * Address translation of one CPU: stage 1 of every regime and stage 2 of EL1&amp;0, through an architectural TLB that keeps
 * entries until they are invalidated.
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

    /** With READ or WRITE: address translation instruction; nothing becomes dirty. */
    private static final int QUERY = 32;

    /** Number of software-TLB contexts, {@link SoftTlb#MISS} included. */
    public static final int CONTEXTS = 12;

    private static final int SCTLR_M = 1;
    private static final int SCTLR_A = 1 << 1;
    private static final int SCTLR_C = 1 << 2;
    private static final int SCTLR_SA = 1 << 3;
    private static final int SCTLR_SA0 = 1 << 4;
    private static final int SCTLR_I = 1 << 12;
    private static final int SCTLR_WXN = 1 << 19;
    private static final int SCTLR_E0E = 1 << 24;
    private static final int SCTLR_EE = 1 << 25;
    private static final int READ_ONLY = 2;
    private static final long PA_MASK = (1L << 52) - 1;
    // PAR_EL1
    private static final long PAR_F = 1;
    private static final long PAR_PTW = 1L << 8;
    private static final long PAR_STAGE2 = 1L << 9;
    private static final long PAR_RES1 = 1L << 11;

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
    /** GP: indirect branches into the page must meet a BTI (FEAT_BTI). */
    public boolean guarded;
    /** The intermediate address of the last fault of stage 2. */
    public long faultIpa;
    /** Size of the translation minus 1. */
    public long pageMask;

    private Runnable translationOff = () -> { };
    /** SCTLR_ELx.A of the current level. */
    public boolean alignmentCheck;
    /** SCTLR_ELx.SA, or SA0 at EL0. */
    public boolean spAlignmentCheck;
    /** Data accesses are big-endian: SCTLR_ELx.EE, or E0E at EL0. */
    public boolean bigEndian;
    /** For a debugger: no access may take the fast path. */
    private boolean watched;

    private int shareability;
    private int stage2Fault;
    private final Arm64Cpu cpu;
    private final Walker walker;
    private final Tlb tlb;
    private final StaleTranslations stale;
    private final TableWatch tables;
    private final Vmsa vmsa;
    private final Descriptors descriptors;
    private final Stage2 stage2;
    private final Register hcr;

    public Mmu(Arm64Cpu cpu) {
        this.cpu = cpu;
        vmsa = Vmsa.of(CpuModel.named(cpu.config.model()));
        descriptors = new Descriptors(cpu);
        stage2 = new Stage2(cpu, vmsa, descriptors);
        walker = new Walker(cpu, vmsa, stage2, descriptors);
        tlb = new Tlb(this::forgetFast);
        stale = new StaleTranslations(cpu, vmsa.bbm() == 2);
        tables = new TableWatch(cpu.machine.bus(), tlb, this::forgetFast, this::forgetAllFast);
        hcr = cpu.sysregs.hcrEl2;
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

    /** TCR_ELx.DS, or VTCR_EL2.DS: addresses in range operations count in 64 KiB. */
    boolean wideDescriptors(int regime) {
        return regime == Regime.IPA ? stage2.wideDescriptors() : walker.wideDescriptors(regime);
    }

    int vmid(int regime) {
        return regime == Regime.EL10 || regime == Regime.IPA ? stage2.vmid() : 0;
    }

    /** The level whose permissions apply: LDTR and STTR act as EL0 from EL1, and from EL2 of a host, unless PSTATE.UAO. */
    private int accessLevel(int access) {
        boolean lower = (access & UNPRIV) != 0 && !cpu.uao && (cpu.el == 1 || cpu.el == 2 && cpu.sysregs.hostEl0());
        return lower ? 0 : cpu.el;
    }

    // Translation -------------------------------------------------------------------------------------------------------

    /**
     * Translates {@code address} for {@code access} into the public fields. A fault is described in {@link Arm64Cpu#pending} and
     * thrown; with {@link #PROBE} it only clears {@link #ok}.
     */
    public void translate(long address, int access) {
        int fault = attempt(address, access);
        if (fault != Fault.OK && (access & PROBE) == 0) {
            throw cpu.exceptions.abort(address, access, fault);
        }
    }

    /** As {@link #translate} with all its effects, but a fault only clears {@link #ok}: for accesses that follow at once. */
    public boolean tryTranslate(long address, int access) {
        attempt(address, access);
        return ok;
    }

    private int attempt(long address, int access) {
        va = address;
        int level = accessLevel(access);
        int fault = resolve(regime(level), address, access, level, level > 0 && cpu.pan && (access & MAINTENANCE) == 0);
        ok = fault == Fault.OK;
        return fault;
    }

    /**
     * The translation that an AT instruction asks for.
     *
     * @param level   whose permissions apply
     * @param stage12 of both stages of the EL1&amp;0 regime, even under a host
     * @return PAR_EL1; its NS bit, UNKNOWN in Non-secure state, says 1
     */
    public long addressTranslation(long va, int access, int level, boolean stage12, boolean pan) {
        int regime = switch (level) {
            case 0, 1 -> !stage12 && cpu.el >= 2 && cpu.sysregs.hostEl0() ? Regime.EL20 : Regime.EL10;
            default -> regime(level);
        };
        boolean stage1Only = !stage12 && regime == Regime.EL10 && stage2.enabled();
        int fault = stage1Only ? stage1(va, access, level, pan) : resolve(regime, va, access | QUERY, level, pan);
        boolean toHypervisor = (fault & Fault.S1PTW) != 0 && cpu.el == 1;
        if (fault != Fault.OK && (Fault.externalOnWalk(fault) || toHypervisor)) {
            throw cpu.exceptions.abort(va, access | MAINTENANCE, fault);
        }
        if (fault != Fault.OK) {
            long stage = ((fault & Fault.S1PTW) != 0 ? PAR_PTW : 0) | ((fault & Fault.STAGE2) != 0 ? PAR_STAGE2 : 0);
            return PAR_RES1 | stage | (long) Fault.code(fault) << 1 | PAR_F;
        }
        long sh = device || attr == MemoryAttributes.NORMAL_NON_CACHEABLE ? MemoryAttributes.OUTER_SHAREABLE : shareability;
        return (long) attr << 56 | PAR_RES1 | 1L << 9 | pa & PA_MASK & -4096L | sh << 7;
    }

    private int resolve(int regime, long va, int access, int level, boolean pan) {
        if (!enabled(regime)) {
            return regime == Regime.EL10 && stage2.enabled() ? intermediate(va, access, level) : flat(regime, va, access);
        }
        int fault = walker.begin(regime, va, level, (access & FETCH) != 0);
        if (fault != Fault.OK) {
            return fault;
        }
        boolean probe = (access & PROBE) != 0;
        TlbEntry e = tlb.find(regime, walker.canonical, walker.c.asid, vmid(regime));
        if (e != null && e.clean && !probe && marksDirty(access)) {
            tlb.drop(e);
            e = null;
        }
        if (e == null) {
            return walked(regime, access, level, pan);
        }
        if (!probe && !tables.agrees(e, walker.c.root)) {
            checkUse(e, regime, va, access, level, pan);
        }
        return use(e, regime, access, level, pan);
    }

    /** A store, not maintenance and not a question: hardware manages the dirty state for it. */
    private static boolean marksDirty(int access) {
        return (access & (WRITE | MAINTENANCE | PROBE | QUERY)) == WRITE;
    }

    private int use(TlbEntry e, int regime, int access, int level, boolean pan) {
        output(e, regime, access, level, pan);
        if (!permitted(access, level)) {
            return Fault.PERMISSION + e.level;
        }
        return e.hasStage2() ? useStage2(e, walker.canonical, access, level) : Fault.OK;
    }

    /** Stage 2 after stage 1 let the access pass: clean operations need no permission here. @param input of the entry */
    private int useStage2(TlbEntry e, long input, int access, int level) {
        executable &= e.executableAtStage2(level);
        readable &= e.readableAtStage2();
        writable &= e.writableAtStage2();
        if ((access & (MAINTENANCE | WRITE)) == MAINTENANCE || permitted(access, level)) {
            return Fault.OK;
        }
        faultIpa = e.ipa | input & (1L << e.shift) - 1;
        return Fault.PERMISSION + e.stage2Level() | Fault.STAGE2;
    }

    /** A miss: walks both stages, lets hardware update the descriptors, and keeps the result. */
    private int walked(int regime, int access, int level, boolean pan) {
        boolean probe = (access & PROBE) != 0;
        int fault = walker.walk(regime, probe);
        if (fault == Fault.OK && walker.clean && marksDirty(access)) {
            permissions(walker.ap & ~READ_ONLY, walker.pxn, walker.uxn, regime, level, pan);
            fault = permitted(access, level) ? walker.makeDirty(false) : Fault.OK;
        }
        TlbEntry e = fault == Fault.OK ? combined(regime, access, probe) : null;
        if (e == null) {
            return fault != Fault.OK ? fault(fault) : stage1Decides(regime, access, level, pan);
        }
        if (!probe) {
            tlb.insert(e);
            tables.agree(e, descriptors, walker.c.root);
        }
        return use(e, regime, access, level, pan);
    }

    private int fault(int fault) {
        if ((fault & Fault.STAGE2) != 0) {
            faultIpa = walker.faultIpa;
        }
        return fault;
    }

    /** The fault of {@link #combined}, unless stage 1 alone forbids the access. */
    private int stage1Decides(int regime, int access, int level, boolean pan) {
        permissions(walker.clean ? walker.ap & ~READ_ONLY : walker.ap, walker.pxn, walker.uxn, regime, level, pan);
        return permitted(access, level) ? stage2Fault : Fault.PERMISSION + walker.level;
    }

    /** The walk of stage 1 as an entry, through stage 2 if that is on; null after a fault of stage 2. */
    private TlbEntry combined(int regime, int access, boolean probe) {
        if (regime != Regime.EL10 || !stage2.enabled()) {
            return new TlbEntry(walker, regime, vmid(regime));
        }
        long ipa = walker.pa | walker.canonical & (1L << walker.shift) - 1;
        stage2Fault = stage2.walk(ipa, probe);
        if (stage2Fault != Fault.OK) {
            faultIpa = ipa;
            return null;
        }
        if (stage2.clean && marksDirty(access)) {
            stage2.makeDirty(false);
        }
        int attr = MemoryAttributes.combine(walker.attr, stage2.memAttr, (hcr.value & Hcr.FWB) != 0);
        return new TlbEntry(walker, regime, vmid(regime), stage2, attr);
    }

    /** AT S1E0*, S1E1*: stage 1 of EL1&amp;0 alone, its descriptors through stage 2. */
    private int stage1(long va, int access, int level, boolean pan) {
        if (!enabled(Regime.EL10)) {
            return flat(Regime.EL10, va, access);
        }
        int fault = walker.begin(Regime.EL10, va, level, false);
        fault = fault != Fault.OK ? fault : walker.walk(Regime.EL10, false);
        if (fault != Fault.OK) {
            return fault(fault);
        }
        TlbEntry e = new TlbEntry(walker, Regime.EL10, 0);
        output(e, Regime.EL10, access, level, pan);
        return permitted(access, level) ? Fault.OK : Fault.PERMISSION + e.level;
    }

    /** Stage 1 off, stage 2 on: the address is intermediate. */
    private int intermediate(long va, int access, int level) {
        int fault = flat(Regime.EL10, va, access);
        if (fault != Fault.OK) {
            return fault;
        }
        long ipa = pa;
        boolean probe = (access & PROBE) != 0;
        TlbEntry e = tlb.find(Regime.IPA, ipa, 0, stage2.vmid());
        if (e != null && e.clean && marksDirty(access)) {
            tlb.drop(e);
            e = null;
        }
        if (e == null) {
            descriptors.begin();
            fault = stage2.walk(ipa, probe);
            if (fault != Fault.OK) {
                faultIpa = ipa;
                return fault;
            }
            if (stage2.clean && marksDirty(access)) {
                stage2.makeDirty(false);
            }
            e = new TlbEntry(ipa, stage2.vmid(), stage2);
            if (!probe) {
                descriptors.leaf = descriptors.count - 1;
                tlb.insert(e);
                tables.agree(e, descriptors, stage2.root());
            }
        } else if (!probe && !tables.agrees(e, stage2.root())) {
            checkIntermediate(e, ipa);
        }
        intermediateOutput(e, ipa, access);
        return useStage2(e, ipa, access, level);
    }

    private void intermediateOutput(TlbEntry e, long ipa, int access) {
        boolean defaulted = (hcr.value & Hcr.DC) != 0;
        int one = defaulted ? MemoryAttributes.NORMAL_WRITE_BACK : attr;
        boolean fetch = (access & FETCH) != 0;
        attr = MemoryAttributes.combine(one, e.attr, (hcr.value & Hcr.FWB) != 0);
        shareability = MemoryAttributes.shareability(attr, defaulted ? 0 : MemoryAttributes.OUTER_SHAREABLE, e.shareability);
        pa = e.translate(ipa);
        device = MemoryAttributes.device(attr);
        normal = !device;
        boolean instructions = fetch && !defaulted && !device && (walker.sctlr(Regime.EL10) & SCTLR_I) != 0;
        cacheable = (MemoryAttributes.writeBack(attr) || instructions) && (hcr.value & (fetch ? Hcr.ID : Hcr.CD)) == 0;
        pageMask = (1L << e.shift) - 1;
    }

    /** As {@link #checkUse}: what a hypervisor removes a guest may still be using, so only other valid translations count. */
    private void checkIntermediate(TlbEntry e, long ipa) {
        descriptors.begin();
        int fault = stage2.walk(ipa, true);
        TlbEntry now = fault == Fault.OK ? new TlbEntry(ipa, e.vmid, stage2) : null;
        if (now != null && e.isWithin(now)) {
            descriptors.leaf = descriptors.count - 1;
            tables.agree(e, descriptors, stage2.root());
            return;
        }
        tables.disagree(e, descriptors);
        stale.judge(e, now, ipa, true, false);
    }

    /** What a walk would give now, against the entry that is used, where the tables may have changed. No side effects. */
    private void checkUse(TlbEntry e, int regime, long va, int access, int level, boolean pan) {
        int fault = walker.walk(regime, true);
        TlbEntry now = fault == Fault.OK ? combined(regime, READ, true) : null;
        if (now != null && e.isWithin(now)) {
            tables.agree(e, descriptors, walker.c.root);
            return;
        }
        tables.disagree(e, descriptors);
        boolean allowed = now == null && e.hasStage2();
        if (now != null) {
            permissions(now.clean ? now.ap & ~READ_ONLY : now.ap, now.pxn, now.uxn, regime, level, pan);
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
        pa = walker.topByteIgnored(regime, va, fetch) ? va & -1L >>> 8 : va;
        if (pa >>> vmsa.paBits() != 0) {
            return Fault.ADDRESS_SIZE;
        }
        shareability = MemoryAttributes.OUTER_SHAREABLE;
        attr = fetch ? MemoryAttributes.NORMAL_WRITE_THROUGH : MemoryAttributes.DEVICE_NGNRNE;
        normal = fetch;
        device = !fetch;
        cacheable = fetch && (walker.sctlr(regime) & SCTLR_I) != 0;
        readable = true;
        writable = true;
        executable = true;
        global = true;
        guarded = false;
        pageMask = 4095;
        return Fault.OK;
    }

    private void output(TlbEntry e, int regime, int access, int level, boolean pan) {
        permissions(e.clean ? e.ap & ~READ_ONLY : e.ap, e.pxn, e.uxn, regime, level, pan);
        pa = e.translate(walker.canonical);
        attr = e.attr;
        shareability = e.shareability;
        device = MemoryAttributes.device(attr);
        normal = !device;
        boolean fetch = (access & FETCH) != 0;
        cacheable = MemoryAttributes.writeBack(attr) && (walker.sctlr(regime) & (fetch ? SCTLR_I : SCTLR_C)) != 0
                && !(e.hasStage2() && (hcr.value & (fetch ? Hcr.ID : Hcr.CD)) != 0);
        global = e.global;
        guarded = e.guarded;
        pageMask = (1L << e.shift) - 1;
    }

    /** AArch64.S1DirectBasePermissions: what the level may do with a page of these attributes. */
    private void permissions(int ap, boolean pxn, boolean uxn, int regime, int level, boolean pan) {
        boolean readOnly = (ap & READ_ONLY) != 0;
        boolean user = Regime.hasAsid(regime) && (ap & 1) != 0;
        boolean wxn = (walker.sctlr(regime) & SCTLR_WXN) != 0;
        if (level == 0) {
            readable = user;
            writable = user && !readOnly;
            executable = !uxn && !(wxn && writable);
        } else {
            executable = !pxn && !(user && !readOnly) && !(wxn && !readOnly);
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
        if (!walker.topByteIgnored(regime, address, true)) {
            return address;
        }
        return Regime.hasAsid(regime) ? address << 8 >> 8 : address & -1L >>> 8;
    }

    /** EffectiveTBI: bits 63:56 of {@code address} are no part of it, at the current level. */
    public boolean topByteIgnored(long address, boolean instruction) {
        return walker.topByteIgnored(regime(cpu.el), address, instruction);
    }

    /** Where there are two halves, the top byte is ignored in one of them; else as {@link #topByteIgnored}. */
    public boolean anyTopByteIgnored(long address, boolean instruction) {
        int regime = regime(cpu.el);
        return walker.topByteIgnored(regime, address, instruction)
                || Regime.hasAsid(regime) && walker.topByteIgnored(regime, ~address, instruction);
    }

    /** Bits of an address in that half (if there are two) at the current level: the lowest of a pointer authentication code. */
    public int addressBits(boolean upper) {
        return walker.inputBits(regime(cpu.el), upper);
    }

    // Context -----------------------------------------------------------------------------------------------------------

    /** The software-TLB context of the current state. */
    public int context() {
        if (bigEndian || watched) {
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

    /** Every access goes the slow way from now on, or no longer. */
    public void watched(boolean on) {
        watched = on;
        contextChanged();
    }

    private int fetchContext() {
        int regime = regime(cpu.el);
        boolean on = enabled(regime);
        return switch (regime) {
            case Regime.EL10 -> cpu.el == 0 ? on ? Regime.CONTEXT_EL0 : Regime.CONTEXT_EL0_OFF
                    : on ? Regime.CONTEXT_EL1 : Regime.CONTEXT_EL10_OFF;
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
        walker.controlsChanged();
        stage2.controlsChanged();
        switch (name) {
            case "HCR_EL2" -> hypervisorControl(old ^ now);
            case "SCR_EL3" -> cpu.interruptsChanged();
            case "TTBR0_EL1", "TTBR1_EL1", "TTBR0_EL2", "TTBR1_EL2", "TTBR0_EL3" -> flush(name);
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

    private void hypervisorControl(long changed) {
        if ((changed & (Hcr.VM | Hcr.DC | Hcr.TGE | Hcr.E2H | Hcr.CD | Hcr.ID | Hcr.FWB | Hcr.PTW)) != 0) {
            tables.controlsChanged();
            flushSoft(Regime.EL10);
            flushSoft(Regime.IPA);
            flushSoft(Regime.EL20);
            cpu.fetchTranslationsChanged();
        }
        cpu.interruptsChanged();
    }

    private void flush(String name) {
        switch (name.charAt(name.length() - 1)) {
            case '1' -> flushGuest();
            case '3' -> flushSoft(Regime.EL3);
            default -> {
                flushSoft(Regime.EL20);
                if (name.charAt(0) == 'V' || stage2.enabled()) {
                    flushGuest();
                }
            }
        }
        cpu.fetchTranslationsChanged();
    }

    private void flushGuest() {
        flushSoft(Regime.EL10);
        flushSoft(Regime.IPA);
    }

    /** A descriptor above the leaves was stored to. */
    private void forgetAllFast() {
        for (int regime = Regime.EL10; regime <= Regime.IPA; regime++) {
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
    void invalidate(int regime, long va, int asid, int vmid, LevelHint hint) {
        tlb.invalidate(regime, va, asid, vmid, hint);
    }

    /** TLBI by range of addresses: [start, start + bytes), {@code bytes} a multiple of the granule. */
    void invalidateRange(int regime, long start, long bytes, int asid, int vmid, LevelHint hint) {
        tlb.invalidateIf(e -> e.regime == regime && e.vmid == vmid && (asid < 0 || e.global || e.asid == asid)
                && e.va < start + bytes && start < e.va + (1L << e.shift) && hint.covers(e));
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
        walker.controlsChanged();
        stage2.controlsChanged();
        tlb.invalidateIf(e -> true);
        tables.clear();
        cpu.softTlb.flushAll();
        cpu.fetchTranslationsChanged();
    }

    /** Fast entries are dropped by the caller; everything here is architectural. */
    public void dropDerivedState() {
        walker.controlsChanged();
        stage2.controlsChanged();
        cpu.fetchTranslationsChanged();
    }

    public void save(StateWriter out) {
        tlb.save(out);
    }

    public void load(StateReader in) {
        walker.controlsChanged();
        stage2.controlsChanged();
        tlb.load(in);
        tables.clear();
    }
}
