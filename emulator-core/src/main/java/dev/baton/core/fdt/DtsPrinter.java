package dev.baton.core.fdt;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Prints as treesource.c of dtc 1.6.1 does. */
final class DtsPrinter {
    private static final Comparator<FdtReservation> BY_ADDRESS = Comparator.<FdtReservation>comparingLong(r -> r.address() ^ Long.MIN_VALUE)
            .thenComparingLong(r -> r.size() ^ Long.MIN_VALUE);

    private final FdtTree tree;
    private final boolean sorted;
    private final boolean separateStrings;
    private final StringBuilder out = new StringBuilder();

    DtsPrinter(FdtTree tree, Set<Dts.Option> options) {
        this.tree = tree;
        sorted = options.contains(Dts.Option.SORTED);
        separateStrings = options.contains(Dts.Option.SEPARATE_STRINGS);
    }

    /** A value as it stands in source text; nothing for one without bytes. */
    static String value(byte[] value, boolean separateStrings) {
        DtsPrinter printer = new DtsPrinter(null, separateStrings ? Set.of(Dts.Option.SEPARATE_STRINGS) : Set.of());
        printer.value(value);
        return printer.out.toString();
    }

    String print() {
        tree.expectDepth();
        out.append("/dts-v1/;\n\n");
        List<FdtReservation> reservations = tree.reservations();
        if (sorted) {
            reservations.sort(BY_ADDRESS);
        }
        for (FdtReservation r : reservations) {
            out.append("/memreserve/\t0x%016x 0x%016x;\n".formatted(r.address(), r.size()));
        }
        node(tree.root(), 0);
        return out.toString();
    }

    private void node(FdtNode node, int level) {
        String name = node.name();
        indent(level).append(name.isEmpty() ? "/" : name).append(" {\n");
        for (FdtProperty property : properties(node)) {
            indent(level + 1).append(property.name());
            byte[] value = property.bytes();
            if (value.length > 0) {
                out.append(" = ");
                value(value);
            }
            out.append(";\n");
        }
        List<FdtNode> children = node.children();
        if (sorted) {
            children.sort(Comparator.comparing(FdtNode::name));
        }
        for (FdtNode child : children) {
            out.append('\n');
            node(child, level + 1);
        }
        indent(level).append("};\n");
    }

    /** Also those that stand after a child, where libfdt does not look and dtc does. */
    private List<FdtProperty> properties(FdtNode node) {
        List<FdtProperty> all = new ArrayList<>();
        int depth = 0;
        for (int at = tree.checkNode(node.offset()); depth >= 0;) {
            long t = tree.nextTag(at);
            switch (FdtTree.tagOf(t)) {
                case FdtLayout.BEGIN_NODE -> depth++;
                case FdtLayout.END_NODE, FdtLayout.END -> depth--;
                case FdtLayout.PROP -> {
                    if (depth == 0) {
                        all.add(new FdtProperty(tree, at));
                    }
                }
                default -> {
                }
            }
            at = FdtTree.nextOf(t);
        }
        if (sorted) {
            all.sort(Comparator.comparing(FdtProperty::name));
        }
        return all;
    }

    private StringBuilder indent(int level) {
        return out.repeat('\t', level);
    }

    private void value(byte[] value) {
        if (value.length > 0 && isStrings(value)) {
            strings(value);
        } else if (value.length % 4 == 0) {
            cells(value);
        } else {
            bytes(value);
        }
    }

    private static boolean isStrings(byte[] value) {
        int nuls = 0;
        for (byte c : value) {
            if (c == 0) {
                nuls++;
            } else if (!isPrintable(c) && "\u0007\b\t\n\u000b\f\r".indexOf(c) < 0) {
                return false;
            }
        }
        return value[value.length - 1] == 0 && nuls <= value.length - nuls;
    }

    private static boolean isPrintable(byte c) {
        return c >= 0x20 && c < 0x7f;
    }

    private void strings(byte[] value) {
        out.append('"');
        for (int i = 0; i < value.length - 1; i++) {
            character(value[i], value[i + 1]);
        }
        out.append('"');
    }

    private void character(byte c, byte next) {
        switch (c) {
            case 0x07 -> out.append("\\a");
            case '\b' -> out.append("\\b");
            case '\t' -> out.append("\\t");
            case '\n' -> out.append("\\n");
            case 0x0b -> out.append("\\v");
            case '\f' -> out.append("\\f");
            case '\r' -> out.append("\\r");
            case '\\' -> out.append("\\\\");
            case '"' -> out.append("\\\"");
            case 0 -> out.append(separateStrings ? "\", \"" : next >= '0' && next <= '7' ? "\\x00" : "\\0");
            default -> out.append((char) c);
        }
    }

    private void cells(byte[] value) {
        for (int i = 0; i < value.length; i += 4) {
            out.append(i == 0 ? "<" : " ").append("0x");
            hex(FdtLayout.be32(value, i));
        }
        out.append('>');
    }

    private void bytes(byte[] value) {
        for (int i = 0; i < value.length; i++) {
            out.append(i == 0 ? "[" : " ");
            hex(value[i] & 0xff);
        }
        out.append(']');
    }

    private void hex(int n) {
        String digits = Integer.toHexString(n);
        out.append(digits.length() == 1 ? "0" : "").append(digits);
    }
}
