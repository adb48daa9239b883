package dev.baton.arm64.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.engine.Tier;
import dev.baton.arm64.table.Disassembler;
import dev.baton.arm64.table.InsnTable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

class Every_row_has_a_vector_Test {
    private static List<String> lines(String resource) throws IOException {
        try (var in = Every_row_has_a_vector_Test.class.getResourceAsStream("/vectors/" + resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList();
        }
    }

    @Test
    void every_implemented_row_is_in_one_of_the_files_with_a_word_of_its_own() throws IOException {
        Set<String> covered = new HashSet<>();
        for (String line : lines("a64.txt")) {
            Vector v = Vector.parse(line);
            boolean own = v.words().stream().anyMatch(w -> Disassembler.row(w) != null && Disassembler.row(w).name().equals(v.row()));
            assertTrue(own, line);
            covered.add(v.row());
        }
        for (String line : lines("a64-exceptions.txt")) {
            covered.add(line.substring(0, line.indexOf(' ')));
        }
        List<String> missing = InsnTable.load().stream().filter(RandomPrograms::isExecuted).map(InsnTable.Row::name)
                .filter(n -> !covered.contains(n)).toList();
        assertEquals(List.of(), missing);
    }

    @Test
    void every_recorded_vector_leaves_what_was_recorded() throws IOException {
        for (String line : lines("a64.txt")) {
            Vector v = Vector.parse(line);
            assertEquals(v.after(), v.changes(OurCpu.run(v.program(), Tier.T0).data()), () -> describe(v));
        }
    }

    private static String describe(Vector v) {
        return v.line() + "\n" + String.join("\n", v.words().stream().map(w -> Disassembler.disassemble(w, 0)).toList());
    }

    /** {@code ROW word start=.. x0=.. -> register=value ...}: one instruction at EL1. */
    @Test
    void every_instruction_that_leaves_the_straight_line_does_what_the_manual_says() throws IOException {
        for (String line : lines("a64-exceptions.txt")) {
            String[] halves = line.split(" -> ", 2);
            String[] head = halves[0].split(" ");
            List<String> before = List.of(head).subList(2, head.length);
            List<String> after = Stream.of(halves[1].split("#")[0].trim().split(" ")).toList();
            try (PrivilegedStep step = new PrivilegedStep(Integer.parseUnsignedInt(head[1], 16))) {
                before.forEach(step::set);
                step.run();
                after.forEach(a -> assertEquals(a, step.get(a), line));
            }
        }
    }
}
