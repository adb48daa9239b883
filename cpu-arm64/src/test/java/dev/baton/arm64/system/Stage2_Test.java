package dev.baton.arm64.system;

import static dev.baton.arm64.system.Tables.NORMAL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.finding.Finding;
import dev.baton.core.mem.CachePolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/** Stage 2: the walk, both stages combined, faults to EL2, and its TLB maintenance. */
class Stage2_Test {
    private static final long TABLES = Bare.RAM + (8L << 20);
    private static final long TABLES2 = Bare.RAM + (12L << 20);
    private static final long GIGABYTE = 0x4000_0000L;
    private static final long VA = 0x40_0000L;
    private static final long IPA = 0x8010_0000L;
    private static final long PA = 0x4010_0000L;
    private static final int INSTRUCTION_ABORT = 0x20;
    private static final int DATA_ABORT = 0x24;
    private static final long MAX = 1;

    private static Bare bare(long model) {
        Arm64Config config = model == MAX ? Arm64Config.defaults().withModel("max") : Arm64Config.defaults();
        return new Bare(1, CachePolicy.STRICT, config, 1);
    }

    /** Stage 2 with the guest's tables mapped one to one, and {@code IPA} leading to {@code PA}. */
    private static Stage2Tables two(Bare b, long flags) {
        return new Stage2Tables(b.ram, 12, 40, 1, TABLES2).block(GIGABYTE, 1, GIGABYTE, Stage2Tables.NORMAL).page(IPA, PA, flags);
    }

    private static Tables one(Bare b, long flags) {
        return new Tables(b.ram, 12, 48, TABLES, true).page(VA, IPA, flags).enableEl1(b, 0);
    }

    private static void takes(Bare b, long va, int access, int ec, int iss, long hpfar) {
        b.taking(() -> b.cpu.mmu.translate(va, access));
        assertEquals(2, b.cpu.el);
        assertEquals("%x %x".formatted(ec, iss), "%x %x".formatted(b.get("ESR_EL2") >>> 26, b.get("ESR_EL2") & 0x1ff_ffffL));
        assertEquals(va, b.get("FAR_EL2"));
        assertEquals(hpfar >>> 12 << 4, b.get("HPFAR_EL2"));
    }

    /** Granule, input size, start level: with and without concatenated tables. */
    @ParameterizedTest
    @CsvSource({"12,40,1", "12,39,1", "12,40,0", "12,48,0", "12,34,2", "12,31,2", "14,40,2", "14,47,1", "14,36,2", "14,28,3", "16,40,2",
            "16,48,1", "16,42,2", "16,33,3"})
    void every_granule_and_start_level_translates(int pageBits, int inputBits, int first) {
        try (Bare b = bare(0)) {
            long ipa = IPA & (1L << inputBits) - 1;
            new Stage2Tables(b.ram, pageBits, inputBits, first, TABLES2).page(ipa, PA, Stage2Tables.NORMAL).enable(b);
            assertEquals(PA + 0x123, b.pa(ipa + 0x123));
            assertEquals(PA + 0x123, b.pa(ipa + 0x123), "from the TLB");
            assertEquals(inputBits == 48 ? 0x00 : 0x04, b.fault(1L << inputBits, Mmu.READ), "beyond the input size, or stage 1 output");
        }
    }

    @Test
    void both_stages_combine_and_the_smaller_size_counts() {
        try (Bare b = bare(0)) {
            two(b, Stage2Tables.NORMAL).enable(b);
            one(b, NORMAL);
            assertEquals(PA + 0x18, b.pa(VA + 0x18));
            assertTrue(b.cpu.mmu.cacheable);
            assertEquals(4095, b.cpu.mmu.pageMask);
            new Tables(b.ram, 12, 48, TABLES, true).block(GIGABYTE, 1, GIGABYTE * 2, NORMAL);
            assertEquals(PA, b.pa(GIGABYTE + IPA - 2 * GIGABYTE), "a block of stage 1 through a page of stage 2");
            assertEquals(4095, b.cpu.mmu.pageMask);
        }
    }

