package dev.baton.arm64.sysreg;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.arm64.mmu.TlbMaintenance;
import dev.baton.arm64.mmu.Vmsa;
import dev.baton.core.cpu.Cpu;
import dev.baton.core.mem.Maintenance;
import dev.baton.core.mem.Ram;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The SYS space: DC, IC, AT and TLBI (Arm ARM, "The A64 System Instruction Class"), by the rows of {@code sysinsn.tab}.
 *
 * <h2>Set/way operations</h2>
 * The model has no capacity, so a set holds any number of lines. We say that way 0 of the last level before the PoC (L2)
 * holds every present line whose physical address selects the set, and that the other ways and L1 hold nothing: a loop over
 * all ways and sets does exactly what it does on hardware, and a loop that misses sets misses their lines.
 */
final class SystemInstructions {
    private static final long SWIO = 1L << 1;
    private static final int L2 = 1;

    private interface Action {
        void execute(long xt);
    }

    private record Instruction(String name, int el, List<Trap> traps, Action action) { }

    private final Arm64Cpu cpu;
    private final SystemRegisters regs;
    private final Vmsa vmsa;
    private final TlbMaintenance tlb;
    private final Instruction[] byKey = new Instruction[1 << 14];

    SystemInstructions(Arm64Cpu cpu, SystemRegisters regs) {
        this.cpu = cpu;
        this.regs = regs;
        vmsa = Vmsa.of(CpuModel.named(cpu.config.model()));
        tlb = new TlbMaintenance(cpu, vmsa);
        for (String line : CpuModel.lines("sysinsn.tab")) {
            add(line.split("\\s+"));
        }
    }

    private void add(String[] f) {
        if (f[0].startsWith("TLBI_") && !vmsa.hasTlbi(f[0].substring("TLBI_".length()))) {
            return;
        }
        List<Trap> traps = new ArrayList<>();
        for (int i = 6; i < f.length; i++) {
            String[] option = f[i].split(":");
            if (option[0].equals("trap")) {
                traps.add(Traps.named(option[1]));
            } else if (!cpu.features.has(option[1])) {
                return;
            }
        }
        int key = Row.key(0, Integer.parseInt(f[1]), Integer.parseInt(f[2]), Integer.parseInt(f[3]), Integer.parseInt(f[4]));
        byKey[key] = new Instruction(f[0], Integer.parseInt(f[5]), traps, action(f[0]));
    }

    private Action action(String name) {
        String[] f = name.split("_");
        return switch (f[0]) {
            case "DC" -> dataCache(f[1]);
            case "IC" -> instructionCache(f[1]);
            case "AT" -> addressTranslation(f[1]);
            // Nothing is speculated, so nothing was learned.
            case "CFP", "DVP", "CPP" -> xt -> { };
            default -> xt -> tlb.execute(f[1], xt);
        };
    }

    void execute(int op1, int crn, int crm, int op2, long xt) {
        Instruction i = byKey[Row.key(0, op1, crn, crm, op2)];
        int key = Row.key(1, op1, crn, crm, op2);
        if (i == null) {
            regs.unmodelled.report("system instruction " + SystemRegisters.genericName(key), "executed");
            throw cpu.undefined();
        }
        int verdict = verdict(i);
        if (verdict != Trap.NONE) {
            throw regs.refuse(verdict, key, true, i.name);
        }
        i.action.execute(xt);
    }

    private int verdict(Instruction i) {
        int verdict = cpu.el < i.el ? Trap.UNDEFINED : Trap.NONE;
        for (int t = 0; t < i.traps.size() && verdict == Trap.NONE; t++) {
            verdict = i.traps.get(t).check(regs, true);
        }
        return verdict;
    }

    /** Neither UNDEFINED nor trapped here. */
    boolean executes(int op1, int crn, int crm, int op2) {
        Instruction i = byKey[Row.key(0, op1, crn, crm, op2)];
        return i != null && verdict(i) == Trap.NONE;
    }

    // Data cache --------------------------------------------------------------------------------------------------------

