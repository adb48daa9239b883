package dev.baton.kernel.kho;

import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtException;
import dev.baton.core.fdt.FdtNode;
import dev.baton.kernel.mm.KernelMemory;
import dev.baton.kernel.mm.PhysRange;

import java.util.ArrayList;
import java.util.List;

/**
 * A handover that lies in memory, read by somebody who is neither of the two kernels.
 *
 * @param compatible of the root tree
 * @param text       {@link KhoTree#print}
 * @param scratch    the areas, in the order of the array; those of size 0 too
 * @param preserved  blocks of the radix tree of {@code kho-v2} and later; empty for {@code kho-v1}
 * @param whole      the tree of preserved memory was read to its end
 */
public record KhoHandover(String compatible, String text, List<ScratchArea> scratch, List<PhysRange> preserved, boolean whole) {
    private static final String MEMORY_MAP = "preserved-memory-map";
    private static final String LIST = "kho-v1";
    private static final int ENTRY = 16;
    private static final int MOST_AREAS = 256;
    /** A tree of pages of a terabyte has fewer nodes; a broken one may have any number. */
    private static final int MOST_NODES = 1 << 16;

    /** What {@code /chosen} of {@code tree} leads to; null if to nothing that a kernel would take for a handover. */
    public static KhoHandover read(Fdt tree, KernelMemory memory) {
        return KhoChosen.read(tree, false).map(in -> read(in, memory)).orElse(null);
    }

    private static KhoHandover read(KhoChosen.Incoming in, KernelMemory memory) {
        byte[] page = memory.read(in.fdt().address(), PAGE_SIZE);
        try {
            FdtNode root = Fdt.of(page).root();
            String compatible = root.has("compatible") ? root.string("compatible") : "";
            List<PhysRange> preserved = new ArrayList<>();
            boolean whole = compatible.equals(LIST) || !root.has(MEMORY_MAP)
                    || blocks(new RadixTree(memory, root.get(MEMORY_MAP).nativeU64()), preserved);
            return new KhoHandover(compatible, KhoTree.print(page), areas(in.scratch(), memory), preserved, whole);
        } catch (FdtException e) {
            return null;
        }
    }

    private static List<ScratchArea> areas(KhoChosen.Range array, KernelMemory memory) {
        List<ScratchArea> areas = new ArrayList<>();
        int n = Math.clamp(array.size() / ENTRY, 0, MOST_AREAS);
        for (int i = 0; i < n; i++) {
            areas.add(new ScratchArea(memory.u64(array.address() + (long) ENTRY * i), memory.u64(array.address() + (long) ENTRY * i + 8)));
        }
        return areas;
    }

    private static boolean blocks(RadixTree tree, List<PhysRange> into) {
        int[] nodes = {0};
        return tree.walk(new RadixTree.Visitor() {
            @Override
            public boolean node(long phys, int level) {
                return ++nodes[0] < MOST_NODES && into.size() < MOST_NODES;
            }

            @Override
            public void block(PhysRange block, int order) {
                into.add(block);
            }
        });
    }

    /** Bytes that the next kernel keeps away from. */
    public long preservedBytes() {
        return preserved.stream().mapToLong(PhysRange::size).sum();
    }
}
