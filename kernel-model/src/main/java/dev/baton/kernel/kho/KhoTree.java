package dev.baton.kernel.kho;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtException;
import dev.baton.core.fdt.FdtNode;
import dev.baton.core.fdt.FdtProperty;

import java.util.List;
import java.util.StringJoiner;

/**
 * A KHO root tree as people read it. Its values are native little-endian numbers, not cells, so the form that
 * {@code dtc -O dts} gives every tree shows them with their bytes reversed.
 */
public final class KhoTree {
    private static final List<String> SIZES = List.of("blob-size", "size");

    private KhoTree() {
    }

    /** One line per node: its name (the root's: its compatible), then its properties. "" for a page that is no tree (yet). */
    public static String print(byte[] page) {
        try {
            FdtNode root = Fdt.of(page).root();
            StringJoiner lines = new StringJoiner("\n");
            lines.add(line(root.has("compatible") ? root.string("compatible") : "/", root));
            root.children().forEach(c -> lines.add("  " + line(c.name(), c)));
            return lines.toString();
        } catch (FdtException e) {
            return "";
        }
    }

    private static String line(String name, FdtNode node) {
        StringJoiner words = new StringJoiner("  ");
        words.add(name);
        node.properties().stream().filter(p -> !p.name().equals("compatible")).forEach(p -> words.add(p.name() + " " + value(p)));
        return words.toString();
    }

    private static String value(FdtProperty p) {
        return switch (p.length()) {
            case 4 -> Integer.toUnsignedString(p.nativeU32());
            case 8 -> SIZES.contains(p.name()) ? Long.toUnsignedString(p.nativeU64()) : "0x" + Long.toHexString(p.nativeU64());
            default -> p.length() + " bytes";
        };
    }
}
