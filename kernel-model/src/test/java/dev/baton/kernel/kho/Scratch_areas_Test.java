package dev.baton.kernel.kho;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtWriter;
import dev.baton.core.finding.Finding;
import dev.baton.kernel.ArrayMemory;
import dev.baton.kernel.Era;
import dev.baton.kernel.KernelServices;
import dev.baton.kernel.TestKernel;
import dev.baton.kernel.mm.KernelMemory;
import dev.baton.kernel.mm.MemMap;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PageAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class Scratch_areas_Test implements KernelServices {
    private static final long M = 1 << 20;
    private static final long RAM = 0x4000_0000L;

    private final ArrayMemory memory = new ArrayMemory(RAM, 256 << 20);
    private final Memblock memblock = new Memblock();
    private final List<String> log = new ArrayList<>();
    private final List<String> rules = new ArrayList<>();

    private Kho reserve(Era era, String bootargs, long kernelBytes) {
        memblock.add(RAM, memory.size());
        memblock.physAlloc(kernelBytes, 4096);
        Kho kho = Kho.of(this, era, "kho=on " + bootargs, false);
        kho.memoryInit(memblock, new MemMap(memory));
        return kho;
    }

    private static List<Long> sizes(Kho kho) {
        return kho.scratch().stream().map(a -> a.size() / M).toList();
    }

    @Test
    void sizes_are_those_observed_for_22_mib_of_kernel_memory() {
        // Linux 7.2.13 on arm64 with 1 GiB: 44 MiB, 0, 132 MiB.
        assertEquals(List.of(44L, 0L, 132L), sizes(reserve(Era.V7_2, "", 22 * M - 8192)));
    }

    @Test
    void in_7_2_all_areas_are_rounded_to_and_aligned_on_4_mib_even_when_given() {
        Kho kho = reserve(Era.V7_2, "kho_scratch=5M,6M,7M", M);
        assertEquals(List.of(8L, 8L, 8L), sizes(kho));
        kho.scratch().forEach(a -> assertEquals(0, a.addr() % (4 * M)));
    }

    @Test
    void in_6_16_scaled_sizes_are_rounded_to_2_mib_and_given_ones_only_per_node() {
        assertEquals(List.of(6L, 0L, 18L), sizes(reserve(Era.V6_16, "", 2 * M + 4096)), "2 * (2 MiB + 6 MiB) and a little");
        Scratch_areas_Test other = new Scratch_areas_Test();
        assertEquals(List.of(5L, 7L, 4L), sizes(other.reserve(Era.V6_16, "kho_scratch=5M,7M,3M", M)));
    }

    @Test
    void an_empty_global_area_stays_in_the_array() {
        Kho kho = reserve(Era.V7_2, "", 4 * M);
        assertEquals(3, kho.scratch().size());
        assertEquals(0, kho.scratch().get(1).size());
        assertTrue(kho.scratch().get(1).addr() != 0);
        assertEquals(48, KhoScratch.array(kho.scratch()).length);
    }

    @Test
    void scratch_that_does_not_fit_switches_kho_off_and_in_7_2_says_which() {
        Kho kho = reserve(Era.V7_2, "kho_scratch=4M,4M,400M", M);
        assertFalse(kho.enabled());
        assertEquals(List.of(), kho.scratch());
        assertEquals(List.of("KHO: scratch areas: lowmem: 4MiB global: 4MiB pernode: 400MiB", "KHO: Failed to reserve nid 0 scratch buffer",
                "KHO: Failed to reserve scratch area, disabling kexec handover"), log);
        assertEquals(M, memblock.totalReserved(), "what was taken is given back");
    }

    @Test
    void in_6_16_that_happens_in_silence() {
        assertFalse(reserve(Era.V6_16, "kho_scratch=400M,4M,4M", M).enabled());
        assertEquals(1, log.size());
    }

    @Test
    void after_init_scratch_is_free_for_movable_pages_only() {
        memblock.add(RAM, memory.size());
        Kho kho = Kho.of(this, Era.V7_2, "kho=on kho_scratch=4M,4M,8M", false);
        MemMap memmap = MemMap.allocate(memblock, memory);
        kho.memoryInit(memblock, memmap);
        PageAllocator pages = PageAllocator.takeOver(memblock, memory);
        kho.init(pages);
        assertEquals(16 * M, pages.freeCmaBytes());
    }

    private Fdt chosen(int sizeCells, byte[] fdt, byte[] scratch) {
        return Fdt.of(new FdtWriter().write(root -> {
            root.u32("#address-cells", 2);
            root.u32("#size-cells", sizeCells);
            root.node("chosen", c -> {
                if (fdt != null) {
                    c.bytes("linux,kho-fdt", fdt);
                }
                c.bytes("linux,kho-scratch", scratch);
            });
        }));
    }

    private static byte[] cells(int... cells) {
        java.nio.ByteBuffer b = java.nio.ByteBuffer.allocate(4 * cells.length);
        for (int c : cells) {
            b.putInt(c);
        }
        return b.array();
    }

    @Test
    void a_missing_property_is_no_handover_and_nobody_complains() {
        assertTrue(KhoChosen.read(chosen(2, null, cells(0, 1, 0, 48)), false).isEmpty());
        Kho.of(this, Era.V7_2, "kho=on", false).earlyScan(chosen(2, null, cells(0, 1, 0, 48)), memblock);
        assertEquals(List.of(), rules);
    }

    @Test
    void until_c85da64ce2c3_the_size_was_read_with_the_address_cells() {
        Fdt tree = chosen(1, cells(0, 0x4100_0000, 0x1000), cells(0, 0x4200_0000, 48));
        assertEquals(48, KhoChosen.read(tree, false).orElseThrow().scratch().size());
        assertTrue(KhoChosen.read(tree, true).orElseThrow().scratch().size() != 48);
    }

    @Test
    void a_tree_that_is_not_where_it_is_said_to_be_disables_the_revival() {
        memblock.add(RAM, memory.size());
        Kho kho = Kho.of(this, Era.V7_2, "kho=on", false);
        kho.earlyScan(chosen(2, cells(1, 0, 0, 0x1000), cells(0, 0x4200_0000, 0, 48)), memblock);
        assertFalse(kho.isKhoBoot());
        assertEquals(List.of("KHO: setup: failed to memremap FDT (0x100000000)", "KHO: disabling KHO revival"), log);
        kho.earlyScan(chosen(2, cells(0, 0x4100_0000, 0, 0x1000), cells(0, 0x4200_0000, 0, 48)), memblock);
        assertEquals("KHO: setup: handover FDT (0x41000000) is invalid: -9", log.get(2));
    }

    @Test
    void a_root_without_map_or_with_map_0_is_no_handover() {
        memblock.add(RAM, memory.size());
        memory.write(0x4100_0000L, new FdtWriter().write(r -> r.string("compatible", "kho-v4")));
        Kho kho = Kho.of(this, Era.V7_2, "kho=on", false);
        Fdt tree = chosen(2, cells(0, 0x4100_0000, 0, 0x1000), cells(0, 0x4200_0000, 0, 48));
        kho.earlyScan(tree, memblock);
        assertEquals(List.of("KHO: failed to get preserved memory map", "KHO: disabling KHO revival"), log);
        memory.write(0x4100_0000L, new FdtWriter().write(r -> {
            r.string("compatible", "kho-v4");
            r.nativeU64("preserved-memory-map", 0);
        }));
        kho.earlyScan(tree, memblock);
        assertEquals(List.of("KHO: disabling KHO revival"), log.subList(2, log.size()), "not a word about 0");
        assertFalse(memblock.scratchOnly());
    }

    @ParameterizedTest
    @ValueSource(strings = {"outside memory", "unaligned", "into itself"})
    void a_map_that_leads_nowhere_ends_the_revival_with_a_finding(String where) {
        TestKernel one = TestKernel.boot(TestKernel.memory(64), Era.V7_2);
        long root = Fdt.of(one.memory.read(one.kho.fdtPhys(), 4096)).root().get("preserved-memory-map").nativeU64();
        one.load(2);
        one.memory.u64(root + 8 * 100, switch (where) {
            case "outside memory" -> 0x10_0000_0000L;
            case "unaligned" -> root + 8;
            default -> root;
        });
        TestKernel two = one.jumpUnchecked(Era.V7_2);
        assertEquals(List.of("kho-map-broken"), two.rules());
        assertFalse(two.kho.isKhoBoot());
    }

    @Override
    public KernelMemory memory() {
        return memory;
    }

    @Override
    public void printk(String line) {
        log.add(line);
    }

    @Override
    public long virt(long phys) {
        return phys;
    }

    @Override
    public int generation() {
        return 1;
    }

    @Override
    public void report(String key, String rule, Finding.Severity severity, String what, Map<String, String> details, String source) {
        rules.add(rule);
    }
}
