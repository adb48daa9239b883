package dev.baton.arm64.exception;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.GuestException;
import dev.baton.arm64.ProcessState;
import dev.baton.arm64.debug.SelfHosted;
import dev.baton.arm64.mmu.Fault;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.arm64.pmu.PerformanceMonitors;
import dev.baton.arm64.sysreg.Hcr;
import dev.baton.arm64.sysreg.Register;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.SortedMap;

/** Exception entry and return of one CPU (Arm ARM, AArch64.TakeException and AArch64.ExceptionReturn). */
public final class Exceptions {
    /** What {@link #pendingInterrupt} answers. */
    public static final int NONE = 0;
    public static final int IRQ = 1;
    public static final int FIQ = 2;
    public static final int SERROR = 3;
    public static final int VIRQ = 4;
    public static final int VFIQ = 5;
    public static final int VSERROR = 6;

    // ESR_ELx.EC
    private static final int EC_FP_ACCESS = 0x07;
    public static final int EC_UNKNOWN = 0x00;
    public static final int EC_WFX = 0x01;
    public static final int EC_FP = 0x07;
    public static final int EC_BRANCH_TARGET = 0x0d;
    public static final int EC_ILLEGAL_STATE = 0x0e;
    public static final int EC_SVC = 0x15;
    public static final int EC_HVC = 0x16;
    public static final int EC_SMC = 0x17;
    public static final int EC_INSTRUCTION_ABORT = 0x20;
    public static final int EC_PC_ALIGNMENT = 0x22;
    public static final int EC_DATA_ABORT = 0x24;
    public static final int EC_SP_ALIGNMENT = 0x26;
    public static final int EC_SERROR = 0x2f;
    public static final int EC_BRK = 0x3c;

    private static final int DFSC_EXTERNAL = 0x10;
    private static final int DFSC_ALIGNMENT = 0x21;
    private static final long IL = 1L << 25;
    private static final long SPAN = 1L << 23;
    private static final long DSSBS = 1L << 44;
    // SCR_EL3
    private static final long SCR_IRQ = 1L << 1;
    private static final long SCR_FIQ = 1L << 2;
    private static final long SCR_EA = 1L << 3;
    private static final long SCR_SMD = 1L << 7;
    private static final long SCR_HCE = 1L << 8;
    private static final long SCR_TWI = 1L << 12;
    private static final long SCR_TWE = 1L << 13;
    // SCTLR_EL1
    private static final long N_TWI = 1L << 16;
    private static final long N_TWE = 1L << 18;
    private static final long DISR_A = 1L << 31;
    // PSTATE.DAIF
    private static final int A = 0x100;
    private static final int I = 0x80;
    private static final int F = 0x40;

    private final Arm64Cpu cpu;
    private final Register hcr;
    private final Register scr;
    private final Register[] sctlr;
    private final Register[] vbar = new Register[4];
    private final Register[] elr = new Register[4];
    private final Register[] spsr = new Register[4];
    private final Register[] esr = new Register[4];
    private final Register[] far = new Register[4];
    private final Register hpfar;
    private final Register vsesr;
    private final Register disr;
    private final Register vdisr;
    private final PerformanceMonitors pmu;
    private boolean irq;
    private boolean fiq;
    private boolean serror;

    public Exceptions(Arm64Cpu cpu) {
        this.cpu = cpu;
        hcr = cpu.sysregs.hcrEl2;
        scr = cpu.sysregs.scrEl3;
        hpfar = cpu.sysregs.register("HPFAR_EL2");
        vsesr = cpu.sysregs.register("VSESR_EL2");
        disr = cpu.sysregs.register("DISR_EL1");
        vdisr = cpu.sysregs.register("VDISR_EL2");
        pmu = cpu.sysregs.pmu;
        sctlr = new Register[] {null, cpu.sysregs.sctlrEl1, cpu.sysregs.sctlrEl2, cpu.sysregs.sctlrEl3};
        for (int el = 1; el <= 3; el++) {
            vbar[el] = cpu.sysregs.register("VBAR_EL" + el);
            elr[el] = cpu.sysregs.register("ELR_EL" + el);
            spsr[el] = cpu.sysregs.register("SPSR_EL" + el);
            esr[el] = cpu.sysregs.register("ESR_EL" + el);
            far[el] = cpu.sysregs.register("FAR_EL" + el);
        }
    }

    // Interrupt inputs --------------------------------------------------------------------------------------------------

