package dev.baton.kernel.follow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** The table that a kernel carries for itself, in the formats of 6.12 and 7.2. */
class The_symbols_of_real_kernels_Test {
    private static final Path CACHE = Path.of(System.getenv().getOrDefault("BATON_CACHE",
            System.getProperty("user.home") + "/.cache/baton"));

    private static byte[] image(String path) throws IOException {
        Path file = CACHE.resolve(path);
        assumeTrue(Files.isReadable(file), () -> file + " is not there: scripts/fetch-real-kernels makes it");
        return Files.readAllBytes(file);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"debian-arm64/6.12", "debian-arm64/7.2"})
    void are_found_by_structure_and_name_what_every_kernel_has(String kernel) throws IOException {
        Kallsyms symbols = Kallsyms.in(image(kernel + "/Image"));
        assertNotNull(symbols);
        assertTrue(symbols.count() > 100_000, () -> symbols.count() + " symbols");
        assertEquals(0, symbols.offset("_text"));
        for (String name : new String[] {"primary_entry", "start_kernel", "machine_kexec", "cpu_soft_restart"}) {
            long offset = symbols.offset(name);
            assertTrue(offset > 0, name);
            assertTrue(symbols.at(offset + 4).endsWith("+0x4"), () -> name + ": " + symbols.at(offset + 4));
        }
    }

    @Test
    void are_not_found_in_noise() {
        byte[] noise = new byte[1 << 20];
        new Random(7).nextBytes(noise);
        assertNull(Kallsyms.in(noise));
        assertNull(Kallsyms.in(new byte[1 << 16]));
    }
}
