package dev.baton.images;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Names of addresses: the nearest symbol at or below an address names it. Addresses are unsigned. */
public final class SymbolMap {
    public static final SymbolMap EMPTY = new SymbolMap(List.of());

    /** A symbol of unknown size names at most this many bytes: no function is longer, and an address far above all symbols has no name. */
    public static final long REACH = 1 << 20;

    private static final int MAX_QUOTED = 60;

    private final Symbol[] symbols;

    /** @param size bytes the symbol covers; 0 if unknown, then it reaches to the next one, {@link #REACH} at most */
    public record Symbol(long address, long size, String name) {
    }

    /** An address in words; {@code toString} is the kernel's {@code name+0x1c}. */
    public record Location(String name, long offset) {
        @Override
        public String toString() {
            return offset == 0 ? name : name + "+" + ImageFormatException.hex(offset);
        }
    }

    private SymbolMap(List<Symbol> list) {
        symbols = list.toArray(Symbol[]::new);
        // Of several names of one address the last in order is found: a sized one, then the one that came first.
        List<Symbol> reversed = Arrays.asList(symbols).reversed();
        Symbol[] ordered = reversed.toArray(Symbol[]::new);
        Arrays.sort(ordered, Comparator.<Symbol>comparingLong(s -> s.address ^ Long.MIN_VALUE).thenComparing(s -> s.size > 0));
        System.arraycopy(ordered, 0, symbols, 0, symbols.length);
    }

    public static SymbolMap of(List<Symbol> symbols) {
        return symbols.isEmpty() ? EMPTY : new SymbolMap(symbols);
    }

    public int size() {
        return symbols.length;
    }

    /** All symbols in ascending order of address. */
    public List<Symbol> symbols() {
        return List.of(symbols);
    }

    /** The symbol that covers {@code address}, and how far into it the address is. */
    public Optional<Location> at(long address) {
        int i = lastAtOrBelow(address);
        if (i < 0) {
            return Optional.empty();
        }
        long offset = address - symbols[i].address;
        long reach = symbols[i].size > 0 ? symbols[i].size : REACH;
        return Long.compareUnsigned(offset, reach) < 0 ? Optional.of(new Location(symbols[i].name, offset)) : Optional.empty();
    }

    private int lastAtOrBelow(long address) {
        int low = 0;
        int high = symbols.length;
        while (low < high) {
            int middle = low + high >>> 1;
            if (Long.compareUnsigned(symbols[middle].address, address) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    /** The lowest address of that name. */
    public OptionalLong addressOf(String name) {
        for (Symbol s : symbols) {
            if (s.name.equals(name)) {
                return OptionalLong.of(s.address);
            }
        }
        return OptionalLong.empty();
    }

    /** The same names, {@code delta} further on: where the code runs when it was moved from where it was linked. */
    public SymbolMap movedBy(long delta) {
        return of(symbols().stream().map(s -> new Symbol(s.address + delta, s.size, s.name)).toList());
    }

    /**
     * Reads a {@code System.map} or {@code /proc/kallsyms}: lines of address, type letter, name and perhaps {@code [module]}.
     * Blank lines, other white space and a missing type letter are accepted; absolute symbols (type {@code a}, {@code A}) and
     * mapping symbols ({@code $x}, {@code $d}) name no code and are left out.
     *
     * @throws ImageFormatException with the line number, on a line that is none of this
     */
    public static SymbolMap parseSystemMap(ImageFile file) {
        List<Symbol> found = new ArrayList<>();
        long line = 0;
        for (String text : (Iterable<String>) new String(file.bytes().array(), StandardCharsets.UTF_8).lines()::iterator) {
            line++;
            String stripped = text.strip();
            if (!stripped.isEmpty()) {
                Symbol s = parseLine(file, line, stripped);
                if (s != null) {
                    found.add(s);
                }
            }
        }
        return of(found);
    }

    private static Symbol parseLine(ImageFile file, long line, String text) {
        String[] words = text.split("\\s+", 5);
        int name = words.length > 1 && words[1].length() == 1 && words.length > 2 ? 2 : 1;
        boolean module = words.length == name + 2 && words[name + 1].startsWith("[");
        if (words.length <= name || words.length > name + (module ? 2 : 1) || !isAddress(words[0])) {
            throw ImageFormatException.atLine(file.name(), line, "address, type and name of a symbol", quoted(text));
        }
        boolean absolute = name == 2 && words[1].equalsIgnoreCase("a");
        if (absolute || words[name].startsWith("$")) {
            return null;
        }
        return new Symbol(HexFormat.fromHexDigitsToLong(words[0]), 0, words[name]);
    }

    private static boolean isAddress(String word) {
        return word.length() <= 16 && word.chars().allMatch(HexFormat::isHexDigit);
    }

    private static String quoted(String text) {
        String shown = text.length() > MAX_QUOTED ? text.substring(0, MAX_QUOTED) + "..." : text;
        return "'" + shown + "'";
    }
}
