package dev.baton.arm64.sysreg;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.arm64.pmu.PerformanceMonitors;
import dev.baton.arm64.timer.GenericTimers;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.Maintenance;
import dev.baton.core.mem.View;
import dev.baton.core.trace.TraceHash;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The system registers of one CPU, and its system instructions. Registers are objects built from the rows of
 * {@code sysreg.tab}; those that other parts of the CPU look at are fields here.
 */
public final class SystemRegisters {
    private static final int EC_SYSTEM_REGISTER = 0x18;
    private static final int IMPLEMENTATION_DEFINED_CRN = 0b1011;
    private static final long SCR_NS = 1;
    // PSTATE fields that a model may lack.
    private static final int UAO = Features.number("FEAT_UAO");
    private static final int PAN = Features.number("FEAT_PAN");
    private static final int SSBS = Features.number("FEAT_SSBS2");
    private static final int DIT = Features.number("FEAT_DIT");

    public final GenericTimers timers;
    public final PerformanceMonitors pmu;
    public final Unmodelled unmodelled;

    private final Arm64Cpu cpu;
    private final CpuModel model;
    private final Register[] registers = new Register[Row.ALL.size()];
    private final Map<String, Register> byName = new HashMap<>();
    private final SystemInstructions instructions;
    private final boolean idst;
    private final Trap tid3 = Traps.named("TID3");
    private final Trap tidcp = Traps.named("TIDCP");

    public final Register sctlrEl1;
    public final Register sctlrEl2;
    public final Register sctlrEl3;
    public final Register hcrEl2;
    public final Register scrEl3;
    public final Register parEl1;
    /** TPIDR_EL0 to TPIDR_EL2. */
    public final Register[] tpidr;
    public final FpAccess fpAccess;
    final Register mdscrEl1;
    final Register mdcrEl2;
    final Register mdcrEl3;
    final Register pmuserenrEl0;
    final Register cptrEl2;
    final Register cptrEl3;
    final Register cnthctlEl2;
    final Register cntkctlEl1;

    public SystemRegisters(Arm64Cpu cpu) {
        this.cpu = cpu;
        model = CpuModel.named(cpu.config.model());
        idst = (model.value("ID_AA64MMFR2_EL1") >>> 36 & 15) != 0;
        timers = new GenericTimers(cpu);
        pmu = new PerformanceMonitors(cpu);
        unmodelled = new Unmodelled(cpu);
        SpecialRegisters special = new SpecialRegisters(cpu, this, timers, model);
        for (int i = 0; i < registers.length; i++) {
            registers[i] = special.create(Row.ALL.get(i).on(cpu.features));
            byName.put(registers[i].name().toLowerCase(Locale.ROOT), registers[i]);
        }
        for (Register r : registers) {
            r.host = r.row.e2h() == null ? null : register(r.row.e2h());
        }
        sctlrEl1 = register("SCTLR_EL1");
        sctlrEl2 = register("SCTLR_EL2");
        sctlrEl3 = register("SCTLR_EL3");
        hcrEl2 = register("HCR_EL2");
        scrEl3 = register("SCR_EL3");
        parEl1 = register("PAR_EL1");
        tpidr = new Register[] {register("TPIDR_EL0"), register("TPIDR_EL1"), register("TPIDR_EL2")};
        mdscrEl1 = register("MDSCR_EL1");
        mdcrEl2 = register("MDCR_EL2");
        mdcrEl3 = register("MDCR_EL3");
        pmuserenrEl0 = register("PMUSERENR_EL0");
        cptrEl2 = register("CPTR_EL2");
        cptrEl3 = register("CPTR_EL3");
        fpAccess = new FpAccess(cpu, this, model);
        cnthctlEl2 = register("CNTHCTL_EL2");
        cntkctlEl1 = register("CNTKCTL_EL1");
        timers.wire(register("CNTVOFF_EL2"), cnthctlEl2, cntkctlEl1);
        pmu.wire(mdcrEl2, mdcrEl3);
        instructions = new SystemInstructions(cpu, this);
        reset();
    }

    /** Architectural reset of every register. */
    public void reset() {
        for (Register r : registers) {
            r.reset(model);
        }
        timers.reset();
        pmu.reset();
    }

    // State that decides about accesses ---------------------------------------------------------------------------------

    int el() {
        return cpu.el;
    }

    boolean el2() {
        return cpu.config.el2();
    }

    boolean el3() {
        return cpu.config.el3();
    }

    /** The highest implemented exception level. */
    public int highestEl() {
        return cpu.config.el3() ? 3 : cpu.config.el2() ? 2 : 1;
    }

