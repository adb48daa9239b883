package dev.baton.kernel.chain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;

class Damaged_documents_Test {
    private static final int MUTATIONS = 2_000;
    private static final String SIGNS = "{}[]:,-#&*!|>'\"%@`\t\n\0 019xX~";

    private static byte[] document(String name) throws IOException {
        try (InputStream in = BuiltInChains.class.getResourceAsStream(name + ".yaml")) {
            return in.readAllBytes();
        }
    }

    private static byte[] damaged(byte[] whole, Random random) {
        byte[] b = switch (random.nextInt(3)) {
            case 0 -> Arrays.copyOf(whole, random.nextInt(whole.length));
            case 1 -> twice(whole, random.nextInt(whole.length), random.nextInt(whole.length));
            default -> whole.clone();
        };
        for (int n = random.nextInt(4); n > 0 && b.length > 0; n--) {
            b[random.nextInt(b.length)] = random.nextBoolean() ? (byte) random.nextInt(256)
                    : (byte) SIGNS.charAt(random.nextInt(SIGNS.length()));
        }
        return b;
    }

    /** A stretch of the document a second time, somewhere else. */
    private static byte[] twice(byte[] whole, int from, int at) {
        int n = Math.min(200, whole.length - from);
        byte[] b = new byte[whole.length + n];
        System.arraycopy(whole, 0, b, 0, at);
        System.arraycopy(whole, from, b, at, n);
        System.arraycopy(whole, at, b, at + n, whole.length - at);
        return b;
    }

    @ParameterizedTest
    @MethodSource("dev.baton.kernel.chain.BuiltInChains#names")
    void are_chains_or_get_one_sentence(String name) throws IOException {
        byte[] whole = document(name);
        Random random = new Random(name.hashCode());
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] text = damaged(whole, random);
            try {
                Scenario.of(ChainFile.parse("d.yaml", null, text));
            } catch (ChainException e) {
                refused++;
                assertTrue(e.getMessage().startsWith("d.yaml"), e::getMessage);
                assertEquals(1, e.getMessage().lines().count(), e::getMessage);
            }
        }
        assertTrue(refused > MUTATIONS / 2, "most damage is noticed: " + refused);
    }
}
