package dev.baton.images.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;
import dev.baton.images.Refusal;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

final class Image_header_Test {
    /** The first 64 bytes of Debian's 6.1.192 arm64 kernel, field by field. */
    private static final String DEBIAN_6_1 = """
            00  4d 5a 40 fa              code0        ccmp x18, #0, #0xd, pl: "MZ" to EFI
            04  56 a3 59 14              code1        b primary_entry (+0x1668d58)
            08  00 00 00 00 00 00 00 00  text_offset  0
            10  00 00 01 02 00 00 00 00  image_size   0x2010000
            18  0a 00 00 00 00 00 00 00  flags        little-endian, 4 KiB pages, anywhere
            20  00 00 00 00 00 00 00 00  res2
            28  00 00 00 00 00 00 00 00  res3
            30  00 00 00 00 00 00 00 00  res4
            38  41 52 4d 64              magic        "ARM\\x64"
            3c  40 00 00 00              res5         PE header at 0x40
            """;

    private static final int FILE = 0x1_0000;

    private static byte[] golden() {
        StringBuilder hex = new StringBuilder();
        DEBIAN_6_1.lines().map(line -> line.substring(4, 28).replace(" ", "")).forEach(hex::append);
        return HexFormat.of().parseHex(hex);
    }

    /** {@code bytes} in the rows of the golden text, their annotations beside them: a mismatch shows the field. */
    private static String annotated(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        for (String row : DEBIAN_6_1.lines().toList()) {
            int from = Integer.parseInt(row.substring(0, 2), 16);
            int length = row.substring(4, 28).strip().split(" ").length;
            String hex = HexFormat.ofDelimiter(" ").formatHex(bytes, from, from + length);
            out.append(String.format("%02x  %-24s%s%n", from, hex, row.substring(28)));
        }
        return out.toString();
    }

    private static ImageHeader header() {
        return ImageHeader.of(0xd503_201f, 0x1400_0010, 0x2_0000, 4);
    }

    private static ImageFile file(ImageHeader header, int length) {
        return ImageFile.of("Image", Arrays.copyOf(header.write(), length));
    }

    private static ImageHeader with(ImageHeader h, long textOffset, long imageSize, long flags) {
        return new ImageHeader(h.code0(), h.code1(), textOffset, imageSize, flags, 0, 0, 0, h.magic(), h.res5());
    }

    private static void check(ImageHeader header) {
        ImageFile file = file(header, FILE);
        ImageHeader.read(file).check(file);
    }

    @Test
    void of_a_Debian_kernel_reads_field_by_field_and_writes_back_the_same_bytes() {
        ImageHeader h = ImageHeader.read(ImageFile.of("vmlinuz", golden()));

        assertEquals(new ImageHeader(0xfa40_5a4d, 0x1459_a356, 0, 0x201_0000, 0xa, 0, 0, 0, ImageHeader.MAGIC, 0x40), h);
        assertEquals(DEBIAN_6_1, annotated(h.write()));
        assertTrue(h.isPe() && h.anywhere() && !h.bigEndian());
        assertEquals(4, h.pageSizeKib());
    }

    @Test
    void names_each_page_size() {
        assertEquals(4, ImageHeader.of(0, 0, 1, 4).pageSizeKib());
        assertEquals(16, ImageHeader.of(0, 0, 1, 16).pageSizeKib());
        assertEquals(64, ImageHeader.of(0, 0, 1, 64).pageSizeKib());
        assertEquals(0, with(header(), 0, 0, 0).pageSizeKib());
        assertThrows(IllegalArgumentException.class, () -> ImageHeader.of(0, 0, 1, 32));
    }

    @Test
    void says_where_the_kernel_may_lie_and_its_byte_order() {
        assertFalse(with(header(), 0, 0, 0).anywhere());
        assertTrue(with(header(), 0, 0, 8).anywhere());
        assertTrue(with(header(), 0, 0, 1).bigEndian());
    }

    @Test
    void accepts_a_text_offset_below_2_MiB_that_is_a_multiple_of_4_KiB() {
        check(with(header(), 0x8_0000, FILE, 0));
        check(with(header(), 0x1f_f000, FILE, 0));
    }

