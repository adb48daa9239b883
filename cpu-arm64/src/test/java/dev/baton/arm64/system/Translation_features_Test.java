package dev.baton.arm64.system;

import static dev.baton.arm64.system.Tables.AF;
import static dev.baton.arm64.system.Tables.NORMAL;
import static dev.baton.arm64.system.Tables.READ_ONLY;
import static dev.baton.arm64.system.Tables.USER;
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
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/** The translation features after Armv8.0, on the model that has them and on the one that does not. */
class Translation_features_Test {
    private static final long TABLES = Bare.RAM + (8L << 20);
    private static final long VA = 0x40_0000L;
    private static final long PA = 0x4010_0000L;
    private static final long DBM = 1L << 51;
    private static final long HA = 1L << 39;
    private static final long HD = 1L << 40;
    private static final long DS = 1L << 59;

    private static Bare max() {
        return new Bare(1, CachePolicy.STRICT, Arm64Config.defaults().withModel("max"), 1);
    }

    private static List<String> rules(Bare b) {
        return b.machine.findings().all().stream().map(Finding::rule).toList();
    }

    private static void level(Bare b, int el) {
        b.cpu.el = el;
        b.cpu.mmu.contextChanged();
    }

    private static Tables on(Bare b, Tables t, long tcrMore) {
        t.enableEl1(b, 0);
        b.set("TCR_EL1", t.tcr() & ~(7L << 32) | 6L << 32 | tcrMore);
        return t;
    }

    // 52-bit addresses ------------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({"12,52", "12,49", "12,48", "14,52", "14,48"})
    void lpa2_translates_52_bit_addresses_both_ways(int pageBits, int inputBits) {
        try (Bare b = max()) {
            long va = 0x000d_5678_9010_0000L & (1L << inputBits - 1) - 1;
            long pa = 0x000b_4567_8910_0000L;
            Tables t = new Tables(b.ram, pageBits, inputBits, TABLES, true).wide().page(va, pa, NORMAL);
            on(b, t, DS);
            assertEquals(pa + 0x88, b.pa(va + 0x88));
            assertEquals(pa + 0x88, b.pa(-1L << inputBits | va + 0x88), "the upper half");
            b.cpu.sysregs.sys(0, 7, 8, 0, va);
            assertEquals(3L << 7, b.get("PAR_EL1") & 3 << 7, "the shareability is that of TCR_EL1");
            assertEquals(pageBits == 12 && inputBits > 48 ? 0x2b : 0x04, b.fault(va ^ 1L << inputBits - 1, Mmu.READ));
            assertEquals(0x04, b.fault(1L << inputBits | va, Mmu.READ), "beyond the half");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 14})
    void the_output_size_still_limits(int pageBits) {
        try (Bare b = max()) {
            Tables t = new Tables(b.ram, pageBits, 52, TABLES, true).wide().page(VA, 1L << 48 | PA, NORMAL);
            on(b, t, DS);
            b.set("TCR_EL1", b.get("TCR_EL1") & ~(7L << 32) | 5L << 32);
            assertEquals(0x03, b.fault(VA, Mmu.READ));
            t.put(t.descriptor(VA, t.firstLevel()), 1L << 49 | 3);
            assertEquals(pageBits == 12 ? 0x29 : 0x00, b.fault(VA, Mmu.READ), "a table beyond");
            t.put(t.descriptor(VA, t.firstLevel()), 0x1_0000 | 3);
            assertEquals(0x14 + t.firstLevel() + 1, b.fault(VA, Mmu.READ), "a table where no memory is");
        }
    }

    @Test
    void blocks_of_lpa2_exist_a_level_higher() {
        try (Bare b = max()) {
            Tables t = new Tables(b.ram, 12, 52, TABLES, true).wide().block(1L << 39, 0, 1L << 51, NORMAL);
            on(b, t, DS);
            assertEquals(1L << 51 | VA, b.pa(1L << 39 | VA));
        }
        try (Bare b = max()) {
            Tables t = new Tables(b.ram, 12, 48, TABLES, true);
            t.put(t.descriptor(1L << 39, 0), NORMAL | 1);
            on(b, t, 0);
            assertEquals(0x04, b.fault(1L << 39, Mmu.READ), "not without DS");
        }
    }

