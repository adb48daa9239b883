package dev.baton.arm64.sysreg;

import dev.baton.arm64.GuestException;
import dev.baton.arm64.generated.A64Decoder;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.arm64.mmu.Vmsa;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What a program could try to find out whether a CPU has a feature, for features that no row of the tables names. An answer that
 * differs from the identification registers is a defect of the model.
 */
final class Evidence {
    static final Map<String, Predicate<ProbedCpu>> ALL = new HashMap<>();
    /** Features that change nothing a program could try, with the reason; or that depend on more than the model. */
    static final Map<String, String> NONE = new HashMap<>();

    private Evidence() { }

    private static void word(String feature, int word) {
        ALL.put(feature, p -> {
            String insn = A64Decoder.decode(word, 0, p.cpu.features).getClass().getSimpleName();
            return !insn.equals("Undefined") && !insn.equals("NotImplemented");
        });
    }

    private static void register(String feature, int op0, int op1, int crn, int crm, int op2) {
        ALL.put(feature, p -> p.tries(() -> p.cpu.sysregs.read(Row.key(op0, op1, crn, crm, op2))));
    }

    private static void instruction(String feature, int op1, int crn, int crm, int op2) {
        ALL.put(feature, p -> p.tries(() -> p.cpu.sysregs.sys(op1, crn, crm, op2, 0)));
    }

    private static void bit(String feature, String register, int bit) {
        ALL.put(feature, p -> p.keeps(register, 1L << bit));
    }

    private static void vmsa(String feature, Predicate<Vmsa> has) {
        ALL.put(feature, p -> has.test(Vmsa.of(CpuModel.named(p.model))));
    }

    /** An exception return to AArch32 is legal. */
    private static void aarch32(String feature, int mode) {
        ALL.put(feature, p -> {
            p.cpu.sysregs.writeByName("SPSR_EL3", mode);
            p.cpu.exceptions.eret();
            return !p.cpu.il;
        });
    }

    static {
        word("FEAT_SVE", 0x0420_0000);
        word("FEAT_SME", 0x8080_0000);
        word("FEAT_MTE", 0x9180_0000);
        word("FEAT_TME", 0xd523_3060);
        word("FEAT_LS64", 0xf83f_d000);
        word("FEAT_WFxT", 0xd503_1000);
        word("FEAT_MOPS", 0x1901_0440);
        word("FEAT_HBC", 0x5400_0010);
        word("FEAT_LRCPC3", 0xd941_1842);
        word("FEAT_LSE128", 0x1922_1001);
        register("FEAT_MTE2", 3, 0, 1, 0, 5);
        register("FEAT_SPE", 3, 0, 9, 9, 0);
        register("FEAT_TRF", 3, 0, 1, 2, 1);
        register("FEAT_TRBE", 3, 0, 9, 11, 0);
        register("FEAT_BRBE", 2, 1, 9, 0, 0);
        register("FEAT_ETMv4", 2, 1, 0, 8, 7);
        register("FEAT_AMUv1", 3, 3, 13, 2, 0);
        register("FEAT_AMUv1p1", 3, 3, 13, 2, 6);
        register("FEAT_MPAM", 3, 0, 10, 5, 0);
        register("FEAT_RME", 3, 6, 2, 1, 6);
        register("FEAT_SEL2", 3, 4, 2, 6, 0);
        register("FEAT_NV2", 3, 4, 2, 2, 0);
        register("FEAT_ECV", 3, 4, 14, 0, 6);
        register("FEAT_FGT", 3, 4, 1, 1, 4);
        register("FEAT_CCIDX", 3, 1, 0, 0, 2);
        register("FEAT_NMI", 3, 0, 4, 3, 0);
        instruction("FEAT_XS", 0, 9, 7, 0);
        instruction("FEAT_SPECRES2", 3, 7, 3, 6);
        instruction("FEAT_TLBIOS", 0, 8, 1, 0);
        instruction("FEAT_TLBIRANGE", 0, 8, 2, 1);
        bit("FEAT_NV", "HCR_EL2", 42);
        bit("FEAT_TWED", "HCR_EL2", 59);
        bit("FEAT_EVT", "HCR_EL2", 50);
        bit("FEAT_S2FWB", "HCR_EL2", 46);
        bit("FEAT_PAN3", "SCTLR_EL1", 57);
        bit("FEAT_ExS", "SCTLR_EL1", 22);
        bit("FEAT_LSMAOC", "SCTLR_EL1", 29);
        bit("FEAT_LSE2", "SCTLR_EL1", 6);
        bit("FEAT_MixedEnd", "SCTLR_EL1", 25);
        bit("FEAT_RNG_TRAP", "SCR_EL3", 40);
        bit("FEAT_AFP", "FPCR", 1);
        bit("FEAT_EBF16", "FPCR", 13);
        bit("FEAT_MTPMU", "MDCR_EL2", 28);
        bit("FEAT_PMUv3p7", "MDCR_EL2", 29);
        bit("FEAT_Debugv8p8", "MDSCR_EL1", 32);
        bit("FEAT_DoubleLock", "OSDLR_EL1", 0);
        bit("FEAT_HAFDBS", "TCR_EL1", 39);
        bit("FEAT_HAFDBS_dirty", "TCR_EL1", 40);
        bit("FEAT_HPDS", "TCR_EL1", 41);
        bit("FEAT_HPDS2", "TCR_EL1", 43);
        bit("FEAT_E0PD", "TCR_EL1", 55);
        bit("FEAT_LPA2", "TCR_EL1", 59);
        bit("FEAT_VMID16", "VTCR_EL2", 19);
        vmsa("FEAT_XNX", Vmsa::xnx);
        vmsa("FEAT_TTL", Vmsa::ttl);
        vmsa("FEAT_BBM", v -> v.bbm() >= 1);
        vmsa("FEAT_BBML2", v -> v.bbm() >= 2);
        vmsa("FEAT_TGran16K", Vmsa::granule16);
        aarch32("FEAT_AA32EL0", 0x10);
        aarch32("FEAT_AA32EL1", 0x13);
        aarch32("FEAT_AA32EL2", 0x1a);
        aarch32("FEAT_AA32EL3", 0x16);
        ALL.put("FEAT_LPA", p -> translates(p, 1L << 50));
        ALL.put("FEAT_TTST", p -> addressBits(p, 40) == 24);
        ALL.put("FEAT_LVA", p -> addressBits(p, 1 << 14 | 12) == 52);
        ALL.put("FEAT_IDST", Evidence::reportsIdentification);
        ALL.put("FEAT_PACQARMA5", p -> p.code() == 0xc003_b939_0000_0000L);
        ALL.put("FEAT_PACIMP", p -> p.code() != 0 && p.code() != 0xc003_b939_0000_0000L);
        ALL.put("FEAT_EPAC", p -> p.codeOfBadPointer() == ProbedCpu.CODE_OF_EPAC);
        ALL.put("FEAT_FPAC", ProbedCpu::faultsOnAuthentication);
        none();
    }

