package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.images.guest.GuestKernel;
import dev.baton.kernel.chain.BuiltInChains;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

class The_command_line_Test {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int baton(String... arguments) {
        out.reset();
        err.reset();
        return Main.run(arguments, new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private Path file(String name, byte... bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    @ParameterizedTest(name = "baton {0}")
    @CsvSource(delimiter = '|', value = {
        "''                                   | expected a command; see 'baton --help'",
        "frobnicate                           | Unmatched argument at index 0: 'frobnicate'",
        "chain check no-such-chain            | chain 'no-such-chain': no such file, and the built-in chains are arm64-kho-three-kernels",
        "chain check no/such.yaml             | no/such.yaml: cannot be read: no such file",
        "boot                                 | Missing required option: '--kernel=IMAGE'",
        "boot --kernel no/such                | no/such: expected a file, found none of that name",
        "boot --kernel x --caches warm        | cache policy 'warm': expected none, strict, adversarial or random:SEED",
        "boot --kernel x --memory lots        | size 'lots': expected a number of bytes",
        "boot --kernel x --limit -1           | limit '-1': expected a number of instructions",
        "boot --kernel x --enable-method acpi | 'acpi': expected one of psci, spin-table",
        "fdt check no/such.dtb                | no/such.dtb: expected a file, found none of that name",
        "image inspect no/such                | no/such: expected a file, found none of that name",
    })
    void gives_bad_input_one_sentence_and_status_2(String arguments, String sentence) {
        int status = arguments.isEmpty() ? baton() : baton(arguments.split(" "));
        String said = err.toString(StandardCharsets.UTF_8);
        assertEquals(2, status, said);
        assertTrue(said.startsWith("baton: ") && said.contains(sentence), said);
        assertEquals(1, said.lines().count(), said);
    }

    @Test
    void boots_no_file_that_is_no_kernel() throws IOException {
        Path junk = file("junk", new byte[4096]);
        assertEquals(2, baton("boot", "--kernel", junk.toString()));
        assertEquals(1, err.toString(StandardCharsets.UTF_8).lines().count());
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("junk"), err::toString);
    }

    @Test
    void prints_compares_and_checks_device_trees() throws IOException {
        Path a = file("a.dts", "/dts-v1/; / { model = \"one\"; };".getBytes(StandardCharsets.UTF_8));
        Path b = file("b.dts", "/dts-v1/; / { model = \"two\"; };".getBytes(StandardCharsets.UTF_8));
        assertEquals(0, baton("fdt", "dump", a.toString()));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("model = \"one\";"), out::toString);
        assertEquals(0, baton("fdt", "diff", a.toString(), a.toString()));
        assertEquals(1, baton("fdt", "diff", a.toString(), b.toString()));
        assertEquals("~ / model = \"one\" -> \"two\"\n", out.toString(StandardCharsets.UTF_8));
        assertEquals(0, baton("fdt", "check", a.toString()));
        Path damaged = file("damaged.dtb", (byte) 0xd0, (byte) 0x0d, (byte) 0xfe, (byte) 0xed);
        assertEquals(2, baton("fdt", "check", damaged.toString()));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("damaged.dtb"), err::toString);
    }

    @Test
    void inspects_the_modelled_kernel() throws IOException {
        Path image = file("Image", GuestKernel.image().toArray());
        assertEquals(0, baton("image", "inspect", image.toString()));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("arm64 Image"), out::toString);
    }

    @Test
    void lists_every_built_in_chain_with_its_title() {
        assertEquals(0, baton("chain", "list"));
        assertEquals(BuiltInChains.names().size(), out.toString(StandardCharsets.UTF_8).lines().count());
        assertEquals(0, baton("chain", "schema"));
        assertTrue(out.toString(StandardCharsets.UTF_8).startsWith("{\n  \"$schema\""), out::toString);
    }

    @ParameterizedTest
    @CsvSource({"--help", "chain --help", "boot --help", "fdt --help", "image --help"})
    void has_help_that_fits_a_screen(String arguments) {
        assertEquals(0, baton(arguments.split(" ")));
        assertTrue(out.toString(StandardCharsets.UTF_8).lines().count() < 60);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "--smp 9      | virt: expected 1 to 8 CPUs, found 9",
        "--memory 1   | virt: expected memory of 8 MiB to 255 GiB in whole MiB, found 1 bytes",
        "--el 3       | virt: expected",
    })
    void boot_refuses_a_machine_that_cannot_be(String options, String sentence) throws IOException {
        String[] words = ("boot --kernel " + file("kernel", GuestKernel.image().toArray()) + " " + options).split(" ");
        assertEquals(2, baton(words));
        assertTrue(err.toString(StandardCharsets.UTF_8).startsWith("baton: " + sentence), err::toString);
    }

    @Test
    void boot_refuses_a_command_line_longer_than_kernels_read_and_a_truncated_archive() throws IOException {
        String kernel = file("kernel", GuestKernel.image().toArray()).toString();
        assertEquals(2, baton("boot", "--kernel", kernel, "--append", "x".repeat(2048)));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("command line: expected at most 2047 bytes"), err::toString);
        Path archive = file("initrd", "070701000000".getBytes(StandardCharsets.US_ASCII));
        assertEquals(2, baton("boot", "--kernel", kernel, "--initrd", archive.toString()));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains(archive + ": offset 0x0: expected"), err::toString);
    }
}
