package dev.baton.arm64.debug;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.arm64.sysreg.Register;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.Arrays;

/**
 * Self-hosted debug of one CPU (Arm ARM, "AArch64 Self-hosted Debug"): when debug exceptions are enabled, and which instruction or access
 * raises one. Breakpoints on addresses end blocks there; an enabled watchpoint sends every access the slow way; while an instruction is
 * to be stepped, or a breakpoint matches by context alone, instructions run one by one. Otherwise nothing here is asked.
 */
public final class SelfHosted {
    private static final long[] NOWHERE = {};
    // MDSCR_EL1
    private static final long SS = 1;
    private static final long KDE = 1L << 13;
    private static final long MDE = 1L << 15;
    // MDCR_EL2, MDCR_EL3, OSLSR_EL1
    private static final long TDE = 1L << 8;
    private static final long SDD = 1L << 16;
    private static final long OSLK = 1L << 1;
    // PSTATE and SPSR_ELx
    private static final int D = 1 << 9;
    private static final int SPSR_SS = 21;
    // DBGBCRn_EL1 and DBGWCRn_EL1
    private static final long E = 1;

    /** Exception classes, from a lower level. */
    public static final int EC_BREAKPOINT = 0x30;
    public static final int EC_SOFTWARE_STEP = 0x32;
    public static final int EC_WATCHPOINT = 0x34;

    private static final int FSC_DEBUG = 0x22;
    private static final int ISS_ISV = 1 << 24;
    private static final int ISS_EX = 1 << 6;
    private static final int ISS_WNR = 1 << 6;

    private final Arm64Cpu cpu;
    private final Register mdscr;
    private final Register osLock;
    private final Register doubleLock;
    private final Register powerControl;
    private final Register mdcrEl2;
    private final Register mdcrEl3;
    private final Contexts contexts;
    private final Register[] breakpointValues;
    private final Register[] breakpoints;
    private final Register[] watchpointValues;
    private final Register[] watchpoints;
    private final int firstContextAware;

    /** MDSCR_EL1.SS. */
    public boolean stepping;
    /** An enabled breakpoint matches by context alone, at any address. */
    public boolean everywhere;
    private long[] addresses = NOWHERE;
    private boolean watching;

    /** After how many instructions the last step was made, and whether it was a load-exclusive. */
    private long steppedAt = -1;
    private boolean steppedExclusive;

    public SelfHosted(Arm64Cpu cpu) {
        this.cpu = cpu;
        mdscr = cpu.sysregs.register("MDSCR_EL1");
        osLock = cpu.sysregs.register("OSLSR_EL1");
        doubleLock = cpu.sysregs.register("OSDLR_EL1");
        powerControl = cpu.sysregs.register("DBGPRCR_EL1");
        mdcrEl2 = cpu.sysregs.register("MDCR_EL2");
        mdcrEl3 = cpu.sysregs.register("MDCR_EL3");
        contexts = new Contexts(cpu);
        long dfr0 = cpu.sysregs.register("ID_AA64DFR0_EL1").value;
        breakpointValues = registers("DBGBVR", dfr0 >>> 12);
        breakpoints = registers("DBGBCR", dfr0 >>> 12);
        watchpointValues = registers("DBGWVR", dfr0 >>> 20);
        watchpoints = registers("DBGWCR", dfr0 >>> 20);
        firstContextAware = breakpoints.length - 1 - (int) (dfr0 >>> 28 & 15);
    }

    private Register[] registers(String prefix, long count) {
        Register[] all = new Register[(int) (count & 15) + 1];
        for (int n = 0; n < all.length; n++) {
            all[n] = cpu.sysregs.register(prefix + n + "_EL1");
        }
        return all;
    }