    @Test
    void a_start_level_that_does_not_fit_the_size_is_a_translation_fault_of_level_0() {
        try (Bare b = bare(0)) {
            Stage2Tables t = two(b, Stage2Tables.NORMAL).enable(b);
            assertEquals(-1, b.fault(IPA, Mmu.READ));
            b.cpu.mmu.reset();
            b.set("VTCR_EL2", t.vtcr() & ~0xc0L);
            assertEquals(0x04, b.fault(IPA, Mmu.READ), "40 bits are too many for level 2");
            b.set("VTCR_EL2", t.vtcr() | 0xc0);
            assertEquals(0x04, b.fault(IPA, Mmu.READ), "SL0 = 3 is reserved without FEAT_TTST");
        }
    }

    @Test
    void faults_go_to_el2_with_the_intermediate_address() {
        try (Bare b = bare(0)) {
            two(b, Stage2Tables.NORMAL).enable(b);
            one(b, NORMAL);
            new Tables(b.ram, 12, 48, TABLES, true).page(VA, IPA + 0x5000, NORMAL);
            takes(b, VA + 8, Mmu.WRITE, DATA_ABORT, 1 << 6 | 0x07, IPA + 0x5000);
        }
        try (Bare b = bare(0)) {
            two(b, Stage2Tables.NORMAL & ~Stage2Tables.AF).enable(b);
            one(b, NORMAL);
            takes(b, VA, Mmu.FETCH, INSTRUCTION_ABORT, 0x0b, IPA);
        }
        try (Bare b = bare(0)) {
            two(b, Stage2Tables.NORMAL & ~Stage2Tables.WRITE).enable(b);
            one(b, NORMAL);
            b.pa(VA);
            takes(b, VA + 0x10, Mmu.WRITE, DATA_ABORT, 1 << 6 | 0x0f, IPA);
        }
    }

    @Test
    void a_walk_of_stage_1_that_stage_2_refuses_is_an_s1ptw_fault() {
        try (Bare b = bare(0)) {
            Stage2Tables t = new Stage2Tables(b.ram, 12, 40, 1, TABLES2).enable(b);
            one(b, NORMAL);
            takes(b, VA, Mmu.READ, DATA_ABORT, 1 << 7 | 0x05, TABLES);
            t.block(GIGABYTE, 1, GIGABYTE, Stage2Tables.NORMAL & ~Stage2Tables.READ);
            b.cpu.el = 1;
            takes(b, VA, Mmu.READ, DATA_ABORT, 1 << 7 | 0x0d, TABLES);
        }
    }

    @Test
    void protected_walks_refuse_tables_in_device_memory() {
        try (Bare b = bare(0)) {
            two(b, Stage2Tables.NORMAL).block(GIGABYTE, 1, GIGABYTE, Stage2Tables.NORMAL & ~Stage2Tables.WRITE_BACK).enable(b);
            one(b, NORMAL);
            b.ram.maintain(b.cpu, dev.baton.core.mem.Maintenance.CLEAN_INVALIDATE, TABLES, 1 << 16, false);
            assertEquals(-1, b.fault(VA, Mmu.READ));
            b.cpu.mmu.reset();
            b.set("HCR_EL2", 1L << 31 | 1 | 1 << 2);
            takes(b, VA, Mmu.READ, DATA_ABORT, 1 << 7 | 0x0d, TABLES);
        }
    }

    @Test
    void a_permission_fault_of_stage_1_comes_first() {
        try (Bare b = bare(0)) {
            two(b, Stage2Tables.NORMAL & ~Stage2Tables.WRITE).enable(b);
            one(b, NORMAL | Tables.READ_ONLY);
            b.taking(() -> b.cpu.mmu.translate(VA, Mmu.WRITE));
            assertEquals(1, b.cpu.el);
            assertEquals(1 << 6 | 0x0f, b.get("ESR_EL1") & 0xffff);
        }
    }

