package dev.baton.arm64.sysreg;

import java.util.HashMap;
import java.util.Map;

/**
 * The trap controls by the names that {@code sysreg.tab} and {@code sysinsn.tab} use. Each follows the access pseudocode of
 * the registers that name it (Arm ARM, "Accessing ..." of each register).
 */
final class Traps {
    // HCR_EL2
    private static final long TSW = 1L << 22;
    private static final long TPC = 1L << 23;
    private static final long TPU = 1L << 24;
    private static final long TTLB = 1L << 25;
    private static final long TVM = 1L << 26;
    private static final long TDZ = 1L << 28;
    private static final long TRVM = 1L << 30;
    private static final long TID1 = 1L << 16;
    private static final long TID2 = 1L << 17;
    private static final long TID3 = 1L << 18;
    private static final long TIDCP = 1L << 20;
    private static final long TACR = 1L << 21;
    // SCTLR_EL1
    private static final long UMA = 1L << 9;
    private static final long DZE = 1L << 14;
    private static final long UCT = 1L << 15;
    private static final long UCI = 1L << 26;
    private static final long ENRCTX = 1L << 10;
    private static final long TSCXT = 1L << 20;
    // SCR_EL3
    private static final long SCR_TLOR = 1L << 14;
    private static final long SCR_TERR = 1L << 15;
    private static final long SCR_APK = 1L << 16;
    private static final long SCR_ENSCXT = 1L << 25;
    private static final long SCR_HXEN = 1L << 38;
    // MDCR_EL2
    private static final long TDA = 1L << 9;
    private static final long TDOSA = 1L << 10;
    private static final long TDRA = 1L << 11;
    private static final long TDE = 1L << 8;
    // MDCR_EL2 and MDCR_EL3
    private static final long TPMCR = 1L << 5;
    private static final long TPM = 1L << 6;
    // PMUSERENR_EL0
    private static final long EN = 1;
    private static final long SW = 1L << 1;
    private static final long CR = 1L << 2;
    private static final long ER = 1L << 3;

    private static final Map<String, Trap> ALL = new HashMap<>();

