package dev.baton.core.fdt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class Fdt_fuzz_Test {
    private static final int MUTATIONS_PER_SEED = 30_000;
    /** What libfdt-oracle.c says of an input. */
    private static final int CRASHED = 1;
    private static final int WRAPS = 2;
    private static final int UNALIGNED = 4;

    /** Words that mean something where they land: tags, small and extreme lengths, versions. */
    private static final int[] WORDS = {
        0, 1, 2, 3, 4, 5, 8, 9, 12, 15, 16, 17, 18, 0x28, 0x30, 0x38, 0x100, -1, -4, -8, -12, Integer.MAX_VALUE, Integer.MIN_VALUE};

    @Test
    void The_reader_accepts_and_refuses_what_libfdt_does_for_the_same_reason() throws IOException {
        LibfdtOracle.assumePresent();
        for (byte[] seed : seeds()) {
            compare(seed);
        }
    }

    @Test
    void Whatever_is_accepted_can_be_walked_and_edited_and_whatever_is_refused_is_refused_by_name() {
        for (byte[] seed : seeds()) {
            Random random = new Random(seed.length);
            int accepted = 0;
            for (int i = 0; i < MUTATIONS_PER_SEED / 3; i++) {
                if (survives(new Mutation(seed, random).apply())) {
                    accepted++;
                }
            }
            assertTrue(accepted > MUTATIONS_PER_SEED / 100, "only " + accepted + " mutations were accepted: nothing was walked");
        }
    }

    private static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>(List.of(Trees.virt(), Trees.kho(), Trees.empty(), Trees.random(new Random(1), 12)));
        seeds.add(Trees.resource("kho-version3.dtb"));
        return seeds;
    }

    private static void compare(byte[] seed) throws IOException {
        Random random = new Random(seed.length);
        List<Mutation> mutations = new ArrayList<>();
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(records);
        out.writeByte('S');
        out.writeInt(seed.length);
        out.write(seed);
        for (int i = 0; i < MUTATIONS_PER_SEED; i++) {
            Mutation mutation = new Mutation(seed, random);
            mutation.write(out);
            mutations.add(mutation);
        }
        ByteBuffer answers = ByteBuffer.wrap(LibfdtOracle.check(records.toByteArray()));
        int agreedRefusals = 0;
        for (int i = 0; i < MUTATIONS_PER_SEED; i++) {
            int ours = check(mutations.get(i).apply());
            int theirs = expected(ours, answers.getInt(), answers.getInt());
            int index = i;
            assertEquals(theirs, ours, () -> "mutation %d of the seed of %d bytes".formatted(index, seed.length));
            agreedRefusals += ours == 0 ? 0 : 1;
        }
        assertTrue(agreedRefusals > 0 && agreedRefusals < MUTATIONS_PER_SEED, "the mutations must be of both kinds");
    }

    /** libfdt's result, but for inputs on which a version of it is wrong; {@link Fdt} lists them. */
    private static int expected(int ours, int theirs, int inputClass) {
        if ((inputClass & (CRASHED | WRAPS)) != 0) {
            return ours == 0 ? -FdtError.BADSTRUCTURE.code() : ours;
        }
        if ((inputClass & UNALIGNED) != 0 && theirs == -FdtError.ALIGNMENT.code()) {
            return ours;
        }
        return theirs;
    }

    private static int check(byte[] dtb) {
        try {
            Fdt.of(dtb);
            return 0;
        } catch (FdtException e) {
            return -e.error().code();
        }
    }

    private static boolean survives(byte[] dtb) {
        Fdt fdt;
        try {
            fdt = Fdt.of(dtb);
        } catch (FdtException e) {
            return false;
        }
        try {
            walk(fdt);
            Dts.print(fdt, Dts.Option.SORTED);
            FdtEditor editor = FdtEditor.of(fdt, 100);
            editor.ensureNode(0, "n");
            editor.setU32(0, "p", 1);
            editor.addReservation(1, 2);
            walk(editor.pack().view());
            FdtDiff.between(fdt, editor);
        } catch (FdtException e) {
            assertTrue(e.getMessage().startsWith(e.error().libfdtName()));
        }
        return true;
    }

    private static void walk(FdtTree tree) {
        tree.reservations();
        tree.pathOffset("/chosen");
        tree.pathOffset("serial0");
        tree.findCompatible("arm,pl011");
        tree.findByPhandle(tree.maxPhandle());
        int last = -1;
        for (int n = tree.nextNode(-1); n >= 0; n = tree.nextNode(n)) {
            tree.nodeName(n);
            for (FdtProperty p : tree.nodeAt(n).properties()) {
                p.name();
                p.bytes();
            }
            last = n;
        }
        if (last >= 0) {
            tree.pathOf(last);
        }
    }

    /** A seed cut or lengthened, and some of its bytes changed. */
    private static final class Mutation {
        private final byte[] seed;
        private final int length;
        private final int[] offsets;
        private final byte[] values;

        Mutation(byte[] seed, Random random) {
            this.seed = seed;
            length = switch (random.nextInt(20)) {
                case 0 -> random.nextInt(seed.length + 1);
                case 1 -> seed.length + random.nextInt(64);
                default -> seed.length;
            };
            int[] at = new int[32];
            byte[] to = new byte[32];
            int n = 0;
            for (int changes = length < 8 ? 0 : 1 + random.nextInt(3); changes > 0; changes--) {
                n = change(random, at, to, n);
            }
            offsets = Arrays.copyOf(at, n);
            values = Arrays.copyOf(to, n);
        }

        private int change(Random random, int[] at, byte[] to, int n) {
            int kind = random.nextInt(4);
            if (kind == 0) {
                at[n] = random.nextInt(length);
                to[n] = (byte) random.nextInt();
                return n + 1;
            }
            int words = length / 4;
            int word = kind == 1 ? random.nextInt(Math.min(10, words)) : random.nextInt(words);
            int value = random.nextInt(3) == 0 ? random.nextInt(length) : WORDS[random.nextInt(WORDS.length)];
            int old = 4 * word + 4 <= seed.length ? FdtLayout.be32(seed, 4 * word) : 0;
            int written = kind == 3 ? old + value % 16 : value;
            for (int i = 0; i < 4; i++) {
                at[n + i] = 4 * word + i;
                to[n + i] = (byte) (written >> 24 - 8 * i);
            }
            return n + 4;
        }

        byte[] apply() {
            byte[] dtb = Arrays.copyOf(seed, length);
            for (int i = 0; i < offsets.length; i++) {
                dtb[offsets[i]] = values[i];
            }
            return dtb;
        }

        void write(DataOutputStream out) throws IOException {
            out.writeByte('M');
            out.writeInt(length);
            out.writeInt(offsets.length);
            for (int i = 0; i < offsets.length; i++) {
                out.writeInt(offsets[i]);
                out.writeInt(values[i]);
            }
        }
    }
}
