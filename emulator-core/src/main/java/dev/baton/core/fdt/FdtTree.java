package dev.baton.core.fdt;

import static dev.baton.core.fdt.FdtLayout.BEGIN_NODE;
import static dev.baton.core.fdt.FdtLayout.END;
import static dev.baton.core.fdt.FdtLayout.END_NODE;
import static dev.baton.core.fdt.FdtLayout.NODE_NAME;
import static dev.baton.core.fdt.FdtLayout.NOP;
import static dev.baton.core.fdt.FdtLayout.PROP;
import static dev.baton.core.fdt.FdtLayout.PROP_HEADER;
import static dev.baton.core.fdt.FdtLayout.PROP_LEN;
import static dev.baton.core.fdt.FdtLayout.PROP_NAMEOFF;
import static dev.baton.core.fdt.FdtLayout.be32;
import static dev.baton.core.fdt.FdtLayout.be64;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What can be asked of a flattened tree, whether it is only read ({@link Fdt}) or edited in place ({@link FdtEditor}).
 *
 * <p>There are two levels. Nodes and properties are {@link FdtNode} and {@link FdtProperty}, two words each. Beneath them, a node or
 * property <em>is</em> the offset of its tag in the structure block, as in libfdt, and a method that yields an offset yields a
 * negative {@link FdtError#code()} when it fails, also as libfdt; those methods allocate nothing.
 *
 * <p>Names and strings are bytes; here they are Latin-1, so that any byte survives.
 *
 * <p>Versions 2 to 17 of the format are read; below 16 nodes carry full paths and values of 8 bytes or more are aligned to 8.
 */
public abstract sealed class FdtTree permits Fdt, FdtEditor {
    static final int ROOT = 0;
    /** How deep a tree may be where nodes are visited recursively. Linux stops at 64 (FDT_MAX_DEPTH, drivers/of/fdt.c). */
    static final int MAX_DEPTH = 256;

    byte[] b;
    int base;
    int totalSize;
    int version;
    int offStruct;
    int sizeStruct;
    int offStrings;
    int sizeStrings;
    int offReservations;

    /** Index in {@link #b} of the structure block, and how many bytes of it may be read. */
    private int structBase;
    private int structLimit;
    private int stringsBase;
    private int stringsLimit;
    /** Version below 16. */
    private boolean old;

    FdtTree() {
    }

    /** Takes the header fields from the bytes; {@code available} bytes, at least 28, can be read from {@code base}. */
    final void readHeader(int available) {
        totalSize = be32(b, base + FdtLayout.OFF_TOTALSIZE);
        version = be32(b, base + FdtLayout.OFF_VERSION);
        offStruct = be32(b, base + FdtLayout.OFF_OFF_DT_STRUCT);
        offStrings = be32(b, base + FdtLayout.OFF_OFF_DT_STRINGS);
        offReservations = be32(b, base + FdtLayout.OFF_OFF_MEM_RSVMAP);
        sizeStrings = available >= FdtLayout.OFF_SIZE_DT_STRUCT ? be32(b, base + FdtLayout.OFF_SIZE_DT_STRINGS) : 0;
        sizeStruct = available >= FdtLayout.HEADER_SIZE ? be32(b, base + FdtLayout.OFF_SIZE_DT_STRUCT) : 0;
        deriveLimits();
    }

    /** Must follow every change of a header field. */
    final void deriveLimits() {
        old = Integer.compareUnsigned(version, 16) < 0;
        boolean sized = Integer.compareUnsigned(version, 17) >= 0;
        structBase = base + offStruct;
        structLimit = sized ? Math.min(sizeStruct, totalSize - offStruct) : totalSize - offStruct;
        stringsBase = base + offStrings;
        stringsLimit = sized ? Math.min(sizeStrings, totalSize - offStrings) : totalSize - offStrings;
    }

    /** Bytes of the whole tree, free space included. */
    public final int totalSize() {
        return totalSize;
    }

    public final int version() {
        return version;
    }

    public final int lastCompatibleVersion() {
        return be32(b, base + FdtLayout.OFF_LAST_COMP_VERSION);
    }

    /** {@code boot_cpuid_phys}: the {@code reg} of the CPU that boots. */
    public final int bootCpuid() {
        return be32(b, base + FdtLayout.OFF_BOOT_CPUID_PHYS);
    }

    /** A copy of the tree's {@link #totalSize()} bytes. */
    public final byte[] toBytes() {
        return Arrays.copyOfRange(b, base, base + totalSize);
    }

    // Nodes and properties

    /** The root. @throws FdtException BADOFFSET when the tree has none (an empty structure block is legal) */
    public final FdtNode root() {
        return nodeAt(ROOT);
    }

    /** The node whose tag is at {@code offset}. @throws FdtException BADOFFSET when there is none */
    public final FdtNode nodeAt(int offset) {
        int next = checkNode(offset);
        if (next < 0) {
            throw failure(next, "no node begins at structure offset 0x%x".formatted(offset));
        }
        return new FdtNode(this, offset);
    }

    /**
     * The node that {@code path} leads to: absolute, or beginning with an alias; a unit address may be left out of a component, which
     * then names the first node that matches.
     *
     * @throws FdtException NOTFOUND or BADPATH
     */
    public final FdtNode node(String path) {
        int offset = pathOffset(path);
        if (offset < 0) {
            throw failure(offset, offset == -FdtError.BADPATH.code()
                    ? "expected an absolute path or an alias, found '" + path + "'" : "there is no node '" + path + "'");
        }
        return new FdtNode(this, offset);
    }

    /** As {@link #node(String)}; empty when there is no such node. */
    public final Optional<FdtNode> findNode(String path) {
        return nodeOrEmpty(pathOffset(path));
    }

    /** The first node with that {@code phandle}, or {@code linux,phandle}. */
    public final Optional<FdtNode> findByPhandle(int phandle) {
        return nodeOrEmpty(offsetByPhandle(phandle));
    }

    /** All nodes, in order, whose {@code compatible} lists the string. */
    public final List<FdtNode> findCompatible(String compatible) {
        List<FdtNode> found = new ArrayList<>();
        for (int n = offsetByCompatible(-1, compatible); n >= 0; n = offsetByCompatible(n, compatible)) {
            found.add(new FdtNode(this, n));
        }
        return found;
    }

    private Optional<FdtNode> nodeOrEmpty(int offset) {
        return offset < 0 ? Optional.empty() : Optional.of(new FdtNode(this, offset));
    }

    // Reservations

    /** How many entries stand before the terminator, or -TRUNCATED when there is no terminator. */
    public final int reservationCount() {
        for (int i = 0, at = offReservations; at <= totalSize - FdtLayout.RESERVATION_SIZE; i++, at += FdtLayout.RESERVATION_SIZE) {
            if (be64(b, base + at + 8) == 0) {
                return i;
            }
        }
        return -FdtError.TRUNCATED.code();
    }

    /** Entry {@code n}, counted from 0. @throws FdtException BADOFFSET when there are not so many */
    public final FdtReservation reservation(int n) {
        if (n < 0 || n >= reservationCount()) {
            throw new FdtException(FdtError.BADOFFSET, "expected a reservation below %d, found %d".formatted(reservationCount(), n));
        }
        return reservationAt(n);
    }

    private FdtReservation reservationAt(int n) {
        int at = base + offReservations + n * FdtLayout.RESERVATION_SIZE;
        return new FdtReservation(be64(b, at), be64(b, at + 8));
    }

    /** All of them, in their order. */
    public final List<FdtReservation> reservations() {
        List<FdtReservation> all = new ArrayList<>();
        for (int i = 0, n = reservationCount(); i < n; i++) {
            all.add(reservationAt(i));
        }
        return all;
    }

    // Offsets: tags

    /**
     * The tag at {@code offset} in the low word, where the next one is in the high word; when there is none, END and a negative
     * error. As {@code fdt_next_tag} since libfdt 1.7: a length that would lead out of 31 bits is refused, which 1.6 let wrap round.
     */
    final long nextTag(int offset) {
        if (offset < 0 || offset > structLimit - 4) {
            return endOfTags(FdtError.TRUNCATED);
        }
        int at = structBase + offset;
        int tag = be32(b, at);
        switch (tag) {
            case PROP:
                return property(at, offset);
            case BEGIN_NODE:
                int nul = nul(at + NODE_NAME, structBase + structLimit);
                return nul < 0 ? endOfTags(FdtError.BADSTRUCTURE) : tagBefore(nul + 1 - structBase, BEGIN_NODE);
            case END_NODE, NOP, END:
                return tagBefore(offset + 4, tag);
            default:
                return endOfTags(FdtError.BADSTRUCTURE);
        }
    }

    private long property(int at, int offset) {
        if (offset > structLimit - 8) {
            return endOfTags(FdtError.BADSTRUCTURE);
        }
        int len = be32(b, at + PROP_LEN);
        int value = offset + PROP_HEADER + (old ? oldPadding(offset, len) : 0);
        if (len < 0 || value > structLimit - len) {
            return endOfTags(FdtError.BADSTRUCTURE);
        }
        return tagBefore(value + len, PROP);
    }

    /** Before version 16, values of 8 bytes and more are aligned to 8 in the structure block. */
    private static int oldPadding(int propertyOffset, int len) {
        return Integer.compareUnsigned(len, 8) >= 0 && (propertyOffset + PROP_HEADER) % 8 != 0 ? 4 : 0;
    }

    private static long tagBefore(int next, int tag) {
        return (long) FdtLayout.tagAlign(next) << 32 | tag;
    }

    private static long endOfTags(FdtError error) {
        return (long) -error.code() << 32 | END;
    }

    static int tagOf(long tagAndNext) {
        return (int) tagAndNext;
    }

    static int nextOf(long tagAndNext) {
        return (int) (tagAndNext >> 32);
    }

    /** Index of the NUL at or after {@code from}, or -1 if there is none before {@code to}. */
    private int nul(int from, int to) {
        byte[] bytes = b;
        for (int i = from; i < to; i++) {
            if (bytes[i] == 0) {
                return i;
            }
        }
        return -1;
    }

    /** Offset after the node's name, or -BADOFFSET. */
    final int checkNode(int offset) {
        return checkTag(offset, BEGIN_NODE);
    }

    private int checkTag(int offset, int expected) {
        if (offset < 0 || (offset & 3) != 0) {
            return -FdtError.BADOFFSET.code();
        }
        long t = nextTag(offset);
        return tagOf(t) == expected ? nextOf(t) : -FdtError.BADOFFSET.code();
    }

    // Offsets: nodes

    /** The node after {@code node} in the order of the structure block, -1 for the first; -NOTFOUND after the last. */
    public final int nextNode(int node) {
        int next = 0;
        if (node >= 0) {
            next = checkNode(node);
            if (next < 0) {
                return next;
            }
        }
        while (true) {
            long t = nextTag(next);
            switch (tagOf(t)) {
                case BEGIN_NODE:
                    return next;
                case END:
                    boolean atEnd = nextOf(t) >= 0 || nextOf(t) == -FdtError.TRUNCATED.code();
                    return atEnd ? -FdtError.NOTFOUND.code() : nextOf(t);
                default:
                    next = nextOf(t);
            }
        }
    }

    /** @throws FdtException BADSTRUCTURE if nodes are nested more than {@link #MAX_DEPTH} deep */
    final void expectDepth() {
        int depth = 0;
        for (long t = nextTag(0); tagOf(t) != END; t = nextTag(nextOf(t))) {
            depth += tagOf(t) == BEGIN_NODE ? 1 : tagOf(t) == END_NODE ? -1 : 0;
            if (depth > MAX_DEPTH) {
                throw new FdtException(FdtError.BADSTRUCTURE, "expected nodes at most %d deep".formatted(MAX_DEPTH));
            }
        }
    }

    /** The first child of {@code node}, or a negative error. */
    public final int firstSubnode(int node) {
        int next = checkNode(node);
        return next < 0 ? -FdtError.NOTFOUND.code() : subnodeFrom(next, null, 0, 0, false);
    }

    /** The next sibling of {@code node}, or a negative error. */
    public final int nextSubnode(int node) {
        int end = endOffset(node);
        return end < 0 ? -FdtError.NOTFOUND.code() : subnodeFrom(end, null, 0, 0, false);
    }

    /** The child of {@code parent} with that name, whose unit address may be left out, or a negative error. */
    public final int subnodeOffset(int parent, String name) {
        return subnodeOffset(parent, name, 0, name.length());
    }

    final int subnodeOffset(int parent, String path, int from, int to) {
        if (parent < 0) {
            return parent;
        }
        int next = checkNode(parent);
        return next < 0 ? next : subnodeFrom(next, path, from, to, path.lastIndexOf('@', to - 1) < from);
    }

    /** The first child at or after {@code next}, inside one node, that has the name, or any name when {@code path} is null. */
    private int subnodeFrom(int next, String path, int from, int to, boolean anyUnitAddress) {
        int depth = 0;
        while (true) {
            long t = nextTag(next);
            switch (tagOf(t)) {
                case BEGIN_NODE:
                    if (depth++ == 0 && (path == null || nodeNameEquals(next, path, from, to, anyUnitAddress))) {
                        return next;
                    }
                    break;
                case END_NODE:
                    if (--depth < 0) {
                        return -FdtError.NOTFOUND.code();
                    }
                    break;
                case END:
                    return nextOf(t) >= 0 ? -FdtError.NOTFOUND.code() : nextOf(t);
                default:
            }
            next = nextOf(t);
        }
    }

    private boolean nodeNameEquals(int node, String path, int from, int to, boolean anyUnitAddress) {
        int at = nameIndex(node);
        if (at < 0) {
            return false;
        }
        for (int i = from; i < to; i++, at++) {
            if (b[at] == 0 || (b[at] & 0xff) != path.charAt(i)) {
                return false;
            }
        }
        return b[at] == 0 || anyUnitAddress && b[at] == '@';
    }

    /** Where in the array the name of {@code node} begins, or -BADSTRUCTURE. */
    private int nameIndex(int node) {
        int at = structBase + node + NODE_NAME;
        return old ? leafIndex(at) : at;
    }

    private int leafIndex(int at) {
        int nul = nul(at, structBase + structLimit);
        for (int i = nul - 1; i >= at; i--) {
            if (b[i] == '/') {
                return i + 1;
            }
        }
        return -FdtError.BADSTRUCTURE.code();
    }

    /** Offset after the END_NODE of {@code node}, or a negative error. */
    final int endOffset(int node) {
        int next = checkNode(node);
        int depth = 0;
        while (next >= 0) {
            long t = nextTag(next);
            next = nextOf(t);
            switch (tagOf(t)) {
                case BEGIN_NODE -> depth++;
                case END_NODE -> {
                    if (--depth < 0) {
                        return next;
                    }
                }
                case END -> {
                    return next >= 0 ? -FdtError.NOTFOUND.code() : next;
                }
                default -> {
                }
            }
        }
        return next;
    }

    /** The node that {@code path} leads to ({@link #node(String)} says how), or a negative error. */
    public final int pathOffset(String path) {
        return pathOffset(path, path.length(), true);
    }

    final int pathOffset(String path, int to, boolean aliases) {
        int offset = ROOT;
        int p = 0;
        if (to == 0 || path.charAt(0) != '/') {
            p = indexOfSlash(path, 0, to);
            offset = aliases ? aliasOffset(path.substring(0, p)) : -FdtError.BADPATH.code();
        }
        while (p < to && offset >= 0) {
            while (path.charAt(p) == '/') {
                if (++p == to) {
                    return offset;
                }
            }
            int q = indexOfSlash(path, p, to);
            offset = subnodeOffset(offset, path, p, q);
            p = q;
        }
        return offset;
    }

    /** An alias must itself be absolute, as libfdt asks since 1.7.1; before, one could name another, or itself without end. */
    private int aliasOffset(String alias) {
        int aliases = pathOffset("/aliases");
        int p = aliases < 0 ? aliases : propertyOffset(aliases, alias);
        String path = p < 0 ? null : cString(p);
        return path == null || !path.startsWith("/") ? -FdtError.BADPATH.code() : pathOffset(path);
    }

    private static int indexOfSlash(String path, int from, int to) {
        int q = path.indexOf('/', from);
        return q < 0 || q > to ? to : q;
    }

    /** The parent of {@code node}; -NOTFOUND for the root, -BADOFFSET for what is no node. */
    public final int parentOffset(int node) {
        int[] path = ancestors(node);
        if (path == null) {
            return -FdtError.BADOFFSET.code();
        }
        return path.length < 2 ? -FdtError.NOTFOUND.code() : path[path.length - 2];
    }

    /** Root, ..., parent, node; null if {@code node} is not in the tree. */
    private int[] ancestors(int node) {
        int[] stack = new int[16];
        int depth = 0;
        for (int next = 0; next >= 0 && next <= node;) {
            long t = nextTag(next);
            switch (tagOf(t)) {
                case BEGIN_NODE -> {
                    if (depth == stack.length) {
                        stack = Arrays.copyOf(stack, 2 * depth);
                    }
                    stack[depth++] = next;
                    if (next == node) {
                        return Arrays.copyOf(stack, depth);
                    }
                }
                case END_NODE -> depth = Math.max(0, depth - 1);
                case END -> {
                    return null;
                }
                default -> {
                }
            }
            next = nextOf(t);
        }
        return null;
    }

    /** The absolute path of {@code node}. @throws FdtException BADOFFSET */
    public final String pathOf(int node) {
        int[] ancestors = ancestors(node);
        if (ancestors == null) {
            throw failure(-FdtError.BADOFFSET.code(), "no node begins at structure offset 0x%x".formatted(node));
        }
        if (ancestors.length == 1) {
            return "/";
        }
        StringBuilder path = new StringBuilder();
        for (int i = 1; i < ancestors.length; i++) {
            path.append('/').append(nodeName(ancestors[i]));
        }
        return path.toString();
    }

    /** The name of {@code node}, unit address included; empty for the root. @throws FdtException BADOFFSET, BADSTRUCTURE */
    public final String nodeName(int node) {
        int end = checkNode(node);
        int at = end < 0 ? end : nameIndex(node);
        if (at < 0) {
            throw failure(at, "expected a node's name at structure offset 0x%x".formatted(node));
        }
        return latin1(at, nul(at, structBase + structLimit));
    }

    /** Value of {@code phandle}, else of {@code linux,phandle}; 0 if neither is there in the length of one cell. */
    public final int phandleOf(int node) {
        int p = propertyOffset(node, "phandle");
        if (p < 0 || propertyLength(p) != 4) {
            p = propertyOffset(node, "linux,phandle");
            if (p < 0 || propertyLength(p) != 4) {
                return 0;
            }
        }
        return be32(b, valueIndex(p));
    }

    /** The first node with that phandle, or a negative error; BADPHANDLE for 0 and -1. */
    public final int offsetByPhandle(int phandle) {
        if (phandle == 0 || phandle == -1) {
            return -FdtError.BADPHANDLE.code();
        }
        int node = nextNode(-1);
        while (node >= 0 && phandleOf(node) != phandle) {
            node = nextNode(node);
        }
        return node;
    }

    /** The greatest phandle in the tree, unsigned; 0 if there is none. */
    public final int maxPhandle() {
        int max = 0;
        for (int node = nextNode(-1); node >= 0; node = nextNode(node)) {
            int phandle = phandleOf(node);
            if (Integer.compareUnsigned(phandle, max) > 0) {
                max = phandle;
            }
        }
        return max;
    }

    /** The first node after {@code node} (-1: from the beginning) whose {@code compatible} lists the string, or a negative error. */
    public final int offsetByCompatible(int node, String compatible) {
        for (int n = nextNode(node);; n = nextNode(n)) {
            if (n < 0) {
                return n;
            }
            int p = propertyOffset(n, "compatible");
            if (p >= 0 && listContains(p, compatible)) {
                return n;
            }
        }
    }

    private boolean listContains(int property, String s) {
        int end = valueIndex(property) + propertyLength(property);
        for (int at = valueIndex(property); at < end;) {
            int nul = nul(at, end);
            if (nul < 0) {
                return false;
            }
            if (nul - at == s.length() && latin1Equals(at, s)) {
                return true;
            }
            at = nul + 1;
        }
        return false;
    }

    // Offsets: properties

    /** The first property of {@code node}, or a negative error. */
    public final int firstProperty(int node) {
        int next = checkNode(node);
        return next < 0 ? next : propertyFrom(next);
    }

    /** The property of the same node after {@code property}, or a negative error. */
    public final int nextProperty(int property) {
        int next = checkTag(property, PROP);
        return next < 0 ? next : propertyFrom(next);
    }

    private int propertyFrom(int next) {
        while (true) {
            long t = nextTag(next);
            switch (tagOf(t)) {
                case PROP:
                    return next;
                case NOP:
                    next = nextOf(t);
                    break;
                case END:
                    return nextOf(t) >= 0 ? -FdtError.BADSTRUCTURE.code() : nextOf(t);
                default:
                    return -FdtError.NOTFOUND.code();
            }
        }
    }

    /** The property of {@code node} with that name, or a negative error. */
    public final int propertyOffset(int node, String name) {
        int next = checkNode(node);
        if (next < 0) {
            return next;
        }
        int p = propertyFrom(next);
        while (p >= 0 && !stringEquals(be32(b, structBase + p + PROP_NAMEOFF), name)) {
            p = propertyFrom(nextOf(nextTag(p)));
        }
        return p;
    }

    private boolean stringEquals(int stringOffset, String name) {
        int length = name.length();
        if (stringOffset < 0 || stringOffset >= stringsLimit - length) {
            return false;
        }
        int at = stringsBase + stringOffset;
        return b[at + length] == 0 && latin1Equals(at, name);
    }

    private boolean latin1Equals(int at, String s) {
        byte[] bytes = b;
        for (int i = 0; i < s.length(); i++) {
            if ((bytes[at + i] & 0xff) != s.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Length of a property's value in bytes. {@code property} must be an offset that this class gave. */
    public final int propertyLength(int property) {
        return be32(b, structBase + property + PROP_LEN);
    }

    /** A property's name. @throws FdtException BADOFFSET, TRUNCATED */
    public final String propertyName(int property) {
        int at = stringsBase + be32(b, structBase + property + PROP_NAMEOFF);
        int end = stringEnd(be32(b, structBase + property + PROP_NAMEOFF));
        if (end < 0) {
            throw failure(end, "the property at structure offset 0x%x has no name in the strings block".formatted(property));
        }
        return latin1(at, end);
    }

    /** Index of the NUL of the string at {@code stringOffset} of the strings block, or a negative error. */
    final int stringEnd(int stringOffset) {
        if (stringOffset < 0 || stringOffset >= stringsLimit) {
            return -FdtError.BADOFFSET.code();
        }
        int nul = nul(stringsBase + stringOffset, stringsBase + stringsLimit);
        return nul < 0 ? -FdtError.TRUNCATED.code() : nul;
    }

    /** Where in the array a property's value begins. */
    final int valueIndex(int property) {
        int padding = old ? oldPadding(property, propertyLength(property)) : 0;
        return structBase + property + PROP_HEADER + padding;
    }

    /** The value up to its first NUL, or null if it has none. */
    private String cString(int property) {
        int at = valueIndex(property);
        int nul = nul(at, at + propertyLength(property));
        return nul < 0 ? null : latin1(at, nul);
    }

    final int structIndex(int offset) {
        return structBase + offset;
    }

    final int structLimit() {
        return structLimit;
    }

    private String latin1(int from, int to) {
        return new String(b, from, to - from, StandardCharsets.ISO_8859_1);
    }

    static FdtException failure(int negative, String sentence) {
        return new FdtException(FdtError.ofResult(negative), sentence);
    }
}
