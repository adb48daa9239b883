package dev.baton.arm64.exception;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.Hcr;

import java.util.Arrays;
import java.util.SortedMap;

/**
 * The state in which firmware hands a CPU to a kernel: Linux Documentation/arch/arm64/booting.rst, "Before jumping into the
 * kernel". Architectural reset, then what the firmware at the levels above the entry level must have set up: no trap to
 * them, the counters accessible and equal, EL1 and EL2 in AArch64.
 */
final class PowerOn {
    private PowerOn() { }

    static void apply(Arm64Cpu cpu, SortedMap<String, Long> registers) {
        int el = registers.getOrDefault("el", (long) (cpu.config.el2() ? 2 : 1)).intValue();
        if (el < 1 || el > cpu.sysregs.highestEl()) {
            throw new IllegalArgumentException("CPU %d: cannot start at EL%d; it has EL1 to EL%d".formatted(cpu.index(), el,
                    cpu.sysregs.highestEl()));
        }
        Arrays.fill(cpu.x, 0);
        Arrays.fill(cpu.spBank, 0);
        cpu.nzcv = 0;
        cpu.daif = 0x3c0;
        cpu.pan = false;
        cpu.uao = false;
        cpu.dit = false;
        cpu.ssbs = false;
        cpu.btype = 0;
        cpu.il = false;
        cpu.ss = false;
        cpu.el = el;
        cpu.spSel = true;
        cpu.eventRegister = false;
        cpu.clearExclusive();
        cpu.exceptions.serror(false);
        cpu.sysregs.reset();
        cpu.mmu.reset();
        firmware(cpu, el);
        cpu.mmu.contextChanged();
        registers.forEach((name, value) -> set(cpu, name, value));
    }

    /**
     * The levels above {@code el}: SCR_EL3 HXEn, EnSCXT, API, APK, RW, HCE, NS; HCR_EL2 EnSCXT, API, APK, RW; nothing trapped. What
     * belongs to an absent feature does not stick.
     */
    private static void firmware(Arm64Cpu cpu, int el) {
        if (cpu.config.el3() && el < 3) {
            cpu.sysregs.writeByName("SCR_EL3", 1L << 38 | 1 << 25 | 3 << 16 | 1 << 10 | 1 << 8 | 1);
        }
        if (cpu.config.el2() && el < 2) {
            cpu.sysregs.writeByName("HCR_EL2", Hcr.ENSCXT | Hcr.API | Hcr.APK | Hcr.RW);
            cpu.sysregs.writeByName("CPTR_EL2", 0x33ff);
            cpu.sysregs.writeByName("CNTHCTL_EL2", 3);
        }
    }

    private static void set(Arm64Cpu cpu, String name, long value) {
        if (!name.equals("el")) {
            cpu.register(name, value);
        }
    }
}
