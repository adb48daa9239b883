package dev.baton.arm64.sysreg;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.GuestException;
import dev.baton.core.machine.Machine;

import java.util.TreeMap;

/** A CPU of a model at EL3, with EL2, on which something is tried. */
final class ProbedCpu implements AutoCloseable {
    /** The code that FEAT_EPAC gives a pointer that is not canonical. */
    static final long CODE_OF_EPAC = 0;
    private static final long KEYS = 1L << 31 | 1 << 30 | 1 << 27 | 1 << 13;

    final String model;
    final Arm64Cpu cpu;
    private final Machine machine = new Machine();

    ProbedCpu(String model) {
        this.model = model;
        cpu = new Arm64Cpu(machine, 0, Arm64Config.defaults().withModel(model).withLevels(true, true));
        machine.add(cpu);
        TreeMap<String, Long> at = new TreeMap<>();
        at.put("el", 3L);
        cpu.powerOn(at);
        cpu.sysregs.writeByName("HCR_EL2", Hcr.E2H | Hcr.API | Hcr.APK);
        cpu.sysregs.writeByName("SCR_EL3", 1L << 38 | 1 << 25 | 3 << 16 | 1 << 10 | 1);
    }

    /** The action is not UNDEFINED. */
    boolean tries(Runnable action) {
        try {
            action.run();
            return true;
        } catch (GuestException e) {
            return cpu.pending.ec != 0;
        }
    }

    /** Each of these bits can be written both ways. */
    boolean keeps(String register, long bits) {
        long old = cpu.sysregs.readByName(register);
        cpu.sysregs.writeByName(register, old | bits);
        boolean set = (cpu.sysregs.readByName(register) & bits) == bits;
        cpu.sysregs.writeByName(register, old & ~bits);
        boolean clear = (cpu.sysregs.readByName(register) & bits) == 0;
        cpu.sysregs.writeByName(register, old);
        return set && clear;
    }

    /** PACGA of the test vector of QARMA5, or 0 without pointer authentication. */
    long code() {
        if (!keys()) {
            return 0;
        }
        return cpu.pauth.generic(0xfb62_3599_da6e_8127L, 0x477d_469d_ec0b_8762L);
    }

    private boolean keys() {
        for (String key : new String[] {"APGA", "APIA"}) {
            cpu.sysregs.writeByName(key + "KeyLo_EL1", 0xec28_02d4_e0a4_88e9L);
            cpu.sysregs.writeByName(key + "KeyHi_EL1", 0x84be_85ce_9804_e94bL);
        }
        cpu.sysregs.writeByName("SCTLR_EL3", KEYS);
        return cpu.features.has("FEAT_PAuth");
    }

    /** Bits 62:56 of a pointer that was not canonical, with its code; -1 without pointer authentication. */
    long codeOfBadPointer() {
        return keys() ? cpu.pauth.add(0, 0x5a00_0000_4000_0000L, 1) >>> 56 & 0x7f : -1;
    }

    boolean faultsOnAuthentication() {
        return keys() && !tries(() -> cpu.pauth.authenticate(0, 0x4000_0000L, 1));
    }

    @Override
    public void close() {
        machine.close();
    }
}
