package dev.baton.arm64.system;

import static dev.baton.arm64.system.Tables.NORMAL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.finding.CacheChecks;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Maintenance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The stage 1 walk: sizes, levels, attributes and every fault it knows. */
class Walk_Test {
    private static final long TABLES = Bare.RAM + (8L << 20);
    private static final long VA = 0x1234_5000_0000L;
    private static final long PA = 0x4100_0000L;
    private static final int ADDRESS_SIZE = 0;
    private static final int TRANSLATION = 4;
    private static final int ACCESS_FLAG = 8;
    private static final int PERMISSION = 12;
    private static final int EXTERNAL_ON_WALK = 0x14;

    private static Tables tables(Bare b, int pageBits) {
        return new Tables(b.ram, pageBits, 48, TABLES, true);
    }

    @ParameterizedTest
    @CsvSource({"12,48", "12,39", "12,32", "14,48", "14,47", "14,36", "16,48", "16,42"})
    void a_page_translates_with_every_granule_and_input_size(int pageBits, int inputBits) {
        try (Bare b = new Bare(1)) {
            long va = VA & (1L << inputBits) - 1;
            new Tables(b.ram, pageBits, inputBits, TABLES, true).page(va, PA, NORMAL).enableEl1(b, 0);
            assertEquals(PA + 0x123, b.pa(va + 0x123));
            assertEquals((1L << pageBits) - 1, b.cpu.mmu.pageMask);
            assertEquals(TRANSLATION + 3, b.fault(va + (1L << pageBits), Mmu.READ), "the next page is not mapped");
            assertEquals(PA + 0x123, b.pa(-1L << inputBits | va + 0x123), "the same tables through TTBR1_EL1");
        }
    }

