package dev.baton.core.fdt;

import static dev.baton.core.fdt.FdtLayout.be32;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Applies an overlay to a base tree, as {@code fdt_overlay_apply} of libfdt 1.6.1: phandles of the overlay are moved above those of the
 * base, references inside the overlay ({@code __local_fixups__}) and to labels of the base ({@code __fixups__}, {@code __symbols__})
 * are filled in, every fragment is merged into its target, and the overlay's symbols are added to those of the base.
 *
 * <p>When it fails the base is as before; libfdt leaves it unusable.
 */
public final class FdtOverlay {
    private static final String OVERLAY = "__overlay__";

    private final FdtEditor base;
    /** A copy, whose phandles are changed in place. */
    private final FdtEditor overlay;

    private FdtOverlay(FdtEditor base, FdtEditor overlay) {
        this.base = base;
        this.overlay = overlay;
    }

    /**
     * Merges {@code overlay} into {@code base}, which needs free space for it.
     *
     * @throws FdtException NOSPACE; BADOVERLAY; NOTFOUND for a label or a target that the base has not; BADPHANDLE; NOPHANDLES;
     *     BADVALUE for a symbol that is no path
     */
    public static void apply(FdtEditor base, Fdt overlay) {
        overlay.expectDepth();
        byte[] before = base.toBytes();
        try {
            new FdtOverlay(base, FdtEditor.openInto(overlay, FdtEditor.roomFor(overlay))).apply();
        } catch (FdtException e) {
            base.restore(before);
            throw e;
        }
    }

    private void apply() {
        int delta = base.maxPhandle();
        movePhandles(delta);
        int localFixups = overlay.pathOffset("/__local_fixups__");
        if (localFixups >= 0) {
            moveReferences(FdtTree.ROOT, localFixups, delta);
        }
        resolveLabels();
        int root = FdtTree.ROOT;
        for (int f = overlay.firstSubnode(root); f >= 0; f = overlay.nextSubnode(f)) {
            int content = overlay.subnodeOffset(f, OVERLAY);
            if (content >= 0) {
                merge(target(f), content);
            }
        }
        int symbols = overlay.subnodeOffset(root, "__symbols__");
        if (symbols >= 0) {
            addSymbols(symbols);
        }
    }

    private void movePhandles(int delta) {
        for (int n = overlay.nextNode(-1); n >= 0; n = overlay.nextNode(n)) {
            movePhandle(n, "phandle", delta);
            movePhandle(n, "linux,phandle", delta);
        }
    }

    private void movePhandle(int node, String name, int delta) {
        int p = overlay.propertyOffset(node, name);
        if (p < 0) {
            return;
        }
        if (overlay.propertyLength(p) != 4) {
            throw bad(FdtError.BADPHANDLE, "expected '%s' of '%s' to be one cell, found %d bytes", name, overlay.pathOf(node),
                    overlay.propertyLength(p));
        }
        int old = be32(overlay.b, overlay.valueIndex(p));
        int moved = old + delta;
        if (Integer.compareUnsigned(moved, old) < 0 || moved == -1) {
            throw bad(FdtError.NOPHANDLES, "phandle 0x%x of '%s' cannot be raised by 0x%x", old, overlay.pathOf(node), delta);
        }
        be32(overlay.b, overlay.valueIndex(p), moved);
    }

    /** Each property of the fixup node lists byte offsets in the property of the same name of the node at the same place. */
    private void moveReferences(int node, int fixups, int delta) {
        for (int f = overlay.firstProperty(fixups); f >= 0; f = overlay.nextProperty(f)) {
            String name = overlay.propertyName(f);
            if (overlay.propertyLength(f) % 4 != 0) {
                throw bad(FdtError.BADOVERLAY, "expected cells in '%s' of '%s', found %d bytes", name, overlay.pathOf(fixups),
                        overlay.propertyLength(f));
            }
            int p = overlay.propertyOffset(node, name);
            if (p < 0) {
                throw bad(FdtError.BADOVERLAY, "'%s' has no property '%s' for '%s' to fix", overlay.pathOf(node), name,
                        overlay.pathOf(fixups));
            }
            for (int where : new FdtProperty(overlay, f).cells()) {
                moveReference(p, Integer.toUnsignedLong(where), delta);
            }
        }
        for (int f = overlay.firstSubnode(fixups); f >= 0; f = overlay.nextSubnode(f)) {
            int child = overlay.subnodeOffset(node, overlay.nodeName(f));
            if (child < 0) {
                throw bad(FdtError.BADOVERLAY, "'%s' has no child for '%s' to fix", overlay.pathOf(node), overlay.pathOf(f));
            }
            moveReferences(child, f, delta);
        }
    }

