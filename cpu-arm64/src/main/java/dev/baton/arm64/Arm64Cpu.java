package dev.baton.arm64;

import dev.baton.arm64.debug.SelfHosted;
import dev.baton.arm64.engine.Engine;
import dev.baton.arm64.engine.MemoryPath;
import dev.baton.arm64.engine.VirtualAccess;
import dev.baton.arm64.exception.Exceptions;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.arm64.pauth.PointerAuthentication;
import dev.baton.arm64.sysreg.CpuModel;
import dev.baton.arm64.sysreg.Features;
import dev.baton.arm64.sysreg.SystemRegisters;
import dev.baton.core.cpu.Cpu;
import dev.baton.core.cpu.StopPoints;
import dev.baton.core.io.InterruptLine;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.Host;
import dev.baton.core.mem.SoftTlb;

import java.util.List;
import java.util.SortedMap;

/**
 * One AArch64 processing element: general registers, PSTATE, and the parts that own the rest. Fields that instruction
 * handlers touch are public and flat; everything that happens rarely lives in a part.
 *
 * <p>{@code x} has 34 entries: 0–30 the general registers, {@link #SP} the stack pointer in use, {@link #ZR_READ} always
 * zero (XZR as a source), {@link #ZR_WRITE} a sink (XZR as a destination), so that no handler asks whether 31 means SP or
 * XZR: the decoder resolved it.
 */
public final class Arm64Cpu implements Cpu {
    public static final int SP = 31;
    public static final int ZR_READ = 32;
    public static final int ZR_WRITE = 33;

    // PSTATE ----------------------------------------------------------------------------------------------------------
    public final long[] x = new long[34];
    /** Vn: bits 63:0 in {@code v[2 * n]}, bits 127:64 in {@code v[2 * n + 1]}. */
    public final long[] v = new long[64];
    /** FPCR and FPSR. */
    public int fpcr;
    public int fpsr;
    /** An instruction that touches V registers, FPCR or FPSR is trapped in the current state: it throws {@link #fpTrap}. */
    public boolean fpTrapped;
    /** PC of the block that executes; the PC of an instruction is this plus four times its {@link Insn#at}. */
    public long pc;
    /** Index in its block of the instruction that executes. Exact whenever execution is out of line (slow paths, system instructions). */
    public int at;
    /** N Z C V in bits 31:28, as in SPSR. */
    public int nzcv;
    /** Current exception level, 0 to 3. */
    public int el;
    /** PSTATE.SP: true uses SP_ELx, false SP_EL0. */
    public boolean spSel;
    /** D A I F in bits 9:6, as in SPSR. */
    public int daif;
    /** PSTATE.PAN, UAO, DIT, SSBS, IL and SS; always false where the feature is absent. */
    public boolean pan;
    public boolean uao;
    public boolean dit;
    public boolean ssbs;
    /** PSTATE.BTYPE before the first instruction after an indirect branch into a guarded page, else 0. */
    public int btype;
    public boolean il;
    public boolean ss;
    /** SP_EL0 to SP_EL3 while they are not the stack pointer in use; that one is in {@code x[SP]}. See {@link #selectSp}. */
    public final long[] spBank = new long[4];

    public final PendingException pending = new PendingException();

    /** Base of the software-TLB context in use: inline probes start here. */
    public long tlb;
    public final SoftTlb softTlb;

    /** Number of the translation state of instruction fetch; see {@link #fetchContext}. */
    public long fetchKey;
    /** Set by {@link #branchTo}: the instruction that executes went somewhere itself. */
    public boolean branched;

    /** Local exclusive monitor: address and size of the marked range, size 0 when open. */
    public long exclusiveAddress;
    public int exclusiveSize;

    /** The event register of WFE. */
    public boolean eventRegister;

    public final Machine machine;
    public final Arm64Config config;
    /** What the CPU model has. */
    public final Features features;
    public final Engine engine;
    public final MemoryPath memory;
    public final Mmu mmu;
    public final SystemRegisters sysregs;
    public final Exceptions exceptions;
    public final SelfHosted selfHosted;
    public final PointerAuthentication pauth;

    private final int index;
    private final VirtualAccess virtual;
    private State state = State.OFF;
    private String activity = "";