    /** MAIR byte of stage 1, MemAttr of stage 2, the result (Arm ARM, "Combining the stage 1 and stage 2 memory type attributes"). */
    @ParameterizedTest
    @CsvSource({"ff,f,ff", "ff,a,bb", "ff,5,44", "44,f,44", "04,f,04", "ff,0,00", "ff,1,04", "04,2,04", "0c,1,04", "bb,f,bb", "aa,f,aa",
            "f4,f,f4", "ff,d,f4"})
    void memory_types_combine_to_the_stricter(String one, String two, String result) {
        assertEquals(Integer.parseInt(result, 16), combined(0, 0, one, two));
    }

    /** The same with HCR_EL2.FWB. */
    @ParameterizedTest
    @CsvSource({"ff,7,ff", "44,7,44", "04,7,04", "44,6,ff", "04,6,ff", "ff,5,44", "04,5,04", "ff,1,04", "44,0,00"})
    void forced_write_back_lets_stage_2_decide(String one, String two, String result) {
        assertEquals(Integer.parseInt(result, 16), combined(MAX, 1L << 46, one, two));
    }

    private static int combined(long model, long hcr, String one, String two) {
        try (Bare b = bare(model)) {
            long attr = Long.parseLong(two, 16) << 2;
            Stage2Tables t = two(b, Stage2Tables.NORMAL & ~Stage2Tables.WRITE_BACK | attr);
            t.block(GIGABYTE, 1, GIGABYTE, hcr == 0 ? Stage2Tables.NORMAL : Stage2Tables.NORMAL & ~(9L << 2) | 6L << 2);
            t.enable(b);
            one(b, NORMAL);
            b.set("MAIR_EL1", Long.parseLong(one, 16));
            b.set("HCR_EL2", 1L << 31 | 1 | hcr);
            b.pa(VA);
            return b.cpu.mmu.attr;
        }
    }

    /** XN[1:0], executable at EL1, at EL0; without FEAT_XNX bit 53 means nothing. */
    @ParameterizedTest
    @CsvSource({"1,0,true,true", "1,1,false,true", "1,2,false,false", "1,3,true,false", "0,1,true,true", "0,3,false,false"})
    void execution_at_stage_2(long model, long xn, boolean el1, boolean el0) {
        try (Bare b = bare(model)) {
            two(b, Stage2Tables.NORMAL | xn << 53).enable(b);
            one(b, NORMAL | Tables.USER | Tables.READ_ONLY);
            assertEquals(el1 ? -1 : 0x0f, b.fault(VA, Mmu.FETCH));
            b.cpu.el = 0;
            b.cpu.mmu.contextChanged();
            assertEquals(el0 ? -1 : 0x0f, b.fault(VA, Mmu.FETCH));
        }
    }

    @Test
    void default_cacheability_makes_el1_cached_with_its_mmu_off() {
        try (Bare b = bare(0)) {
            two(b, Stage2Tables.NORMAL).enable(b);
            assertEquals(PA, b.pa(IPA));
            assertTrue(b.cpu.mmu.device, "with the MMU of EL1 off, data is Device");
            b.set("HCR_EL2", 1L << 31 | 1L << 12);
            assertEquals(PA, b.pa(IPA));
            assertTrue(b.cpu.mmu.cacheable, "DC: Normal, and stage 2 is on");
            b.set("SCTLR_EL1", 1);
            assertEquals(PA, b.pa(IPA), "SCTLR_EL1.M counts as 0");
        }
    }

    @Test
    void a_host_has_no_stage_2() {
        try (Bare b = bare(0)) {
            two(b, Stage2Tables.NORMAL).enable(b);
            b.set("HCR_EL2", 1L << 34 | 1L << 31 | 1L << 27 | 1);
            b.cpu.el = 2;
            b.cpu.mmu.contextChanged();
            assertEquals(GIGABYTE, b.pa(GIGABYTE));
            assertEquals(IPA, b.pa(IPA));
        }
    }

