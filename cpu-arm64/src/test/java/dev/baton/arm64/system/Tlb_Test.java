package dev.baton.arm64.system;

import static dev.baton.arm64.system.Tables.NG;
import static dev.baton.arm64.system.Tables.NORMAL;
import static dev.baton.arm64.system.Tables.READ_ONLY;
import static dev.baton.arm64.system.Tables.USER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Host;
import dev.baton.core.mem.Maintenance;
import dev.baton.core.mem.SoftTlb;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/** TLB entries live until they are invalidated, and their misuse is found. */
class Tlb_Test {
    private static final long TABLES = Bare.RAM + (8L << 20);
    private static final long VA = 0xffff_8000_1000_0000L;
    private static final long OLD = 0x4010_0000L;
    private static final long NEW = 0x4020_0000L;

    private static Tables tables(Bare b, long flags) {
        return new Tables(b.ram, 12, 48, TABLES, true).page(VA, OLD, flags).enableEl1(b, 0);
    }

    /** TLBI by its SYS encoding, as {@code TLBI op, Xt} executes it. */
    private static void tlbi(Arm64Cpu cpu, int op1, int crm, int op2, long xt) {
        cpu.sysregs.sys(op1, 8, crm, op2, xt);
    }

    private static void vaale1is(Bare b, long va) {
        tlbi(b.cpu, 0, 3, 7, va >>> 12 & (1L << 44) - 1);
    }

    private static List<String> rules(Bare b) {
        return b.machine.findings().all().stream().map(Finding::rule).toList();
    }

