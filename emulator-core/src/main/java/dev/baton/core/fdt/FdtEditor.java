package dev.baton.core.fdt;

import static dev.baton.core.fdt.FdtLayout.BEGIN_NODE;
import static dev.baton.core.fdt.FdtLayout.END_NODE;
import static dev.baton.core.fdt.FdtLayout.NOP;
import static dev.baton.core.fdt.FdtLayout.PROP;
import static dev.baton.core.fdt.FdtLayout.PROP_HEADER;
import static dev.baton.core.fdt.FdtLayout.PROP_LEN;
import static dev.baton.core.fdt.FdtLayout.PROP_NAMEOFF;
import static dev.baton.core.fdt.FdtLayout.RESERVATION_SIZE;
import static dev.baton.core.fdt.FdtLayout.align;
import static dev.baton.core.fdt.FdtLayout.be32;
import static dev.baton.core.fdt.FdtLayout.be64;
import static dev.baton.core.fdt.FdtLayout.tagAlign;

import java.util.Arrays;

/**
 * A tree that is changed where it stands, in a buffer with free space behind it, by libfdt's read-write functions (fdt_rw.c, fdt_wip.c
 * and fdt_addresses.c): the same calls leave the same bytes, padding included. In particular a new property comes before a node's
 * other properties, a new child before its other children, a new name at the end of the strings block; and a name that is no longer
 * used stays there.
 *
 * <p>Nodes are given by offset ({@link #pathOffset}). Any change of length moves what follows, so offsets, {@link FdtNode}s and
 * {@link FdtProperty}s are looked up again after an edit. When a method throws, the tree is as before.
 *
 * <p>Two things differ from libfdt. A tree is checked whole when it is opened. And {@link #appendAddressRange} accepts a range that
 * begins at 0 with one address cell, as libfdt does since 1.7; in 1.6.1 the bound of that check overflows.
 */
public final class FdtEditor extends FdtTree {
    private static final int FIRST_BLOCK = align(FdtLayout.HEADER_SIZE, 8);

    private FdtEditor(byte[] buffer) {
        this.b = buffer;
    }

    /**
     * Opens a copy of {@code fdt} in a new buffer of {@code size} bytes, as {@code fdt_open_into}.
     *
     * @throws FdtException NOSPACE if it does not fit; BADVERSION below version 16
     */
    public static FdtEditor openInto(Fdt fdt, int size) {
        int reservations = (fdt.reservationCount() + 1) * RESERVATION_SIZE;
        int structSize = structSize(fdt);
        boolean misordered = misordered(fdt, reservations, structSize);
        int needed = misordered ? FIRST_BLOCK + reservations + structSize + fdt.sizeStrings : fdt.totalSize;
        if (size < needed) {
            throw noSpace(needed, size);
        }
        FdtEditor editor = new FdtEditor(new byte[size]);
        if (misordered) {
            editor.takeInOrder(fdt, reservations, structSize);
        } else {
            System.arraycopy(fdt.b, fdt.base, editor.b, 0, fdt.totalSize);
        }
        be32(editor.b, FdtLayout.OFF_VERSION, FdtLayout.LAST_SUPPORTED_VERSION);
        be32(editor.b, FdtLayout.OFF_SIZE_DT_STRUCT, structSize);
        be32(editor.b, FdtLayout.OFF_TOTALSIZE, size);
        editor.readHeader(size);
        return editor;
    }

    /** Opens a copy of {@code fdt} with {@code room} bytes of free space. */
    public static FdtEditor of(Fdt fdt, int room) {
        return openInto(fdt, Math.addExact(roomFor(fdt), room));
    }

    /** A size of buffer that {@code fdt} can be opened in. */
    static int roomFor(Fdt fdt) {
        int inOrder = FIRST_BLOCK + (fdt.reservationCount() + 1) * RESERVATION_SIZE + structSize(fdt) + fdt.sizeStrings;
        return Math.max(fdt.totalSize, inOrder);
    }

    /** Puts back what {@link #toBytes} gave. */
    void restore(byte[] before) {
        System.arraycopy(before, 0, b, 0, before.length);
        readHeader(b.length);
    }

    /** A tree of a root only, in a buffer of {@code size} bytes, as {@code fdt_create_empty_tree}. @throws FdtException NOSPACE */
    public static FdtEditor createEmpty(int size) {
        return openInto(Fdt.of(new FdtWriter().write(root -> { })), size);
    }