    private static void none() {
        for (String f : new String[] {"FEAT_CSV2", "FEAT_CSV2_1p1", "FEAT_CSV2_1p2", "FEAT_CSV2_3", "FEAT_CSV3"}) {
            NONE.put(f, "a promise about speculation, of which there is none");
        }
        for (String f : new String[] {"FEAT_Debugv8p1", "FEAT_Debugv8p2", "FEAT_Debugv8p4", "FEAT_PMUv3p8", "FEAT_HPMN0"}) {
            NONE.put(f, "a version of rules without a register or bit of its own");
        }
        NONE.put("FEAT_AA64EL0", "every model has it");
        NONE.put("FEAT_AA64EL1", "every model has it");
        NONE.put("FEAT_TGran4K", "every model has it");
        NONE.put("FEAT_TGran64K", "every model has it");
        NONE.put("FEAT_EL2", "the machine decides");
        NONE.put("FEAT_EL3", "the machine decides");
        NONE.put("FEAT_GICv3", "the machine decides");
        NONE.put("FEAT_GICv4p1", "the machine decides");
        NONE.put("FEAT_MixedEndEL0", "FEAT_MixedEnd is more");
        NONE.put("FEAT_DGH", "a hint");
        NONE.put("FEAT_CLRBHB", "a hint");
        NONE.put("FEAT_ETS", "accesses and walks are in order anyway");
        NONE.put("FEAT_ETS2", "accesses and walks are in order anyway");
        NONE.put("FEAT_TTCNP", "no other CPU shares a TLB");
        NONE.put("FEAT_RPRES", "with FEAT_AFP only");
        NONE.put("FEAT_MPAMv0p1", "with FEAT_MPAM only");
        NONE.put("FEAT_MTE3", "with FEAT_MTE2 only");
        NONE.put("FEAT_PACQARMA3", "FEAT_PACQARMA5 and FEAT_PACIMP tell the algorithm");
        NONE.put("FEAT_PAuth2", "FEAT_EPAC tells: it has either or none");
        NONE.put("FEAT_FPACCOMBINE", "with FEAT_FPAC only");
    }

    private static boolean translates(ProbedCpu p, long address) {
        p.cpu.mmu.translate(address, Mmu.READ | Mmu.PROBE);
        return p.cpu.mmu.ok;
    }

    /** Bits of an address of the lower half at EL1 under this TCR_EL1. */
    private static int addressBits(ProbedCpu p, long tcr) {
        p.cpu.sysregs.writeByName("TCR_EL1", tcr);
        p.cpu.el = 1;
        return p.cpu.mmu.addressBits(false);
    }

    /** A read of an identification register at EL0 is not of unknown reason. */
    private static boolean reportsIdentification(ProbedCpu p) {
        p.cpu.el = 0;
        try {
            p.cpu.sysregs.read(Row.key(3, 0, 0, 7, 0));
            throw new AssertionError("EL0 read an identification register");
        } catch (GuestException e) {
            return p.cpu.pending.ec == 0x18;
        }
    }
}
