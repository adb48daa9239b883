package dev.baton.arm64.fp;

import dev.baton.arm64.table.InsnTable;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Operands, control and encodings of FP instructions: seeded, with many special values. */
final class FpCases {
    /** Three operands of 128 bits, and FPCR. */
    record Case(long[] operands, int fpcr) { }

    private static final int[] FRACTION = {0, 10, 23, 52};

    private FpCases() { }

    /** The values at which something changes, of the format of {@code 1 << size} bytes. */
    static List<Long> special(int size) {
        int f = FRACTION[size];
        int width = 8 << size;
        long sign = 1L << width - 1;
        long infinity = sign - (1L << f);
        long one = (sign >>> 1) - (1L << f);
        List<Long> positive = new ArrayList<>(List.of(0L, 1L, 2L, (1L << f) - 1, 1L << f, (1L << f) + 1, one - 1, one, one + 1,
                one + (1L << f), one + (3L << f - 1), one - (1L << f), one + (1L << f - 1), infinity - 1, infinity, infinity + 1,
                infinity + (1L << f - 1) - 1, infinity + (1L << f - 1), infinity + (1L << f) - 1));
        // Whole numbers at the edges of integers, and halves between whole numbers.
        for (int e : new int[] {8, 15, 16, 31, 32, 52, 53, 62, 63, 64, 65}) {
            long exponent = (one >>> f) + e;
            if (exponent < infinity >>> f) {
                positive.add(exponent << f);
                positive.add((exponent << f) - 1);
                positive.add(exponent << f | 1L << f - 1);
            }
        }
        List<Long> all = new ArrayList<>(positive);
        positive.forEach(v -> all.add(v | sign));
        return all;
    }

    /** The first pairs are all special ones of {@code size}, then everything is drawn. */
    static List<Case> cases(int size, int n, long seed) {
        Random random = new Random(seed);
        List<Long> special = special(size);
        List<Case> cases = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            long[] v = new long[6];
            for (int j = 0; j < 6; j++) {
                v[j] = half(random, special, size);
            }
            if (i < special.size() * special.size()) {
                long mask = -1L >>> 64 - (8 << size);
                v[0] = v[0] & ~mask | special.get(i / special.size());
                v[2] = v[2] & ~mask | special.get(i % special.size());
            }
            cases.add(new Case(v, fpcr(random)));
        }
        return cases;
    }

    private static long half(Random random, List<Long> special, int size) {
        long v = 0;
        for (int bit = 0; bit < 64; bit += 8 << size) {
            v |= lane(random, special, size) << bit;
        }
        return v;
    }

    private static long lane(Random random, List<Long> special, int size) {
        long mask = -1L >>> 64 - (8 << size);
        return switch (random.nextInt(4)) {
            case 0 -> special.get(random.nextInt(special.size()));
            case 1 -> special.get(random.nextInt(special.size())) + random.nextInt(5) - 2 & mask;
            case 2 -> nearOne(random, size);
            default -> random.nextLong() & mask;
        };
    }

    /** Exponents that meet each other, with short fractions that give ties. */
    private static long nearOne(Random random, int size) {
        int f = FRACTION[size];
        long bias = (1L << (8 << size) - 2 - f) - 1;
        long exponent = bias + random.nextInt(2 * f + 4) - f;
        long fraction = random.nextLong() & (1L << f) - 1 & -1L << random.nextInt(f + 1);
        return (random.nextBoolean() ? 1L << (8 << size) - 1 : 0) | Math.max(0, Math.min(exponent, 2 * bias)) << f | fraction;
    }

    /** RMode, and now and then AHP, DN, FZ, FZ16. */
    private static int fpcr(Random random) {
        int v = random.nextInt(4) << 22;
        for (int bit : new int[] {19, 24, 25, 26}) {
            v |= random.nextInt(4) == 0 ? 1 << bit : 0;
        }
        return v;
    }

    /** Words of a row: Rn 0, Rm 1, Ra 2, Rd 3, or x4 and x8 where they are general registers; other fields in a few ways. */
    static List<Integer> words(InsnTable.Row row, Random random) {
        List<Integer> words = new ArrayList<>();
        for (int sz = 0; sz < 2; sz++) {
            for (int q = 0; q < 2; q++) {
                int w = row.value();
                for (InsnTable.Field field : row.fields()) {
                    w |= (value(row, field, sz, q, random) & (1 << field.width()) - 1) << field.lsb();
                }
                if (!words.contains(w)) {
                    words.add(w);
                }
            }
        }
        return words;
    }

    private static int value(InsnTable.Row row, InsnTable.Field field, int sz, int q, Random random) {
        return switch (field.name()) {
            case "Rn" -> general(row, "Rn") ? 4 : 0;
            case "Rm" -> 1;
            case "Ra" -> 2;
            case "Rd" -> general(row, "Rd") ? 8 : 3;
            case "sz" -> sz;
            case "Q", "sf" -> q;
            case "scale" -> 64 - (1 + random.nextInt(32));
            default -> random.nextInt(1 << field.width());
        };
    }

    static boolean general(InsnTable.Row row, String field) {
        return row.syntax().contains("{R:" + field + "}") || row.syntax().contains("{W:" + field + "}")
                || row.syntax().contains("{X:" + field + "}");
    }
}
