package dev.baton.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.images.SymbolMap.Symbol;
import org.junit.jupiter.api.Test;

import java.util.List;

final class Symbol_map_Test {
    private static final String SYSTEM_MAP = """
            0000000000000000 A _kernel_flags_le_hi32
            ffff800008000000 T _text
            ffff800008010000 t __pi_bcmp
            ffff800008010000 T _stext
            ffff800008010000 t $x

            ffff800008010040 T memcmp\t[libc]
              ffff800008010100   D   jiffies\r
            ffff800008010200 start_without_a_type
            """;

    private static SymbolMap parse(String text) {
        return SymbolMap.parseSystemMap(ImageFile.of("System.map", text.getBytes()));
    }

    private static String at(SymbolMap map, long address) {
        return map.at(address).map(Object::toString).orElse("-");
    }

    @Test
    void names_an_address_by_the_nearest_symbol_below_it() {
        SymbolMap map = parse(SYSTEM_MAP);
        assertEquals("_text", at(map, 0xffff_8000_0800_0000L));
        assertEquals("_text+0xffff", at(map, 0xffff_8000_0800_ffffL));
        assertEquals("memcmp+0x3c", at(map, 0xffff_8000_0801_007cL));
        assertEquals("jiffies+0x8", at(map, 0xffff_8000_0801_0108L));
        assertEquals("start_without_a_type", at(map, 0xffff_8000_0801_0200L));
    }

    @Test
    void does_not_name_an_address_below_or_far_above_all_symbols() {
        SymbolMap map = parse(SYSTEM_MAP);
        assertEquals("-", at(map, 0xffff_8000_07ff_ffffL));
        assertEquals("-", at(map, 0x4020_0000L));
        assertEquals("-", at(map, 0xffff_8000_0801_0200L + SymbolMap.REACH));
        assertEquals("-", at(SymbolMap.EMPTY, 0));
    }

    @Test
    void prefers_of_two_names_of_an_address_the_sized_one_and_then_the_first() {
        assertEquals("__pi_bcmp", at(parse(SYSTEM_MAP), 0xffff_8000_0801_0000L));
        SymbolMap one = SymbolMap.of(List.of(new Symbol(16, 0, "a"), new Symbol(16, 4, "sized"), new Symbol(16, 0, "b")));
        assertEquals("sized+0x1", at(one, 17));
    }

    @Test
    void does_not_stretch_a_symbol_beyond_its_size() {
        SymbolMap map = SymbolMap.of(List.of(new Symbol(0x1000, 8, "f")));
        assertEquals("f+0x7", at(map, 0x1007));
        assertEquals("-", at(map, 0x1008));
    }

    @Test
    void finds_a_name_and_moves_with_the_code() {
        SymbolMap map = parse(SYSTEM_MAP);
        assertEquals(0xffff_8000_0801_0040L, map.addressOf("memcmp").orElseThrow());
        assertTrue(map.addressOf("_kernel_flags_le_hi32").isEmpty());
        assertEquals("memcmp+0x4", at(map.movedBy(-0xffff_8000_0800_0000L + 0x4020_0000L), 0x4021_0044L));
    }

    @Test
    void refuses_a_line_that_is_no_symbol_with_its_number() {
        Refusal.says("System.map: line 2: expected address, type and name of a symbol, found 'zzzz T foo'",
                () -> parse("10 T a\nzzzz T foo\n"));
        Refusal.says("System.map: line 1: expected address, type and name of a symbol, found '10'", () -> parse("10\n"));
        Refusal.says("System.map: line 1: expected address, type and name of a symbol, found '00112233445566778 T a'",
                () -> parse("00112233445566778 T a"));
    }

    @Test
    void refuses_the_placeholder_that_Debian_ships() {
        Refusal.says("System.map: line 1: expected address, type and name of a symbol, "
                + "found 'ffffffffffffffff B The real System.map is in the linux-image...'",
                () -> parse("ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n"));
    }
}
