package dev.baton.kernel.kho;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.kernel.ArrayMemory;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PhysRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

class The_radix_tree_Test {
    private static final long RAM = 0x4000_0000L;

    private final ArrayMemory memory = new ArrayMemory(RAM, 8 << 20);
    private PageAllocator pages;
    private long root;
    private RadixTree tree;

    @BeforeEach
    void anEmptyTree() {
        Memblock m = new Memblock();
        m.add(RAM, memory.size());
        pages = PageAllocator.takeOver(m, memory);
        root = pages.allocZeroed(0);
        tree = new RadixTree(memory, root);
    }

    private static void check(long phys, int order, long key, int... l5to0) {
        assertEquals(key, RadixTree.key(phys, order));
        for (int level = 5; level >= 0; level--) {
            assertEquals(l5to0[5 - level], RadixTree.index(key, level), "level " + level);
        }
        assertEquals(order, RadixTree.orderOf(key));
        assertEquals(phys, RadixTree.physOf(key));
    }

    @Test
    void keys_and_indices_are_those_of_the_abi() {
        check(0x4000_0000L, 0, 0x0010_0000_0004_0000L, 2, 0, 0, 0, 8, 0);
        check(0x8020_0000L, 9, 0x0000_0800_0000_0401L, 0, 2, 0, 0, 0, 0x401);
        check(0x7fff_f000L, 0, 0x0010_0000_0007_ffffL, 2, 0, 0, 0, 0xf, 0x7fff);
    }

    @Test
    void one_order_0_page_writes_five_tables_and_one_bit() {
        tree.add(0x7fff_f000L, 0, pages);
        // root[2] -> L4[0] -> L3[0] -> L2[0] -> L1[15] -> leaf bit 0x7fff, the last of the page.
        long node = root;
        for (int index : new int[] {2, 0, 0, 0, 0xf}) {
            for (int i = 0; i < 512; i++) {
                assertEquals(i == index, memory.u64(node + 8L * i) != 0, "entry " + i);
            }
            node = memory.u64(node + 8L * index);
            assertEquals(0, node % 4096, "no flag bits");
        }
        for (int w = 0; w < 512; w++) {
            assertEquals(w == 511 ? 1L << 63 : 0, memory.u64(node + 8L * w));
        }
        assertEquals(6, tree.nodes().size());
    }

    @Test
    void the_walk_gives_the_highest_orders_first_and_ascending_addresses_within_one() {
        tree.add(0x4000_1000L, 0, pages);
        tree.add(0x4000_0000L, 0, pages);
        tree.add(0x4020_0000L, 1, pages);
        tree.add(0x8000_0000L, 18, pages);
        tree.add(0x4040_0000L, 9, pages);
        assertEquals(List.of(PhysRange.of(0x8000_0000L, 1L << 30), PhysRange.of(0x4040_0000L, 2 << 20), PhysRange.of(0x4020_0000L, 8192),
                PhysRange.of(0x4000_0000L, 4096), PhysRange.of(0x4000_1000L, 4096)), tree.blocks());
    }

    @Test
    void what_is_removed_is_gone_and_its_nodes_stay() {
        tree.add(0x4000_1000L, 0, pages);
        assertTrue(tree.remove(0x4000_1000L, 0));
        assertEquals(List.of(), tree.blocks());
        assertEquals(6, tree.nodes().size());
        assertFalse(tree.remove(0x4000_1000L, 9), "a path that never was");
    }

    @Test
    void random_sets_come_back() {
        Random random = new Random(11);
        List<PhysRange> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int order = random.nextInt(11);
            long phys = (random.nextLong() & 0xffff_ffff_ffffL) >>> 12 + order << 12 + order;
            PhysRange r = PhysRange.of(phys, 4096L << order);
            if (!expected.contains(r)) {
                expected.add(r);
            }
            tree.add(phys, order, pages);
        }
        expected.sort(Comparator.comparingLong(PhysRange::size).reversed().thenComparingLong(PhysRange::start));
        assertEquals(expected, tree.blocks());
    }

    @Test
    void when_memory_runs_out_what_was_added_for_the_path_is_gone_again() {
        long left = 3;
        while (pages.freeBytes() > left * 4096) {
            pages.alloc(0);
        }
        assertEquals(Errno.ENOMEM, assertThrows(KernelError.class, () -> tree.add(0x4000_0000L, 0, pages)).errno());
        assertEquals(left * 4096, pages.freeBytes());
        assertEquals(List.of(root), tree.nodes());
    }
}