    private Action dataCache(String op) {
        return switch (op) {
            case "IVAC" -> xt -> byAddress(xt, Mmu.WRITE, invalidation());
            // The point of persistence, and the deep one, are the memory.
            case "CVAC", "CVAP", "CVADP" -> xt -> byAddress(xt, Mmu.READ, Maintenance.CLEAN);
            case "CIVAC" -> xt -> byAddress(xt, Mmu.READ, Maintenance.CLEAN_INVALIDATE);
            case "CVAU" -> this::cleanToUnification;
            case "ZVA" -> cpu.memory::zeroBlock;
            case "ISW" -> xt -> bySetWay(xt, upgraded(Hcr.VM | Hcr.DC | SWIO) ? Maintenance.CLEAN_INVALIDATE : Maintenance.INVALIDATE);
            case "CSW" -> xt -> bySetWay(xt, Maintenance.CLEAN);
            default -> xt -> bySetWay(xt, Maintenance.CLEAN_INVALIDATE);
        };
    }

    /** What DC IVAC does here. */
    Maintenance invalidation() {
        return upgraded(Hcr.VM | Hcr.DC) ? Maintenance.CLEAN_INVALIDATE : Maintenance.INVALIDATE;
    }

    /** Under a hypervisor that asks for it, EL1 must not lose data by invalidating (Arm ARM, HCR_EL2.{VM, DC, SWIO}). */
    private boolean upgraded(long hcrBits) {
        return cpu.el == 1 && cpu.config.el2() && (regs.hcrEl2.value & hcrBits) != 0;
    }

    private void byAddress(long va, int access, Maintenance op) {
        cpu.mmu.translate(va, access | Mmu.MAINTENANCE);
        long line = cpu.mmu.pa & -Ram.LINE;
        Ram ram = cpu.machine.bus().ram(line);
        if (ram != null) {
            ram.maintain(cpu, op, line, Ram.LINE, cpu.mmu.cacheable);
        }
    }

    /** The point of unification is the unified L2, which the cached view is: there is nothing to move, but the address must translate. */
    private void cleanToUnification(long va) {
        cpu.mmu.translate(va, Mmu.READ | Mmu.MAINTENANCE);
    }

    /** SetWay operand: level in bits 3:1, set above the line offset, way at the top of the low word. */
    private void bySetWay(long xt, Maintenance op) {
        long ccsidr = CpuModel.named(cpu.config.model()).value("CCSIDR_L2");
        int sets = (int) (ccsidr >>> 13 & 0x7fff) + 1;
        int ways = (int) (ccsidr >>> 3 & 0x3ff) + 1;
        int level = (int) (xt >>> 1) & 7;
        int way = (int) (xt & 0xffff_ffffL) >>> Integer.numberOfLeadingZeros(ways - 1);
        if (level != L2 || way != 0) {
            return;
        }
        long stride = (long) sets * Ram.LINE;
        long set = xt & stride - Ram.LINE;
        for (Ram ram : cpu.machine.bus().banks()) {
            for (long line = (ram.base() + stride - 1 - set) / stride * stride + set; line < ram.base() + ram.size(); line += stride) {
                ram.maintain(cpu, op, line, Ram.LINE, false);
            }
        }
    }

    // Instruction cache -------------------------------------------------------------------------------------------------

    private Action instructionCache(String op) {
        return switch (op) {
            case "IVAU" -> this::invalidateInstructionLine;
            case "IALLUIS" -> xt -> everyCpu(Arm64Cpu::invalidateInstructions);
            default -> xt -> {
                if (cpu.el == 1 && cpu.config.el2() && (regs.hcrEl2.value & Hcr.FB) != 0) {
                    everyCpu(Arm64Cpu::invalidateInstructions);
                } else {
                    cpu.invalidateInstructions();
                }
            };
        };
    }

    private void invalidateInstructionLine(long va) {
        cpu.mmu.translate(va, Mmu.READ | Mmu.MAINTENANCE);
        long pa = cpu.mmu.pa;
        everyCpu(c -> c.invalidateInstructions(pa));
    }

    private void everyCpu(Consumer<Arm64Cpu> action) {
        for (Cpu c : cpu.machine.cpus()) {
            if (c instanceof Arm64Cpu a) {
                action.accept(a);
            }
        }
    }

    // Address translation -----------------------------------------------------------------------------------------------

    /** S1E1R and relatives: the level and direction are in the name, a P means that PSTATE.PAN applies. */
    private Action addressTranslation(String op) {
        String name = op.replace("S12", "S1");
        int level = name.charAt(3) - '0';
        int access = name.charAt(4) == 'W' ? Mmu.WRITE : Mmu.READ;
        boolean withPan = name.endsWith("P");
        boolean stage12 = op.startsWith("S12");
        return xt -> regs.parEl1.value = cpu.mmu.addressTranslation(xt, access, level, stage12, withPan && cpu.pan);
    }
}