    public Arm64Cpu(Machine machine, int index, Arm64Config config) {
        this.machine = machine;
        this.index = index;
        this.config = config;
        features = CpuModel.named(config.model()).features();
        softTlb = new SoftTlb(index, Mmu.CONTEXTS);
        machine.bus().banks().forEach(r -> r.attach(softTlb));
        engine = new Engine(this);
        memory = new MemoryPath(this);
        sysregs = new SystemRegisters(this);
        mmu = new Mmu(this);
        exceptions = new Exceptions(this);
        selfHosted = new SelfHosted(this);
        pauth = new PointerAuthentication(this);
        virtual = new VirtualAccess(this);
        mmu.contextChanged();
    }

    // Loads and stores: one probe of the software TLB, everything else out of line --------------------------------------

    public long load8(long va, Insn self) {
        long e = SoftTlb.entry(tlb, va);
        return Host.getLong(e) == (va & -4096L) ? Host.getByte(va + Host.getLong(e + 8)) & 0xffL : memory.loadSlow(va, 1, self);
    }

    public long load16(long va, Insn self) {
        long e = SoftTlb.entry(tlb, va);
        return Host.getLong(e) == (va & -4095L) ? Host.getShort(va + Host.getLong(e + 8)) & 0xffffL : memory.loadSlow(va, 2, self);
    }

    public long load32(long va, Insn self) {
        long e = SoftTlb.entry(tlb, va);
        return Host.getLong(e) == (va & -4093L) ? Host.getInt(va + Host.getLong(e + 8)) & 0xffff_ffffL : memory.loadSlow(va, 4, self);
    }

    public long load64(long va, Insn self) {
        long e = SoftTlb.entry(tlb, va);
        return Host.getLong(e) == (va & -4089L) ? Host.getLong(va + Host.getLong(e + 8)) : memory.loadSlow(va, 8, self);
    }

    public void store8(long va, long value, Insn self) {
        long e = SoftTlb.entry(tlb, va);
        if (Host.getLong(e + 16) == (va & -4096L)) {
            Host.putByte(va + Host.getLong(e + 24), (byte) value);
        } else {
            memory.storeSlow(va, 1, value, self);
        }
    }

    public void store16(long va, long value, Insn self) {
        long e = SoftTlb.entry(tlb, va);
        if (Host.getLong(e + 16) == (va & -4095L)) {
            Host.putShort(va + Host.getLong(e + 24), (short) value);
        } else {
            memory.storeSlow(va, 2, value, self);
        }
    }

    public void store32(long va, long value, Insn self) {
        long e = SoftTlb.entry(tlb, va);
        if (Host.getLong(e + 16) == (va & -4093L)) {
            Host.putInt(va + Host.getLong(e + 24), (int) value);
        } else {
            memory.storeSlow(va, 4, value, self);
        }
    }

    public void store64(long va, long value, Insn self) {
        long e = SoftTlb.entry(tlb, va);
        if (Host.getLong(e + 16) == (va & -4089L)) {
            Host.putLong(va + Host.getLong(e + 24), value);
        } else {
            memory.storeSlow(va, 8, value, self);
        }
    }

    /** Loads 16 bytes into {@code v[t]} and {@code v[t + 1]}: one probe where they are aligned, or may be misaligned, in one page. */
    public void load128(long va, int t, Insn self) {
        long e = SoftTlb.entry(tlb, va);
        if (Host.getLong(e) == (va & -4081L) || Host.getLong(e) == (va & -4096L) && memory.anywhere(va, 16)) {
            long host = va + Host.getLong(e + 8);
            v[t] = Host.getLong(host);
            v[t + 1] = Host.getLong(host + 8);
        } else {
            memory.loadSlow128(va, t, self);
        }
    }

    /** Stores {@code v[t]} and {@code v[t + 1]}. */
    public void store128(long va, int t, Insn self) {
        long e = SoftTlb.entry(tlb, va);
        if (Host.getLong(e + 16) == (va & -4081L) || Host.getLong(e + 16) == (va & -4096L) && memory.anywhere(va, 16)) {
            long host = va + Host.getLong(e + 24);
            Host.putLong(host, v[t]);
            Host.putLong(host + 8, v[t + 1]);
        } else {
            memory.storeSlow128(va, t, self);
        }
    }

    // What the other parts tell the engine --------------------------------------------------------------------------------

    /** The unwinding throwable: {@code throw cpu.raise()} after {@link #pending} was filled. */
    public GuestException raise() {
        return GuestException.INSTANCE;
    }

