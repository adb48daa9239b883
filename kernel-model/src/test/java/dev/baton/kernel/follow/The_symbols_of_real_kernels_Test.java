package dev.baton.kernel.follow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;
import dev.baton.images.SymbolMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** The table that a kernel carries for itself, in the formats of 5.10, 6.1, 6.12 and 7.2, and files of symbols. */
class The_symbols_of_real_kernels_Test {
    private static final Path CACHE = Path.of(System.getenv().getOrDefault("BATON_CACHE",
            System.getProperty("user.home") + "/.cache/baton"));

    private static byte[] image(String path) throws IOException {
        Path file = CACHE.resolve(path);
        assumeTrue(Files.isReadable(file), () -> file + " is not there: scripts/fetch-real-kernels makes it");
        return Files.readAllBytes(file);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"5.10, 40000, __cpu_soft_restart", "6.1, 50000, cpu_soft_restart", "6.12, 50000, cpu_soft_restart",
        "7.2, 50000, cpu_soft_restart"})
    void are_found_by_structure_and_name_what_every_kernel_has(String kernel, int atLeast, String restart) throws IOException {
        Kallsyms symbols = Kallsyms.in(image("debian-arm64/" + kernel + "/Image"));
        assertNotNull(symbols);
        assertTrue(symbols.count() > atLeast, () -> symbols.count() + " symbols");
        // .text begins at SEGMENT_ALIGN: arch/arm64/kernel/vmlinux.lds.S.
        assertEquals(0x10000, symbols.offset("_stext"));
        for (String name : new String[] {"primary_entry", "start_kernel", "machine_kexec", "setup_arch", restart}) {
            long offset = symbols.offset(name);
            assertTrue(offset > 0, name);
            assertTrue(symbols.at(offset + 4).endsWith("+0x4"), () -> name + ": " + symbols.at(offset + 4));
        }
    }

    @Test
    void are_those_of_the_System_map_that_was_made_with_the_kernel() throws IOException {
        Kallsyms own = Kallsyms.in(image("kho-kernel/current/Image"));
        SymbolFile file = SymbolFile.read(ImageFile.of("System.map", image("kho-kernel/current/System.map")));
        assertNotNull(own);
        int compared = 0;
        for (SymbolMap.Symbol s : file.symbols().symbols()) {
            long offset = own.offset(s.name());
            if (offset >= 0 && file.symbols().addressOf(s.name()).getAsLong() == s.address() && compared < 500) {
                assertEquals(s.address() - file.text(), offset, s.name());
                compared++;
            }
        }
        assertEquals(500, compared);
    }

    @Test
    void come_from_a_file_only_if_it_has_the_bounds_of_a_kernel() {
        String text = """
                ffff800080000000 T _text
                ffff800080010000 T _stext
                ffff800080010040 t f
                ffff800080200000 B _end
                """;
        ImageFile map = ImageFile.of("map", text.getBytes(StandardCharsets.US_ASCII));
        SymbolFile file = SymbolFile.read(map);
        assertEquals(0x20_0000, file.size());
        assertEquals("f+0x4", file.at(0x10044));
        assertEquals("none: expected the symbols _text and _end of a kernel, found 1 symbols without them",
                assertThrows(ImageFormatException.class, () -> SymbolFile.read(ImageFile.of("none",
                        "ffff800080000000 T start\n".getBytes(StandardCharsets.US_ASCII)))).getMessage());
    }

    @Test
    void are_not_found_in_noise() {
        byte[] noise = new byte[1 << 20];
        new Random(7).nextBytes(noise);
        assertNull(Kallsyms.in(noise));
        assertNull(Kallsyms.in(new byte[1 << 16]));
    }
}