    /** SCTLR_ELx of the current level; at EL0 that of the level that its applications belong to. */
    public long sctlr() {
        return switch (cpu.el) {
            case 0 -> hostEl0() ? sctlrEl2.value : sctlrEl1.value;
            case 1 -> sctlrEl1.value;
            case 2 -> sctlrEl2.value;
            default -> sctlrEl3.value;
        };
    }

    /** HCR_EL2.E2H. */
    public boolean e2h() {
        return (hcrEl2.value & Hcr.E2H) != 0;
    }

    /** HCR_EL2.TGE. */
    public boolean tge() {
        return (hcrEl2.value & Hcr.TGE) != 0;
    }

    /** Whether {@code level} is Secure: EL3, and what SCR_EL3.NS does not give away. Without EL3 nothing is. */
    public boolean secure(int level) {
        return el3() && (level == 3 || (scrEl3.value & SCR_NS) == 0);
    }

    /** ELIsInHost(EL0): applications run under a host hypervisor at EL2. */
    public boolean hostEl0() {
        return (hcrEl2.value & (Hcr.E2H | Hcr.TGE)) == (Hcr.E2H | Hcr.TGE);
    }

    /** Where an access from EL0 traps to when an EL0 enable forbids it. */
    int el0Target() {
        return el2() && tge() ? 2 : 1;
    }

    // Access by instructions --------------------------------------------------------------------------------------------

    /** MRS. @param key {@code op0<<14|op1<<11|CRn<<7|CRm<<3|op2} */
    public long read(int key) {
        int i = Row.find(key);
        if (i < 0) {
            return readUnallocated(key);
        }
        Register r = registers[i];
        int verdict = r.mayAccess(this, false);
        if (verdict != Trap.NONE) {
            throw refuse(verdict, key, false, r.name());
        }
        if (cpu.el == 2 && r.host != null && e2h()) {
            r = r.host;
        }
        return r.read();
    }

    /** MSR (register). */
    public void write(int key, long value) {
        int i = Row.find(key);
        if (i < 0) {
            throw refuseUnallocated(key, true);
        }
        Register r = registers[i];
        int verdict = r.mayAccess(this, true);
        if (verdict != Trap.NONE) {
            throw refuse(verdict, key, true, r.name());
        }
        if (cpu.el == 2 && r.host != null && e2h()) {
            r = r.host;
        }
        store(r, value);
    }

    private void store(Register r, long value) {
        long old = r.value;
        r.write(value);
        if (!r.row.after().isEmpty() && r.value != old) {
            cpu.mmu.controlWritten(r.name(), old, r.value);
        }
    }

    /**
     * The space op0=3, op1=0, CRn=0, CRm=1..7 is reserved for identification and reads as zero (Arm ARM, "Instructions for
     * accessing non-debug System registers").
     */
    private long readUnallocated(int key) {
        int op0 = key >>> 14;
        int op1 = key >>> 11 & 7;
        int crn = key >>> 7 & 15;
        int crm = key >>> 3 & 15;
        boolean identification = op0 == 3 && op1 == 0 && crn == 0 && crm >= 1 && crm <= 7;
        if (!identification || cpu.el == 0) {
            throw refuseUnallocated(key, false);
        }
        int verdict = tid3.check(this, false);
        if (verdict != Trap.NONE) {
            throw refuse(verdict, key, false, genericName(key));
        }
        return 0;
    }

    private RuntimeException refuseUnallocated(int key, boolean write) {
        boolean implementationDefined = (key >>> 7 & IMPLEMENTATION_DEFINED_CRN) == IMPLEMENTATION_DEFINED_CRN;
        int verdict = implementationDefined && cpu.el > 0 ? tidcp.check(this, write) : Trap.NONE;
        if (verdict == Trap.NONE) {
            unmodelled.report("system register " + genericName(key), write ? "written" : "read");
            verdict = Trap.UNDEFINED;
        }
        return refuse(verdict, key, write, genericName(key));
    }

    /** {@code S<op0>_<op1>_C<n>_C<m>_<op2>}, as assemblers spell a register without a name. */
    static String genericName(int key) {
        return "S%d_%d_C%d_C%d_%d".formatted(key >>> 14, key >>> 11 & 7, key >>> 7 & 15, key >>> 3 & 15, key & 7);
    }

    /** Describes the exception of an access that may not be made. */
    RuntimeException refuse(int verdict, int key, boolean write, String name) {
        boolean identification = idst && cpu.el == 0 && !write && featureIdentification(key);
        if (verdict == Trap.UNDEFINED && !identification) {
            return cpu.undefined();
        }
        int target = identification ? Math.max(verdict, el0Target()) : verdict;
        int iss = key >>> 14 << 20 | (key & 7) << 17 | (key >>> 11 & 7) << 14 | (key >>> 7 & 15) << 10 | rt() << 5 | (key >>> 3 & 15) << 1;
        return cpu.exceptions.trap(target, EC_SYSTEM_REGISTER, write ? iss : iss | 1);
    }

