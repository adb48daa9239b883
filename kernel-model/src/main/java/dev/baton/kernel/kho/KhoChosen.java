package dev.baton.kernel.kho;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtNode;
import dev.baton.core.fdt.FdtProperty;
import dev.baton.core.fdt.FdtTree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The two properties of {@code /chosen} that lead an arm64 kernel to its handover (drivers/of/fdt.c, drivers/of/kexec.c). */
public final class KhoChosen {
    /** {@code <address size>} of the root FDT page, in the root's cells. */
    public static final String FDT = "linux,kho-fdt";
    /** {@code <address size>} of the array of scratch areas. */
    public static final String SCRATCH = "linux,kho-scratch";

    private KhoChosen() { }

    /** An address and a size. */
    public record Range(long address, long size) {
        @Override
        public String toString() {
            return "<0x%x 0x%x>".formatted(address, size);
        }
    }

    /** Both properties as the reader takes them. */
    public record Incoming(Range fdt, Range scratch) { }

    /** Bytes that each property must have: one address and one size. */
    public static int expectedLength(FdtTree tree) {
        return 4 * (tree.root().addressCells() + tree.root().sizeCells());
    }

    /** The properties of {@code /chosen} of that name, if both node and property are there. */
    public static Optional<FdtProperty> property(FdtTree tree, String name) {
        return tree.findNode("/chosen").flatMap(n -> n.property(name));
    }

    /** Every range the property holds, whatever its number; what is left over is dropped. */
    public static List<Range> ranges(FdtTree tree, FdtProperty p) {
        FdtNode root = tree.root();
        int cells = root.addressCells() + root.sizeCells();
        List<Range> ranges = new ArrayList<>();
        for (int i = 0; 4 * (i + cells) <= p.length(); i += cells) {
            ranges.add(new Range(p.number(i, root.addressCells()), p.number(i + root.addressCells(), root.sizeCells())));
        }
        return ranges;
    }

    /**
     * {@code early_init_dt_check_kho}: nothing unless each property holds exactly one range.
     *
     * @param sizeReadWithAddressCells until c85da64ce2c3 (2025-11) sizes were read with {@code #address-cells}
     */
    static Optional<Incoming> read(Fdt tree, boolean sizeReadWithAddressCells) {
        Optional<FdtProperty> fdt = property(tree, FDT);
        Optional<FdtProperty> scratch = property(tree, SCRATCH);
        int expected = expectedLength(tree);
        if (fdt.isEmpty() || fdt.get().length() != expected || scratch.isEmpty() || scratch.get().length() != expected) {
            return Optional.empty();
        }
        return Optional.of(new Incoming(range(tree, fdt.get(), sizeReadWithAddressCells),
                range(tree, scratch.get(), sizeReadWithAddressCells)));
    }

    private static Range range(Fdt tree, FdtProperty p, boolean sizeReadWithAddressCells) {
        int addressCells = tree.root().addressCells();
        int sizeCells = sizeReadWithAddressCells ? addressCells : tree.root().sizeCells();
        // Reading beyond the value gets the next tag's bytes in Linux; a size of 0 stands for that here.
        boolean inside = 4 * (addressCells + sizeCells) <= p.length();
        return new Range(p.number(0, addressCells), inside ? p.number(addressCells, sizeCells) : 0);
    }
}
