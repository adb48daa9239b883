package dev.baton.arm64.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.arm64.generated.A64Decoder;
import dev.baton.arm64.sysreg.Features;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/** Random words of every row, disassembled here and by {@code objdump -M no-aliases}. */
class The_disassembler_agrees_with_objdump_Test {
    private static final int PER_ROW = 60;
    private static final Pattern NUMBER = Pattern.compile("#(-?)(0x)?([0-9a-f]+)");

    private static List<String> objdump(List<Integer> words) throws IOException {
        List<String> texts = new ArrayList<>();
        Objdump.read(words.stream().mapToInt(Integer::intValue).toArray(), (index, text) -> texts.add(text));
        return texts;
    }

    /** One spelling for numbers, spaces, comments; system registers by name become a blank. */
    private static String normal(String text) {
        String s = text.replaceAll("\\s*//.*", "").replaceAll("\\s+<.*>", "").replaceAll("\\s+", " ").trim();
        s = NUMBER.matcher(s).replaceAll(r -> "#" + r.group(1) + (r.group(2) == null ? r.group(3)
                : Long.toUnsignedString(Long.parseUnsignedLong(r.group(3), 16))));
        if (s.startsWith("mrs ")) {
            return s.substring(0, s.indexOf(','));
        }
        if (s.startsWith("msr ") && !s.contains("#")) {
            return "msr" + s.substring(s.indexOf(',') + 1);
        }
        return s.toLowerCase(java.util.Locale.ROOT).replace(", lsl #0", "").replace(" #0]", "]");
    }

    /** Register fields that the manual wants to be ones: objdump insists, hardware and we do not. */
    private static int shouldBeOne(InsnTable.Row row, int word) {
        return row.heading().contains("ordered") ? word | 31 << 16 | 31 << 10 : word;
    }

    /** Loads both registers of a pair, or a register and its base, into one: CONSTRAINED UNPREDICTABLE, to objdump undefined. */
    private static boolean unpredictable(int word) {
        int n = word >>> 5 & 31;
        return Disassembler.row(word).name().startsWith("LDPSW")
                && ((word & 31) == (word >>> 10 & 31) || (word & 31) == n || (word >>> 10 & 31) == n);
    }

    /** A PSTATE field of an extension that our CPU does not have. */
    private static boolean laterField(String theirs) {
        return theirs.matches("msr\\s+(tco|svcr|svcrsm|svcrza|svcrsmza|allint),.*|sm(start|stop).*");
    }

    private static boolean undefined(int word) {
        return A64Decoder.decode(word, 0, Features.EVERY).getClass().getSimpleName().equals("Undefined");
    }

    @Test
    void sampled_words_of_every_row_read_the_same() throws IOException {
        assumeTrue(Objdump.available(), "aarch64-linux-gnu-objdump is not installed");
        Random random = new Random(5);
        List<Integer> words = new ArrayList<>();
        for (InsnTable.Row row : InsnTable.load()) {
            for (int i = 0; row.implemented() && i < PER_ROW; i++) {
                words.add(shouldBeOne(row, row.value() | random.nextInt() & ~row.mask()));
            }
        }
        List<String> theirs = objdump(words);
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String ours = undefined(words.get(i)) && words.get(i) >>> 16 != 0 ? "undefined"
                    : normal(Disassembler.disassemble(words.get(i), 4L * i));
            String other = theirs.get(i).contains("undefined") ? "undefined" : normal(theirs.get(i));
            if (!ours.equals(other) && !unpredictable(words.get(i)) && !laterField(theirs.get(i))) {
                differences.add("%08x  ours: %-50s objdump: %s".formatted(words.get(i), ours, theirs.get(i)));
            }
        }
        assertEquals(List.of(), differences, () -> differences.size() + " differences:\n" + String.join("\n", differences));
    }
}
