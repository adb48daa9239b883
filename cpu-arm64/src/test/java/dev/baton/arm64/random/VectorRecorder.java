package dev.baton.arm64.random;

import dev.baton.arm64.table.InsnTable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Writes the vectors: a few random instructions of every row, executed by qemu-aarch64. */
public final class VectorRecorder {
    private static final int PER_ROW = 4;

    private VectorRecorder() { }

    /** @param args the file to write; with {@code missing} as second argument only rows that it does not have are recorded */
    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> known = args.length > 1 ? Files.readAllLines(Path.of(args[0])) : List.of();
        List<String> lines = new ArrayList<>();
        for (InsnTable.Row row : InsnTable.load()) {
            boolean recorded = RandomPrograms.isExecuted(row) && !RandomPrograms.EXCLUDED.containsKey(row.name());
            List<String> old = known.stream().filter(l -> l.startsWith(row.name() + " ")).toList();
            lines.addAll(recorded ? old : List.of());
            recorded &= old.isEmpty();
            for (int i = 0; recorded && i < PER_ROW; i++) {
                Vector v = random(row, 100L * row.name().hashCode() + i);
                lines.add(new Vector(v.row(), v.pointer(), v.words(), v.before(), v.changes(QemuUser.run(v.program()))).line());
            }
        }
        Files.write(Path.of(args[0]), lines);
    }

    private static Vector random(InsnTable.Row row, long seed) {
        Random random = new Random(seed);
        Program p = RandomPrograms.single(row, seed);
        List<Integer> words = new ArrayList<>();
        p.units().forEach(u -> {
            for (int w : u) {
                words.add(w);
            }
        });
        return new Vector(row.name(), p.pointer(), words, before(row, words, p.pointer(), random), Map.of());
    }

    /** Random values in the registers that the instruction names. */
    private static Map<Integer, Long> before(InsnTable.Row row, List<Integer> words, int pointer, Random random) {
        Map<Integer, Long> before = new TreeMap<>();
        before.put(Program.NZCV, (long) random.nextInt(16) << 28);
        for (int w : words) {
            for (InsnTable.Field f : row.fields()) {
                int r = f.of(w);
                if (row.matches(w) && f.name().startsWith("R") && r < 31 && r != pointer) {
                    before.put(8 * r, random.nextInt(3) == 0 ? random.nextInt(64) : random.nextLong());
                }
                if (row.matches(w) && f.name().startsWith("R") && RandomPrograms.hasVectors(row)) {
                    before.put(Program.V + 16 * r, random.nextLong());
                    before.put(Program.V + 16 * r + 8, random.nextLong());
                }
            }
        }
        return before;
    }
}
