package dev.baton.cli;

import dev.baton.kernel.GenerationReport.Area;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Memory as one line of letters, each cell an equal share of RAM: the letter of what lies there, {@code .} for nothing named,
 * {@code +} where more than one kind shares the cell.
 */
final class MemoryMap {
    private static final int CELLS = 64;
    private static final char FREE = '.';
    private static final char SHARED = '+';

    private final long base;
    private final long size;
    private final Map<String, Character> letters = new LinkedHashMap<>();

    MemoryMap(long base, long size) {
        this.base = base;
        this.size = size;
    }

    /** Bytes of memory behind one letter. */
    long cell() {
        return size / CELLS;
    }

    String line(List<Area> areas) {
        char[] cells = new char[CELLS];
        java.util.Arrays.fill(cells, FREE);
        for (Area a : areas) {
            mark(cells, a);
        }
        return new String(cells);
    }

    private void mark(char[] cells, Area a) {
        long from = a.address() - base;
        long to = from + a.size();
        if (a.size() <= 0 || to <= 0 || from >= size) {
            return;
        }
        char letter = letter(kind(a.label()));
        int last = (int) Math.min(CELLS - 1, (to - 1) / cell());
        for (int i = (int) Math.max(0, from / cell()); i <= last; i++) {
            cells[i] = cells[i] == FREE || cells[i] == letter ? letter : SHARED;
        }
    }

    /** {@code scratch 0}, {@code scratch 1} are one kind. */
    private static String kind(String label) {
        return label.replaceFirst("[ #-]*[0-9]+( .*)?$", "").strip();
    }

    private char letter(String kind) {
        return letters.computeIfAbsent(kind, k -> {
            for (char c : (k.toUpperCase(java.util.Locale.ROOT) + "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789").toCharArray()) {
                if (Character.isLetterOrDigit(c) && !letters.containsValue(c)) {
                    return c;
                }
            }
            return '?';
        });
    }

    /** What the letters used so far mean. */
    String legend() {
        List<String> words = new ArrayList<>();
        letters.entrySet().stream().sorted(Map.Entry.comparingByValue(Comparator.naturalOrder()))
                .forEach(e -> words.add(e.getValue() + " " + e.getKey()));
        words.add("+ several");
        words.add(". free");
        return String.join(", ", words);
    }
}
