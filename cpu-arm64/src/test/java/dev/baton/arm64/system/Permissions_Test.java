package dev.baton.arm64.system;

import static dev.baton.arm64.system.Tables.NORMAL;
import static dev.baton.arm64.system.Tables.PXN;
import static dev.baton.arm64.system.Tables.READ_ONLY;
import static dev.baton.arm64.system.Tables.USER;
import static dev.baton.arm64.system.Tables.UXN;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.arm64.mmu.Mmu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may do what with a page: the access permission tables of the Arm ARM, row by row. */
class Permissions_Test {
    private static final long TABLES = Bare.RAM + (8L << 20);
    private static final long VA = 0x40_0000L;
    private static final long PA = 0x4100_0000L;

    /** Letters r, w, x for what is permitted, in that order. */
    private static String rights(Bare b, int more) {
        String r = b.fault(VA, Mmu.READ | more) == -1 ? "r" : "-";
        String w = b.fault(VA, Mmu.WRITE | more) == -1 ? "w" : "-";
        return r + w + (b.fault(VA, Mmu.FETCH) == -1 ? "x" : "-");
    }

    private static void level(Bare b, int el) {
        b.cpu.el = el;
        b.cpu.mmu.contextChanged();
    }

    private static long flags(int ap, int uxn, int pxn) {
        return NORMAL | (ap & 1) * USER | (ap >> 1) * READ_ONLY | uxn * UXN | pxn * PXN;
    }

