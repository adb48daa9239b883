package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.HexFormat;

/** How a property of {@code /chosen} is shown. */
class The_summary_of_chosen_Test {
    /** The bytes of {@code H%\}: the end of an initrd, and a text as well. */
    private static final String PRINTABLE = "48255c00";

    private static String shown(String name, String hex) {
        Fdt tree = Fdt.of(new FdtWriter().write(root -> root.bytes(name, HexFormat.of().parseHex(hex))));
        return FollowSummary.value(tree.root().properties().getFirst());
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux,initrd-start", "linux,initrd-end", "kaslr-seed", "rng-seed", "linux,kho-fdt", "linux,kho-scratch",
        "linux,usable-memory-range", "linux,elfcorehdr", "linux,uefi-system-table", "linux,uefi-mmap-start", "linux,ima-kexec-buffer"})
    void shows_numbers_as_numbers_even_where_their_bytes_are_printable(String name) {
        assertEquals("<48 25 5c 00>", shown(name, PRINTABLE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bootargs", "stdout-path", "linux,stdout-path", "of-somebody-else"})
    void shows_what_may_be_text_as_text(String name) {
        assertEquals("\"H%\\\"", shown(name, PRINTABLE));
    }

    @Test
    void shows_a_command_line_that_ends_twice_as_text() {
        assertEquals("\"H%\\\"", shown("bootargs", PRINTABLE + "00"));
        assertEquals("<48 25 5c 00 00>", shown("of-somebody-else", PRINTABLE + "00"));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {
        "bootargs, 48255c, <48 25 5c>",
        "bootargs, 4800255c00, <48 00 25 5c 00>",
        "bootargs, 00, <00>",
        "`linux,booted-from-kexec`, ``, ``",
        "rng-seed, 4142434445464748494a4b4c4d4e4f5000, 17 bytes",
    })
    void shows_what_is_no_text_as_bytes(String name, String hex, String value) {
        assertEquals(value, shown(name, hex));
    }
}