    /** MDSCR_EL1 or one of the breakpoint and watchpoint registers was written, or all were restored. */
    public void changed() {
        boolean on = (mdscr.value & MDE) != 0;
        stepping = (mdscr.value & SS) != 0;
        everywhere = false;
        watching = false;
        long[] at = new long[breakpoints.length];
        int n = 0;
        for (int i = 0; i < breakpoints.length; i++) {
            long control = breakpoints[i].value;
            if (on && (control & E) != 0) {
                if (Contexts.type(control) <= 1) {
                    at[n++] = breakpointValues[i].value & -4;
                }
                everywhere |= Contexts.byContext(control) && !Contexts.linked(control);
            }
        }
        for (Register w : watchpoints) {
            watching |= on && (w.value & E) != 0;
        }
        addresses = n == 0 ? NOWHERE : Arrays.copyOf(at, n);
        cpu.engine.debug.guest(addresses, watching);
    }

    // Whether, and where to -----------------------------------------------------------------------------------------------

    /** The level that debug exceptions are taken to. */
    public int target() {
        return cpu.config.el2() && (cpu.sysregs.tge() || (mdcrEl2.value & TDE) != 0) ? 2 : 1;
    }

    /** AArch64.GenerateDebugExceptions. */
    private boolean enabled() {
        return enabledFrom(cpu.el, (cpu.daif & D) != 0);
    }

    private boolean enabledFrom(int from, boolean masked) {
        if ((osLock.value & OSLK) != 0 || (doubleLock.value & 1) != 0 && (powerControl.value & 1) == 0) {
            return false;
        }
        if (cpu.sysregs.secure(from) && (mdcrEl3.value & SDD) != 0) {
            return false;
        }
        int target = target();
        return from == target ? (mdscr.value & KDE) != 0 && !masked : target > from;
    }

    // Software step ---------------------------------------------------------------------------------------------------------

    /** PSTATE.SS after a return to {@code level} by an ERET that executes now (DebugExceptionReturnSS). */
    public boolean stepAfterReturn(int level, long spsr) {
        return stepping && !enabled() && enabledFrom(level, (spsr & D) != 0) && (spsr >>> SPSR_SS & 1) != 0;
    }

    /**
     * Before an instruction, with {@link #stepping}.
     *
     * @return it is to be stepped
     */
    public boolean beforeStep() {
        if (!enabled()) {
            return false;
        }
        if (!cpu.ss) {
            boolean stepped = cpu.engine.instructions() == steppedAt;
            throw raise(EC_SOFTWARE_STEP, stepped ? ISS_ISV | (steppedExclusive ? ISS_EX : 0) : 0);
        }
        return true;
    }

    /** An instruction of that word was stepped. */
    public void stepped(int word) {
        cpu.ss = false;
        steppedAt = cpu.engine.instructions();
        steppedExclusive = (word & 0x3fc0_0000) == 0x0840_0000;
    }

    /** SVC, HVC and SMC are executed and so leave the step pending, unlike what faults (SSAdvance). */
    public void advance() {
        cpu.ss &= !stepping;
    }

    private RuntimeException raise(int ec, int iss) {
        return cpu.exceptions.trap(Math.max(target(), cpu.el), ec, iss | FSC_DEBUG);
    }

    // Breakpoints -----------------------------------------------------------------------------------------------------------

    /** Before the instruction at {@code pc} executes: at an address of a breakpoint, or with {@link #everywhere}. */
    public void beforeInstruction(long pc) {
        if ((mdscr.value & MDE) == 0 || !enabled()) {
            return;
        }
        for (int n = 0; n < breakpoints.length; n++) {
            long control = breakpoints[n].value;
            if ((control & E) != 0 && matches(n, control, pc)) {
                throw raise(EC_BREAKPOINT, 0);
            }
        }
    }

    private boolean matches(int n, long control, long pc) {
        boolean value = Contexts.type(control) <= 1 ? (breakpointValues[n].value & -4) == pc
                : Contexts.byContext(control) && !Contexts.linked(control) && contextMatches(n);
        return value && stateMatches(control, cpu.el) && (Contexts.type(control) != 1 || linkMatches(control));
    }