    /** {@code throw cpu.undefined()}: the instruction is UNDEFINED here (EC 0). */
    public GuestException undefined() {
        exceptions.undefined();
        return GuestException.INSTANCE;
    }

    /** {@code if (c.fpTrapped) throw c.fpTrap(this)}: begins every FP and SIMD instruction. */
    public GuestException fpTrap(Insn self) {
        at = self.at;
        return exceptions.fpAccessTrap();
    }

    /** Continues at {@code address}: exception entry and return. */
    public void branchTo(long address) {
        pc = address;
        at = 0;
        branched = true;
    }

    /** After {@link #el} or {@link #spSel} change: call {@code parkSp()} before and this after. */
    public void selectSp() {
        x[SP] = spBank[spSel ? el : 0];
    }

    /** Puts the stack pointer in use back into its bank. */
    public void parkSp() {
        spBank[spSel ? el : 0] = x[SP];
    }

    /** SP_ELx as MRS/MSR and debuggers see it, whether in use or not. */
    public long sp(int level) {
        return level == (spSel ? el : 0) ? x[SP] : spBank[level];
    }

    public void sp(int level, long value) {
        spBank[level] = value;
        if (level == (spSel ? el : 0)) {
            x[SP] = value;
        }
    }

    /**
     * The translation state in use for instruction fetch is now that of {@code context}; contexts of equal number share
     * their translations. The number {@link SoftTlb#MISS} shares with nobody, not even itself.
     */
    public void fetchContext(int context) {
        engine.code.context(context);
    }

    /** Translations or their permissions may have changed (TLBI, TTBR, TCR, SCTLR, …): every fetch translates anew. */
    public void fetchTranslationsChanged() {
        engine.code.translationsChanged();
    }

    /** {@code IC IALLU}, on this CPU. */
    public void invalidateInstructions() {
        engine.code.invalidateAll();
    }

    /** {@code IC IVAU}: the line of physical address {@code pa}, on this CPU. */
    public void invalidateInstructions(long pa) {
        engine.code.invalidateLine(pa);
    }

    public void clearExclusive() {
        exclusiveSize = 0;
    }

    /** Waits for an interrupt or event; from WFI, WFE and firmware. */
    public void waitForWakeUp() {
        state = State.WAITING;
        endSlice();
    }

    /** An interrupt input, or a mask, changed in a way that may wake the CPU or interrupt it. */
    public void interruptsChanged() {
        if (state == State.WAITING && exceptions.wakesUp()) {
            state = State.RUNNING;
        }
    }

    // Cpu ---------------------------------------------------------------------------------------------------------------

    @Override
    public int index() {
        return index;
    }

    @Override
    public long pc() {
        return pc + 4L * at;
    }

    @Override
    public String activity() {
        return activity;
    }

    @Override
    public long virtualAddress() {
        return mmu.va;
    }

    @Override
    public void activity(String text) {
        activity = text;
    }

