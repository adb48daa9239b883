package dev.baton.arm64.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.GuestException;
import dev.baton.arm64.Insn;
import dev.baton.arm64.a64.Unallocated;
import dev.baton.arm64.generated.A64Decoder;
import dev.baton.arm64.sysreg.CpuModel;
import dev.baton.arm64.sysreg.Features;
import dev.baton.core.machine.Machine;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Ten million words, each classed defined or UNDEFINED for every CPU model: by our decoder, and by what objdump calls the word
 * together with the model's features ({@link ObjdumpClaims}).
 *
 * <p>Half of the words are uniform over the 32 bits; three quarters of those are SVE, SME or unallocated, and narrow rows are never
 * hit. A quarter are words of the rows of the table, one row after the other, with random operands. The last quarter are the same
 * with one of the row's fixed bits flipped: words just outside, or of the neighbour.
 */
class Defined_and_undefined_agree_with_objdump_Test {
    private static final int WORDS = 10_000_000;
    /** One objdump each; bounds the memory. */
    private static final int CHUNKS = 40;
    private static final int SHOWN = 40;
    private static final long SEED = 20_260_101;

    private static final List<String> MODELS = CpuModel.names();
    private static final List<Features> FEATURES = MODELS.stream().map(m -> CpuModel.named(m).features()).toList();
    private static final Class<?> UNDEFINED = Unallocated.encoding().getClass();
    private static final Class<?> NOT_IMPLEMENTED = Unallocated.notImplemented("", "").getClass();
    /** MSR (immediate): which PSTATE fields there are turns out when it is executed. */
    private static final int PSTATE_MASK = 0xfff8f01f;
    private static final int PSTATE = 0xd500401f;
    private static final List<boolean[]> UNDEFINED_PSTATE = MODELS.stream().map(m -> undefinedPstate(m)).toList();

    private final List<InsnTable.Row> rows = InsnTable.load();

    /** What some chunks found. */
    private static final class Tally {
        /** The first word of each kind of difference. */
        final Map<String, String> differences = new LinkedHashMap<>();
        final Set<ObjdumpClaims.Claim> used = Collections.newSetFromMap(new IdentityHashMap<>());
        int wrong;

        Tally with(Tally later) {
            wrong += later.wrong;
            used.addAll(later.used);
            later.differences.forEach(differences::putIfAbsent);
            return this;
        }
    }

    private int[] sample(int chunk) {
        SplittableRandom random = new SplittableRandom(SEED + chunk);
        int[] words = new int[WORDS / CHUNKS];
        for (int i = 0; i < words.length; i++) {
            InsnTable.Row row = rows.get(i / 4 % rows.size());
            int inside = row.value() | random.nextInt() & ~row.mask();
            words[i] = switch (i & 3) {
                case 0 -> inside;
                case 1 -> inside ^ oneOf(row.mask(), random);
                default -> random.nextInt();
            };
        }
        return words;
    }

    private static int oneOf(int bits, SplittableRandom random) {
        int left = bits;
        for (int skip = random.nextInt(Integer.bitCount(bits)); skip > 0; skip--) {
            left &= left - 1;
        }
        return Integer.lowestOneBit(left);
    }

    private static boolean expected(String feature, Features model) {
        return switch (feature) {
            case ObjdumpClaims.BASE -> true;
            case ObjdumpClaims.NONE -> false;
            default -> Features.known(feature) && model.has(feature);
        };
    }

    private static boolean undefined(int word, int model) {
        if ((word & PSTATE_MASK) == PSTATE) {
            return UNDEFINED_PSTATE.get(model)[pstateField(word)];
        }
        Class<?> kind = A64Decoder.decode(word, 0, FEATURES.get(model)).getClass();
        return kind == UNDEFINED || kind == NOT_IMPLEMENTED;
    }

    /** op1, CRm and op2 of MSR (immediate). */
    private static int pstateField(int word) {
        return word >>> 9 & 7 << 7 | word >>> 5 & 127;
    }

    /** By {@link #pstateField}, whether MSR (immediate) is UNDEFINED at EL1, where every field may be written. */
    private static boolean[] undefinedPstate(String model) {
        boolean[] undefined = new boolean[8 << 7];
        Machine machine = new Machine();
        try {
            Arm64Cpu cpu = new Arm64Cpu(machine, 0, Arm64Config.defaults().withModel(model));
            machine.add(cpu);
            cpu.powerOn(new TreeMap<>(Map.of("el", 1L, "pc", 0L)));
            for (int op1 = 0; op1 < 8; op1++) {
                for (int crmOp2 = 0; crmOp2 < 128; crmOp2++) {
                    int word = PSTATE | op1 << 16 | crmOp2 << 5;
                    undefined[pstateField(word)] = isUndefined(A64Decoder.decode(word, 0, cpu.features), cpu);
                }
            }
            return undefined;
        } finally {
            machine.close();
        }
    }

    private static boolean isUndefined(Insn insn, Arm64Cpu cpu) {
        try {
            insn.execute(cpu);
            return false;
        } catch (GuestException e) {
            return true;
        }
    }

    private Tally chunk(int number) {
        Tally tally = new Tally();
        int[] words = sample(number);
        try {
            Objdump.read(words, (i, text) -> compare(words[i], text, tally));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tally;
    }

    private void compare(int word, String text, Tally tally) {
        ObjdumpClaims.Claim claim = ObjdumpClaims.of(word, text);
        tally.used.add(claim);
        if (claim.feature().equals(ObjdumpClaims.ANY)) {
            return;
        }
        List<String> differ = new ArrayList<>();
        for (int m = 0; m < MODELS.size(); m++) {
            if (expected(claim.feature(), FEATURES.get(m)) == undefined(word, m)) {
                differ.add((undefined(word, m) ? "UNDEFINED on " : "defined on ") + MODELS.get(m));
            }
        }
        if (!differ.isEmpty()) {
            InsnTable.Row row = Disassembler.row(word);
            String name = row == null ? "without row" : row.name();
            tally.wrong++;
            tally.differences.putIfAbsent(name + claim, "0x%08x ours: %s, %s; objdump: '%s', which is in %s".formatted(word, name,
                    String.join(", ", differ), text.replaceAll("\\s+", " "), claim));
        }
    }

    @Test
    void every_sampled_word_is_defined_if_objdump_names_it_and_the_model_has_the_feature() {
        assumeTrue(Objdump.available(), "aarch64-linux-gnu-objdump is not installed");
        Tally all = IntStream.range(0, CHUNKS).parallel().mapToObj(this::chunk).reduce(new Tally(), (a, b) -> new Tally().with(a).with(b));
        assertEquals(0, all.wrong, () -> all.wrong + " words differ; the first of each kind:\n"
                + all.differences.values().stream().limit(SHOWN).collect(Collectors.joining("\n")));
        List<ObjdumpClaims.Claim> stale = ObjdumpClaims.ALL.stream().filter(c -> !all.used.contains(c)).toList();
        assertEquals(List.of(), stale, "rows of ObjdumpClaims that fit none of the words");
    }
}