    @Test
    void with_image_size_0_takes_text_offset_as_0x80000() {
        ImageHeader old = with(header(), 0x0000_0800_0000_0000L, 0, 0);
        check(old);
        assertEquals(0x8_0000, old.effectiveTextOffset());
        assertEquals(List.of("image_size is 0 (before v3.17): text_offset is taken as 0x80000 and memory above it as needed"),
                old.remarks(file(old, FILE)));
    }

    @Test
    void refuses_another_magic() {
        byte[] bytes = Arrays.copyOf(header().write(), FILE);
        bytes[59] = 'D';
        ImageFile file = ImageFile.of("Image", bytes);
        assertFalse(ImageHeader.probe(file));
        Refusal.says("Image: offset 0x38: expected arm64 Image magic 0x644d5241, found 0x444d5241",
                () -> ImageHeader.read(file).check(file));
    }

    @Test
    void refuses_a_file_shorter_than_itself() {
        ImageFile file = file(header(), 63);
        assertFalse(ImageHeader.probe(file));
        Refusal.says("Image: offset 0x0: expected 64 bytes of arm64 Image header, found only 63 before the end of the file",
                () -> ImageHeader.read(file));
    }

    @Test
    void refuses_a_text_offset_of_2_MiB_or_more() {
        Refusal.says("Image: offset 0x8: expected text_offset below 2 MiB, found 0x200000", () -> check(with(header(), 2 << 20, FILE, 0)));
        Refusal.says("Image: offset 0x8: expected text_offset below 2 MiB, found 0xffffffffffffffff",
                () -> check(with(header(), -1, FILE, 0)));
    }

    @Test
    void refuses_a_misaligned_text_offset() {
        Refusal.says("Image: offset 0x8: expected text_offset a multiple of 4096, found 0x80010",
                () -> check(with(header(), 0x8_0010, FILE, 0)));
    }

    @Test
    void refuses_an_image_size_that_lies_about_a_longer_file() {
        check(with(header(), 0, FILE, 0));
        Refusal.says("Image: offset 0x10: expected image_size of at least the file's 65536 bytes, found 65535",
                () -> check(with(header(), 0, FILE - 1, 0)));
    }

    @Test
    void refuses_an_image_size_beyond_48_bits() {
        Refusal.says("Image: offset 0x10: expected image_size within 48 bits, found 0x1000000000000",
                () -> check(with(header(), 0, 1L << 48, 0)));
        Refusal.says("Image: offset 0x10: expected image_size within 48 bits, found 0x8000000000000000",
                () -> check(with(header(), 0, Long.MIN_VALUE, 0)));
    }

    @Test
    void remarks_on_what_loaders_ignore() {
        ImageHeader odd = new ImageHeader(0xfa40_5a4d, 0, 0, FILE, 0x1a, 0, 7, 0, ImageHeader.MAGIC, -1);
        check(odd);
        assertEquals(List.of("flags: reserved bits 63:4 are not zero in 0x1a", "reserved words at offsets 0x20 to 0x37 are not zero",
                "code0 says PE executable, but there is no PE signature at 0xffffffff"), odd.remarks(file(odd, FILE)));
        assertEquals(List.of(), header().remarks(file(header(), FILE)));
    }

    /** Debian's header, then a PE header with one section of 0x1000 bytes at 0x1000. */
    private static byte[] withSection() {
        byte[] bytes = Arrays.copyOf(golden(), FILE);
        ByteBuffer pe = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        pe.put(0x40, "PE\0\0".getBytes(StandardCharsets.US_ASCII)).putShort(0x46, (short) 1).putShort(0x54, (short) 8);
        pe.putInt(0x60 + 16, 0x1000).putInt(0x60 + 20, 0x1000);
        return bytes;
    }

    @Test
    void a_file_that_ends_inside_a_PE_section_is_truncated() {
        ImageHeader.read(ImageFile.of("Image", withSection())).check(ImageFile.of("Image", withSection()));
        ImageFile whole = ImageFile.of("Image", Arrays.copyOf(withSection(), 0x2000));
        ImageHeader.read(whole).check(whole);
        ImageFile cut = ImageFile.of("Image", Arrays.copyOf(withSection(), 0x1fff));
        ImageFormatException e = assertThrows(ImageFormatException.class, () -> ImageHeader.read(cut).check(cut));
        assertEquals("Image: offset 0x70: expected a file of at least 8192 bytes, which the PE section at 0x1000 ends at, "
                + "found 8191 bytes: it is truncated", e.getMessage());
    }
}
