package dev.baton.arm64.mmu;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

/** Address translation of one CPU. */
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

    /** Number of software-TLB contexts, {@link dev.baton.core.mem.SoftTlb#MISS} included. */
    public static final int CONTEXTS = 11;

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

    /** SCTLR_ELx.A of the current level. */
    public boolean alignmentCheck;
    /** SCTLR_ELx.SA, or SA0 at EL0. */
    public boolean spAlignmentCheck;
    /** Data accesses are big-endian: SCTLR_ELx.EE, or E0E at EL0. */
    public boolean bigEndian;

    private final Arm64Cpu cpu;

    public Mmu(Arm64Cpu cpu) {
        this.cpu = cpu;
    }

    /** Translates {@code va} for {@code access}. */
    public void translate(long va, int access) {
        pa = va;
        ok = true;
        readable = true;
        writable = true;
        executable = true;
    }

    /** The software-TLB context of the current state. */
    public int context() {
        return cpu.el + 1;
    }

    /** After any change of the state that selects a translation. */
    public void contextChanged() {
        cpu.tlb = cpu.softTlb.contextBase(context());
        cpu.fetchContext(context());
    }

    /** Drops what was derived from memory (fast entries are dropped by the caller; nothing architectural). */
    public void dropDerivedState() { }

    public void save(StateWriter out) { }

    public void load(StateReader in) { }
}
