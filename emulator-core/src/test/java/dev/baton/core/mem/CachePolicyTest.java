package dev.baton.core.mem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CachePolicyTest {
    @ParameterizedTest
    @ValueSource(strings = {"none", "strict", "adversarial", "random:42", "random:-7"})
    void what_is_printed_parses_back(String text) {
        assertEquals(text, CachePolicy.parse(text).toString());
    }

    @Test
    void a_seed_may_be_hexadecimal() {
        assertEquals(255, CachePolicy.parse("random:0xff").seed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "lazy", "random", "random:", "random:x", "Strict"})
    void anything_else_is_refused_by_name(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> CachePolicy.parse(text)).getMessage();
        assertEquals(true, message.startsWith("cache policy '" + text + "': expected"), message);
    }
}