    @ParameterizedTest
    @CsvSource({"12,1", "12,2", "14,2", "16,2"})
    void a_block_translates_where_the_granule_has_blocks(int pageBits, int level) {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, pageBits);
            long offset = (1L << t.shift(level)) - 8;
            t.block(VA, level, 0, NORMAL).enableEl1(b, 0);
            assertEquals((VA & (1L << t.shift(level)) - 1 | offset) & (1L << t.shift(level)) - 1, b.pa(VA | offset));
            assertEquals((1L << t.shift(level)) - 1, b.cpu.mmu.pageMask);
        }
    }

    @ParameterizedTest
    @CsvSource({"12,0", "14,0", "14,1", "16,1"})
    void a_block_where_the_granule_has_none_is_a_translation_fault(int pageBits, int level) {
        try (Bare b = new Bare(1)) {
            tables(b, pageBits).block(VA, level, 0, NORMAL).enableEl1(b, 0);
            assertEquals(TRANSLATION + level, b.fault(VA, Mmu.READ));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 14, 16})
    void an_invalid_descriptor_is_a_translation_fault_of_its_level(int pageBits) {
        for (int level = tablesFirst(pageBits); level <= 3; level++) {
            try (Bare b = new Bare(1)) {
                Tables t = tables(b, pageBits).page(VA, PA, NORMAL).enableEl1(b, 0);
                t.put(t.descriptor(VA, level), t.get(t.descriptor(VA, level)) & ~1L);
                assertEquals(TRANSLATION + level, b.fault(VA, Mmu.READ));
            }
        }
    }

    private static int tablesFirst(int pageBits) {
        return pageBits == 16 ? 1 : 0;
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 14, 16})
    void the_reserved_encoding_at_level_3_is_a_translation_fault(int pageBits) {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, pageBits).page(VA, PA, NORMAL).enableEl1(b, 0);
            t.put(t.descriptor(VA, 3), PA | NORMAL | 1);
            assertEquals(TRANSLATION + 3, b.fault(VA, Mmu.READ));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 14, 16})
    void an_address_beyond_the_output_size_is_an_address_size_fault_of_its_level(int pageBits) {
        for (int level = tablesFirst(pageBits); level <= 3; level++) {
            try (Bare b = new Bare(1)) {
                Tables t = tables(b, pageBits).page(VA, PA, NORMAL).enableEl1(b, 0);
                b.set("TCR_EL1", t.tcr() & ~(7L << 32));
                t.put(t.descriptor(VA, level), t.get(t.descriptor(VA, level)) | 1L << 32);
                assertEquals(ADDRESS_SIZE + level, b.fault(VA, Mmu.READ), "TCR_EL1.IPS = 0: 32 bits");
                b.set("TCR_EL1", t.tcr());
                assertTrue(b.fault(VA, Mmu.READ) != ADDRESS_SIZE + level, "with 48 bits the address is good");
            }
        }
    }

    @Test
    void a_table_base_beyond_the_output_size_is_an_address_size_fault_of_level_0() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, 12).page(VA, PA, NORMAL).enableEl1(b, 0);
            b.set("TCR_EL1", t.tcr() & ~(7L << 32));
            b.set("TTBR0_EL1", TABLES | 1L << 32);
            assertEquals(ADDRESS_SIZE, b.fault(VA, Mmu.READ));
        }
    }

    @ParameterizedTest
    @CsvSource({"12,1", "12,2", "12,3", "14,2", "14,3", "16,2", "16,3"})
    void a_leaf_without_the_access_flag_is_an_access_flag_fault_of_its_level(int pageBits, int level) {
        try (Bare b = new Bare(1)) {
            leaf(tables(b, pageBits), level, NORMAL & ~Tables.AF).enableEl1(b, 0);
            assertEquals(ACCESS_FLAG + level, b.fault(VA, Mmu.READ));
            assertEquals(ACCESS_FLAG + level, b.fault(VA, Mmu.READ), "such a leaf is never held in the TLB");
        }
    }

    @ParameterizedTest
    @CsvSource({"12,1", "12,2", "12,3", "14,2", "14,3", "16,2", "16,3"})
    void a_write_to_a_read_only_leaf_is_a_permission_fault_of_its_level(int pageBits, int level) {
        try (Bare b = new Bare(1)) {
            leaf(tables(b, pageBits), level, NORMAL | Tables.READ_ONLY).enableEl1(b, 0);
            assertEquals(-1, b.fault(VA, Mmu.READ));
            assertEquals(PERMISSION + level, b.fault(VA, Mmu.WRITE));
        }
    }

    private static Tables leaf(Tables t, int level, long flags) {
        return level == 3 ? t.page(VA, PA, flags) : t.block(VA, level, 0, flags);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 14, 16})
    void a_table_outside_memory_is_an_external_abort_on_the_walk_of_its_level(int pageBits) {
        for (int level = tablesFirst(pageBits) + 1; level <= 3; level++) {
            try (Bare b = new Bare(1)) {
                Tables t = tables(b, pageBits).page(VA, PA, NORMAL).enableEl1(b, 0);
                t.put(t.descriptor(VA, level - 1), 0x1_0000 | 3);
                assertEquals(EXTERNAL_ON_WALK + level, b.fault(VA, Mmu.READ));
            }
        }
    }

    @Test
    void an_address_between_the_halves_is_a_translation_fault_of_level_0() {
        try (Bare b = new Bare(1)) {
            tables(b, 12).page(VA, PA, NORMAL).enableEl1(b, 0);
            assertEquals(TRANSLATION, b.fault(VA | 1L << 48, Mmu.READ));
            assertEquals(TRANSLATION, b.fault(VA | 1L << 63, Mmu.READ));
            assertEquals(TRANSLATION, b.fault(VA | 0xffL << 56, Mmu.READ), "no tag without TBI");
        }
    }

    @ParameterizedTest
    @CsvSource({"7,0", "23,-1"})
    void a_disabled_half_is_a_translation_fault_of_level_0(int epd, long top) {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, 12).page(VA, PA, NORMAL).enableEl1(b, 0);
            long va = top << 48 | VA;
            assertEquals(PA, b.pa(va));
            b.set("TCR_EL1", t.tcr() | 1L << epd);
            assertEquals(TRANSLATION, b.fault(va, Mmu.READ), "even though the TLB holds it");
        }
    }

    @Test
    void top_byte_ignore_lets_a_tag_through_in_its_half_only() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, 12).page(VA, PA, NORMAL).enableEl1(b, 0);
            b.set("TCR_EL1", t.tcr() | 1L << 37);
            assertEquals(PA, b.pa(VA | 0xa5L << 56));
            assertEquals(TRANSLATION, b.fault(-1L << 48 & ~(0xffL << 56) | VA, Mmu.READ));
            b.set("TCR_EL1", t.tcr() | 1L << 38);
            assertEquals(PA, b.pa(-1L << 48 & ~(0xffL << 56) | VA));
            assertEquals(TRANSLATION, b.fault(VA | 0xa5L << 56, Mmu.READ));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 14, 16})
    void big_endian_tables_are_walked_when_sctlr_says_so(int pageBits) {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, pageBits).page(VA, PA, NORMAL);
            for (int level = tablesFirst(pageBits); level <= 3; level++) {
                t.descriptor(VA, level);
            }
            long[] at = new long[4];
            for (int level = tablesFirst(pageBits); level <= 3; level++) {
                at[level] = t.descriptor(VA, level);
            }
            for (int level = tablesFirst(pageBits); level <= 3; level++) {
                t.put(at[level], Long.reverseBytes(t.get(at[level])));
            }
            t.enableEl1(b, 1 << 25);
            assertEquals(PA, b.pa(VA));
            assertTrue(b.cpu.mmu.bigEndian);
            assertEquals(0, b.cpu.mmu.context(), "big-endian data takes the slow path");
        }
    }

    @Test
    void memory_attributes_come_from_mair() {
        try (Bare b = new Bare(1)) {
            tables(b, 12).page(VA, PA, NORMAL).page(VA + 0x1000, PA, Tables.NON_CACHEABLE).page(VA + 0x2000, PA, Tables.DEVICE)
                    .enableEl1(b, 0);
            b.pa(VA);
            assertTrue(b.cpu.mmu.normal && b.cpu.mmu.cacheable);
            b.pa(VA + 0x1000);
            assertTrue(b.cpu.mmu.normal && !b.cpu.mmu.cacheable);
            b.pa(VA + 0x2000);
            assertTrue(b.cpu.mmu.device && !b.cpu.mmu.normal && !b.cpu.mmu.cacheable);
            assertEquals(0x04, b.cpu.mmu.attr);
        }
    }

    @ParameterizedTest
    @CsvSource({"ff,true", "ee,true", "dd,true", "77,true", "4f,true", "f4,true", "44,false", "bb,false", "aa,false", "33,false",
            "00,false", "0c,false"})
    void write_back_in_either_cache_is_the_cached_view(String attr, boolean cached) {
        try (Bare b = new Bare(1)) {
            tables(b, 12).page(VA, PA, NORMAL).enableEl1(b, 0);
            b.set("MAIR_EL1", Long.parseLong(attr, 16));
            b.pa(VA);
            assertEquals(cached, b.cpu.mmu.cacheable);
        }
    }

    @Test
    void sctlr_c_and_i_decide_about_the_view_of_data_and_instructions() {
        try (Bare b = new Bare(1)) {
            tables(b, 12).page(VA, PA, NORMAL).enableEl1(b, 0);
            b.set("SCTLR_EL1", 1 | 1 << 2);
            b.cpu.mmu.translate(VA, Mmu.FETCH);
            assertFalse(b.cpu.mmu.cacheable);
            b.cpu.mmu.translate(VA, Mmu.READ);
            assertTrue(b.cpu.mmu.cacheable);
            b.ram.maintain(b.cpu, Maintenance.CLEAN, TABLES, 1 << 16, true);
            b.set("SCTLR_EL1", 1 | 1 << 12);
            b.cpu.mmu.translate(VA, Mmu.FETCH);
            assertTrue(b.cpu.mmu.cacheable);
            b.cpu.mmu.translate(VA, Mmu.READ);
            assertFalse(b.cpu.mmu.cacheable);
        }
    }

    @Test
    void a_cacheable_walk_reads_the_cached_view_and_a_non_cacheable_one_memory() {
        try (Bare b = new Bare(1, CachePolicy.STRICT, Arm64Config.defaults(), 1)) {
            CacheChecks.install(b.machine);
            Tables t = tables(b, 12).page(VA, PA, NORMAL).enableEl1(b, 0);
            assertEquals(PA, b.pa(VA));
            assertTrue(b.machine.findings().all().isEmpty());
            b.cpu.mmu.reset();
            b.set("TCR_EL1", t.tcr() & ~(1L << 8 | 1L << 10 | 1L << 24 | 1L << 26));
            assertEquals(TRANSLATION, b.fault(VA, Mmu.READ), "memory still holds zeros: the tables are dirty lines");
            assertEquals("walk-reads-dirty-descriptor", b.machine.findings().all().getFirst().rule());
            assertEquals("0x" + Long.toHexString(VA), b.machine.findings().all().getFirst().details().get("va"));
            b.ram.maintain(b.cpu, Maintenance.CLEAN, TABLES, 1 << 16, true);
            assertEquals(PA, b.pa(VA));
            assertEquals(1, b.machine.findings().all().size());
        }
    }

    @Test
    void with_the_mmu_off_addresses_are_physical_data_is_device_and_instructions_follow_sctlr_i() {
        try (Bare b = new Bare(1)) {
            assertEquals(PA, b.pa(PA));
            assertTrue(b.cpu.mmu.device && !b.cpu.mmu.cacheable);
            b.cpu.mmu.translate(PA, Mmu.FETCH);
            assertTrue(b.cpu.mmu.normal && !b.cpu.mmu.cacheable);
            b.set("SCTLR_EL1", 1 << 12);
            b.cpu.mmu.translate(PA, Mmu.FETCH);
            assertTrue(b.cpu.mmu.normal && b.cpu.mmu.cacheable);
            assertEquals(ADDRESS_SIZE, b.fault(1L << 48, Mmu.READ), "beyond 48 bits: address size fault, level 0");
        }
    }

    @Test
    void at_el2_without_e2h_there_is_one_half_and_no_asid() {
        try (Bare b = new Bare(2)) {
            Tables t = tables(b, 12).page(VA, PA, NORMAL | Tables.NG);
            b.set("MAIR_EL2", Tables.MAIR);
            b.set("TCR_EL2", 16 | 1 << 8 | 1 << 10 | 3 << 12 | 5 << 16);
            b.set("TTBR0_EL2", t.root);
            b.set("SCTLR_EL2", 1 | 1 << 2);
            assertEquals(PA, b.pa(VA));
            assertTrue(b.cpu.mmu.global);
            assertEquals(TRANSLATION, b.fault(-1L << 48 | VA, Mmu.READ), "there is no upper half");
        }
    }

    @Test
    void a_host_at_el2_has_two_halves() {
        try (Bare b = new Bare(2)) {
            b.set("HCR_EL2", 1L << 34 | 1L << 31 | 1L << 27);
            Tables t = tables(b, 12).page(VA, PA, NORMAL | Tables.NG);
            b.set("MAIR_EL2", Tables.MAIR);
            b.set("TCR_EL2", t.tcr());
            b.set("TTBR0_EL2", t.root);
            b.set("TTBR1_EL2", t.root);
            b.set("SCTLR_EL2", 1 | 1 << 2);
            assertEquals(PA, b.pa(VA));
            assertFalse(b.cpu.mmu.global);
            assertEquals(PA, b.pa(-1L << 48 | VA));
        }
    }

    @Test
    void a_probe_raises_nothing_and_leaves_no_trace() {
        try (Bare b = new Bare(1)) {
            Tables t = tables(b, 12).page(VA, PA, NORMAL).enableEl1(b, 0);
            b.cpu.mmu.translate(VA, Mmu.READ | Mmu.PROBE);
            assertTrue(b.cpu.mmu.ok);
            t.page(VA, PA + 0x1000, NORMAL);
            b.cpu.mmu.translate(VA, Mmu.READ | Mmu.PROBE);
            assertEquals(PA + 0x1000, b.cpu.mmu.pa, "the probe left no TLB entry");
            b.cpu.mmu.translate(VA + 0x5000, Mmu.READ | Mmu.PROBE);
            assertFalse(b.cpu.mmu.ok);
        }
    }
}
