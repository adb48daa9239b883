package dev.baton.kernel.kho;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.kernel.ArrayMemory;
import dev.baton.kernel.Dtc;
import dev.baton.kernel.Era;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.TestKernel;
import dev.baton.kernel.mm.MemMap;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PhysRange;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

class Kho_v4_state_Test {
    private final TestKernel k = TestKernel.boot(TestKernel.memory(64), Era.V7_2);

    private static Errno errno(Runnable r) {
        return assertThrows(KernelError.class, r::run).errno();
    }

    private byte[] root() {
        return Fdt.of(k.memory.read(k.kho.fdtPhys(), 4096)).toBytes();
    }

    @Test
    void the_root_tree_of_a_fresh_kernel_is_233_bytes_with_the_blocks_where_7_2_has_them() {
        byte[] b = root();
        Fdt fdt = Fdt.of(b);
        assertEquals(233, b.length);
        assertArrayEquals(new byte[] {0, 0, 0, 0x38}, java.util.Arrays.copyOfRange(b, 8, 12), "structure");
        assertArrayEquals(new byte[] {0, 0, 0, 0x28}, java.util.Arrays.copyOfRange(b, 16, 20), "reservations");
        assertTrue(new String(b, StandardCharsets.ISO_8859_1).endsWith("preserved-memory-map\0compatible\0preserved-data\0blob-size\0"));
        assertEquals("kho-v4", fdt.root().string("compatible"));
        assertEquals(List.of("blob-size", "preserved-data"),
                fdt.node("/kexec-metadata").properties().stream().map(p -> p.name()).toList());
        assertTrue(Dtc.decompile(b).contains("kexec-metadata {"));
    }

    @Test
    void numbers_in_the_root_are_native_and_not_cells() {
        Fdt fdt = Fdt.of(root());
        byte[] size = fdt.node("/kexec-metadata").get("blob-size").bytes();
        assertArrayEquals(new byte[] {73, 0, 0, 0, 0, 0, 0, 0}, size);
    }

    @Test
    void the_metadata_blob_is_packed() {
        long blob = Fdt.of(root()).node("/kexec-metadata").get("preserved-data").nativeU64();
        byte[] b = k.memory.read(blob, 73);
        // 0 u32 version | 4 char[65] previous_release | 69 u32 kexec_count
        byte[] expected = new byte[73];
        expected[0] = 1;
        System.arraycopy("7.2.0".getBytes(StandardCharsets.US_ASCII), 0, expected, 4, 5);
        expected[69] = 1;
        assertArrayEquals(expected, b);
    }

    @Test
    void the_newest_sub_tree_comes_first_and_a_name_is_there_once() {
        k.kho.addSubtree("a", 0x4100_0000L, 1);
        k.kho.addSubtree("b", 0x4200_0000L, 2);
        assertEquals(List.of("b", "a", "kexec-metadata"), Fdt.of(root()).root().children().stream().map(n -> n.name()).toList());
        assertEquals(Errno.EEXIST, errno(() -> k.kho.addSubtree("a", 0x4300_0000L, 3)));
        ((KhoV4) k.kho).removeSubtree(0x4100_0000L);
        assertEquals(List.of("b", "kexec-metadata"), Fdt.of(root()).root().children().stream().map(n -> n.name()).toList());
    }

    @Test
    void a_full_page_is_ENOMEM_and_leaves_no_half_node() {
        int[] added = {0};
        assertEquals(Errno.ENOMEM, errno(() -> {
            while (true) {
                k.kho.addSubtree("subtree-" + added[0], 0x4100_0000L, 1);
                added[0]++;
            }
        }));
        Fdt fdt = Fdt.of(root());
        assertEquals(added[0] + 1, fdt.root().children().size());
        assertTrue(added[0] > 30, "%d".formatted(added[0]));
    }

    @Test
    void alloc_preserve_refuses_nothing_and_too_much() {
        KhoV4 kho = (KhoV4) k.kho;
        assertEquals(Errno.EINVAL, errno(() -> kho.allocPreserve(0)));
        assertEquals(Errno.E2BIG, errno(() -> kho.allocPreserve(5 << 20)));
        long page = kho.allocPreserve(5000);
        assertTrue(k.kho.preserved().contains(PhysRange.of(page, 8192)));
        assertArrayEquals(new byte[8192], k.memory.read(page, 8192));
    }

