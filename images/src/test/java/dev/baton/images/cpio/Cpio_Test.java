package dev.baton.images.cpio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.baton.core.machine.Bytes;
import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;
import dev.baton.images.Refusal;
import dev.baton.images.Tools;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

final class Cpio_Test {
    /** One member and the trailer, as buffer-format.rst describes them; offsets beside it. */
    private static final String GOLDEN = """
            000  070701                      magic
            006  00000001                    ino
            00e  000081ed                    mode       regular, 0755
            016  00000000                    uid
            01e  00000000                    gid
            026  00000001                    nlink
            02e  00000000                    mtime
            036  00000003                    filesize
            03e  00000000                    devmajor
            046  00000000                    devminor
            04e  00000000                    rdevmajor
            056  00000000                    rdevminor
            05e  00000005                    namesize   "init" and its zero
            066  00000000                    check
            06e  init.                       name, to 0x73, padded to 0x74
            074  hi!.                        data, padded to 0x78
            078  070701                      magic
            07e  00000000                    ino
            086  00000000                    mode
            08e  00000000                    uid
            096  00000000                    gid
            09e  00000001                    nlink
            0a6  00000000                    mtime
            0ae  00000000                    filesize
            0b6  00000000                    devmajor
            0be  00000000                    devminor
            0c6  00000000                    rdevmajor
            0ce  00000000                    rdevminor
            0d6  0000000B                    namesize   "TRAILER!!!" and its zero
            0de  00000000                    check
            0e6  TRAILER!!!.                 name, to 0xf1
            """;