    /** The last CTX_CMPs + 1 breakpoints are context-aware. */
    private boolean contextMatches(int n) {
        return n >= firstContextAware && contexts.match(breakpoints[n].value, breakpointValues[n].value);
    }

    /** LBN names an enabled context-aware breakpoint of a linked type that matches now. */
    private boolean linkMatches(long control) {
        int n = (int) (control >>> 16) & 15;
        if (n >= breakpoints.length) {
            return false;
        }
        long other = breakpoints[n].value;
        return (other & E) != 0 && Contexts.byContext(other) && Contexts.linked(other) && contextMatches(n);
    }

    /** SSC, HMC, and PMC or PAC (Arm ARM, AArch64.StateMatch). */
    private boolean stateMatches(long control, int level) {
        int ssc = (int) (control >>> 14) & 3;
        boolean hmc = (control & 1L << 13) != 0;
        int pxc = (int) (control >>> 1) & 3;
        boolean there = switch (level) {
            case 0 -> (pxc & 2) != 0;
            case 1 -> (pxc & 1) != 0;
            case 2 -> hmc && !(ssc == 2 && pxc == 0) || ssc == 3;
            default -> hmc && (ssc & 1) == 0;
        };
        boolean secure = cpu.sysregs.secure(cpu.el);
        return there && switch (ssc) {
            case 1 -> !secure;
            case 2 -> secure;
            case 3 -> hmc || secure;
            default -> true;
        };
    }

    // Watchpoints -----------------------------------------------------------------------------------------------------------

    /**
     * Before an access, while a watchpoint is enabled. What the MMU has to say against the access comes first.
     *
     * @param access as {@link Mmu#translate} takes it
     */
    public void beforeAccess(long va, int size, int access) {
        if (!watching || !enabled()) {
            return;
        }
        boolean write = (access & Mmu.WRITE) != 0;
        int level = (access & Mmu.UNPRIV) != 0 ? 0 : cpu.el;
        for (int n = 0; n < watchpoints.length; n++) {
            long control = watchpoints[n].value;
            boolean kind = (control & E) != 0 && (control >>> 3 & (write ? 2 : 1)) != 0;
            int at = kind ? firstByte(control, watchpointValues[n].value, va, size) : size;
            if (at < size && stateMatches(control, level) && ((control & 1L << 20) == 0 || linkMatches(control))) {
                hit(va, size, access, va + at);
            }
        }
    }

    private void hit(long va, int size, int access, long address) {
        if ((va & size - 1) != 0 && cpu.mmu.alignmentCheck) {
            return;
        }
        cpu.mmu.translate(va, access);
        if ((va & 4095) + size > 4096) {
            cpu.mmu.translate(va + size - 1, access);
        }
        RuntimeException e = raise(EC_WATCHPOINT, (access & Mmu.WRITE) != 0 ? ISS_WNR : 0);
        cpu.pending.far = address;
        cpu.pending.farValid = true;
        throw e;
    }

    /** The first byte of the access that BAS or MASK selects, {@code size} if none (Arm ARM, AArch64.WatchpointByteMatch). */
    private static int firstByte(long control, long value, long va, int size) {
        int mask = (int) (control >>> 24) & 31;
        int bas = (int) (control >>> 5) & 0xff;
        int bottom = mask != 0 ? mask : (value & 4) != 0 ? 2 : 3;
        for (int i = 0; i < size; i++) {
            // Bits 63:56 are a tag, or copies of bit 55.
            long a = va + i << 8 >> 8;
            boolean selected = mask != 0 || (bas >>> (int) (a & (1L << bottom) - 1) & 1) != 0;
            if (selected && a >> bottom == value >> bottom) {
                return i;
            }
        }
        return size;
    }

    // State -----------------------------------------------------------------------------------------------------------------

    public void save(StateWriter out) {
        out.u64(steppedAt).flag(steppedExclusive);
    }

    /** After the registers. */
    public void load(StateReader in) {
        steppedAt = in.u64();
        steppedExclusive = in.flag();
    }
}
