package dev.baton.arm64.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One recorded execution: the words, what registers and flags held before (others zero), what differs after. See
 * {@code src/test/resources/vectors/README.md}.
 */
record Vector(String row, int pointer, List<Integer> words, Map<Integer, Long> before, Map<Integer, Long> after) {
    /** {@code ROW p=x28 word,word x1=.. nzcv=.. -> x2=.. +1f8=..} */
    static Vector parse(String line) {
        String[] halves = line.split(" -> ?", 2);
        String[] head = halves[0].split(" ");
        List<Integer> words = new ArrayList<>();
        for (String w : head[2].split(",")) {
            words.add(Integer.parseUnsignedInt(w, 16));
        }
        String[] before = java.util.Arrays.copyOfRange(head, 3, head.length);
        String[] after = halves[1].isBlank() ? new String[0] : halves[1].trim().split(" ");
        return new Vector(head[0], Integer.parseInt(head[1].substring(3)), words, places(before), places(after));
    }

    private static Map<Integer, Long> places(String[] texts) {
        Map<Integer, Long> m = new TreeMap<>();
        for (String t : texts) {
            int eq = t.indexOf('=');
            m.put(Program.place(t.substring(0, eq)), Long.parseUnsignedLong(t.substring(eq + 1), 16));
        }
        return m;
    }

    String line() {
        StringBuilder s = new StringBuilder(row).append(" p=x").append(pointer).append(' ');
        s.append(String.join(",", words.stream().map(w -> "%08x".formatted(w)).toList()));
        before.forEach((p, v) -> s.append(' ').append(Program.name(p)).append('=').append(Long.toHexString(v)));
        s.append(" ->");
        after.forEach((p, v) -> s.append(' ').append(Program.name(p)).append('=').append(Long.toHexString(v)));
        return s.toString();
    }

    /** Every byte of memory is 37 times its offset plus 11; registers not named are zero, SP is in the middle of memory. */
    Program program() {
        byte[] data = new byte[Program.DATA_BYTES];
        for (int i = 0; i < Program.MEMORY_BYTES; i++) {
            data[Program.MEMORY + i] = (byte) (37 * i + 11);
        }
        Program.putLong(data, Program.SP, Program.STATE + Program.MEMORY + Program.MEMORY_BYTES / 2);
        before.forEach((p, v) -> Program.putLong(data, p, v));
        return new Program(pointer, List.of(words.stream().mapToInt(Integer::intValue).toArray()), data);
    }

    /** What {@code out} differs in from the state before. */
    Map<Integer, Long> changes(byte[] out) {
        byte[] in = program().data();
        Map<Integer, Long> changed = new TreeMap<>();
        for (int p = 0; p < out.length; p += 8) {
            if (p != 8 * pointer && Program.getLong(in, p) != Program.getLong(out, p)) {
                changed.put(p, Program.getLong(out, p));
            }
        }
        return changed;
    }
}