    @Test
    void the_64k_granule_has_52_bits_without_ds() {
        try (Bare b = max()) {
            long va = 0x0005_5678_9010_0000L;
            long pa = 0x000b_4567_8911_0000L;
            Tables t = new Tables(b.ram, 16, 52, TABLES, true);
            t.put(t.descriptor(va, 3), pa & 0xffff_ffff_ffffL | pa >>> 48 << 12 | NORMAL | 3);
            t.put(t.descriptor(1L << 50, 1), 5L << 12 | NORMAL | 1);
            on(b, t, 0);
            assertEquals(pa + 0x1234, b.pa(va + 0x1234));
            assertEquals(5L << 48 | VA, b.pa(1L << 50 | VA), "a block of 4 TiB");
        }
    }

    @Test
    void a_size_beyond_the_model_is_a_translation_fault_of_level_0() {
        try (Bare b = new Bare(1)) {
            Tables t = new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, NORMAL).enableEl1(b, 0);
            b.set("TCR_EL1", t.tcr() & ~0x3fL | 12 | DS | HA | HD);
            assertEquals(0x04, b.fault(VA, Mmu.READ));
            assertEquals(0, b.get("TCR_EL1") & (DS | HA | HD), "what the model lacks is RES0");
            b.set("TCR_EL1", t.tcr() & ~0x3fL | 40);
            assertEquals(0x04, b.fault(VA, Mmu.READ), "more than 39 needs FEAT_TTST");
        }
    }

    @ParameterizedTest
    @CsvSource({"12,16", "12,20", "14,18", "16,17"})
    void small_translation_tables(int pageBits, int inputBits) {
        try (Bare b = max()) {
            long va = 1L << inputBits - 1;
            on(b, new Tables(b.ram, pageBits, inputBits, TABLES, true).page(va, PA, NORMAL), 0);
            assertEquals(PA + 8, b.pa(va + 8));
        }
    }

    // Hardware management of the access flag and dirty state ------------------------------------------------------------------

    private static Tables hardware(Bare b, long flags, long tcr) {
        return on(b, new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, flags), tcr);
    }

    @Test
    void hardware_sets_the_access_flag_when_asked_and_never_for_a_probe() {
        try (Bare b = max()) {
            Tables t = hardware(b, NORMAL & ~AF, 0);
            assertEquals(0x0b, b.fault(VA, Mmu.READ));
            b.set("TCR_EL1", b.get("TCR_EL1") | HA);
            b.cpu.mmu.translate(VA, Mmu.READ | Mmu.PROBE);
            assertTrue(b.cpu.mmu.ok);
            assertEquals(0, t.get(t.descriptor(VA, 3)) & AF);
            b.pa(VA);
            assertEquals(AF, t.get(t.descriptor(VA, 3)) & AF);
            assertEquals(List.of(), rules(b));
        }
    }

    @Test
    void a_write_makes_a_writable_clean_page_dirty_and_a_read_does_not() {
        try (Bare b = max()) {
            Tables t = hardware(b, NORMAL | READ_ONLY | DBM, HA | HD);
            long leaf = t.descriptor(VA, 3);
            b.pa(VA);
            b.cpu.mmu.translate(VA, Mmu.WRITE | Mmu.PROBE);
            assertTrue(b.cpu.mmu.ok);
            b.cpu.sysregs.sys(0, 7, 8, 1, VA);
            assertEquals(0, b.get("PAR_EL1") & 1, "AT S1E1W says that it may be written");
            assertEquals(READ_ONLY, t.get(leaf) & READ_ONLY);
            assertEquals(-1, b.fault(VA, Mmu.WRITE));
            assertEquals(0, t.get(leaf) & READ_ONLY);
            assertEquals(-1, b.fault(VA, Mmu.WRITE));
            assertEquals(List.of(), rules(b));
        }
    }

    @Test
    void a_write_that_permissions_forbid_leaves_the_page_clean() {
        try (Bare b = max()) {
            Tables t = hardware(b, NORMAL | READ_ONLY | DBM, HA | HD);
            level(b, 0);
            assertEquals(0x0f, b.fault(VA, Mmu.WRITE), "not a page of EL0");
            assertEquals(READ_ONLY, t.get(t.descriptor(VA, 3)) & READ_ONLY);
        }
        try (Bare b = max()) {
            hardware(b, NORMAL | READ_ONLY, HA | HD);
            assertEquals(0x0f, b.fault(VA, Mmu.WRITE), "no DBM");
        }
        try (Bare b = max()) {
            Tables t = hardware(b, NORMAL | READ_ONLY | DBM, HA | HD);
            t.hierarchy(VA, 1, 1L << 62);
            assertEquals(0x0f, b.fault(VA, Mmu.WRITE), "APTable");
        }
        try (Bare b = max()) {
            hardware(b, NORMAL | READ_ONLY | DBM, HA);
            assertEquals(0x0f, b.fault(VA, Mmu.WRITE), "HA without HD");
        }
    }

    @Test
    void a_page_made_clean_again_is_marked_again_and_one_unmapped_faults_instead() {
        try (Bare b = max()) {
            Tables t = hardware(b, NORMAL | READ_ONLY | DBM, HA | HD);
            long leaf = t.descriptor(VA, 3);
            b.pa(VA);
            t.put(leaf, 0);
            assertEquals(0x07, b.fault(VA, Mmu.WRITE), "hardware looks at the descriptor before it marks it");
            assertEquals(0, t.get(leaf));
        }
    }

    @Test
    void another_cpu_that_marks_a_page_makes_no_finding_here() {
        try (Bare b = new Bare(1, CachePolicy.STRICT, Arm64Config.defaults().withModel("max"), 2)) {
            hardware(b, NORMAL | READ_ONLY | DBM, HA | HD);
            for (String r : List.of("MAIR_EL1", "TCR_EL1", "TTBR0_EL1", "TTBR1_EL1", "SCTLR_EL1")) {
                b.cpu(1).sysregs.writeByName(r, b.get(r));
            }
            b.pa(VA);
            b.cpu(1).mmu.translate(VA, Mmu.WRITE);
            b.pa(VA);
            assertEquals(-1, b.fault(VA, Mmu.WRITE));
            assertEquals(List.of(), rules(b));
        }
    }

    @Test
    void hardware_writes_to_the_view_in_which_it_walks() {
        try (Bare b = max()) {
            Tables t = new Tables(b.ram, 12, 48, TABLES, false).page(VA, PA, NORMAL & ~AF);
            on(b, t, HA);
            b.pa(VA);
            assertEquals(AF, b.ram.load(null, t.descriptor(VA, 3), 8, false) & AF);
            assertFalse(b.ram.dirty(t.descriptor(VA, 3)));
        }
    }

    // Permissions -----------------------------------------------------------------------------------------------------------

    @Test
    void hierarchical_permissions_can_be_disabled_for_each_half() {
        try (Bare b = max()) {
            Tables t = hardware(b, NORMAL | USER, 0);
            t.hierarchy(VA, 1, 3L << 61 | 3L << 59);
            assertEquals(0x0f, b.fault(VA, Mmu.WRITE));
            b.cpu.mmu.reset();
            b.set("TCR_EL1", b.get("TCR_EL1") | 1L << 41);
            assertEquals(-1, b.fault(VA, Mmu.WRITE));
            assertEquals(0x0f, b.fault(-1L << 48 | VA, Mmu.WRITE), "HPD0 is about the lower half");
            b.set("TCR_EL1", b.get("TCR_EL1") | 1L << 42);
            b.cpu.mmu.reset();
            assertEquals(-1, b.fault(-1L << 48 | VA, Mmu.WRITE));
        }
    }

    @Test
    void e0pd_keeps_el0_out_of_a_half() {
        try (Bare b = max()) {
            hardware(b, NORMAL | USER, 1L << 56);
            level(b, 0);
            assertEquals(-1, b.fault(VA, Mmu.READ));
            assertEquals(0x04, b.fault(-1L << 48 | VA, Mmu.READ));
            level(b, 1);
            assertEquals(-1, b.fault(-1L << 48 | VA, Mmu.READ));
            assertEquals(0x04, b.fault(-1L << 48 | VA, Mmu.READ | Mmu.UNPRIV));
        }
    }

    @Test
    void the_guarded_bit_is_delivered() {
        try (Bare b = max()) {
            hardware(b, NORMAL | 1L << 50, 0);
            b.cpu.mmu.translate(VA, Mmu.FETCH);
            assertTrue(b.cpu.mmu.guarded);
            b.set("SCTLR_EL1", 0);
            b.cpu.mmu.translate(PA, Mmu.FETCH);
            assertFalse(b.cpu.mmu.guarded);
        }
    }

    @Test
    void identification_registers_at_el0_are_trapped_as_register_accesses_with_feat_idst() {
        int pfr0 = 3 << 14 | 4 << 3;
        try (Bare b = max()) {
            level(b, 0);
            b.taking(() -> b.cpu.sysregs.read(pfr0));
            assertEquals(0x18, b.get("ESR_EL1") >>> 26);
        }
        try (Bare b = new Bare(1)) {
            level(b, 0);
            b.taking(() -> b.cpu.sysregs.read(pfr0));
            assertEquals(0, b.get("ESR_EL1") >>> 26);
        }
    }

    // TLB maintenance -------------------------------------------------------------------------------------------------------

    private static void tlbi(Bare b, int crm, int op2, long xt) {
        b.cpu.sysregs.sys(0, 8, crm, op2, xt);
    }

    private static boolean alive(Bare b, long va) {
        return b.fault(va, Mmu.READ) == -1;
    }

    /** Pages 0 to 63 at {@link #VA}, all used, and then no longer in the tables. */
    private static Bare pages() {
        Bare b = max();
        Tables t = new Tables(b.ram, 12, 48, TABLES, true);
        for (int i = 0; i < 64; i++) {
            t.page(VA + 4096L * i, PA, NORMAL);
        }
        on(b, t, 0);
        for (int i = 0; i < 64; i++) {
            b.pa(VA + 4096L * i);
            t.put(t.descriptor(VA + 4096L * i, 3), 0);
        }
        return b;
    }

    /** NUM, SCALE, TG, TTL, pages dropped from page 8 on; CRm of the plain, Inner and Outer Shareable forms. */
    @ParameterizedTest
    @CsvSource({"0,0,1,0,2", "3,0,1,0,8", "9,0,1,0,20", "0,1,1,0,64", "0,0,1,3,2", "0,0,1,2,0", "0,0,0,0,0"})
    void a_range_is_num_and_scale_granules_long(long num, long scale, long tg, long ttl, int dropped) {
        for (int crm : new int[] {6, 2, 5}) {
            try (Bare b = pages()) {
                tlbi(b, crm, 7, VA + 8 * 4096 >>> 12 | ttl << 37 | num << 39 | scale << 44 | tg << 46);
                for (int i = 0; i < 64; i++) {
                    assertEquals(i < 8 || i >= 8 + dropped, alive(b, VA + 4096L * i), "page " + i);
                }
            }
        }
    }

    @Test
    void ranges_respect_asids() {
        try (Bare b = max()) {
            Tables t = hardware(b, NORMAL | Tables.NG, 0);
            b.set("TTBR0_EL1", t.root | 5L << 48);
            b.pa(VA);
            t.put(t.descriptor(VA, 3), 0);
            tlbi(b, 6, 1, VA >>> 12 | 1L << 46 | 4L << 48);
            assertTrue(alive(b, VA), "another ASID");
            tlbi(b, 6, 1, VA >>> 12 | 1L << 46 | 5L << 48);
            assertFalse(alive(b, VA));
        }
    }

    @Test
    void forms_that_the_model_lacks_are_undefined() {
        try (Bare b = new Bare(1)) {
            b.taking(() -> tlbi(b, 6, 1, 0));
            b.taking(() -> tlbi(b, 1, 0, 0));
            assertEquals(0, b.get("ESR_EL1") >>> 26);
        }
    }

    @Test
    void a_wrong_level_hint_leaves_the_entry_and_its_use_is_found() {
        try (Bare b = max()) {
            Tables t = hardware(b, NORMAL, 0);
            b.pa(VA);
            t.put(t.descriptor(VA, 3), 0);
            tlbi(b, 3, 7, VA >>> 12 | 0b0110L << 44);
            assertTrue(alive(b, VA), "level 2 of the 4 KiB granule");
            assertEquals(List.of("tlb-stale-entry-used"), rules(b));
            tlbi(b, 3, 7, VA >>> 12 | 0b0111L << 44);
            assertFalse(alive(b, VA));
        }
    }

    @Test
    void bbm_level_2_lets_a_block_and_its_table_replace_one_another() {
        try (Bare b = max()) {
            Tables t = on(b, new Tables(b.ram, 12, 48, TABLES, true).block(VA, 2, VA, NORMAL), 0);
            b.pa(VA);
            Tables pages = new Tables(b.ram, 12, 48, TABLES + (1 << 20), true);
            for (int i = 0; i < 512; i++) {
                pages.page(VA + 4096L * i, VA + 4096L * i, NORMAL);
            }
            t.put(t.descriptor(VA, 2), pages.get(pages.descriptor(VA, 2)));
            assertEquals(VA + 0x1000, b.pa(VA + 0x1000));
            assertEquals(List.of(), rules(b));
            pages.page(VA + 0x1000, PA, NORMAL);
            assertEquals(VA + 0x1000, b.pa(VA + 0x1000));
            assertEquals(1, rules(b).size(), "another address needs it still");
        }
    }
}