    /** The IRQ input pin. */
    public void irq(boolean asserted) {
        irq = asserted;
    }

    /** The FIQ input pin. */
    public void fiq(boolean asserted) {
        fiq = asserted;
    }

    /** An asynchronous external abort is pending. */
    public void serror(boolean pending) {
        serror = pending;
    }

    /** The interrupt to take now, or {@link #NONE}: pins, virtual interrupts, routing and masks considered. */
    public int pendingInterrupt() {
        if (!irq && !fiq && !serror && (hcr.value & (Hcr.VI | Hcr.VF | Hcr.VSE)) == 0) {
            return NONE;
        }
        if (serror && takes(serrorTarget(), A)) {
            return SERROR;
        }
        if (fiq && takes(target(SCR_FIQ, Hcr.FMO), F)) {
            return FIQ;
        }
        if (irq && takes(target(SCR_IRQ, Hcr.IMO), I)) {
            return IRQ;
        }
        return pendingVirtual();
    }

    private int pendingVirtual() {
        if (cpu.el > 1 || !cpu.config.el2() || (hcr.value & Hcr.TGE) != 0) {
            return NONE;
        }
        if (virtual(Hcr.VSE, Hcr.AMO, A)) {
            return VSERROR;
        }
        if (virtual(Hcr.VF, Hcr.FMO, F)) {
            return VFIQ;
        }
        return virtual(Hcr.VI, Hcr.IMO, I) ? VIRQ : NONE;
    }

    private boolean virtual(long pending, long routed, int mask) {
        return (hcr.value & pending) != 0 && (hcr.value & routed) != 0 && (cpu.daif & mask) == 0;
    }

    /**
     * ESB (FEAT_RAS): an SError that is pending and masked here is no longer pending but deferred, to DISR_EL1; a virtual one to
     * VDISR_EL2. What is not masked is taken before the next instruction anyway.
     */
    public void errorSynchronizationBarrier() {
        boolean masked = (cpu.daif & A) != 0 || serrorTarget() < cpu.el;
        if (serror && masked) {
            disr.value = DISR_A;
            serror = false;
        }
        boolean guest = cpu.el <= 1 && cpu.config.el2() && (hcr.value & (Hcr.TGE | Hcr.AMO)) == Hcr.AMO;
        if (guest && (hcr.value & Hcr.VSE) != 0 && (cpu.daif & A) != 0) {
            vdisr.value = DISR_A | vsesr.value;
            hcr.value &= ~Hcr.VSE;
        }
    }

    private int target(long scrBit, long hcrBit) {
        if (cpu.config.el3() && (scr.value & scrBit) != 0) {
            return 3;
        }
        return cpu.config.el2() && (hcr.value & (hcrBit | Hcr.TGE)) != 0 ? 2 : 1;
    }

    private int serrorTarget() {
        return target(SCR_EA, Hcr.AMO);
    }

    /**
     * Arm ARM, "Asynchronous exception masking": never taken to a lower level; at the level it goes to, and to EL1,
     * PSTATE masks it; a higher EL2 or EL3 takes it regardless, except that a host's EL2 respects the mask of its EL0.
     */
    private boolean takes(int target, int mask) {
        if (target < cpu.el) {
            return false;
        }
        boolean masked = (cpu.daif & mask) != 0;
        if (target == cpu.el || target == 1 || target == 2 && cpu.sysregs.hostEl0()) {
            return !masked;
        }
        return true;
    }

    /** ISR_EL1: A, I, F in bits 8:6; at EL1 the virtual ones where the physical are routed to EL2. */
    public long isr() {
        boolean guest = cpu.el <= 1 && cpu.config.el2() && (hcr.value & Hcr.TGE) == 0;
        long a = guest && (hcr.value & Hcr.AMO) != 0 ? hcr.value >>> 8 & 1 : serror ? 1 : 0;
        long i = guest && (hcr.value & Hcr.IMO) != 0 ? hcr.value >>> 7 & 1 : irq ? 1 : 0;
        long f = guest && (hcr.value & Hcr.FMO) != 0 ? hcr.value >>> 6 & 1 : fiq ? 1 : 0;
        return a << 8 | i << 7 | f << 6;
    }

    /** WFI ends: an interrupt is pending, masked by PSTATE or not. */
    public boolean wakesUp() {
        return irq || fiq || serror || cpu.el <= 1 && cpu.config.el2() && (hcr.value & (Hcr.VI | Hcr.VF | Hcr.VSE)) != 0;
    }