    static {
        ALL.put("TVM", (s, write) -> fromEl1(s, write ? TVM : TRVM));
        ALL.put("TID1", (s, write) -> fromEl1(s, TID1));
        ALL.put("TID2", Traps::tid2);
        ALL.put("TID3", (s, write) -> fromEl1(s, TID3));
        ALL.put("TACR", (s, write) -> fromEl1(s, TACR));
        ALL.put("TIDCP", (s, write) -> fromEl1(s, TIDCP));
        ALL.put("TSW", (s, write) -> fromEl1(s, TSW));
        ALL.put("TTLB", (s, write) -> fromEl1(s, TTLB));
        ALL.put("TPC", (s, write) -> fromEl1OrGuestEl0(s, TPC));
        ALL.put("TPU", (s, write) -> fromEl1OrGuestEl0(s, TPU));
        ALL.put("TDZ", (s, write) -> fromEl1OrGuestEl0(s, TDZ));
        ALL.put("UMA", (s, write) -> el0Needs(s, UMA));
        ALL.put("UCT", (s, write) -> el0Needs(s, UCT));
        ALL.put("ENRCTX", (s, write) -> el0Needs(s, ENRCTX));
        ALL.put("SCXT", Traps::contextNumber);
        ALL.put("APK", Traps::keys);
        ALL.put("TERR", (s, write) -> fromEl1OrMonitored(s, Hcr.TERR, SCR_TERR));
        ALL.put("TLOR", (s, write) -> fromEl1OrMonitored(s, Hcr.TLOR, SCR_TLOR));
        ALL.put("HXEN", (s, write) -> s.el() == 2 && s.el3() && (s.scrEl3.value & SCR_HXEN) == 0 ? 3 : Trap.NONE);
        ALL.put("UCI", (s, write) -> el0Needs(s, UCI));
        ALL.put("DZE", (s, write) -> el0Needs(s, DZE));
        ALL.put("EL0RO", (s, write) -> write && s.el() == 0 ? Trap.UNDEFINED : Trap.NONE);
        ALL.put("TCPAC", Traps::tcpac);
        ALL.put("TCPAC3", (s, write) -> s.el() == 2 ? tcpacEl3(s) : Trap.NONE);
        ALL.put("TDA", (s, write) -> debug(s, TDA | TDE));
        ALL.put("TDOSA", (s, write) -> debug(s, TDOSA | TDE));
        ALL.put("TDRA", (s, write) -> debug(s, TDRA | TDE));
        ALL.put("TDCC", (s, write) -> s.el() == 0 && (s.mdscrEl1.value & 1L << 12) != 0 ? s.el0Target() : Trap.NONE);
        ALL.put("EN", (s, write) -> monitors(s, EN));
        ALL.put("EN_SW", (s, write) -> monitors(s, EN | SW));
        ALL.put("EN_CR", (s, write) -> monitors(s, write ? EN : EN | CR));
        ALL.put("EN_ER", (s, write) -> monitors(s, write ? EN : EN | ER));
        ALL.put("EN_ERW", (s, write) -> monitors(s, EN | ER));
        ALL.put("TPM", (s, write) -> monitored(s, TPM, TPM));
        ALL.put("TPMCR", (s, write) -> monitored(s, TPM | TPMCR, TPM));
        ALL.put("CNTFRQ", Traps::cntfrq);
        ALL.put("CNTPCT", (s, write) -> counter(s, 0, 0, 10));
        ALL.put("CNTVCT", (s, write) -> s.el() == 0 && !el0Counter(s, 1) ? s.el0Target() : Trap.NONE);
        ALL.put("CNTP", (s, write) -> counter(s, 9, 1, 11));
        ALL.put("CNTV", (s, write) -> s.el() == 0 && !el0Counter(s, 8) ? s.el0Target() : Trap.NONE);
        ALL.put("HIGHEST1", (s, write) -> s.highestEl() == 1 ? Trap.NONE : Trap.UNDEFINED);
        ALL.put("HIGHEST2", (s, write) -> s.highestEl() == 2 ? Trap.NONE : Trap.UNDEFINED);
        ALL.put("ICC", Traps::cpuInterface);
        ALL.put("ICC_SGI", (s, write) -> s.el() == 1 && s.el2() && (s.hcrEl2.value & (Hcr.IMO | Hcr.FMO)) != 0 ? 2 : Trap.NONE);
    }

    private Traps() { }

    static Trap named(String name) {
        Trap t = ALL.get(name);
        if (t == null) {
            throw new IllegalStateException("sysreg.tab names the unknown trap control " + name);
        }
        return t;
    }

    private static int fromEl1(SystemRegisters s, long hcrBit) {
        return s.el() == 1 && s.el2() && (s.hcrEl2.value & hcrBit) != 0 ? 2 : Trap.NONE;
    }

    private static int fromEl1OrGuestEl0(SystemRegisters s, long hcrBit) {
        return s.el() <= 1 && s.el2() && !s.hostEl0() && (s.hcrEl2.value & hcrBit) != 0 ? 2 : Trap.NONE;
    }

    /** CTR_EL0 at EL0 is under TID2 as well, unless the host runs there. */
    private static int tid2(SystemRegisters s, boolean write) {
        return fromEl1OrGuestEl0(s, TID2);
    }

    /** SCTLR_EL1, or SCTLR_EL2 for applications of a host, allows EL0. */
    private static int el0Needs(SystemRegisters s, long sctlrBit) {
        return s.el() == 0 && ((s.hostEl0() ? s.sctlrEl2 : s.sctlrEl1).value & sctlrBit) == 0 ? s.el0Target() : Trap.NONE;
    }

    /** HCR_EL2 traps EL1, then SCR_EL3 everything below EL3. */
    private static int fromEl1OrMonitored(SystemRegisters s, long hcrBit, long scrBit) {
        int verdict = fromEl1(s, hcrBit);
        return verdict == Trap.NONE && s.el() < 3 && s.el3() && (s.scrEl3.value & scrBit) != 0 ? 3 : verdict;
    }