    private static int structSize(Fdt fdt) {
        if (Integer.compareUnsigned(fdt.version, 17) >= 0) {
            return fdt.sizeStruct;
        }
        if (fdt.version < 16) {
            throw new FdtException(FdtError.BADVERSION, "expected version 16 or later to edit, found %d".formatted(fdt.version));
        }
        int offset = 0;
        while (true) {
            long t = fdt.nextTag(offset);
            offset = nextOf(t);
            if (tagOf(t) == FdtLayout.END) {
                return offset;
            }
        }
    }

    private static boolean misordered(FdtTree fdt, int reservations, int structSize) {
        return fdt.offReservations < FIRST_BLOCK
                || fdt.offStruct < (long) fdt.offReservations + reservations
                || fdt.offStrings < (long) fdt.offStruct + structSize
                || fdt.totalSize < (long) fdt.offStrings + fdt.sizeStrings;
    }

    private void takeInOrder(Fdt fdt, int reservations, int structSize) {
        be32(b, FdtLayout.OFF_MAGIC, FdtLayout.MAGIC);
        be32(b, FdtLayout.OFF_LAST_COMP_VERSION, FdtLayout.LAST_COMPATIBLE_VERSION);
        be32(b, FdtLayout.OFF_BOOT_CPUID_PHYS, fdt.bootCpuid());
        packBlocks(fdt, reservations, structSize);
    }

    private void packBlocks(FdtTree from, int reservations, int structSize) {
        int newStruct = FIRST_BLOCK + reservations;
        int newStrings = newStruct + structSize;
        System.arraycopy(from.b, from.base + from.offReservations, b, FIRST_BLOCK, reservations);
        System.arraycopy(from.b, from.base + from.offStruct, b, newStruct, structSize);
        System.arraycopy(from.b, from.base + from.offStrings, b, newStrings, from.sizeStrings);
        be32(b, FdtLayout.OFF_OFF_MEM_RSVMAP, FIRST_BLOCK);
        be32(b, FdtLayout.OFF_OFF_DT_STRUCT, newStruct);
        be32(b, FdtLayout.OFF_SIZE_DT_STRUCT, structSize);
        be32(b, FdtLayout.OFF_OFF_DT_STRINGS, newStrings);
        be32(b, FdtLayout.OFF_SIZE_DT_STRINGS, from.sizeStrings);
    }

    /** Removes the free space, and gaps between blocks, as {@code fdt_pack}. */
    public FdtEditor pack() {
        packBlocks(this, (reservationCount() + 1) * RESERVATION_SIZE, sizeStruct);
        readHeader(b.length);
        be32(b, FdtLayout.OFF_TOTALSIZE, dataSize());
        readHeader(b.length);
        return this;
    }

    /** Makes the whole {@code size} bytes, as {@code fdt_open_into} of a new buffer. @throws FdtException NOSPACE if it is less than now */
    public FdtEditor grow(int size) {
        if (size < totalSize) {
            throw noSpace(totalSize, size);
        }
        byte[] buffer = new byte[size];
        System.arraycopy(b, 0, buffer, 0, totalSize);
        b = buffer;
        be32(b, FdtLayout.OFF_TOTALSIZE, size);
        readHeader(b.length);
        return this;
    }

    /** The finished tree, as a checked view of this editor's buffer; good until the next edit. */
    public Fdt view() {
        return Fdt.of(b, 0, totalSize);
    }

    /** End of the last block; what follows up to {@link #totalSize()} is free. */
    public int dataSize() {
        return offStrings + sizeStrings;
    }

    // Properties

    /** Sets a property, which keeps its place if it is there and comes first if it is new. @throws FdtException NOSPACE, BADOFFSET */
    public FdtEditor set(int node, String name, byte... value) {
        int at = structIndex(setPlaceholder(node, name, value.length)) + PROP_HEADER;
        System.arraycopy(value, 0, b, at, value.length);
        return this;
    }

    /** As {@link #set} of one cell. */
    public FdtEditor setU32(int node, String name, int value) {
        return set(node, name, FdtWriter.cellBytes(value));
    }

    /** As {@link #set} of two cells. */
    public FdtEditor setU64(int node, String name, long value) {
        return set(node, name, FdtWriter.cellBytes64(value));
    }