    @Override
    public String architecture() {
        return "arm64";
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public long run(long budget) {
        return engine.run(sysregs.pmu.budget(budget));
    }

    @Override
    public long executedInSlice() {
        return engine.executedInSlice();
    }

    @Override
    public long instructions() {
        return engine.instructions();
    }

    @Override
    public void endSlice() {
        engine.endSlice();
    }

    @Override
    public void shortenSlice(long instructions) {
        engine.shortenSlice(instructions);
    }

    @Override
    public void sliceEnded() {
        sysregs.pmu.sliceEnded();
        if (exclusiveSize != 0) {
            clearExclusive();
            eventRegister |= state == State.RUNNING;
        }
    }

    @Override
    public void powerOn(SortedMap<String, Long> registers) {
        java.util.Arrays.fill(x, 0);
        java.util.Arrays.fill(v, 0);
        fpcr = 0;
        fpsr = 0;
        clearExclusive();
        eventRegister = false;
        engine.code.invalidateAll();
        exceptions.reset(registers);
        selfHosted.changed();
        state = State.RUNNING;
    }

    @Override
    public void powerOff() {
        state = State.OFF;
        endSlice();
    }

    @Override
    public void waitForInterrupt() {
        engine.waits.waitInFirmware();
    }

    @Override
    public void eventReceived() {
        if (state == State.WAITING && engine.waits.forEvent()) {
            state = State.RUNNING;
        } else {
            eventRegister = true;
        }
    }

    @Override
    public InterruptLine interrupt(String name) {
        return switch (name) {
            case "irq" -> asserted -> {
                exceptions.irq(asserted);
                interruptsChanged();
            };
            case "fiq" -> asserted -> {
                exceptions.fiq(asserted);
                interruptsChanged();
            };
            default -> throw new IllegalArgumentException("arm64 CPU: no interrupt input named '" + name + "', only irq and fiq");
        };
    }

    @Override
    public long register(String name) {
        return RegisterNames.read(this, name);
    }

    @Override
    public void register(String name, long value) {
        RegisterNames.write(this, name, value);
    }

    @Override
    public List<String> registerNames() {
        return RegisterNames.GENERAL;
    }

    @Override
    public long argument(int n) {
        return x[n];
    }

    @Override
    public void argument(int n, long value) {
        x[n] = value;
    }

    @Override
    public long stateHash() {
        return RegisterNames.hash(this);
    }

    @Override
    public String describe() {
        return RegisterNames.describe(this);
    }

    @Override
    public long[] lastBranches() {
        return engine.lastBranches();
    }

    @Override
    public long translate(long va) {
        return virtual.translate(va);
    }

    @Override
    public long loadVirtual(long va, int size) {
        return virtual.load(va, size);
    }

    @Override
    public void storeVirtual(long va, int size, long value) {
        virtual.store(va, size, value);
    }

    @Override
    public void readVirtual(long va, byte[] into, int offset, int n) {
        virtual.read(va, into, offset, n);
    }

    @Override
    public void writeVirtual(long va, byte[] from, int offset, int n) {
        virtual.write(va, from, offset, n);
    }

    @Override
    public void fillVirtual(long va, long n, byte value) {
        virtual.fill(va, n, value);
    }

    @Override
    public long callGuest(long target, long... arguments) {
        return engine.callGuest(target, arguments);
    }

    @Override
    public void callBefore(long target, Runnable reached) {
        engine.callBeforeAny(new long[] {target}, reached);
    }

    @Override
    public void callBeforeAny(long[] targets, Runnable reached) {
        engine.callBeforeAny(targets, reached);
    }

    @Override
    public void whenTranslationGoesOff(Runnable off) {
        mmu.whenTranslationGoesOff(off);
    }

    @Override
    public void whenIdentityPageBegins(Runnable begun) {
        engine.whenIdentityPageBegins(begun);
    }

    @Override
    public void stopPoints(StopPoints points) {
        engine.stopPoints(points);
    }

    @Override
    public StopPoints.Hit stopHit() {
        return engine.debug.hit();
    }

    @Override
    public void dropDerivedState() {
        softTlb.flushAll();
        engine.code.dropDerived();
        mmu.dropDerivedState();
        mmu.contextChanged();
        sysregs.pmu.dropDerivedState();
        selfHosted.changed();
    }

    @Override
    public void save(StateWriter out) {
        out.longs(x).longs(v).u32(fpcr).u32(fpsr);
        out.u64(pc()).u32(nzcv).u32(el).flag(spSel).u32(daif).flag(pan).flag(uao).flag(dit).flag(ssbs).u32(btype);
        out.flag(il).flag(ss).longs(spBank);
        out.u64(exclusiveAddress).u32(exclusiveSize).flag(eventRegister).text(state.name());
        engine.save(out);
        sysregs.save(out);
        mmu.save(out);
        exceptions.save(out);
        selfHosted.save(out);
    }

    @Override
    public void load(StateReader in) {
        System.arraycopy(in.longs(), 0, x, 0, x.length);
        System.arraycopy(in.longs(), 0, v, 0, v.length);
        fpcr = in.u32();
        fpsr = in.u32();
        branchTo(in.u64());
        nzcv = in.u32();
        el = in.u32();
        spSel = in.flag();
        daif = in.u32();
        pan = in.flag();
        uao = in.flag();
        dit = in.flag();
        ssbs = in.flag();
        btype = in.u32();
        il = in.flag();
        ss = in.flag();
        System.arraycopy(in.longs(), 0, spBank, 0, spBank.length);
        exclusiveAddress = in.u64();
        exclusiveSize = in.u32();
        eventRegister = in.flag();
        state = State.valueOf(in.text());
        engine.load(in);
        sysregs.load(in);
        mmu.load(in);
        exceptions.load(in);
        selfHosted.load(in);
    }
}
