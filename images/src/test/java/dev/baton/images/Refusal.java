package dev.baton.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;

/** The one sentence that bad input gets. */
public final class Refusal {
    private Refusal() {
    }

    /** {@code read} refuses with exactly this sentence. */
    public static void says(String sentence, Executable read) {
        String message = assertThrows(ImageFormatException.class, read).getMessage();
        assertEquals(sentence, message);
        assertFalse(message.contains("\n"), message);
    }
}