    /** As {@link #set} of a C {@code u64} as a little-endian kernel has it in memory. */
    public FdtEditor setNativeU64(int node, String name, long value) {
        return setU64(node, name, Long.reverseBytes(value));
    }

    /** As {@link #set} of cells. */
    public FdtEditor setCells(int node, String name, int... cells) {
        return set(node, name, FdtWriter.cellBytes(cells));
    }

    /** As {@link #set} of one string or a list. */
    public FdtEditor setStrings(int node, String name, String... values) {
        return set(node, name, FdtWriter.stringList(values));
    }

    /** As {@link #set} of nothing. */
    public FdtEditor setEmpty(int node, String name) {
        return set(node, name);
    }

    /** Gives the property that length, its bytes unspecified, and its offset. */
    int setPlaceholder(int node, String name, int length) {
        expectEditable();
        int p = propertyOffset(node, name);
        if (p == -FdtError.NOTFOUND.code()) {
            return addProperty(node, name, length);
        }
        expect(p, node, "property", name);
        resize(p, length);
        return p;
    }

    private void resize(int property, int length) {
        spliceStruct(property + PROP_HEADER, tagAlign(propertyLength(property)), tagAlign(length));
        be32(b, structIndex(property) + PROP_LEN, length);
    }

    private int addProperty(int node, String name, int length) {
        int p = checkNode(node);
        expect(p, node, "property", name);
        byte[] bytes = FdtWriter.nameBytes(name);
        int nameOffset = findString(bytes);
        int added = nameOffset < 0 ? bytes.length + 1 : 0;
        int needed = PROP_HEADER + tagAlign(length);
        if ((long) dataSize() + added + needed > totalSize) {
            // libfdt puts the string into free space and then withdraws it: its bytes stay there.
            keepBytesOfWithdrawnString(bytes, nameOffset);
            throw noSpace((long) dataSize() + added + needed, totalSize);
        }
        if (nameOffset < 0) {
            nameOffset = addString(bytes);
        }
        spliceStruct(p, 0, needed);
        int at = structIndex(p);
        be32(b, at, PROP);
        be32(b, at + PROP_NAMEOFF, nameOffset);
        be32(b, at + PROP_LEN, length);
        return p;
    }

    private void keepBytesOfWithdrawnString(byte[] name, int foundAt) {
        if (foundAt < 0 && dataSize() + name.length + 1 <= totalSize) {
            System.arraycopy(name, 0, b, dataSize(), name.length);
            b[dataSize() + name.length] = 0;
        }
    }

    /** Lengthens a property, or adds it. @throws FdtException NOSPACE, BADOFFSET */
    public FdtEditor append(int node, String name, byte... value) {
        expectEditable();
        int p = propertyOffset(node, name);
        int oldLength = 0;
        if (p == -FdtError.NOTFOUND.code()) {
            p = addProperty(node, name, value.length);
        } else {
            expect(p, node, "property", name);
            oldLength = propertyLength(p);
            if (value.length > totalSize - oldLength) {
                throw noSpace((long) oldLength + value.length, totalSize);
            }
            resize(p, oldLength + value.length);
        }
        System.arraycopy(value, 0, b, structIndex(p) + PROP_HEADER + oldLength, value.length);
        return this;
    }

    /** As {@link #append} of one cell. */
    public FdtEditor appendU32(int node, String name, int value) {
        return append(node, name, FdtWriter.cellBytes(value));
    }

    /** As {@link #append} of two cells. */
    public FdtEditor appendU64(int node, String name, long value) {
        return append(node, name, FdtWriter.cellBytes64(value));
    }

    /**
     * Appends an address and a size in as many cells as {@code parent} says, as {@code fdt_appendprop_addrrange}.
     *
     * @throws FdtException BADNCELLS unless both are 1 or 2; BADVALUE if a number does not fit; NOSPACE, BADOFFSET
     */
    public FdtEditor appendAddressRange(int parent, int node, String name, long address, long size) {
        FdtNode cells = nodeAt(parent);
        int addressCells = cells.addressCells();
        int sizeCells = cells.sizeCells();
        if (addressCells > 2 || sizeCells == 0 || sizeCells > 2) {
            throw new FdtException(FdtError.BADNCELLS, "expected one or two cells for address and size, found %d and %d"
                    .formatted(addressCells, sizeCells));
        }
        boolean fits = addressCells == 2
                || address >>> 32 == 0 && Long.compareUnsigned(size, (1L << 32) - address) <= 0;
        if (!fits || sizeCells == 1 && size >>> 32 != 0) {
            throw new FdtException(FdtError.BADVALUE, "expected a range that fits %d cells of address and %d of size, found 0x%x+0x%x"
                    .formatted(addressCells, sizeCells, address, size));
        }
        byte[] value = new byte[4 * (addressCells + sizeCells)];
        putNumber(value, 0, address, addressCells);
        putNumber(value, 4 * addressCells, size, sizeCells);
        return append(node, name, value);
    }

