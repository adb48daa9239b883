package dev.baton.cli;

import dev.baton.kernel.GenerationReport.Area;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Memory as one line of letters, each cell an equal share of RAM: the letter of a kernel if one lies there, else of what takes most
 * of it, {@code .} for nothing named. Capitals are of the kernel that runs, small letters of what is loaded for the next.
 */
final class MemoryMap {
    private static final int CELLS = 64;
    private static final char FREE = '.';
    /** A byte of a kernel weighs more than a cell of anything else. */
    private static final long KERNEL = 1L << 32;
    private static final String NEXT = "next ";

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
        List<Map<Character, Long>> bytes = new ArrayList<>();
        for (int i = 0; i < CELLS; i++) {
            bytes.add(new LinkedHashMap<>());
        }
        areas.forEach(a -> count(bytes, a));
        StringBuilder line = new StringBuilder(CELLS);
        for (Map<Character, Long> cell : bytes) {
            line.append(cell.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey).orElse(FREE));
        }
        return line.toString();
    }

    private void count(List<Map<Character, Long>> cells, Area a) {
        long from = Math.max(0, a.address() - base);
        long to = Math.min(size, a.address() - base + a.size());
        if (from >= to) {
            return;
        }
        char letter = letter(kind(a.label()));
        long weight = a.label().endsWith("kernel") ? KERNEL : 1;
        for (long at = from; at < to; at = (at / cell() + 1) * cell()) {
            long share = Math.min(to, (at / cell() + 1) * cell()) - at;
            cells.get((int) (at / cell())).merge(letter, weight * share, Long::sum);
        }
    }

    /** {@code scratch 0} and {@code scratch 1} are one kind, so are all parts of the KHO state. */
    private static String kind(String label) {
        return label.startsWith("KHO ") ? "KHO state" : label.replaceFirst("[ #-]*[0-9]+( .*)?$", "").strip();
    }

    private char letter(String kind) {
        return letters.computeIfAbsent(kind, k -> {
            boolean next = k.startsWith(NEXT);
            String candidates = (next ? k.replaceFirst(".*[ -]", "") : k) + "abcdefghijklmnopqrstuvwxyz";
            for (char c : (next ? candidates.toLowerCase(Locale.ROOT) : candidates.toUpperCase(Locale.ROOT)).toCharArray()) {
                if (Character.isLetter(c) && !letters.containsValue(c)) {
                    return c;
                }
            }
            return '?';
        });
    }

    /** What the letters used so far mean. */
    String legend() {
        List<String> words = new ArrayList<>();
        letters.entrySet().stream().sorted(Map.Entry.comparingByValue()).forEach(e -> words.add(e.getValue() + " " + e.getKey()));
        words.add(". free");
        return String.join(", ", words);
    }
}