    // Descriptions: each fills cpu.pending and returns what to throw ----------------------------------------------------

    private GuestException describe(int ec, int iss) {
        cpu.pending.ec = ec;
        cpu.pending.iss = iss;
        cpu.pending.farValid = false;
        cpu.pending.ipaValid = false;
        cpu.pending.targetEl = 0;
        cpu.pending.returnsToNext = false;
        return cpu.raise();
    }

    /** A trap to {@code targetEl}. */
    public GuestException trap(int targetEl, int ec, int iss) {
        describe(ec, iss);
        cpu.pending.targetEl = targetEl;
        return cpu.raise();
    }

    /** Describes an Undefined Instruction exception in {@link Arm64Cpu#pending}; the caller raises it. */
    public void undefined() {
        describe(EC_UNKNOWN, 0);
    }

    public GuestException svc(int imm16) {
        describe(EC_SVC, imm16);
        cpu.pending.returnsToNext = true;
        return cpu.raise();
    }

    /** HVC that no firmware answered. */
    public GuestException hvc(int imm16) {
        boolean enabled = cpu.config.el3() ? (scr.value & SCR_HCE) != 0 : (hcr.value & Hcr.HCD) == 0;
        if (cpu.el == 0 || !cpu.config.el2() || !enabled) {
            return describe(EC_UNKNOWN, 0);
        }
        describe(EC_HVC, imm16);
        cpu.pending.targetEl = Math.max(2, cpu.el);
        cpu.pending.returnsToNext = true;
        return cpu.raise();
    }

    /** HCR_EL2.TSC: an SMC of EL1 goes to EL2 and never reaches firmware. */
    public boolean trapsSmc() {
        return cpu.el == 1 && cpu.config.el2() && (hcr.value & Hcr.TSC) != 0;
    }

    /** SMC that was trapped, or that no firmware answered. */
    public GuestException smc(int imm16) {
        if (cpu.el == 0) {
            return describe(EC_UNKNOWN, 0);
        }
        if (trapsSmc()) {
            return trap(2, EC_SMC, imm16);
        }
        if (!cpu.config.el3() || (scr.value & SCR_SMD) != 0) {
            return describe(EC_UNKNOWN, 0);
        }
        describe(EC_SMC, imm16);
        cpu.pending.targetEl = 3;
        cpu.pending.returnsToNext = true;
        return cpu.raise();
    }

    /**
     * A trapped access to FP or SIMD state. What CPACR_EL1 traps goes to EL1, or as an exception of unknown reason to the EL2 that takes
     * EL1's (HCR_EL2.TGE).
     */
    public GuestException fpAccessTrap() {
        int target = cpu.sysregs.fpAccess.target();
        boolean taken = target == 1 && cpu.config.el2() && cpu.sysregs.tge();
        return taken ? trap(2, EC_UNKNOWN, 0) : trap(target, EC_FP_ACCESS, 1 << 24 | 0xe << 20);
    }

    public GuestException brk(int imm16) {
        return describe(EC_BRK, imm16);
    }

    /** PSTATE.IL was set when an instruction was to execute. */
    public GuestException illegalState() {
        return describe(EC_ILLEGAL_STATE, 0);
    }

    /** An indirect branch landed where its type may not (FEAT_BTI). */
    public GuestException branchTarget() {
        return describe(EC_BRANCH_TARGET, cpu.btype);
    }

    public GuestException pcAlignment(long address) {
        describe(EC_PC_ALIGNMENT, 0);
        cpu.pending.far = address;
        cpu.pending.farValid = true;
        return cpu.raise();
    }

    public GuestException spAlignment() {
        return describe(EC_SP_ALIGNMENT, 0);
    }

    public GuestException alignmentFault(long va, int access) {
        return abort(va, access, DFSC_ALIGNMENT);
    }

    /** Synchronous external abort, not on a translation table walk. */
    public GuestException externalAbort(long va, int access) {
        return abort(va, access, DFSC_EXTERNAL);
    }