    private static void putNumber(byte[] value, int at, long number, int cells) {
        if (cells == 1) {
            be32(value, at, (int) number);
        } else {
            be64(value, at, number);
        }
    }

    /** Changes a value that keeps its length; nothing moves. @throws FdtException NOTFOUND, BADOFFSET, NOSPACE for another length */
    public FdtEditor setInPlace(int node, String name, byte... value) {
        int p = propertyOffset(node, name);
        expect(p, node, "property", name);
        if (propertyLength(p) != value.length) {
            throw noSpace(value.length, propertyLength(p));
        }
        System.arraycopy(value, 0, b, valueIndex(p), value.length);
        return this;
    }

    /** Removes a property. @throws FdtException NOTFOUND, BADOFFSET */
    public FdtEditor delete(int node, String name) {
        expectEditable();
        int p = propertyOffset(node, name);
        expect(p, node, "property", name);
        spliceStruct(p, PROP_HEADER + tagAlign(propertyLength(p)), 0);
        return this;
    }

    /** Replaces a property by NOP tags; nothing moves. @throws FdtException NOTFOUND, BADOFFSET */
    public FdtEditor nop(int node, String name) {
        int p = propertyOffset(node, name);
        expect(p, node, "property", name);
        nopRegion(p, PROP_HEADER + propertyLength(p));
        return this;
    }

    // Nodes

    /**
     * Adds a child behind the properties of {@code parent} and before its other children.
     *
     * @return its offset
     * @throws FdtException EXISTS if a child has that name, or has it before a unit address; NOSPACE, BADOFFSET
     */
    public int addNode(int parent, String name) {
        expectEditable();
        byte[] bytes = FdtWriter.nameBytes(name);
        int found = subnodeOffset(parent, name);
        if (found >= 0) {
            throw new FdtException(FdtError.EXISTS, "node '%s' already has a child '%s'".formatted(pathOf(parent), nodeName(found)));
        }
        if (found != -FdtError.NOTFOUND.code()) {
            throw failure(found, "no node begins at structure offset 0x%x".formatted(parent));
        }
        int offset = afterProperties(parent);
        int length = FdtLayout.NODE_NAME + tagAlign(bytes.length + 1) + 4;
        spliceStruct(offset, 0, length);
        int at = structIndex(offset);
        be32(b, at, BEGIN_NODE);
        Arrays.fill(b, at + FdtLayout.NODE_NAME, at + length - 4, (byte) 0);
        System.arraycopy(bytes, 0, b, at + FdtLayout.NODE_NAME, bytes.length);
        be32(b, at + length - 4, END_NODE);
        return offset;
    }

    private int afterProperties(int node) {
        int offset = checkNode(node);
        while (true) {
            long t = nextTag(offset);
            if (tagOf(t) != PROP && tagOf(t) != NOP) {
                return offset;
            }
            offset = nextOf(t);
        }
    }

    /** The child of that name, added if it is not there. @return its offset */
    public int ensureNode(int parent, String name) {
        int found = subnodeOffset(parent, name);
        return found >= 0 ? found : addNode(parent, name);
    }

    /** Renames a node. @throws FdtException NOSPACE, BADOFFSET */
    public FdtEditor setName(int node, String name) {
        expectEditable();
        byte[] bytes = FdtWriter.nameBytes(name);
        int oldLength = nodeName(node).length();
        spliceStruct(node + FdtLayout.NODE_NAME, tagAlign(oldLength + 1), tagAlign(bytes.length + 1));
        int at = structIndex(node) + FdtLayout.NODE_NAME;
        System.arraycopy(bytes, 0, b, at, bytes.length);
        b[at + bytes.length] = 0;
        return this;
    }

    /** Removes a node and all in it. @throws FdtException BADOFFSET */
    public FdtEditor deleteNode(int node) {
        expectEditable();
        spliceStruct(node, expectEnd(node) - node, 0);
        return this;
    }

