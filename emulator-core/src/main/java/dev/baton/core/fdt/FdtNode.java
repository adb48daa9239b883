package dev.baton.core.fdt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A node of a tree. In an {@link FdtEditor} it is good until the next edit.
 *
 * @param tree whose node it is
 * @param offset where its tag is in the structure block
 */
public record FdtNode(FdtTree tree, int offset) {

    /** The name with its unit address; empty for the root. */
    public String name() {
        return tree.nodeName(offset);
    }

    /** The absolute path; looks through the tree up to here. */
    public String path() {
        return tree.pathOf(offset);
    }

    /** The children, in the order of the tree. */
    public List<FdtNode> children() {
        List<FdtNode> children = new ArrayList<>();
        for (int n = tree.firstSubnode(offset); n >= 0; n = tree.nextSubnode(n)) {
            children.add(new FdtNode(tree, n));
        }
        return children;
    }

    /** The child of that name, whose unit address may be left out. */
    public Optional<FdtNode> child(String name) {
        int n = tree.subnodeOffset(offset, name);
        return n < 0 ? Optional.empty() : Optional.of(new FdtNode(tree, n));
    }

    /** The parent; empty for the root. */
    public Optional<FdtNode> parent() {
        int n = tree.parentOffset(offset);
        return n < 0 ? Optional.empty() : Optional.of(new FdtNode(tree, n));
    }

    /** The properties, in the order of the tree. */
    public List<FdtProperty> properties() {
        List<FdtProperty> properties = new ArrayList<>();
        for (int p = tree.firstProperty(offset); p >= 0; p = tree.nextProperty(p)) {
            properties.add(new FdtProperty(tree, p));
        }
        return properties;
    }

    /** The property of that name. */
    public Optional<FdtProperty> property(String name) {
        int p = tree.propertyOffset(offset, name);
        return p < 0 ? Optional.empty() : Optional.of(new FdtProperty(tree, p));
    }

    public boolean has(String property) {
        return tree.propertyOffset(offset, property) >= 0;
    }

    /** The property of that name. @throws FdtException NOTFOUND */
    public FdtProperty get(String property) {
        int p = tree.propertyOffset(offset, property);
        if (p < 0) {
            throw FdtTree.failure(p, "node '%s' has no property '%s'".formatted(path(), property));
        }
        return new FdtProperty(tree, p);
    }

    /** @throws FdtException NOTFOUND; BADVALUE unless it is one cell */
    public int u32(String property) {
        return get(property).u32();
    }

    /** @throws FdtException NOTFOUND; BADVALUE unless it is two cells */
    public long u64(String property) {
        return get(property).u64();
    }

    /** @throws FdtException NOTFOUND; BADVALUE unless it is one string */
    public String string(String property) {
        return get(property).string();
    }

    /** {@code phandle}, else {@code linux,phandle}; 0 if it has none. */
    public int phandle() {
        return tree.phandleOf(offset);
    }

    /** {@code #address-cells} for this node's children; 2 if absent. @throws FdtException BADNCELLS unless it is one cell, 1 to 4 */
    public int addressCells() {
        int cells = cellCount("#address-cells", 2);
        if (cells == 0) {
            throw new FdtException(FdtError.BADNCELLS, "expected '#address-cells' of '%s' from 1 to 4, found 0".formatted(path()));
        }
        return cells;
    }

    /** {@code #size-cells} for this node's children; 1 if absent. @throws FdtException BADNCELLS unless it is one cell, 0 to 4 */
    public int sizeCells() {
        return cellCount("#size-cells", 1);
    }

    private int cellCount(String name, int absent) {
        int p = tree.propertyOffset(offset, name);
        if (p == -FdtError.NOTFOUND.code()) {
            return absent;
        }
        FdtProperty property = new FdtProperty(tree, p);
        if (property.length() != 4 || Integer.compareUnsigned(property.u32(), 4) > 0) {
            throw new FdtException(FdtError.BADNCELLS, "expected '%s' of '%s' to be one cell from 0 to 4, found %d bytes"
                    .formatted(name, path(), property.length()));
        }
        return property.u32();
    }
}