    /**
     * Instruction or Data Abort.
     *
     * @param fault fault status code, with {@link Fault#STAGE2} and {@link Fault#S1PTW}
     */
    public GuestException abort(long va, int access, int fault) {
        boolean fetch = (access & Mmu.FETCH) != 0;
        boolean maintenance = (access & Mmu.MAINTENANCE) != 0;
        boolean write = (access & Mmu.WRITE) != 0 || maintenance;
        int iss = (fetch ? 0 : (maintenance ? 1 << 8 : 0) | (write ? 1 << 6 : 0)) | Fault.code(fault);
        boolean stage2 = (fault & Fault.STAGE2) != 0;
        boolean walk = (fault & Fault.S1PTW) != 0;
        describe(fetch ? EC_INSTRUCTION_ABORT : EC_DATA_ABORT, walk ? iss | 1 << 7 : iss);
        cpu.pending.far = va;
        cpu.pending.farValid = true;
        if (stage2) {
            cpu.pending.targetEl = 2;
            cpu.pending.ipa = cpu.mmu.faultIpa;
            cpu.pending.ipaValid = true;
            cpu.pending.iss |= fetch || maintenance || walk ? 0 : AccessSyndrome.of(cpu);
        }
        return cpu.raise();
    }

    /** Where WFI or WFE traps to, 0 if it does not. Asked only when the instruction would wait. */
    public int waitTrap(boolean event) {
        if (cpu.el == 0) {
            long allowed = (cpu.sysregs.hostEl0() ? sctlr[2] : sctlr[1]).value & (event ? N_TWE : N_TWI);
            if (allowed == 0) {
                return cpu.config.el2() && cpu.sysregs.tge() ? 2 : 1;
            }
        }
        if (cpu.el <= 1 && cpu.config.el2() && !(cpu.el == 0 && cpu.sysregs.hostEl0()) && (hcr.value & (event ? Hcr.TWE : Hcr.TWI)) != 0) {
            return 2;
        }
        return cpu.el <= 2 && cpu.config.el3() && (scr.value & (event ? SCR_TWE : SCR_TWI)) != 0 ? 3 : 0;
    }

    /** The trap of {@link #waitTrap}: EC 1, CV and COND of an unconditional instruction, TI in bit 0. */
    public GuestException waitTrapped(int targetEl, boolean event) {
        return trap(targetEl, EC_WFX, 1 << 24 | 0xe << 20 | (event ? 1 : 0));
    }

    // Entry -------------------------------------------------------------------------------------------------------------

    /** Takes the synchronous exception that {@link Arm64Cpu#pending} describes. */
    public void take() {
        var p = cpu.pending;
        int target = p.targetEl != 0 ? p.targetEl : synchronousTarget();
        target = Math.max(target, cpu.el);
        boolean abort = p.ec == EC_INSTRUCTION_ABORT || p.ec == EC_DATA_ABORT;
        boolean debug = p.ec == SelfHosted.EC_BREAKPOINT || p.ec == SelfHosted.EC_SOFTWARE_STEP || p.ec == SelfHosted.EC_WATCHPOINT;
        int ec = (abort || debug) && target == cpu.el ? p.ec + 1 : p.ec;
        esr[target].value = (long) ec << 26 | IL | p.iss;
        if (p.farValid) {
            far[target].value = p.far;
        }
        if (p.ipaValid) {
            hpfar.value = p.ipa >>> 12 << 4;
        }
        if (p.returnsToNext) {
            cpu.selfHosted.advance();
            pmu.leaveByInstruction();
        } else {
            pmu.leaveByFault();
        }
        enter(target, 0x000, cpu.pc() + (p.returnsToNext ? 4 : 0));
    }

    /** Right after an exception was taken, which masks those of its level: none goes to a level above that would not be masked. */
    public boolean nothingInterrupts() {
        if (cpu.config.el3()) {
            return cpu.el == 3;
        }
        return cpu.el == 2 || !cpu.config.el2() || (hcr.value & (Hcr.IMO | Hcr.FMO | Hcr.AMO | Hcr.TGE)) == 0;
    }

    private int synchronousTarget() {
        int fsc = cpu.pending.iss & 0x3f;
        boolean abort = cpu.pending.ec == EC_INSTRUCTION_ABORT || cpu.pending.ec == EC_DATA_ABORT;
        boolean external = abort && (fsc == DFSC_EXTERNAL || Fault.externalOnWalk(fsc));
        if (external && cpu.config.el3() && (scr.value & SCR_EA) != 0) {
            return 3;
        }
        boolean toHypervisor = external && cpu.el <= 1 && (hcr.value & Hcr.TEA) != 0;
        boolean debugAtEl2 = cpu.pending.ec == EC_BRK && cpu.selfHosted.target() == 2;
        boolean host = cpu.el == 0 && (hcr.value & Hcr.TGE) != 0;
        return cpu.config.el2() && (host || debugAtEl2 || toHypervisor) ? 2 : 1;
    }

