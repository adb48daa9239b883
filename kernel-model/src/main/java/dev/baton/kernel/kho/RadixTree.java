package dev.baton.kernel.kho;

import static dev.baton.kernel.mm.PageSize.PAGE_SHIFT;
import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;

import dev.baton.kernel.KernelError;
import dev.baton.kernel.mm.KernelMemory;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PhysRange;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The tree of preserved memory (include/linux/kho/abi/kexec_handover.h, 7.2), 4 KiB pages. A block of 2^order pages is one bit:
 *
 * <pre>
 *   key = 1 << (52 - order) | phys >> (12 + order)
 *
 *   63    60 59     51 50     42 41     33 32     24 23     15 14              0
 *   |   0   |   L5    |   L4    |   L3    |   L2    |   L1    |  bit in the leaf |
 * </pre>
 *
 * <p>Levels 5 to 1 are pages of 512 physical addresses, 0 for absent; level 0 is a page of 32768 bits; all native byte order.
 * Nodes are never freed. They are not preserved themselves: the next kernel reads them before it allocates outside scratch.
 */
final class RadixTree {
    static final int KHO_ORDER_0_LOG2 = 64 - PAGE_SHIFT;
    private static final int TABLE_SIZE_LOG2 = PAGE_SHIFT - 3;
    private static final int BITMAP_SIZE_LOG2 = PAGE_SHIFT + 3;
    private static final int TOP = 5;
    private static final int ENTRIES = 1 << TABLE_SIZE_LOG2;

    private final KernelMemory mem;
    private final long root;

    RadixTree(KernelMemory mem, long root) {
        this.mem = mem;
        this.root = root;
    }

    static long key(long phys, int order) {
        return 1L << KHO_ORDER_0_LOG2 - order | phys >>> PAGE_SHIFT + order;
    }

    static int orderOf(long key) {
        return KHO_ORDER_0_LOG2 - (63 - Long.numberOfLeadingZeros(key));
    }

    static long physOf(long key) {
        return key << PAGE_SHIFT + orderOf(key);
    }

    /** Index in a table of level 1 to 5; for level 0 the bit in the leaf. */
    static int index(long key, int level) {
        return level == 0 ? (int) (key & (1 << BITMAP_SIZE_LOG2) - 1)
                : (int) (key >>> BITMAP_SIZE_LOG2 + TABLE_SIZE_LOG2 * (level - 1)) & ENTRIES - 1;
    }

    /** {@code kho_radix_add_page}. @throws KernelError ENOMEM; what was added for it is gone again */
    void add(long phys, int order, PageAllocator pages) {
        long key = key(phys, order);
        long node = root;
        long firstNewSlot = 0;
        List<Long> added = new ArrayList<>();
        for (int level = TOP; level > 0; level--) {
            long slot = node + 8L * index(key, level);
            long child = mem.u64(slot);
            if (child == 0) {
                try {
                    child = pages.allocZeroed(0);
                } catch (KernelError e) {
                    if (firstNewSlot != 0) {
                        mem.u64(firstNewSlot, 0);
                    }
                    added.forEach(p -> pages.free(p, 0));
                    throw e;
                }
                firstNewSlot = firstNewSlot == 0 ? slot : firstNewSlot;
                added.add(child);
                mem.u64(slot, child);
            }
            node = child;
        }
        long word = node + 8L * (index(key, 0) / 64);
        mem.u64(word, mem.u64(word) | 1L << index(key, 0) % 64);
    }

    /** {@code kho_radix_del_page}. @return false (Linux warns) if a level is missing */
    boolean remove(long phys, int order) {
        long key = key(phys, order);
        long node = root;
        for (int level = TOP; level > 0; level--) {
            node = mem.u64(node + 8L * index(key, level));
            if (node == 0) {
                return false;
            }
        }
        long word = node + 8L * (index(key, 0) / 64);
        mem.u64(word, mem.u64(word) & ~(1L << index(key, 0) % 64));
        return true;
    }

    /** What {@link #walk} meets. */
    interface Visitor {
        /** A node of the tree, before it is read; false ends the walk. */
        boolean node(long phys, int level);

        void block(PhysRange block, int order);
    }

    /**
     * {@code kho_radix_walk_tree}: highest orders first, ascending addresses within an order.
     *
     * @return false if the visitor ended it, or a bit stands for no order
     */
    boolean walk(Visitor visitor) {
        return walk(root, TOP, 0, visitor);
    }

    private boolean walk(long node, int level, long prefix, Visitor visitor) {
        if (!visitor.node(node, level)) {
            return false;
        }
        ByteBuffer page = ByteBuffer.wrap(mem.read(node, PAGE_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
        if (level == 0) {
            return walkLeaf(page, prefix, visitor);
        }
        int shift = BITMAP_SIZE_LOG2 + TABLE_SIZE_LOG2 * (level - 1);
        for (int i = 0; i < ENTRIES; i++) {
            long child = page.getLong(8 * i);
            if (child != 0 && !walk(child, level - 1, prefix | (long) i << shift, visitor)) {
                return false;
            }
        }
        return true;
    }

    private static boolean walkLeaf(ByteBuffer page, long prefix, Visitor visitor) {
        for (int w = 0; w < ENTRIES; w++) {
            for (long bits = page.getLong(8 * w); bits != 0; bits &= bits - 1) {
                long key = prefix | 64L * w + Long.numberOfTrailingZeros(bits);
                int order = orderOf(key);
                if (order < 0 || order > KHO_ORDER_0_LOG2) {
                    return false;
                }
                visitor.block(PhysRange.of(physOf(key), (long) PAGE_SIZE << order), order);
            }
        }
        return true;
    }

    /** All blocks, in the order of the walk. */
    List<PhysRange> blocks() {
        List<PhysRange> blocks = new ArrayList<>();
        walk(new Visitor() {
            @Override
            public boolean node(long phys, int level) {
                return true;
            }

            @Override
            public void block(PhysRange block, int order) {
                blocks.add(block);
            }
        });
        return blocks;
    }

    /** All pages of the tree, root first. */
    List<Long> nodes() {
        List<Long> nodes = new ArrayList<>();
        walk(new Visitor() {
            @Override
            public boolean node(long phys, int level) {
                return nodes.add(phys);
            }

            @Override
            public void block(PhysRange block, int order) {
                // Only the pages of the tree are asked for.
            }
        });
        return nodes;
    }
}