    @Test
    void an_entry_stays_in_use_after_its_descriptor_changed() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            assertEquals(OLD, b.pa(VA));
            t.page(VA, NEW, NORMAL);
            assertEquals(OLD, b.pa(VA));
            vaale1is(b, VA);
            assertEquals(NEW, b.pa(VA));
        }
    }

    @Test
    void break_before_make_is_no_finding() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            b.pa(VA);
            t.put(t.descriptor(VA, 3), 0);
            vaale1is(b, VA);
            t.page(VA, NEW, NORMAL);
            assertEquals(NEW, b.pa(VA));
            assertEquals(List.of(), rules(b));
        }
    }

    @Test
    void make_without_break_is_a_finding_that_names_both_descriptors() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            b.pa(VA);
            t.page(VA, NEW, NORMAL);
            b.pa(VA + 0x18);
            assertEquals(List.of("break-before-make"), rules(b));
            Finding f = b.machine.findings().all().getFirst();
            assertEquals("0xffff800010000018", f.details().get("va"));
            assertEquals("0x%x at 0x%x".formatted(OLD | NORMAL | 3, t.descriptor(VA, 3)), f.details().get("descriptor"));
            assertEquals("0x%x at 0x%x".formatted(NEW | NORMAL | 3, t.descriptor(VA, 3)), f.details().get("descriptor now"));
        }
    }

    @Test
    void a_change_of_memory_type_needs_break_before_make_too() {
        assertEquals(List.of("break-before-make"), rulesAfterChange(NORMAL, NORMAL | 1 << 2));
    }

    @Test
    void a_non_global_mapping_that_becomes_global_needs_it_and_the_other_way_is_allowed() {
        assertEquals(List.of("break-before-make"), rulesAfterChange(NORMAL | NG, NORMAL));
        assertEquals(List.of(), rulesAfterChange(NORMAL, NORMAL | NG), "Linux remaps its FDT so when it decides for KPTI");
    }

    private static List<String> rulesAfterChange(long before, long after) {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, before);
            b.pa(VA);
            t.page(VA, OLD, after);
            b.pa(VA);
            return rules(b);
        }
    }

    @Test
    void a_block_split_into_pages_without_break_is_found() {
        try (Bare b = new Bare(1)) {
            Tables t = new Tables(b.ram, 12, 48, TABLES, true).block(VA, 2, 0x4000_0000L, NORMAL).enableEl1(b, 0);
            b.pa(VA);
            t.put(t.descriptor(VA, 2), 0);
            t.page(VA, 0x4000_0000L, NORMAL);
            assertEquals(0x4000_1000L, b.pa(VA + 0x1000), "the block entry covers the next page");
            assertEquals(List.of("tlb-stale-entry-used"), rules(b), "that page has no translation in the tables");
            b.cpu.branchTo(Bare.RAM + 4);
            b.pa(VA);
            assertEquals(List.of("tlb-stale-entry-used", "tlb-stale-entry-used"), rules(b), "the first page has one of another size");
        }
    }

    @Test
    void the_kernel_using_a_mapping_it_removed_is_a_finding_and_an_application_doing_so_is_not() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            b.pa(VA);
            t.put(t.descriptor(VA, 3), 0);
            assertEquals(OLD, b.pa(VA));
            assertEquals(List.of("tlb-stale-entry-used"), rules(b));
        }
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL | NG | USER);
            b.cpu.el = 0;
            b.cpu.mmu.contextChanged();
            b.pa(VA);
            t.put(t.descriptor(VA, 3), 0);
            assertEquals(OLD, b.pa(VA));
            assertEquals(List.of(), rules(b), "another thread may race with munmap");
        }
    }

    @Test
    void a_write_through_an_entry_of_a_page_made_read_only_is_found_and_a_read_is_not() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            b.pa(VA);
            t.page(VA, OLD, NORMAL | READ_ONLY);
            b.pa(VA);
            assertEquals(List.of(), rules(b));
            assertEquals(-1, b.fault(VA, Mmu.WRITE));
            assertEquals(List.of("tlb-stale-entry-used"), rules(b));
        }
    }

    @Test
    void an_entry_with_fewer_rights_than_the_tables_is_no_finding() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL | READ_ONLY);
            b.pa(VA);
            t.page(VA, OLD, NORMAL);
            assertEquals(15, b.fault(VA, Mmu.WRITE), "the spurious fault that kernels expect");
            assertEquals(List.of(), rules(b));
        }
    }

    @Test
    void tables_replaced_under_the_same_asid_without_invalidation_are_found() {
        try (Bare b = new Bare(1)) {
            tables(b, NORMAL);
            b.pa(VA);
            new Tables(b.ram, 12, 48, TABLES + (1 << 20), true).page(VA, NEW, NORMAL);
            b.set("TTBR1_EL1", TABLES + (1 << 20));
            assertEquals(OLD, b.pa(VA));
            assertEquals(List.of("tlb-stale-entry-used"), rules(b));
        }
    }

    @Test
    void asids_keep_address_spaces_apart_and_global_entries_are_common() {
        try (Bare b = new Bare(1)) {
            long user = 0x40_0000L;
            long second = TABLES + (1 << 20);
            tables(b, NORMAL);
            new Tables(b.ram, 12, 48, TABLES + (2 << 20), true).page(user, OLD, NORMAL | NG).page(VA, OLD, NORMAL);
            new Tables(b.ram, 12, 48, second, true).page(user, NEW, NORMAL | NG);
            b.set("TTBR0_EL1", TABLES + (2 << 20) | 1L << 48);
            assertEquals(OLD, b.pa(user));
            b.set("TTBR0_EL1", second | 2L << 48);
            assertEquals(NEW, b.pa(user));
            b.set("TTBR0_EL1", TABLES + (2 << 20) | 1L << 48);
            assertEquals(OLD, b.pa(user));
            assertEquals(List.of(), rules(b));
            tlbi(b.cpu, 0, 7, 2, 1L << 48);
            new Tables(b.ram, 12, 48, TABLES + (2 << 20), true).page(user, NEW + 0x1000, NORMAL | NG);
            assertEquals(NEW + 0x1000, b.pa(user), "TLBI ASIDE1 of ASID 1 dropped it");
            b.set("TTBR0_EL1", second | 2L << 48);
            assertEquals(NEW, b.pa(user));
        }
    }

    /** op1, CRm, op2 of the TLBI, its operand's ASID, and whether entries global, of ASID 1, of ASID 2 survive. */
    @ParameterizedTest
    @CsvSource({
        "0,7,0,1,false,false,false", "0,3,0,1,false,false,false",
        "0,7,1,1,false,false,true", "0,7,5,1,false,false,true", "0,3,1,2,false,true,false",
        "0,7,2,1,true,false,true", "0,3,2,2,true,true,false",
        "0,7,3,0,false,false,false", "0,7,7,0,false,false,false", "0,3,3,0,false,false,false", "0,3,7,0,false,false,false"})
    void each_tlbi_drops_what_it_names(int op1, int crm, int op2, long asid, boolean global, boolean asid1, boolean asid2) {
        assertEquals(global, survives(op1, crm, op2, asid, 0), "global entry");
        assertEquals(asid1, survives(op1, crm, op2, asid, 1), "entry of ASID 1");
        assertEquals(asid2, survives(op1, crm, op2, asid, 2), "entry of ASID 2");
    }

    private static boolean survives(int op1, int crm, int op2, long asid, long entryAsid) {
        try (Bare b = new Bare(1)) {
            long va = 0x40_0000L;
            Tables t = new Tables(b.ram, 12, 48, TABLES, true).page(va, OLD, NORMAL | (entryAsid == 0 ? 0 : NG)).enableEl1(b, 0);
            b.set("TTBR0_EL1", TABLES | entryAsid << 48);
            b.pa(va);
            t.put(t.descriptor(va, 3), 0);
            tlbi(b.cpu, op1, crm, op2, asid << 48 | va >>> 12);
            return b.fault(va, Mmu.READ) == -1;
        }
    }

    @Test
    void a_tlbi_by_address_leaves_other_addresses_alone_and_drops_a_block_by_any_of_its_addresses() {
        try (Bare b = new Bare(1)) {
            Tables t = new Tables(b.ram, 12, 48, TABLES, true).block(VA, 2, 0x4000_0000L, NORMAL).page(VA - 0x1000, OLD, NORMAL)
                    .enableEl1(b, 0);
            b.pa(VA);
            b.pa(VA - 0x1000);
            t.put(t.descriptor(VA, 2), 0);
            t.put(t.descriptor(VA - 0x1000, 3), 0);
            vaale1is(b, VA + 0x12_3000);
            assertEquals(6, b.fault(VA, Mmu.READ));
            assertEquals(-1, b.fault(VA - 0x1000, Mmu.READ));
        }
    }

    @Test
    void inner_shareable_forms_reach_every_cpu_and_plain_ones_only_their_own() {
        try (Bare b = new Bare(1, CachePolicy.STRICT, Arm64Config.defaults(), 2)) {
            Tables t = tables(b, NORMAL);
            for (String r : List.of("MAIR_EL1", "TCR_EL1", "TTBR0_EL1", "TTBR1_EL1", "SCTLR_EL1")) {
                b.cpu(1).sysregs.writeByName(r, b.get(r));
            }
            b.cpu(1).mmu.translate(VA, Mmu.READ);
            t.put(t.descriptor(VA, 3), 0);
            tlbi(b.cpu, 0, 7, 0, 0);
            b.cpu(1).mmu.translate(VA, Mmu.READ | Mmu.PROBE);
            assertTrue(b.cpu(1).mmu.ok, "VMALLE1 of CPU 0 does not reach CPU 1");
            tlbi(b.cpu, 0, 3, 0, 0);
            b.cpu(1).mmu.translate(VA, Mmu.READ | Mmu.PROBE);
            assertEquals(false, b.cpu(1).mmu.ok, "VMALLE1IS does");
        }
    }

    @Test
    void vmids_keep_guests_apart() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            b.set("VTTBR_EL2", 1L << 48);
            b.pa(VA);
            t.page(VA, NEW, NORMAL);
            b.set("VTTBR_EL2", 2L << 48);
            assertEquals(NEW, b.pa(VA));
            tlbi(b.cpu, 0, 7, 0, 0);
            b.set("VTTBR_EL2", 1L << 48);
            assertEquals(OLD, b.pa(VA), "TLBI VMALLE1 is for the current VMID");
        }
    }

    @Test
    void el2_forms_act_on_el2_and_the_e1_forms_of_a_host_on_its_own_regime() {
        try (Bare b = new Bare(2)) {
            b.set("HCR_EL2", 1L << 34 | 1L << 31 | 1L << 27);
            Tables t = new Tables(b.ram, 12, 48, TABLES, true).page(VA, OLD, NORMAL);
            b.set("MAIR_EL2", Tables.MAIR);
            b.set("TCR_EL2", t.tcr());
            b.set("TTBR1_EL2", t.root);
            b.set("SCTLR_EL2", 1 | 1 << 2);
            b.pa(VA);
            t.put(t.descriptor(VA, 3), 0);
            vaale1is(b, VA);
            assertEquals(7, b.fault(VA, Mmu.READ));
            t.page(VA, OLD, NORMAL);
            b.pa(VA);
            t.put(t.descriptor(VA, 3), 0);
            tlbi(b.cpu, 4, 7, 0, 0);
            assertEquals(7, b.fault(VA, Mmu.READ), "TLBI ALLE2");
        }
    }

    @Test
    void the_fast_path_forgets_what_the_tlb_forgets() {
        try (Bare b = new Bare(1)) {
            tables(b, NORMAL);
            b.pa(VA);
            int context = b.cpu.mmu.context();
            b.cpu.softTlb.fill(context, VA, 0x1000, true, true);
            long e = SoftTlb.entry(b.cpu.softTlb.contextBase(context), VA);
            assertEquals(VA, Host.getLong(e));
            vaale1is(b, VA);
            assertEquals(SoftTlb.INVALID, Host.getLong(e));
        }
    }

    @Test
    void a_replaced_entry_leaves_the_fast_path_as_well() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            b.pa(VA);
            b.cpu.softTlb.fill(b.cpu.mmu.context(), VA, 0x1000, true, true);
            for (long i = 1; i <= 3000; i++) {
                t.page(VA + (i << 12), OLD, NORMAL);
                b.pa(VA + (i << 12));
            }
            assertNotEquals(VA, Host.getLong(SoftTlb.entry(b.cpu.softTlb.contextBase(b.cpu.mmu.context()), VA)),
                    "2048 entries cannot hold 3000 pages");
        }
    }

    @Test
    void a_store_to_a_live_descriptor_sends_the_next_access_to_the_slow_path_where_it_is_judged() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            b.pa(VA);
            b.cpu.softTlb.fill(b.cpu.mmu.context(), VA, 0x1000, true, true);
            t.page(VA + 0x1000, NEW, NORMAL);
            long e = SoftTlb.entry(b.cpu.softTlb.contextBase(b.cpu.mmu.context()), VA);
            assertEquals(VA, Host.getLong(e), "another descriptor of the same table");
            t.page(VA, NEW, NORMAL);
            assertEquals(SoftTlb.INVALID, Host.getLong(e));
            assertEquals(OLD, b.pa(VA), "the architectural entry stays");
            assertEquals(List.of("break-before-make"), rules(b));
        }
    }

    /** Uses {@code va} at another PC than before, so that a finding of now is told apart from an earlier one. */
    private static void useElsewhere(Bare b, long va) {
        b.cpu.branchTo(b.cpu.pc + 4);
        b.pa(va);
    }

    @Test
    void an_entry_found_in_agreement_is_judged_again_after_each_change_of_its_descriptor() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            int expected = 0;
            for (int round = 0; round < 5; round++) {
                vaale1is(b, VA);
                t.page(VA, OLD, NORMAL);
                useElsewhere(b, VA);
                useElsewhere(b, VA);
                assertEquals(expected, rules(b).size(), "in agreement, round " + round);
                t.page(VA, NEW, NORMAL);
                useElsewhere(b, VA);
                t.put(t.descriptor(VA, 3), 0);
                useElsewhere(b, VA);
                t.page(VA, NEW + 0x1000, NORMAL);
                useElsewhere(b, VA);
                expected += 3;
                assertEquals(expected, rules(b).size(), "each change of round " + round);
                t.page(VA, OLD, NORMAL);
                useElsewhere(b, VA);
                assertEquals(expected, rules(b).size(), "in agreement again, round " + round);
            }
        }
    }

    @Test
    void a_change_above_the_leaf_is_judged_and_reaches_the_fast_path() {
        for (int level = 0; level < 3; level++) {
            try (Bare b = new Bare(1)) {
                Tables t = tables(b, NORMAL);
                b.pa(VA);
                useElsewhere(b, VA);
                b.cpu.softTlb.fill(b.cpu.mmu.context(), VA, 0x1000, true, true);
                long table = t.get(t.descriptor(VA, level));
                long e = SoftTlb.entry(b.cpu.softTlb.contextBase(b.cpu.mmu.context()), VA);
                t.put(t.descriptor(VA + (1L << t.shift(level)), level), 0);
                assertEquals(VA, Host.getLong(e), "a neighbour that no walk read");
                t.put(t.descriptor(VA, level), 0);
                assertEquals(SoftTlb.INVALID, Host.getLong(e));
                useElsewhere(b, VA);
                t.put(t.descriptor(VA, level), 0);
                assertEquals(List.of("tlb-stale-entry-used"), rules(b), "level " + level);
                Tables other = new Tables(b.ram, 12, 48, TABLES + (1 << 20), true).page(VA, NEW, NORMAL);
                b.ram.store(null, TABLES + 8 * (VA >>> 39 & 511), 8, other.get(other.descriptor(VA, 0)), true);
                useElsewhere(b, VA);
                assertEquals(List.of("tlb-stale-entry-used", "tlb-stale-entry-used"), rules(b), "other tables, level " + level);
                assertNotEquals(0, table);
            }
        }
    }

    @Test
    void a_page_let_go_after_many_stores_elsewhere_in_it_loses_no_finding() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            b.pa(VA);
            useElsewhere(b, VA);
            for (int i = 0; i < 200; i++) {
                t.put(t.descriptor(VA, 3) + 1024, i << 1);
                t.put(t.descriptor(VA, 2) + 1024, i << 1);
            }
            b.cpu.softTlb.fill(b.cpu.mmu.context(), VA, 0x1000, true, true);
            useElsewhere(b, VA);
            t.page(VA, NEW, NORMAL);
            assertEquals(SoftTlb.INVALID, Host.getLong(SoftTlb.entry(b.cpu.softTlb.contextBase(b.cpu.mmu.context()), VA)));
            useElsewhere(b, VA);
            assertEquals(List.of("break-before-make"), rules(b));
        }
    }

    @Test
    void an_entry_that_agrees_under_one_root_is_judged_under_another_and_again_under_the_first() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            new Tables(b.ram, 12, 48, TABLES + (1 << 20), true).page(VA, NEW, NORMAL);
            b.pa(VA);
            b.set("TTBR1_EL1", TABLES + (1 << 20));
            useElsewhere(b, VA);
            assertEquals(1, rules(b).size());
            b.set("TTBR1_EL1", TABLES);
            useElsewhere(b, VA);
            assertEquals(1, rules(b).size());
            t.put(t.descriptor(VA, 3), 0);
            useElsewhere(b, VA);
            assertEquals(2, rules(b).size());
        }
    }

    @Test
    void tables_that_are_evicted_or_invalidated_are_read_again() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            b.ram.maintain(b.cpu, Maintenance.CLEAN, TABLES, 1 << 16, true);
            b.pa(VA);
            t.page(VA, OLD, NORMAL | READ_ONLY);
            assertEquals(OLD, b.pa(VA));
            b.ram.maintain(b.cpu, Maintenance.INVALIDATE, TABLES, 1 << 16, true);
            assertEquals(-1, b.fault(VA, Mmu.WRITE));
            assertEquals(List.of(), rules(b), "memory still holds the descriptor that may be written through");
        }
    }

    @Test
    void a_page_that_holds_tables_no_longer_is_written_fast_again() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            b.pa(VA);
            long table = t.descriptor(VA, 3) & -4096L;
            assertEquals(0, b.ram.fastPage(table, true, true, 1));
            vaale1is(b, VA);
            for (int i = 0; i < 64; i++) {
                t.put(table + 8L * i, 0);
            }
            assertNotEquals(0, b.ram.fastPage(table, true, true, 1));
        }
    }

    @Test
    void the_tlb_survives_a_snapshot() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, NORMAL);
            b.pa(VA);
            t.page(VA, NEW, NORMAL);
            StateWriter out = new StateWriter();
            b.cpu.mmu.save(out);
            b.cpu.mmu.reset();
            assertEquals(NEW, b.pa(VA));
            b.cpu.mmu.load(new StateReader(out.toByteArray()));
            assertEquals(OLD, b.pa(VA));
        }
    }
}
