package dev.baton.arm64.system;

import static dev.baton.arm64.system.Tables.NORMAL;
import static dev.baton.arm64.system.Tables.READ_ONLY;
import static dev.baton.arm64.system.Tables.USER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.GuestException;
import dev.baton.core.mem.CachePolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DC, IC and AT by their SYS encodings. */
class System_instructions_Test {
    private static final long TABLES = Bare.RAM + (8L << 20);
    private static final long VA = 0xffff_8000_1000_0000L;
    private static final long PA = Bare.RAM + 0x10_0000;

    /** A CPU at EL1 with VA mapped cacheable, and 0x55 stored there through the caches. */
    private static Bare mapped(CachePolicy policy) {
        Bare b = new Bare(1, policy, Arm64Config.defaults(), 1);
        new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, NORMAL).page(VA + 0x1000, 0x900_0000, Tables.DEVICE)
                .page(VA + 0x2000, PA, NORMAL | READ_ONLY).page(0x1000, PA, NORMAL | USER).enableEl1(b, 0);
        b.ram.store(b.cpu, PA, 8, 0x55, true);
        return b;
    }

    private static void dc(Bare b, int op1, int crm, int op2, long xt) {
        b.cpu.sysregs.sys(op1, 7, crm, op2, xt);
    }

    private static void ivac(Bare b, long va) {
        dc(b, 0, 6, 1, va);
    }

    private static void cvac(Bare b, long va) {
        dc(b, 3, 10, 1, va);
    }

    private static void civac(Bare b, long va) {
        dc(b, 3, 14, 1, va);
    }

    private static long cached(Bare b) {
        return b.ram.load(b.cpu, PA, 8, true);
    }

    private static long poc(Bare b) {
        return b.ram.load(b.cpu, PA, 8, false);
    }

    /** Fault status code, or -1. */
    private static int fault(Bare b, Runnable r) {
        try {
            r.run();
            return -1;
        } catch (GuestException e) {
            return b.cpu.pending.iss & 0x3f;
        }
    }

    @Test
    void dc_cvac_writes_the_line_to_memory_and_keeps_it() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            assertEquals(0, poc(b));
            cvac(b, VA + 0x3f);
            assertEquals(0x55, poc(b));
            assertTrue(b.ram.mayBePresent(PA));
        }
    }

    @Test
    void dc_civac_writes_it_and_lets_it_go() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            civac(b, VA);
            assertEquals(0x55, poc(b));
            assertFalse(b.ram.mayBePresent(PA));
        }
    }

    @Test
    void dc_ivac_loses_what_was_not_cleaned() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            ivac(b, VA);
            assertEquals(0, cached(b));
        }
    }

    @Test
    void dc_ivac_of_el1_under_stage_2_cleans_too() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            new Stage2Tables(b.ram, 12, 40, 1, Bare.RAM + (12L << 20)).block(0x4000_0000L, 1, 0x4000_0000L, Stage2Tables.NORMAL).enable(b);
            ivac(b, VA);
            assertEquals(0x55, cached(b));
            assertEquals(0x55, poc(b));
        }
    }

    @Test
    void under_adversarial_a_line_invalidated_under_a_cacheable_mapping_is_fetched_again() {
        try (Bare b = mapped(CachePolicy.ADVERSARIAL)) {
            civac(b, VA);
            assertTrue(b.ram.mayBePresent(PA));
            b.set("SCTLR_EL1", 0);
            civac(b, PA);
            assertFalse(b.ram.mayBePresent(PA), "with the MMU off nothing maps it cacheable");
        }
    }

    @Test
    void with_the_mmu_off_maintenance_acts_on_the_physical_address() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            b.set("SCTLR_EL1", 0);
            cvac(b, PA);
            assertEquals(0x55, poc(b));
        }
    }

    @Test
    void maintenance_of_an_unmapped_address_is_a_translation_fault_that_says_it_was_maintenance() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            for (Runnable r : new Runnable[] {() -> cvac(b, VA + 0x9000), () -> dc(b, 3, 11, 1, VA + 0x9000),
                () -> dc(b, 3, 5, 1, VA + 0x9000)}) {
                assertEquals(7, fault(b, r));
                assertEquals(1 << 8 | 1 << 6, b.cpu.pending.iss & ~0x3f, "CM and WnR");
                assertEquals(VA + 0x9000, b.cpu.pending.far);
            }
        }
    }

    @Test
    void dc_ivac_needs_write_permission() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            assertEquals(15, fault(b, () -> ivac(b, VA + 0x2000)));
            assertEquals(-1, fault(b, () -> civac(b, VA + 0x2000)));
        }
    }

    @Test
    void maintenance_of_a_device_address_does_nothing() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            assertEquals(-1, fault(b, () -> civac(b, VA + 0x1000)));
        }
    }

    @Test
    void dc_zva_zeroes_its_block_through_the_mapping_and_faults_on_device_memory() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            b.ram.store(b.cpu, PA + 64, 8, 0x66, true);
            dc(b, 3, 4, 1, VA + 0x20);
            assertEquals(0, cached(b));
            assertEquals(0x66, b.ram.load(b.cpu, PA + 64, 8, true));
            assertEquals(0x21, fault(b, () -> dc(b, 3, 4, 1, VA + 0x1000)));
            assertEquals(15, fault(b, () -> dc(b, 3, 4, 1, VA + 0x2000)));
        }
    }

    /** SCTLR_EL1 bit, op1, CRm, op2. */
    @ParameterizedTest
    @CsvSource({"26,3,10,1", "26,3,11,1", "26,3,14,1", "14,3,4,1", "26,3,5,1"})
    void el0_needs_uci_or_dze(int bit, int op1, int crm, int op2) {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            b.cpu.el = 0;
            b.cpu.mmu.contextChanged();
            long sctlr = b.get("SCTLR_EL1");
            assertEquals(0x18, trapClass(b, () -> dc(b, op1, crm, op2, 0x1000)));
            assertEquals(1, b.cpu.pending.targetEl);
            assertEquals(1, b.cpu.pending.iss >>> 20, "op0 is 1");
            b.set("SCTLR_EL1", sctlr | 1L << bit);
            assertEquals(-1, fault(b, () -> dc(b, op1, crm, op2, 0x1000)));
        }
    }

    private static int trapClass(Bare b, Runnable r) {
        assertTrue(fault(b, r) != -1);
        return b.cpu.pending.ec;
    }

    /** HCR_EL2 bit, op1, CRn, CRm, op2. */
    @ParameterizedTest
    @CsvSource({"22,0,7,14,2", "23,0,7,6,1", "23,3,7,14,1", "24,3,7,11,1", "24,0,7,5,0", "24,3,7,5,1", "25,0,8,7,0", "25,0,8,3,7",
            "28,3,7,4,1"})
    void hcr_traps_maintenance_of_el1(int bit, int op1, int crn, int crm, int op2) {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            b.set("HCR_EL2", 1L << bit);
            assertEquals(0x18, trapClass(b, () -> b.cpu.sysregs.sys(op1, crn, crm, op2, VA)));
            assertEquals(2, b.cpu.pending.targetEl);
        }
    }

    @Test
    void a_loop_over_all_sets_and_ways_cleans_everything_and_half_a_loop_half() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            b.ram.store(b.cpu, PA + 64, 8, 0x66, true);
            setWay(b, 14, 1, 0, 2047, set -> (set & 1) == 0);
            assertEquals(0x55, poc(b), "set 0");
            assertEquals(0, b.ram.load(b.cpu, PA + 64, 8, false), "set 1 was left out");
            setWay(b, 14, 1, 0, 2047, set -> true);
            assertEquals(0x66, b.ram.load(b.cpu, PA + 64, 8, false));
            assertFalse(b.ram.mayBePresent(PA + 64));
        }
    }

    @Test
    void set_way_operations_on_l1_reach_only_l2() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            setWay(b, 14, 0, 0, 255, set -> true);
            assertEquals(0, poc(b));
            assertTrue(b.ram.mayBePresent(PA));
        }
    }

    /** CISW (CRm 14), CSW (10) or ISW (6) of every way of the chosen sets, as kernels before 4.x flush. */
    private static void setWay(Bare b, int crm, int level, int from, int to, java.util.function.IntPredicate which) {
        int ways = level == 0 ? 2 : 16;
        int wayShift = level == 0 ? 31 : 28;
        for (int way = ways - 1; way >= 0; way--) {
            for (int set = to; set >= from; set--) {
                if (which.test(set)) {
                    dc(b, 0, crm, 2, (long) way << wayShift | (long) set << 6 | level << 1);
                }
            }
        }
    }

    @Test
    void at_tells_address_and_attributes_or_the_fault() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            at(b, 0, 8, 0, VA + 0x123);
            assertEquals(0xffL << 56 | 5 << 9 | 3 << 7 | PA, b.get("PAR_EL1"));
            at(b, 0, 8, 0, VA + 0x1000);
            assertEquals(0x04L << 56 | 5 << 9 | 2 << 7 | 0x900_0000, b.get("PAR_EL1"));
            at(b, 0, 8, 0, VA + 0x9000);
            assertEquals(1 << 11 | 7 << 1 | 1, b.get("PAR_EL1"));
            at(b, 0, 8, 1, VA + 0x2000);
            assertEquals(1 << 11 | 15 << 1 | 1, b.get("PAR_EL1"), "S1E1W of a read-only page");
            at(b, 0, 8, 2, VA);
            assertEquals(1 << 11 | 15 << 1 | 1, b.get("PAR_EL1"), "S1E0R of a kernel page");
            at(b, 0, 8, 2, 0x1abc);
            assertEquals(PA, b.get("PAR_EL1") & 0xffff_ffff_f000L);
        }
    }

    @Test
    void only_the_p_forms_of_at_see_pan() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            b.cpu.pan = true;
            at(b, 0, 8, 0, 0x1000);
            assertEquals(0, b.get("PAR_EL1") & 1);
            at(b, 0, 9, 0, 0x1000);
            assertEquals(1 << 11 | 15 << 1 | 1, b.get("PAR_EL1"));
        }
    }

    private static void at(Bare b, int op1, int crm, int op2, long va) {
        b.cpu.sysregs.sys(op1, 7, crm, op2, va);
    }

    @Test
    void an_unknown_system_instruction_is_undefined_and_named() {
        try (Bare b = mapped(CachePolicy.STRICT)) {
            assertEquals(0, trapClass(b, () -> b.cpu.sysregs.sys(3, 7, 12, 1, VA)), "DC CVAP is not advertised");
            assertTrue(b.machine.findings().all().getFirst().what().contains("S1_3_C7_C12_1"));
        }
    }
}