    private void moveReference(int property, long where, int delta) {
        if (where + 4 > overlay.propertyLength(property)) {
            throw bad(FdtError.BADOVERLAY, "expected a reference inside the %d bytes of '%s', found it at %d",
                    overlay.propertyLength(property), overlay.propertyName(property), where);
        }
        int at = overlay.valueIndex(property) + (int) where;
        be32(overlay.b, at, be32(overlay.b, at) + delta);
    }

    private void resolveLabels() {
        int fixups = overlay.pathOffset("/__fixups__");
        int symbols = base.pathOffset("/__symbols__");
        for (int f = fixups < 0 ? fixups : overlay.firstProperty(fixups); f >= 0; f = overlay.nextProperty(f)) {
            FdtProperty fixup = new FdtProperty(overlay, f);
            String label = fixup.name();
            for (String place : places(fixup)) {
                resolve(place, label, symbols);
            }
        }
    }

    private static List<String> places(FdtProperty fixup) {
        byte[] value = fixup.bytes();
        if (value.length == 0 || value[value.length - 1] != 0) {
            throw bad(FdtError.BADOVERLAY, "expected strings in '%s' of '/__fixups__'", fixup.name());
        }
        return fixup.strings();
    }

    /** {@code place} is {@code path:property:offset}, where the phandle of the label has to be put. */
    private void resolve(String place, String label, int symbols) {
        int first = place.indexOf(':');
        int second = place.indexOf(':', first + 1);
        String number = place.substring(second + 1);
        boolean wellFormed = first >= 0 && second > first + 1 && number.matches("[0-9]{1,10}");
        if (!wellFormed) {
            throw bad(FdtError.BADOVERLAY, "expected 'path:property:offset' in '%s' of '/__fixups__', found '%s'", label, place);
        }
        int phandle = phandleOf(label, symbols);
        int node = overlay.pathOffset(place.substring(0, first));
        if (node < 0) {
            FdtError error = node == -FdtError.NOTFOUND.code() ? FdtError.BADOVERLAY : FdtError.ofResult(node);
            throw bad(error, "the overlay has no node for the fixup '%s'", place);
        }
        int p = overlay.propertyOffset(node, place.substring(first + 1, second));
        if (p < 0) {
            throw bad(FdtError.NOTFOUND, "the overlay has no property for the fixup '%s'", place);
        }
        long where = Long.parseLong(number);
        if (where + 4 > overlay.propertyLength(p)) {
            throw bad(FdtError.NOSPACE, "expected the fixup '%s' inside a value of %d bytes", place, overlay.propertyLength(p));
        }
        be32(overlay.b, overlay.valueIndex(p) + (int) where, phandle);
    }

    private int phandleOf(String label, int symbols) {
        int p = symbols < 0 ? symbols : base.propertyOffset(symbols, label);
        if (p < 0) {
            throw bad(FdtError.NOTFOUND, "the base has no label '%s' in '/__symbols__'", label);
        }
        String path = cString(new FdtProperty(base, p));
        int node = base.pathOffset(path);
        if (node < 0) {
            throw FdtTree.failure(node, "label '%s' of the base leads to '%s', which is no node".formatted(label, path));
        }
        int phandle = base.phandleOf(node);
        if (phandle == 0) {
            throw bad(FdtError.NOTFOUND, "node '%s' of the base, label '%s', has no phandle", path, label);
        }
        return phandle;
    }