    /** Keys of pointer authentication: HCR_EL2.APK lets EL1, SCR_EL3.APK everybody below EL3. */
    private static int keys(SystemRegisters s, boolean write) {
        if (s.el() == 1 && s.el2() && (s.hcrEl2.value & Hcr.APK) == 0) {
            return 2;
        }
        return s.el() < 3 && s.el3() && (s.scrEl3.value & SCR_APK) == 0 ? 3 : Trap.NONE;
    }

    /** SCXTNUM_ELx: SCTLR_ELx.TSCXT traps applications, HCR_EL2.EnSCXT lets a guest, SCR_EL3.EnSCXT everybody below EL3. */
    private static int contextNumber(SystemRegisters s, boolean write) {
        boolean host = s.hostEl0();
        if (s.el() == 0 && ((host ? s.sctlrEl2 : s.sctlrEl1).value & TSCXT) != 0) {
            return s.el0Target();
        }
        if (s.el() <= 1 && s.el2() && !(s.el() == 0 && host) && (s.hcrEl2.value & Hcr.ENSCXT) == 0) {
            return 2;
        }
        return s.el() < 3 && s.el3() && (s.scrEl3.value & SCR_ENSCXT) == 0 ? 3 : Trap.NONE;
    }

    private static int tcpac(SystemRegisters s, boolean write) {
        if (s.el() == 1 && s.el2() && (s.cptrEl2.value & 1L << 31) != 0) {
            return 2;
        }
        return s.el() <= 2 ? tcpacEl3(s) : Trap.NONE;
    }

    private static int tcpacEl3(SystemRegisters s) {
        return s.el3() && (s.cptrEl3.value & 1L << 31) != 0 ? 3 : Trap.NONE;
    }

    private static int debug(SystemRegisters s, long mdcrBits) {
        return s.el() <= 1 && s.el2() && (s.mdcrEl2.value & mdcrBits) != 0 ? 2 : Trap.NONE;
    }

    /** PMUSERENR_EL0 gives EL0 the performance monitors, or part of them. */
    private static int monitors(SystemRegisters s, long enables) {
        return s.el() == 0 && (s.pmuserenrEl0.value & enables) == 0 ? s.el0Target() : Trap.NONE;
    }

    private static int monitored(SystemRegisters s, long mdcrEl2Bits, long mdcrEl3Bits) {
        if (s.el() <= 1 && s.el2() && (s.mdcrEl2.value & mdcrEl2Bits) != 0) {
            return 2;
        }
        return s.el() <= 2 && s.el3() && (s.mdcrEl3.value & mdcrEl3Bits) != 0 ? 3 : Trap.NONE;
    }

    private static int cntfrq(SystemRegisters s, boolean write) {
        if (write) {
            return s.el() == s.highestEl() ? Trap.NONE : Trap.UNDEFINED;
        }
        return s.el() == 0 && !el0Counter(s, 0) && !el0Counter(s, 1) ? s.el0Target() : Trap.NONE;
    }

    /** ICC_SRE_ELx.SRE and Enable are RAO/WI here, so nothing traps; but under IMO or FMO EL1 would reach the virtual interface. */
    private static int cpuInterface(SystemRegisters s, boolean write) {
        if (s.el() == 1 && s.el2() && (s.hcrEl2.value & (Hcr.IMO | Hcr.FMO)) != 0) {
            s.unmodelled.report("the virtual CPU interface of the GIC (ICV registers)", "used");
        }
        return Trap.NONE;
    }

    /** The EL0 enables are in CNTKCTL_EL1, or for applications of a host at the same places in CNTHCTL_EL2. */
    private static boolean el0Counter(SystemRegisters s, int bit) {
        return ((s.hostEl0() ? s.cnthctlEl2 : s.cntkctlEl1).value & 1L << bit) != 0;
    }

    /** Physical counter and timer: the EL0 enable first, then CNTHCTL_EL2, whose layout depends on E2H. */
    private static int counter(SystemRegisters s, int el0Bit, int bit, int bitE2h) {
        if (s.el() == 0 && !el0Counter(s, el0Bit)) {
            return s.el0Target();
        }
        boolean guest = s.el() <= 1 && s.el2() && !s.hostEl0();
        return guest && (s.cnthctlEl2.value & 1L << (s.e2h() ? bitE2h : bit)) == 0 ? 2 : Trap.NONE;
    }
}