    private static void tlbi(Bare b, int crm, int op2, long xt) {
        b.cpu.el = 2;
        b.cpu.sysregs.sys(4, 8, crm, op2, xt);
        b.cpu.el = 1;
    }

    @Test
    void vmids_keep_guests_apart_at_stage_2_and_have_8_or_16_bits() {
        try (Bare b = bare(0)) {
            Stage2Tables t = two(b, Stage2Tables.NORMAL).enable(b);
            assertEquals(PA, b.pa(IPA));
            t.page(IPA, PA + 0x1000, Stage2Tables.NORMAL);
            b.set("VTTBR_EL2", t.root | 0x101L << 48);
            assertEquals(PA, b.pa(IPA), "VTCR_EL2.VS = 0: VMID 0x101 is VMID 1");
            b.set("VTCR_EL2", t.vtcr() | 1 << 19);
            assertEquals(PA + 0x1000, b.pa(IPA), "VS = 1");
            b.set("VTTBR_EL2", t.root | 1L << 48);
            assertEquals(PA, b.pa(IPA));
        }
    }

    @Test
    void tlbi_by_intermediate_address_drops_stage_2_and_a_combined_entry_needs_vmalle1() {
        try (Bare b = bare(0)) {
            Stage2Tables t = two(b, Stage2Tables.NORMAL).enable(b);
            b.pa(IPA);
            t.put(t.descriptor(IPA, 3), 0);
            assertEquals(PA, b.pa(IPA));
            tlbi(b, 4, 1, IPA >>> 12);
            assertEquals(0x07, b.fault(IPA, Mmu.READ), "IPAS2E1");
            t.page(IPA, PA, Stage2Tables.NORMAL);
            one(b, NORMAL);
            b.pa(VA);
            t.put(t.descriptor(IPA, 3), 0);
            tlbi(b, 0, 1, IPA >>> 12);
            assertEquals(PA, b.pa(VA), "IPAS2E1IS alone leaves the combination");
            b.cpu.sysregs.sys(0, 8, 3, 0, 0);
            assertEquals(0x07, b.fault(VA, Mmu.READ));
            t.page(IPA, PA, Stage2Tables.NORMAL);
            b.pa(VA);
            t.put(t.descriptor(IPA, 3), 0);
            tlbi(b, 3, 6, 0);
            assertEquals(0x07, b.fault(VA, Mmu.READ), "VMALLS12E1IS does both");
            assertEquals(List.of(), b.machine.findings().all(), "a hypervisor may race with its guest");
        }
    }

    @Test
    void a_stage_2_descriptor_replaced_without_break_is_a_finding() {
        try (Bare b = bare(0)) {
            Stage2Tables t = two(b, Stage2Tables.NORMAL).enable(b);
            one(b, NORMAL);
            b.pa(VA);
            t.page(IPA, PA + 0x1000, Stage2Tables.NORMAL);
            b.pa(VA);
            assertEquals(List.of("break-before-make"), b.machine.findings().all().stream().map(Finding::rule).toList());
        }
    }

    private static long at(Bare b, int op1, int crm, int op2, long va) {
        b.cpu.sysregs.sys(op1, 7, crm, op2, va);
        return b.get("PAR_EL1");
    }