    private static String cString(FdtProperty property) {
        byte[] value = property.bytes();
        int length = 0;
        while (length < value.length && value[length] != 0) {
            length++;
        }
        return new String(value, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** The node of the base that a fragment is for. */
    private int target(int fragment) {
        int phandle = targetPhandle(fragment);
        int path = overlay.propertyOffset(fragment, "target-path");
        if (phandle == 0 && path < 0) {
            throw bad(FdtError.BADOVERLAY, "fragment '%s' has neither 'target' nor 'target-path'", overlay.nodeName(fragment));
        }
        int target = phandle != 0 ? base.offsetByPhandle(phandle) : base.pathOffset(cString(new FdtProperty(overlay, path)));
        if (target < 0) {
            throw FdtTree.failure(target, phandle != 0
                    ? "fragment '%s' is for phandle 0x%x, which the base has not".formatted(overlay.nodeName(fragment), phandle)
                    : "fragment '%s' is for '%s', which the base has not"
                            .formatted(overlay.nodeName(fragment), cString(new FdtProperty(overlay, path))));
        }
        return target;
    }

    private int targetPhandle(int fragment) {
        int p = overlay.propertyOffset(fragment, "target");
        if (p < 0) {
            return 0;
        }
        boolean cell = overlay.propertyLength(p) == 4;
        if (!cell || be32(overlay.b, overlay.valueIndex(p)) == -1) {
            throw bad(FdtError.BADPHANDLE, "expected 'target' of '%s' to be a phandle", overlay.nodeName(fragment));
        }
        return be32(overlay.b, overlay.valueIndex(p));
    }

    private void merge(int target, int content) {
        for (int p = overlay.firstProperty(content); p >= 0; p = overlay.nextProperty(p)) {
            FdtProperty property = new FdtProperty(overlay, p);
            base.set(target, property.name(), property.bytes());
        }
        for (int child = overlay.firstSubnode(content); child >= 0; child = overlay.nextSubnode(child)) {
            merge(base.ensureNode(target, overlay.nodeName(child)), child);
        }
    }

    private void addSymbols(int overlaySymbols) {
        int symbols = base.ensureNode(FdtTree.ROOT, "__symbols__");
        for (int p = overlay.firstProperty(overlaySymbols); p >= 0; p = overlay.nextProperty(p)) {
            addSymbol(symbols, new FdtProperty(overlay, p));
        }
    }

    /** A symbol of the overlay leads to {@code /fragment/__overlay__/inner}; in the base it leads to the target's {@code inner}. */
    private void addSymbol(int symbols, FdtProperty symbol) {
        String path = cString(symbol);
        if (symbol.length() != path.length() + 1 || !path.startsWith("/")) {
            throw bad(FdtError.BADVALUE, "expected symbol '%s' of the overlay to be one absolute path", symbol.name());
        }
        int slash = path.indexOf('/', 1);
        String prefix = "/" + OVERLAY;
        boolean inFragment = slash >= 0 && path.startsWith(prefix, slash)
                && (path.length() == slash + prefix.length() || path.charAt(slash + prefix.length()) == '/');
        if (!inFragment) {
            return;
        }
        int fragment = overlay.subnodeOffset(FdtTree.ROOT, path.substring(1, slash));
        if (fragment < 0 || overlay.subnodeOffset(fragment, OVERLAY) < 0) {
            throw bad(FdtError.BADOVERLAY, "symbol '%s' leads to '%s', which the overlay has not", symbol.name(), path);
        }
        String inner = path.substring(Math.min(path.length(), slash + prefix.length() + 1));
        String target = targetPath(fragment);
        base.setStrings(symbols, symbol.name(), (target.length() > 1 ? target : "") + "/" + inner);
    }

    private String targetPath(int fragment) {
        int target = target(fragment);
        int path = overlay.propertyOffset(fragment, "target-path");
        boolean byPath = path >= 0 && targetPhandle(fragment) == 0;
        return byPath ? cString(new FdtProperty(overlay, path)) : base.pathOf(target);
    }

    private static FdtException bad(FdtError error, String sentence, Object... arguments) {
        return new FdtException(error, sentence.formatted(arguments));
    }
}