    /** Replaces a node and all in it by NOP tags; nothing moves. @throws FdtException BADOFFSET */
    public FdtEditor nopNode(int node) {
        nopRegion(node, expectEnd(node) - node);
        return this;
    }

    private int expectEnd(int node) {
        int end = endOffset(node);
        if (end < 0) {
            throw failure(end, "no node begins at structure offset 0x%x".formatted(node));
        }
        return end;
    }

    private void nopRegion(int offset, int length) {
        for (int at = structIndex(offset), end = at + length; at < end; at += 4) {
            be32(b, at, NOP);
        }
    }

    // Reservations

    /** Adds a reservation behind the others. @throws FdtException NOSPACE */
    public FdtEditor addReservation(long address, long size) {
        expectEditable();
        int at = offReservations + reservationCount() * RESERVATION_SIZE;
        spliceReservations(at, 0, RESERVATION_SIZE);
        be64(b, at, address);
        be64(b, at + 8, size);
        return this;
    }

    /** Removes reservation {@code n}, counted from 0. @throws FdtException NOTFOUND */
    public FdtEditor deleteReservation(int n) {
        expectEditable();
        if (n < 0 || n >= reservationCount()) {
            throw new FdtException(FdtError.NOTFOUND, "expected a reservation below %d, found %d".formatted(reservationCount(), n));
        }
        spliceReservations(offReservations + n * RESERVATION_SIZE, RESERVATION_SIZE, 0);
        return this;
    }

    // Splicing

    /** What {@code fdt_rw_probe_} asks of the blocks: opening puts them in order, so this fails for no tree opened here. */
    private void expectEditable() {
        if (misordered(this, RESERVATION_SIZE, sizeStruct)) {
            throw new FdtException(FdtError.BADLAYOUT, "expected reservations, structure and strings in this order, found them at "
                    + "0x%x, 0x%x and 0x%x".formatted(offReservations, offStruct, offStrings));
        }
    }

    private void expect(int result, int node, String kind, String name) {
        if (result < 0) {
            throw failure(result, checkNode(node) < 0 ? "no node begins at structure offset 0x%x".formatted(node)
                    : "node '%s' has no %s '%s'".formatted(pathOf(node), kind, name));
        }
    }

    private static FdtException noSpace(long needed, long available) {
        return new FdtException(FdtError.NOSPACE, "expected room for %d bytes, found %d".formatted(needed, available));
    }

    private void splice(int at, int oldLength, int newLength) {
        int end = dataSize();
        long newEnd = (long) end - oldLength + newLength;
        if (newEnd > totalSize) {
            throw noSpace(newEnd, totalSize);
        }
        System.arraycopy(b, at + oldLength, b, at + newLength, end - at - oldLength);
    }

    private void spliceStruct(int offset, int oldLength, int newLength) {
        splice(structIndex(offset), oldLength, newLength);
        int delta = newLength - oldLength;
        sizeStruct += delta;
        offStrings += delta;
        be32(b, FdtLayout.OFF_SIZE_DT_STRUCT, sizeStruct);
        be32(b, FdtLayout.OFF_OFF_DT_STRINGS, offStrings);
        deriveLimits();
    }

    private void spliceReservations(int at, int oldLength, int newLength) {
        splice(at, oldLength, newLength);
        int delta = newLength - oldLength;
        offStruct += delta;
        offStrings += delta;
        be32(b, FdtLayout.OFF_OFF_DT_STRUCT, offStruct);
        be32(b, FdtLayout.OFF_OFF_DT_STRINGS, offStrings);
        deriveLimits();
    }

    /** Offset of the first place in the strings block that holds these bytes and a NUL, or -1. */
    private int findString(byte[] name) {
        int last = offStrings + sizeStrings - name.length - 1;
        for (int at = offStrings; at <= last; at++) {
            if (b[at + name.length] == 0 && Arrays.equals(b, at, at + name.length, name, 0, name.length)) {
                return at - offStrings;
            }
        }
        return -1;
    }

    private int addString(byte[] name) {
        int offset = sizeStrings;
        int at = dataSize();
        System.arraycopy(name, 0, b, at, name.length);
        b[at + name.length] = 0;
        sizeStrings += name.length + 1;
        be32(b, FdtLayout.OFF_SIZE_DT_STRINGS, sizeStrings);
        deriveLimits();
        return offset;
    }
}