    @Test
    void address_translation_instructions_stop_at_the_stage_they_name() {
        try (Bare b = bare(0)) {
            Stage2Tables t = two(b, Stage2Tables.NORMAL & ~Stage2Tables.WRITE).enable(b);
            one(b, NORMAL);
            assertEquals(IPA, at(b, 0, 8, 0, VA) & 0xf_ffff_ffff_f001L, "AT S1E1R");
            b.cpu.el = 2;
            b.cpu.mmu.contextChanged();
            assertEquals(PA, at(b, 4, 8, 4, VA) & 0xf_ffff_ffff_f001L, "AT S12E1R");
            assertEquals(1L << 11 | 1 << 9 | 0x0f << 1 | 1, at(b, 4, 8, 5, VA), "AT S12E1W: permission fault of stage 2");
            assertEquals(1L << 11 | 0x0e << 1 | 1 | 1 << 1, at(b, 4, 8, 6, VA), "AT S12E0R: of stage 1");
            t.put(t.descriptor(GIGABYTE, 1), 0);
            b.cpu.mmu.reset();
            assertEquals(1L << 11 | 1 << 9 | 1 << 8 | 0x05 << 1 | 1, at(b, 4, 8, 4, VA), "the walk of stage 1");
        }
    }

    @Test
    void at_s1e1_whose_walk_stage_2_refuses_is_taken_to_el2() {
        try (Bare b = bare(0)) {
            new Stage2Tables(b.ram, 12, 40, 1, TABLES2).enable(b);
            one(b, NORMAL);
            b.taking(() -> at(b, 0, 8, 0, VA));
            assertEquals(2, b.cpu.el);
            assertEquals(1 << 8 | 1 << 7 | 1 << 6 | 0x05, b.get("ESR_EL2") & 0x1ff_ffffL);
            assertEquals(TABLES >>> 12 << 4, b.get("HPFAR_EL2"));
        }
    }

    @Test
    void hardware_manages_the_flags_of_stage_2_too() {
        try (Bare b = bare(MAX)) {
            Stage2Tables t = two(b, Stage2Tables.NORMAL & ~(Stage2Tables.AF | Stage2Tables.WRITE) | Stage2Tables.DBM).enable(b);
            b.set("VTCR_EL2", t.vtcr() | 3 << 21);
            one(b, NORMAL);
            long leaf = t.descriptor(IPA, 3);
            b.pa(VA);
            assertEquals(Stage2Tables.AF, t.get(leaf) & (Stage2Tables.AF | Stage2Tables.WRITE));
            assertEquals(-1, b.fault(VA, Mmu.WRITE));
            assertEquals(Stage2Tables.AF | Stage2Tables.WRITE, t.get(leaf) & (Stage2Tables.AF | Stage2Tables.WRITE));
        }
    }

    @Test
    void a_load_that_stage_2_refuses_tells_the_hypervisor_its_registers() {
        try (Bare b = bare(0)) {
            two(b, Stage2Tables.NORMAL).enable(b);
            int[] words = {0x7940_0841, 0xb980_0843, 0x3900_0045, 0xf840_8c46, 0x88df_fc47, 0xc89f_fc48};
            long[] syndromes = {1 << 24 | 1 << 22 | 1 << 16, 1 << 24 | 2 << 22 | 1 << 21 | 3 << 16 | 1 << 15, 1 << 24 | 5 << 16, 0,
                1 << 24 | 2 << 22 | 7 << 16 | 1 << 14, 1 << 24 | 3 << 22 | 8 << 16 | 1 << 15 | 1 << 14};
            new Stage2Tables(b.ram, 12, 40, 1, TABLES2).block(GIGABYTE, 1, GIGABYTE, Stage2Tables.NORMAL);
            for (int i = 0; i < words.length; i++) {
                b.ram.store(null, Bare.RAM, 4, words[i], false);
                b.cpu.el = 1;
                b.cpu.mmu.contextChanged();
                b.cpu.branchTo(Bare.RAM);
                b.taking(() -> b.cpu.mmu.translate(IPA + 0x7000, Mmu.READ));
                assertEquals(Long.toHexString(syndromes[i] | 7), Long.toHexString(b.get("ESR_EL2") & 0x1ff_ffffL), "word " + i);
            }
            assertFalse(b.cpu.mmu.ok);
        }
    }
}