    private static byte[] golden() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String line : GOLDEN.lines().toList()) {
            out.writeBytes(new byte[Integer.parseInt(line.substring(0, 3), 16) - out.size()]);
            out.writeBytes(line.substring(5, line.indexOf(' ', 5)).replace('.', '\0').getBytes(StandardCharsets.US_ASCII));
        }
        return Arrays.copyOf(out.toByteArray(), 512);
    }

    private static String ascii(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private static CpioWriter tree() {
        return new CpioWriter().directory("dev", 0755).characterDevice("dev/console", 0600, 5, 1)
                .file("init", 0755, Bytes.of("#!/bin/sh\n".getBytes(StandardCharsets.US_ASCII))).file("empty", 0644, Bytes.of())
                .symlink("bin", "usr/bin").file("größe", 0644, Bytes.of(new byte[4097]));
    }

    private static List<CpioEntry> read(byte[] bytes) {
        return CpioReader.read(ImageFile.of("initrd", bytes));
    }

    private static void refuses(String sentence, int offset, String replacement) {
        byte[] bytes = golden();
        byte[] with = replacement.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(with, 0, bytes, offset, with.length);
        Refusal.says("initrd: " + sentence, () -> read(bytes));
    }

    @Test
    void archive_of_one_file_is_byte_for_byte_what_the_kernel_documents() {
        byte[] ours = new CpioWriter().file("init", 0755, Bytes.of("hi!".getBytes(StandardCharsets.US_ASCII))).write();
        assertEquals(ascii(golden()).toUpperCase(Locale.ROOT), ascii(ours).toUpperCase(Locale.ROOT));
    }

    @Test
    void members_come_back_as_they_were_written() {
        List<CpioEntry> read = read(tree().write());

        CpioWriter again = new CpioWriter();
        read.forEach(again::add);
        assertArrayEquals(tree().write(), again.write());
        assertEquals(List.of("dev", "dev/console", "init", "empty", "bin", "größe"), read.stream().map(CpioEntry::name).toList());
        assertEquals(new CpioEntry("dev/console", 2, CpioEntry.S_IFCHR | 0600, 0, 0, 1, 0, 0, 0, 5, 1, Bytes.of()), read.get(1));
        assertEquals("usr/bin", ascii(read.get(4).data().array()));
    }

    @Test
    void archives_may_follow_one_another() {
        byte[] one = golden();
        byte[] both = Arrays.copyOf(one, 1024);
        System.arraycopy(one, 0, both, 512, 512);
        assertEquals(2, read(both).size());
    }

    @Test
    void archive_with_sums_is_checked() {
        byte[] bytes = golden();
        bytes[5] = '2';
        System.arraycopy("000000f2".getBytes(), 0, bytes, 0x66, 8);
        assertEquals(1, read(bytes).size());
        bytes[0x74] = 'H';
        Refusal.says("initrd: offset 0x66: expected cpio check 0xd2, found 0xf2", () -> read(bytes));
    }

    @Test
    void archive_of_another_format_is_refused() {
        refuses("offset 0x0: expected cpio magic 070701 or 070702, found '070707'", 0, "070707");
        refuses("offset 0x78: expected cpio magic 070701 or 070702, found '??0701'", 0x78, "\0\n");
    }

    @Test
    void field_that_is_not_hexadecimal_is_refused() {
        refuses("offset 0x36: expected 8 hexadecimal digits of cpio filesize, found '0000-003'", 0x36, "0000-003");
    }

    @Test
    void name_beyond_its_limits_is_refused() {
        refuses("offset 0x5e: expected cpio namesize of 2 to 4096, found 0", 0x5e, "00000000");
        refuses("offset 0x5e: expected cpio namesize of 2 to 4096, found 4294967295", 0x5e, "FFFFFFFF");
        refuses("offset 0x6e: expected 4096 bytes of cpio name, found only 402 before the end of the file", 0x5e, "00001000");
        refuses("offset 0x72: expected a zero byte after the cpio name, found byte 0x21", 0x72, "!");
        refuses("offset 0x70: expected a cpio name of 4 bytes, found a zero byte in it", 0x70, "\0");
    }

    @Test
    void data_beyond_the_file_is_refused() {
        refuses("offset 0x74: expected 4294967295 bytes of data of init, found only 396 before the end of the file", 0x36, "FFFFFFFF");
    }

    @Test
    void link_with_an_endless_target_is_refused() {
        byte[] bytes = Arrays.copyOf(golden(), 8192);
        System.arraycopy("0000a1ff".getBytes(), 0, bytes, 0x0e, 8);
        System.arraycopy("00001000".getBytes(), 0, bytes, 0x36, 8);
        Refusal.says("initrd: offset 0x36: expected the target of link init shorter than 4096, found 4096 bytes", () -> read(bytes));
    }

    @Test
    void trailer_with_data_is_refused() {
        refuses("offset 0xae: expected a trailer without data, found 1 bytes", 0xae, "00000001");
    }

    @Test
    void garbage_after_the_trailer_is_refused() {
        refuses("offset 0xf5: expected zeros or another archive at a multiple of 4 after the cpio trailer, found byte 0x78", 0xf5, "x");
        refuses("offset 0x100: expected cpio magic 070701 or 070702, found 'x?????'", 0x100, "x");
    }

    @Test
    void archive_truncated_before_the_end_of_its_trailer_is_refused() {
        for (int n = 0; n < 0xf1; n++) {
            byte[] cut = Arrays.copyOf(golden(), n);
            assertThrows(ImageFormatException.class, () -> read(cut), n + " bytes");
        }
        assertEquals(1, read(Arrays.copyOf(golden(), 0xf4)).size());
    }

    @Test
    void writer_refuses_what_would_not_come_back() {
        assertThrows(IllegalArgumentException.class, () -> new CpioWriter().directory("", 0755));
        assertThrows(IllegalArgumentException.class, () -> new CpioWriter().directory("a\0b", 0755));
        assertThrows(IllegalArgumentException.class, () -> new CpioWriter().directory("TRAILER!!!", 0755));
        assertThrows(IllegalArgumentException.class, () -> new CpioWriter().directory("x".repeat(4096), 0755));
        assertThrows(IllegalArgumentException.class, () -> new CpioWriter().directory("a", 0755).directory("a", 0755));
        assertThrows(IllegalArgumentException.class, () -> new CpioWriter().symlink("a", "x".repeat(4096)));
    }

    @Test
    void archive_of_ours_is_listed_and_unpacked_by_cpio(@TempDir Path dir) throws Exception {
        byte[] archive = tree().write();
        String listed = new String(Tools.run(dir, archive, "cpio", "-t", "--quiet"), StandardCharsets.UTF_8);
        assertEquals(List.of("dev", "dev/console", "init", "empty", "bin", "größe"), listed.lines().toList());

        Tools.run(dir, archive, "cpio", "-i", "--quiet", "init", "empty", "bin");
        assertEquals("#!/bin/sh\n", Files.readString(dir.resolve("init")));
        assertEquals(0, Files.size(dir.resolve("empty")));
        assertEquals(Path.of("usr/bin"), Files.readSymbolicLink(dir.resolve("bin")));
    }

    @Test
    void archive_of_cpio_is_read(@TempDir Path dir) throws Exception {
        Files.writeString(dir.resolve("hello"), "hello, world\n");
        Files.createSymbolicLink(dir.resolve("link"), Path.of("hello"));
        for (String format : List.of("newc", "crc")) {
            byte[] theirs = Tools.run(dir, "hello\nlink\n".getBytes(), "cpio", "-o", "--quiet", "-H", format);
            List<CpioEntry> read = read(theirs);
            assertEquals(List.of("hello", "link"), read.stream().map(CpioEntry::name).toList(), format);
            assertEquals("hello, world\n", ascii(read.get(0).data().array()));
            assertEquals("hello", ascii(read.get(1).data().array()));
        }
    }
}