    @Test
    void a_run_of_pages_is_split_greedily_into_aligned_blocks() {
        List<PhysRange> before = k.kho.preserved();
        k.kho.preservePages(0x4100_3000L, 14);
        List<PhysRange> added = new ArrayList<>(k.kho.preserved());
        added.removeAll(before);
        assertEquals(List.of(PhysRange.of(0x4100_8000L, 0x8000), PhysRange.of(0x4100_4000L, 0x4000), PhysRange.of(0x4100_3000L, 0x1000),
                PhysRange.of(0x4101_0000L, 0x1000)), added);
        k.kho.unpreservePages(0x4100_3000L, 14);
        assertEquals(before, k.kho.preserved());
    }

    @Test
    void a_block_may_be_larger_than_the_buddys_largest() {
        assertEquals(18, KhoV4.greedyOrder(0x4000_0000L, 1 << 18));
        assertEquals(17, KhoV4.greedyOrder(0x4000_0000L, (1 << 18) - 1));
    }

    @Test
    void preserving_scratch_is_a_finding_and_with_debug_refused() {
        long scratch = k.kho.scratch().getFirst().addr();
        k.kho.preserveFolio(scratch, 0);
        assertEquals(List.of("kho-preserved-in-scratch"), k.rules());
        TestKernel strict = TestKernel.boot(TestKernel.memory(64), Era.V7_2);
        KhoV4 debug = new KhoV4(strict, KhoParameters.defaults(true), "7.2.0", true);
        StateWriter out = new StateWriter();
        strict.kho.save(out);
        debug.load(new StateReader(out.toByteArray()));
        debug.attach(strict.pages, strict.memmap);
        assertEquals(Errno.EINVAL, errno(() -> debug.preserveFolio(scratch, 0)));
        assertFalse(debug.preserved().contains(PhysRange.of(scratch, 4096)));
    }

    @Test
    void restoring_twice_or_what_was_never_preserved_gives_nothing_and_one_warning() {
        long page = k.pages.alloc(1);
        k.kho.preserveFolio(page, 1);
        TestKernel two = k.load(2).jump(Era.V7_2);
        assertEquals(1, two.kho.restoreFolio(page));
        long before = two.log.size();
        assertEquals(-1, two.kho.restoreFolio(page));
        assertEquals(-1, two.kho.restoreFolio(TestKernel.RAM + (40 << 20)));
        assertEquals(-1, two.kho.restoreFolio(0x1000), "no such page: without a word");
        assertEquals(before + 1, two.log.size());
        assertEquals(List.of(), two.rules(), "the mark is gone, so nobody looks further");
        two.pages.free(page, 1);
    }

    @Test
    void what_is_not_restored_stays_reserved() {
        long page = k.pages.alloc(3);
        k.kho.preserveFolio(page, 3);
        TestKernel two = k.load(2).jump(Era.V7_2);
        assertTrue(two.memblock.reserved().stream().anyMatch(r -> r.range().contains(PhysRange.of(page, 0x8000))
                && (r.flags() & Memblock.RSRV_NOINIT) != 0));
        assertFalse(two.pages.isFree(PhysRange.of(page, 4096)));
        assertEquals(0x4b48_4f50_0000_0003L, two.memmap.privateOf(page), "order and KHOP");
    }

    @Test
    void a_sub_tree_without_blob_size_is_EINVAL_with_a_word_an_unknown_one_ENOENT() {
        k.kho.addSubtree("broken", 0x4100_0000L, 1);
        byte[] page = k.memory.read(k.kho.fdtPhys(), 4096);
        var e = dev.baton.core.fdt.FdtEditor.openInto(Fdt.of(page), 4096);
        e.delete(e.pathOffset("/broken"), "blob-size");
        k.memory.write(k.kho.fdtPhys(), e.toBytes());
        TestKernel two = k.load(2).jump(Era.V7_2);
        assertEquals(Errno.EINVAL, errno(() -> two.kho.retrieveSubtree("broken")));
        assertTrue(two.log.contains("KHO: broken KHO subnode 'broken': missing or invalid blob-size property"));
        assertEquals(Errno.ENOENT, errno(() -> two.kho.retrieveSubtree("nobody")));
        assertEquals(Errno.ENOENT, errno(() -> k.kho.retrieveSubtree("kexec-metadata")), "a cold kernel has nothing incoming");
        assertEquals(73, two.kho.retrieveSubtree("kexec-metadata").size());
    }

