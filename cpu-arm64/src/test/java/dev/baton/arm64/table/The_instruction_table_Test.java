package dev.baton.arm64.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.generated.A64Decoder;
import dev.baton.arm64.sysreg.Features;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

class The_instruction_table_Test {
    private final List<InsnTable.Row> rows = InsnTable.load();

    @Test
    void the_decoder_is_what_the_generator_makes_of_the_table() throws IOException {
        Path file = Path.of(System.getProperty("baton.root"), "cpu-arm64/src/main/java/dev/baton/arm64/generated/A64Decoder.java");
        assertEquals(DecoderGenerator.generate(rows), Files.readString(file),
                "A64Decoder.java is not what a64.insn says; remake it with: cpu-arm64/generate-decoder");
    }

    @Test
    void the_fused_pairs_are_what_the_generator_makes_of_the_list() throws IOException {
        Path file = Path.of(System.getProperty("baton.root"), "cpu-arm64/src/main/java/dev/baton/arm64/a64/FusedPairs.java");
        assertEquals(FusionGenerator.generate(), Files.readString(file),
                "FusedPairs.java is not what fused.pairs says; remake it with: cpu-arm64/generate-decoder");
    }

    @Test
    void no_two_rows_have_the_same_name() {
        Set<String> names = new HashSet<>();
        rows.forEach(r -> assertTrue(names.add(r.name()), r.name()));
    }

    @Test
    void a_row_that_is_not_implemented_says_why() {
        rows.stream().filter(r -> !r.implemented()).forEach(r -> assertTrue(r.reason().length() > 10, r.name()));
    }

    @Test
    void the_decoder_finds_the_row_of_every_random_word() {
        Random random = new Random(7);
        for (int i = 0; i < 2_000_000; i++) {
            int word = random.nextInt();
            InsnTable.Row row = Disassembler.row(word);
            String decoded = A64Decoder.decode(word, 0x1000, Features.EVERY).getClass().getSimpleName();
            if (row == null) {
                assertEquals("Undefined", decoded, () -> "0x%08x".formatted(word));
            } else if (!row.implemented()) {
                assertEquals("NotImplemented", decoded, () -> "0x%08x".formatted(word));
            } else {
                assertFalse(decoded.equals("NotImplemented"), () -> "0x%08x".formatted(word));
            }
        }
    }

    @Test
    void every_implemented_row_has_words_that_are_not_undefined() {
        Random random = new Random(8);
        for (InsnTable.Row row : rows) {
            if (row.implemented() && !row.name().equals("UDF")) {
                boolean some = random.ints(1000).map(r -> row.value() | r & ~row.mask())
                        .anyMatch(w -> !A64Decoder.decode(w, 0, Features.EVERY).getClass().getSimpleName().equals("Undefined"));
                assertTrue(some, row.name());
            }
        }
    }

    @Test
    void a_row_with_a_bit_too_few_is_refused_with_its_line() {
        var e = assertThrows(IllegalArgumentException.class, () -> InsnTable.parse("## H\nX 0000 Rd:5  A.b(Rd) | x\n"));
        assertEquals("a64.insn line 2: X has 9 bits, expected 32", e.getMessage());
    }

    @Test
    void rows_that_overlap_without_one_containing_the_other_are_refused() {
        String text = "A 0 a:31  F.a(a) | a\nB b:31 0  F.b(b) | b\n";
        var e = assertThrows(IllegalArgumentException.class, () -> InsnTable.parse(text));
        assertEquals("a64.insn line 2: B overlaps A of line 1 without containing it", e.getMessage());
    }
}