    /** Arm ARM "Stage 1 data accesses" and "Stage 1 instruction execution", EL1&0: AP, UXN, PXN, WXN, rights at EL1, rights at EL0. */
    @ParameterizedTest
    @CsvSource({
        "0,0,0,0,rwx,--x", "0,0,1,0,rw-,--x", "0,1,0,0,rwx,---", "0,1,1,0,rw-,---",
        "1,0,0,0,rw-,rwx", "1,0,1,0,rw-,rwx", "1,1,0,0,rw-,rw-", "1,1,1,0,rw-,rw-",
        "2,0,0,0,r-x,--x", "2,0,1,0,r--,--x", "2,1,0,0,r-x,---", "2,1,1,0,r--,---",
        "3,0,0,0,r-x,r-x", "3,0,1,0,r--,r-x", "3,1,0,0,r-x,r--", "3,1,1,0,r--,r--",
        "0,0,0,1,rw-,--x", "0,1,1,1,rw-,---",
        "1,0,0,1,rw-,rw-", "1,1,1,1,rw-,rw-",
        "2,0,0,1,r-x,--x", "2,1,1,1,r--,---",
        "3,0,0,1,r-x,r-x", "3,1,1,1,r--,r--"})
    void el1_and_el0(int ap, int uxn, int pxn, int wxn, String el1, String el0) {
        try (Bare b = new Bare(1)) {
            new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, flags(ap, uxn, pxn)).enableEl1(b, wxn << 19);
            assertEquals(el1, rights(b, 0));
            level(b, 0);
            assertEquals(el0, rights(b, 0));
        }
    }

    @ParameterizedTest
    @CsvSource({"0,rw", "1,--", "2,r-", "3,--"})
    void pan_denies_el1_what_el0_may_read_but_not_instructions(int ap, String rights) {
        try (Bare b = new Bare(1)) {
            new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, flags(ap, 1, 0)).enableEl1(b, 0);
            b.cpu.pan = true;
            b.cpu.mmu.contextChanged();
            assertEquals(rights, rights(b, 0).substring(0, 2));
            assertEquals(ap == 1 ? '-' : 'x', rights(b, 0).charAt(2), "what EL0 may write is never executable at EL1");
        }
    }

    @ParameterizedTest
    @CsvSource({"0,--", "1,rw", "2,--", "3,r-"})
    void unprivileged_accesses_of_el1_have_the_rights_of_el0_and_ignore_pan(int ap, String rights) {
        try (Bare b = new Bare(1)) {
            new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, flags(ap, 1, 1)).enableEl1(b, 0);
            b.cpu.pan = true;
            b.cpu.mmu.contextChanged();
            assertEquals(rights, rights(b, Mmu.UNPRIV).substring(0, 2));
        }
    }

    /** EL2 without E2H: AP[1] is RES1 and means nothing, XN is bit 54, PXN is ignored. AP, XN, WXN, rights. */
    @ParameterizedTest
    @CsvSource({"0,0,0,rwx", "1,0,0,rwx", "0,1,0,rw-", "1,1,0,rw-", "2,0,0,r-x", "3,0,0,r-x", "2,1,0,r--", "3,0,1,r-x", "1,0,1,rw-"})
    void el2_has_one_privilege(int ap, int xn, int wxn, String rights) {
        try (Bare b = new Bare(2)) {
            new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, flags(ap, xn, 1));
            b.set("MAIR_EL2", Tables.MAIR);
            b.set("TCR_EL2", 16 | 1 << 8 | 1 << 10 | 5 << 16);
            b.set("TTBR0_EL2", TABLES);
            b.set("SCTLR_EL2", 1 | 1 << 2 | 1 << 12 | wxn << 19);
            assertEquals(rights, rights(b, 0));
        }
    }

    @ParameterizedTest
    @CsvSource({"0,rwx,--x", "1,rw-,rwx", "2,r-x,--x", "3,r-x,r-x"})
    void a_host_at_el2_and_its_applications_have_the_rights_of_el1_and_el0(int ap, String el2, String el0) {
        try (Bare b = new Bare(2)) {
            b.set("HCR_EL2", 1L << 34 | 1L << 31 | 1L << 27);
            Tables t = new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, flags(ap, 0, 0));
            b.set("MAIR_EL2", Tables.MAIR);
            b.set("TCR_EL2", t.tcr());
            b.set("TTBR0_EL2", t.root);
            b.set("SCTLR_EL2", 1 | 1 << 2 | 1 << 12);
            assertEquals(el2, rights(b, 0));
            level(b, 0);
            assertEquals(el0, rights(b, 0));
        }
    }

    /** Bits 62:61 APTable, 60 UXNTable, 59 PXNTable, on top of AP = 1 (both may write), nothing XN. */
    @ParameterizedTest
    @CsvSource({"0,rw-,rwx", "1,rwx,--x", "2,r-x,r-x", "3,r-x,--x"})
    void aptable_takes_rights_away_at_every_level_above(int apTable, String el1, String el0) {
        for (int level = 0; level <= 2; level++) {
            try (Bare b = new Bare(1)) {
                new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, flags(1, 0, 0)).hierarchy(VA, level, (long) apTable << 61)
                        .enableEl1(b, 0);
                assertEquals(el1, rights(b, 0));
                level(b, 0);
                assertEquals(el0, rights(b, 0));
            }
        }
    }

    @Test
    void uxntable_and_pxntable_forbid_execution_below() {
        try (Bare b = new Bare(1)) {
            new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, flags(3, 0, 0)).hierarchy(VA, 1, 1L << 60).enableEl1(b, 0);
            assertEquals("r-x", rights(b, 0));
            level(b, 0);
            assertEquals("r--", rights(b, 0));
        }
        try (Bare b = new Bare(1)) {
            new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, flags(3, 0, 0)).hierarchy(VA, 1, 1L << 59).enableEl1(b, 0);
            assertEquals("r--", rights(b, 0));
            level(b, 0);
            assertEquals("r-x", rights(b, 0));
        }
    }

    @Test
    void maintenance_by_address_needs_write_permission_to_invalidate_and_none_at_el1_to_clean() {
        try (Bare b = new Bare(1)) {
            new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, flags(3, 1, 1)).enableEl1(b, 0);
            b.cpu.pan = true;
            b.cpu.mmu.contextChanged();
            assertEquals(-1, b.fault(VA, Mmu.READ | Mmu.MAINTENANCE));
            assertEquals(15, b.fault(VA, Mmu.WRITE | Mmu.MAINTENANCE));
            assertEquals(0x24, b.cpu.pending.ec);
            assertEquals(1 << 8 | 1 << 6 | 15, b.cpu.pending.iss, "CM and WnR");
            level(b, 0);
            assertEquals(-1, b.fault(VA, Mmu.READ | Mmu.MAINTENANCE), "EL0 may read the page");
        }
    }
}
