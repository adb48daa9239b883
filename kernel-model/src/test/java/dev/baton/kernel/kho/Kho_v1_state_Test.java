package dev.baton.kernel.kho;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.kernel.Dtc;
import dev.baton.kernel.Era;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.TestKernel;
import dev.baton.kernel.mm.PhysRange;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

class Kho_v1_state_Test {
    private final TestKernel k = TestKernel.boot(TestKernel.memory(64), Era.V6_16);

    private static Errno errno(Runnable r) {
        return assertThrows(KernelError.class, r::run).errno();
    }

    @Test
    void the_root_tree_has_map_and_sub_trees_in_the_order_they_were_added() {
        k.kho.addSubtree("b", 0x4100_0000L, 4096);
        k.kho.addSubtree("a", 0x4200_0000L, 4096);
        assertTrue(k.kho.finalizeWrite(true).ok());
        byte[] root = k.kho.debugfs().get("out/fdt").array();
        Dtc.decompile(root);
        Fdt fdt = Fdt.of(root);
        assertEquals(List.of("compatible", "preserved-memory-map"), fdt.root().properties().stream().map(p -> p.name()).toList());
        assertEquals("kho-v1", fdt.root().string("compatible"));
        assertEquals(List.of("b", "a"), fdt.root().children().stream().map(n -> n.name()).toList());
        assertArrayEquals(new byte[] {0, 0, 0, 0x42, 0, 0, 0, 0}, fdt.node("/a").get("fdt").bytes(), "native, not cells");
    }

    @Test
    void the_tree_page_itself_is_preserved_and_restored_by_the_next_kernel() {
        k.kho.finalizeWrite(true);
        assertEquals(List.of(PhysRange.of(k.kho.fdtPhys(), 4096)), k.kho.preserved());
        TestKernel two = k.load(2).jump(Era.V6_16);
        assertFalse(two.log.contains("KHO: failed to restore folio for KHO fdt"));
        assertThrows(IllegalStateException.class, () -> two.pages.adoptReserved(k.kho.fdtPhys(), 0), "it is an allocation already");
    }

    @Test
    void a_name_is_there_once_and_more_than_a_page_of_names_fails_the_finalize() {
        k.kho.addSubtree("x", 0x4100_0000L, 4096);
        assertEquals(Errno.EEXIST, errno(() -> k.kho.addSubtree("x", 0x4200_0000L, 4096)));
        for (int i = 0; i < 100; i++) {
            k.kho.addSubtree("sub-tree-number-" + i, 0x4100_0000L, 4096);
        }
        long used = k.pages.usedBytes();
        assertEquals(Errno.ENOMEM, k.kho.finalizeWrite(true).errno());
        assertTrue(k.log.contains("KHO: Failed to convert KHO state tree: -12"));
        assertEquals(used, k.pages.usedBytes());
        assertEquals(Errno.ENOENT, k.kho.finalizeWrite(false).errno());
    }

    @Test
    void preserving_an_unaligned_address_is_EINVAL() {
        assertEquals(Errno.EINVAL, errno(() -> k.kho.preservePages(0x4100_0800L, 1)));
    }

    @Test
    void unpreserving_takes_the_block_out_of_the_map() {
        k.kho.preservePages(0x4100_3000L, 5);
        k.kho.unpreservePages(0x4100_3000L, 5);
        assertEquals(List.of(), k.kho.preserved());
        assertEquals(List.of(), k.rules());
    }

    @Test
    void order_0_pages_that_were_never_preserved_look_restorable_and_are_caught() {
        k.kho.finalizeWrite(true);
        TestKernel two = k.load(2).jump(Era.V6_16);
        long mine = two.pages.alloc(0);
        assertEquals(-1, two.kho.restoreFolio(mine));
        assertEquals(List.of("kho-restore-of-unpreserved"), two.rules());
    }

    @Test
    void debugfs_shows_the_tree_only_while_finalized() {
        assertEquals(Set.of("out/finalize", "out/scratch_len", "out/scratch_phys"), k.kho.debugfs().keySet());
        k.test.preserve("kho_test", List.of(1), 3);
        k.kho.finalizeWrite(true);
        assertEquals(Set.of("out/fdt", "out/finalize", "out/scratch_len", "out/scratch_phys", "out/sub_fdts/kho_test"),
                k.kho.debugfs().keySet());
        assertEquals("1\n", new String(k.kho.debugfs().get("out/finalize").array(), StandardCharsets.US_ASCII));
        k.kho.finalizeWrite(false);
        assertFalse(k.kho.debugfs().containsKey("out/fdt"));
        k.kho.finalizeWrite(true);
        TestKernel two = k.load(2).jump(Era.V6_16);
        assertTrue(two.kho.debugfs().keySet().containsAll(Set.of("in/fdt", "in/sub_fdts/kho_test")));
    }

    @Test
    void a_list_without_an_end_is_reported_and_the_kernel_boots_on() {
        k.kho.finalizeWrite(true);
        k.load(2);
        long first = Fdt.of(k.memory.read(k.kho.fdtPhys(), 4096)).root().get("preserved-memory-map").nativeU64();
        k.memory.u64(first, first);
        TestKernel two = k.jumpUnchecked(Era.V6_16);
        assertTrue(two.rules().contains("kho-map-broken"), two.rules().toString());
    }

    @Test
    void a_snapshot_before_finalize_finalizes_to_the_same_bytes() {
        k.test.preserve("kho_test", List.of(0, 4), 3);
        StateWriter out = new StateWriter();
        k.kho.save(out);
        StateWriter pages = new StateWriter();
        k.pages.save(pages);
        assertTrue(k.kho.finalizeWrite(true).ok());
        byte[] written = k.memory.read(k.kho.fdtPhys(), 4096);
        List<PhysRange> preserved = k.kho.preserved();
        k.pages.load(new StateReader(pages.toByteArray()));
        k.kho.load(new StateReader(out.toByteArray()));
        assertTrue(k.kho.finalizeWrite(true).ok());
        assertArrayEquals(written, k.memory.read(k.kho.fdtPhys(), 4096));
        assertEquals(preserved, k.kho.preserved());
    }
}
