package dev.baton.core.fdt;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What differs between two trees: node by node and property by property, matched by name. Order, NOP tags, layout and free space do not
 * count. A node that only one tree has yields a row for itself and one for everything in it.
 */
public final class FdtDiff {

    /** What happened to it on the way from the first tree to the second. */
    public enum Change { REMOVED, ADDED, CHANGED }

    /**
     * One difference.
     *
     * @param path of the node; {@code /memreserve/} for a reservation; empty for {@code boot_cpuid_phys} of the header
     * @param property its name, or for a reservation its address and size; null when the row is about the node
     * @param before value in the first tree; null if it is not there
     * @param after value in the second tree; null if it is not there
     */
    public record Row(Change change, String path, String property, byte[] before, byte[] after) {

        /** One line: {@code -}, {@code +} or {@code ~}, the path, the property, and its values as in source text. */
        @Override
        public String toString() {
            String line = switch (change) {
                case REMOVED -> "- ";
                case ADDED -> "+ ";
                case CHANGED -> "~ ";
            } + path + (property == null ? "" : path.isEmpty() ? property : " " + property);
            return switch (change) {
                case REMOVED -> line + assigned(before);
                case ADDED -> line + assigned(after);
                case CHANGED -> line + assigned(before) + " -> " + text(after);
            };
        }

        private static String assigned(byte[] value) {
            return value == null || value.length == 0 ? "" : " = " + text(value);
        }

        private static String text(byte[] value) {
            return value.length == 0 ? "(empty)" : DtsPrinter.value(value, true);
        }
    }

    private final List<Row> rows = new ArrayList<>();

    private FdtDiff() {
    }

    /** The rows, in the order of the first tree, then what only the second has. @throws FdtException if nodes are nested too deep */
    public static List<Row> between(FdtTree before, FdtTree after) {
        before.expectDepth();
        after.expectDepth();
        FdtDiff diff = new FdtDiff();
        diff.header(before, after);
        diff.reservations(before.reservations(), after.reservations(), Change.REMOVED);
        diff.reservations(after.reservations(), before.reservations(), Change.ADDED);
        diff.nodes("/", before.root(), after.root());
        return diff.rows;
    }

    private void header(FdtTree before, FdtTree after) {
        if (before.bootCpuid() != after.bootCpuid()) {
            rows.add(new Row(Change.CHANGED, "", "boot_cpuid_phys", FdtWriter.cellBytes(before.bootCpuid()),
                    FdtWriter.cellBytes(after.bootCpuid())));
        }
    }

    private void reservations(List<FdtReservation> these, List<FdtReservation> others, Change change) {
        Map<FdtReservation, Integer> unmatched = new HashMap<>();
        others.forEach(r -> unmatched.merge(r, 1, Integer::sum));
        for (FdtReservation r : these) {
            if (unmatched.merge(r, -1, Integer::sum) < 0) {
                rows.add(new Row(change, "/memreserve/", "0x%x 0x%x".formatted(r.address(), r.size()), null, null));
            }
        }
    }

    private void nodes(String path, FdtNode before, FdtNode after) {
        Set<String> seen = new HashSet<>();
        for (FdtProperty p : before.properties()) {
            if (seen.add(p.name())) {
                property(path, p, after.property(p.name()).orElse(null));
            }
        }
        for (FdtProperty p : after.properties()) {
            if (seen.add(p.name())) {
                rows.add(new Row(Change.ADDED, path, p.name(), null, p.bytes()));
            }
        }
        Map<String, Deque<FdtNode>> unmatched = new LinkedHashMap<>();
        after.children().forEach(child -> unmatched.computeIfAbsent(child.name(), n -> new ArrayDeque<>()).add(child));
        for (FdtNode child : before.children()) {
            Deque<FdtNode> others = unmatched.get(child.name());
            if (others == null || others.isEmpty()) {
                whole(Change.REMOVED, inside(path, child), child);
            } else {
                nodes(inside(path, child), child, others.remove());
            }
        }
        unmatched.values().forEach(nodes -> nodes.forEach(child -> whole(Change.ADDED, inside(path, child), child)));
    }

    private static String inside(String path, FdtNode child) {
        return path.equals("/") ? "/" + child.name() : path + "/" + child.name();
    }

    private void property(String path, FdtProperty before, FdtProperty after) {
        if (after == null) {
            rows.add(new Row(Change.REMOVED, path, before.name(), before.bytes(), null));
        } else if (!Arrays.equals(before.bytes(), after.bytes())) {
            rows.add(new Row(Change.CHANGED, path, before.name(), before.bytes(), after.bytes()));
        }
    }

    private void whole(Change change, String path, FdtNode node) {
        rows.add(new Row(change, path, null, null, null));
        for (FdtProperty p : node.properties()) {
            boolean added = change == Change.ADDED;
            rows.add(new Row(change, path, p.name(), added ? null : p.bytes(), added ? p.bytes() : null));
        }
        node.children().forEach(child -> whole(change, inside(path, child), child));
    }
}