    @Test
    void vmalloc_lists_511_pages_per_chunk_and_a_full_chunk_always_has_a_successor() {
        List<Long> area = new ArrayList<>();
        for (int i = 0; i < 511; i++) {
            area.add(k.pages.allocZeroed(0));
        }
        byte[] descriptor = KhoVmalloc.preserve(k.kho, k.pages, k.memory, area);
        long first = k.memory.u64(at(descriptor));
        assertEquals(area.getFirst(), first);
        ArrayMemory m = k.memory;
        long chunk = java.nio.ByteBuffer.wrap(descriptor).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong(0);
        long second = m.u64(chunk);
        assertTrue(second != 0);
        assertEquals(area.get(510), m.u64(chunk + 511 * 8));
        assertEquals(0, m.u64(second));
        assertEquals(0, m.u64(second + 8));
        assertArrayEquals(new byte[] {(byte) 0xff, 1, 0, 0, 1, 0, 0, 0}, java.util.Arrays.copyOfRange(descriptor, 8, 16));
        TestKernel two = k.load(2).jump(Era.V7_2);
        long used = two.pages.usedBytes();
        assertEquals(area, KhoVmalloc.restore(two.kho, two.pages, two.memory, descriptor));
        assertEquals(used + 511 * 4096, two.pages.usedBytes(), "chunks are freed again");
        assertEquals(Errno.EINVAL, errno(() -> KhoVmalloc.restore(two.kho, two.pages, two.memory, descriptor)));
    }

    private static long at(byte[] descriptor) {
        return java.nio.ByteBuffer.wrap(descriptor).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong(0) + 8;
    }

    @Test
    void debugfs_shows_out_fdt_only_in_a_cold_kernel() {
        k.test.preserve("kho_test", List.of(0), 1);
        Map<String, Bytes> cold = k.kho.debugfs();
        assertEquals(Set.of("out/fdt", "out/scratch_len", "out/scratch_phys", "out/sub_fdts/kexec-metadata", "out/sub_fdts/kho_test"),
                cold.keySet());
        assertArrayEquals(root(), cold.get("out/fdt").array());
        StringBuilder lengths = new StringBuilder();
        k.kho.scratch().forEach(a -> lengths.append("0x%x\n".formatted(a.size())));
        assertEquals(lengths.toString(), new String(cold.get("out/scratch_len").array(), StandardCharsets.US_ASCII));
        TestKernel two = k.load(2).jump(Era.V7_2);
        assertEquals(Set.of("in/fdt", "in/sub_fdts/kexec-metadata", "in/sub_fdts/kho_test", "out/scratch_len", "out/scratch_phys",
                "out/sub_fdts/kexec-metadata"), two.kho.debugfs().keySet());
        Dtc.decompile(two.kho.debugfs().get("in/sub_fdts/kho_test").array());
        assertEquals("kho-test-v1", Fdt.of(two.kho.debugfs().get("in/sub_fdts/kho_test").array()).root().string("compatible"));
    }

    @Test
    void with_kho_off_the_second_kernel_takes_what_comes_and_hands_nothing_on() {
        long page = k.pages.alloc(0);
        k.kho.preserveFolio(page, 0);
        assertTrue(k.kexec.kexecFileLoad(TestKernel.image(2), null, "kho=off", 0).ok());
        TestKernel two = k.jump(Era.V7_2);
        assertTrue(two.kho.isKhoBoot());
        assertFalse(two.kho.enabled());
        assertEquals(0, two.kho.restoreFolio(page));
        two.load(3);
        assertEquals(0, two.kexec.image().khoFdt());
    }

    @Test
    void a_snapshot_hands_on_the_same_state() {
        k.test.preserve("kho_test", List.of(0, 2), 1);
        StateWriter out = new StateWriter();
        k.kho.save(out);
        Kho again = Kho.of(k, Era.V7_2, "kho=on", false);
        StateReader in = new StateReader(out.toByteArray());
        again.load(in);
        PageAllocator pages = k.pages;
        MemMap memmap = k.memmap;
        again.attach(pages, memmap);
        assertEquals(k.kho.preserved(), again.preserved());
        assertEquals(k.kho.metadata(), again.metadata());
        assertEquals(k.kho.scratch(), again.scratch());
        assertEquals(k.kho.debugfs(), again.debugfs());
    }
}
