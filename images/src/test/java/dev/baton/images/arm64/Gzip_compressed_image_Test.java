package dev.baton.images.arm64;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.images.Compressed;
import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;
import dev.baton.images.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;

final class Gzip_compressed_image_Test {
    private static final long LIMIT = 1 << 20;

    private static byte[] text(int length) {
        byte[] b = new byte[length];
        new Random(1).ints(length, 'a', 'f').forEach(new java.util.function.IntConsumer() {
            private int i;

            @Override
            public void accept(int c) {
                b[i++] = (byte) c;
            }
        });
        return b;
    }

    private static ImageFile file(byte[] bytes) {
        return ImageFile.of("Image.gz", bytes);
    }

    private static byte[] decompress(byte[] bytes) {
        return GzipImage.decompress(file(bytes), LIMIT).bytes().array();
    }

    @Test
    void decompresses_to_what_was_compressed() {
        for (int length : new int[] {0, 1, 1000, 65536, 65537, 300_000, (int) LIMIT}) {
            assertArrayEquals(text(length), decompress(Compressed.gzip(text(length))), length + " bytes");
        }
    }

    @Test
    void by_gzip_with_a_file_name_decompresses(@TempDir Path dir) throws Exception {
        Path plain = Files.write(dir.resolve("Image"), text(5000));
        assertArrayEquals(text(5000), decompress(Gzip.of(file(new byte[0]), plain).bytes().array()));
    }

    @Test
    void may_carry_every_optional_header_field() {
        byte[] plain = text(100);
        byte[] gz = Compressed.gzip(plain);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, 0x1f, 0, 0, 0, 0, 0, 3, 2, 0, 'x', 'y', 'n', 0, 'c', 0});
        CRC32 crc = new CRC32();
        crc.update(out.toByteArray());
        out.write((int) crc.getValue());
        out.write((int) crc.getValue() >>> 8);
        out.write(gz, 10, gz.length - 10);
        assertArrayEquals(plain, decompress(out.toByteArray()));

        byte[] wrong = out.toByteArray();
        wrong[12] = 'z';
        assertTrue(assertThrows(ImageFormatException.class, () -> decompress(wrong)).getMessage().startsWith(
                "Image.gz: offset 0x12: expected gzip header CRC "));
    }

    @Test
    void that_expands_beyond_the_limit_is_refused() {
        byte[] bomb = Compressed.gzip(new byte[(int) LIMIT + 1]);
        String message = assertThrows(ImageFormatException.class, () -> decompress(bomb)).getMessage();
        assertTrue(message.endsWith("expected at most 1048576 decompressed bytes, found more"), message);
    }

    @Test
    void whose_length_field_lies_is_refused() {
        byte[] gz = Compressed.gzip(text(1000));
        gz[gz.length - 1] = 0x7f;
        Refusal.says("Image.gz: offset " + ImageFormatException.hex(gz.length - 4) + ": expected gzip length 1000, found 2130707432",
                () -> decompress(gz));
    }

    @Test
    void truncated_anywhere_is_refused() {
        byte[] gz = Compressed.gzip(text(3000));
        for (int n = 0; n < gz.length; n++) {
            byte[] cut = Arrays.copyOf(gz, n);
            assertThrows(ImageFormatException.class, () -> decompress(cut), n + " bytes");
        }
        Refusal.says("Image.gz: offset 0x64: expected the rest of the gzip stream, found the end of the file",
                () -> decompress(Arrays.copyOf(gz, 100)));
    }

    @Test
    void with_a_wrong_checksum_is_refused() {
        byte[] gz = Compressed.gzip(text(1000));
        gz[gz.length - 8] ^= 1;
        String message = assertThrows(ImageFormatException.class, () -> decompress(gz)).getMessage();
        assertTrue(message.startsWith("Image.gz: offset " + ImageFormatException.hex(gz.length - 8) + ": expected gzip CRC 0x"), message);
    }

    @Test
    void may_be_padded_with_zeros_and_nothing_else() {
        byte[] gz = Compressed.gzip(text(10));
        byte[] padded = Arrays.copyOf(gz, gz.length + 512);
        assertArrayEquals(text(10), decompress(padded));
        padded[gz.length + 5] = 1;
        Refusal.says("Image.gz: offset " + ImageFormatException.hex(gz.length + 5)
                + ": expected nothing but zero padding after the gzip member, found byte 0x1", () -> decompress(padded));
    }

    @Test
    void of_another_method_or_with_reserved_flags_is_refused() {
        byte[] gz = Compressed.gzip(text(10));
        gz[2] = 7;
        Refusal.says("Image.gz: offset 0x2: expected gzip method 8 (deflate), found 7", () -> decompress(gz));
        gz[2] = 8;
        gz[3] = (byte) 0x80;
        Refusal.says("Image.gz: offset 0x3: expected gzip flags with bits 7:5 zero, found 0x80", () -> decompress(gz));
    }

    @Test
    void keeps_its_name_so_that_later_sentences_name_the_file() {
        assertEquals("Image.gz", GzipImage.decompress(file(Compressed.gzip(text(10))), LIMIT).name());
    }
}