    /** The space whose reads at EL0 FEAT_IDST reports as system register accesses: op0 = 3, op1 = 0, 1 or 3, CRn = 0, CRm = 0 to 7. */
    private static boolean featureIdentification(int key) {
        int op1 = key >>> 11 & 7;
        return key >>> 14 == 3 && op1 <= 3 && op1 != 2 && (key >>> 7 & 15) == 0 && (key >>> 3 & 15) <= 7;
    }

    /** The Rt field of the instruction at the PC, which only the syndrome of a trap needs. */
    private int rt() {
        cpu.mmu.translate(cpu.pc(), Mmu.FETCH | Mmu.PROBE);
        byte[] word = new byte[4];
        cpu.machine.bus().peek(cpu.mmu.pa, word, 0, 4, cpu.mmu.cacheable ? View.CACHED : View.POC);
        return word[0] & 31;
    }

    /** MSR (immediate): UAO, PAN, SPSel, SSBS, DIT, DAIFSet, DAIFClr. */
    public void msrImmediate(int op1, int crm, int op2) {
        boolean set = (crm & 1) != 0;
        switch (op1 << 3 | op2) {
            case 0b000_011 -> privileged(UAO, () -> cpu.uao = set);
            case 0b000_100 -> privileged(PAN, () -> {
                cpu.pan = set;
                cpu.mmu.contextChanged();
            });
            case 0b000_101 -> spSel(set);
            case 0b011_001 -> field(SSBS, () -> cpu.ssbs = set);
            case 0b011_010 -> field(DIT, () -> cpu.dit = set);
            case 0b011_110 -> daif(cpu.daif | crm << 6);
            case 0b011_111 -> daif(cpu.daif & ~(crm << 6));
            default -> {
                unmodelled.report("PSTATE field op1=%d op2=%d".formatted(op1, op2), "written");
                throw cpu.undefined();
            }
        }
    }

    private void field(int feature, Runnable change) {
        if (!cpu.features.has(feature)) {
            throw cpu.undefined();
        }
        change.run();
    }

    private void privileged(int feature, Runnable change) {
        if (cpu.el == 0) {
            throw cpu.undefined();
        }
        field(feature, change);
    }

    private void daif(int value) {
        if (cpu.el == 0) {
            int verdict = Traps.named("UMA").check(this, true);
            if (verdict != Trap.NONE) {
                throw refuse(verdict, Row.key(3, 3, 4, 2, 1), true, "DAIF");
            }
        }
        cpu.daif = value & 0x3c0;
        cpu.interruptsChanged();
    }

    private void spSel(boolean own) {
        if (cpu.el == 0) {
            throw cpu.undefined();
        }
        cpu.parkSp();
        cpu.spSel = own;
        cpu.selectSp();
    }

    /** What DC IVAC does at this level: a hypervisor can have it clean as well. */
    public Maintenance invalidation() {
        return instructions.invalidation();
    }

    /** A DC, IC or AT instruction (CRn 7) is neither UNDEFINED nor trapped at this level. */
    public boolean executes(int op1, int crm, int op2) {
        return instructions.executes(op1, 7, crm, op2);
    }

    /** SYS: DC, IC, TLBI, AT. */
    public void sys(int op1, int crn, int crm, int op2, long xt) {
        instructions.execute(op1, crn, crm, op2, xt);
    }

    // Access by name: debuggers, firmware, power-on ---------------------------------------------------------------------

    /** The register named as in {@code sysreg.tab}. */
    public Register register(String name) {
        Register r = byName.get(name.toLowerCase(Locale.ROOT));
        if (r == null) {
            throw new IllegalArgumentException("arm64 CPU: no system register is named '" + name + "'");
        }
        return r;
    }

    public boolean has(String name) {
        return byName.containsKey(name.toLowerCase(Locale.ROOT));
    }

    /** The value, whatever the current level. @throws IllegalArgumentException if there is none of that name */
    public long readByName(String name) {
        return register(name).read();
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public void writeByName(String name, long value) {
        store(register(name), value);
    }

    /** Digest of the values of all registers that are state. */
    public long hash() {
        long h = 0;
        for (Register r : registers) {
            h = TraceHash.mix(h, r.value);
        }
        return pmu.hash(timers.hash(h));
    }

    public void save(StateWriter out) {
        long[] values = new long[registers.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = registers[i].value;
        }
        out.longs(values);
        timers.save(out);
        pmu.save(out);
    }

    public void load(StateReader in) {
        long[] values = in.longs();
        for (int i = 0; i < registers.length; i++) {
            registers[i].value = values[i];
        }
        timers.load(in);
        pmu.load(in);
    }
}