    /** Takes an interrupt of {@link #pendingInterrupt}. */
    public void takeInterrupt(int kind) {
        int target = switch (kind) {
            case IRQ -> target(SCR_IRQ, Hcr.IMO);
            case FIQ -> target(SCR_FIQ, Hcr.FMO);
            case SERROR -> serrorTarget();
            default -> 1;
        };
        int offset = switch (kind) {
            case IRQ, VIRQ -> 0x080;
            case FIQ, VFIQ -> 0x100;
            default -> 0x180;
        };
        if (offset == 0x180) {
            esr[target].value = (long) EC_SERROR << 26 | IL | (kind == VSERROR ? vsesr.value : 0);
        }
        if (kind == SERROR) {
            serror = false;
        } else if (kind == VSERROR) {
            hcr.value &= ~Hcr.VSE;
        }
        pmu.leave();
        enter(target, offset, cpu.pc());
    }

    private void enter(int target, int offset, long preferredReturn) {
        spsr[target].value = ProcessState.of(cpu);
        elr[target].value = preferredReturn;
        int vector = offset + (target > cpu.el ? 0x400 : cpu.spSel ? 0x200 : 0);
        cpu.parkSp();
        cpu.el = target;
        cpu.spSel = true;
        cpu.selectSp();
        cpu.daif = 0x3c0;
        cpu.il = false;
        cpu.ss = false;
        cpu.uao = false;
        cpu.btype = 0;
        cpu.ssbs = (sctlr[target].value & DSSBS) != 0;
        if ((target == 1 || target == 2 && cpu.sysregs.hostEl0()) && (sctlr[target].value & SPAN) == 0) {
            cpu.pan = true;
        }
        cpu.branchTo(vbar[target].value + vector);
        cpu.mmu.contextChanged();
        pmu.entered();
    }

    // Return ------------------------------------------------------------------------------------------------------------

    /** ERET. UNDEFINED at EL0. */
    public void eret() {
        eretTo(returnAddress());
    }

    /** ELR_ELx of the current level, for an exception return. */
    public long returnAddress() {
        if (cpu.el == 0) {
            throw cpu.undefined();
        }
        return elr[cpu.el].value;
    }

    /** An exception return to {@code address}. An illegal return state sets PSTATE.IL and keeps the level. */
    public void eretTo(long address) {
        long state = spsr[cpu.el].value;
        boolean illegal = illegalReturn(state);
        boolean step = cpu.selfHosted.stepAfterReturn(illegal ? cpu.el : (int) state >>> 2 & 3, state);
        pmu.leaveByInstruction();
        cpu.parkSp();
        ProcessState.conditions(cpu, state);
        cpu.ss = step;
        if (illegal) {
            cpu.il = true;
        } else {
            cpu.il = (state >>> 20 & 1) != 0;
            cpu.el = (int) state >>> 2 & 3;
            cpu.spSel = (state & 1) != 0;
        }
        cpu.selectSp();
        cpu.clearExclusive();
        cpu.eventRegister = true;
        cpu.branchTo(cpu.mmu.branchAddress(address));
        cpu.mmu.contextChanged();
        pmu.entered();
    }

    /** IllegalExceptionReturn: AArch32, a reserved mode, a higher or absent level, EL1 while TGE is set. */
    private boolean illegalReturn(long state) {
        int mode = (int) state & 0x1f;
        int target = mode >>> 2 & 3;
        boolean reserved = (mode & 0x12) != 0 || target == 0 && (mode & 1) != 0;
        boolean absent = target == 2 && !cpu.config.el2() || target == 3 && !cpu.config.el3();
        boolean forbidden = target == 1 && cpu.config.el2() && (hcr.value & Hcr.TGE) != 0;
        return reserved || target > cpu.el || absent || forbidden;
    }

    // Reset -------------------------------------------------------------------------------------------------------------

    /** Architectural reset, then the hand-over state of firmware, then the given registers ({@code pc}, general registers, {@code el}). */
    public void reset(SortedMap<String, Long> registers) {
        PowerOn.apply(cpu, registers);
    }

    /** Interrupt inputs are levels of others; the pending SError is ours. */
    public void save(StateWriter out) {
        out.flag(irq).flag(fiq).flag(serror);
    }

    public void load(StateReader in) {
        irq = in.flag();
        fiq = in.flag();
        serror = in.flag();
    }
}
