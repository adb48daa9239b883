package dev.baton.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

final class Image_kinds_Test {
    private static final long MEMORY = 1 << 20;

    @Test
    void name_what_was_expected_and_the_first_bytes_of_what_is_no_kernel() {
        Refusal.says("notes.txt: offset 0x0: expected a kernel of a known kind (arm64 Image, gzip-compressed arm64 Image, ELF64, "
                + "EFI executable), found a file that starts with 68 65 6c 6c 6f",
                () -> ImageKinds.load(ImageFile.of("notes.txt", "hello".getBytes()), MEMORY));
        Refusal.says("empty: offset 0x0: expected a kernel of a known kind (arm64 Image, gzip-compressed arm64 Image, ELF64, "
                + "EFI executable), found an empty file", () -> ImageKinds.load(ImageFile.of("empty", new byte[0]), MEMORY));
    }

    @Test
    void load_a_flat_binary_only_when_asked() {
        LoadedImage flat = ImageKinds.loadFlat(ImageFile.of("flat.bin", new byte[16]), 0x4000_0000L, MEMORY);
        assertEquals(0x4000_0000L, flat.entryAt(0));
        assertEquals(0x4000_0010L, flat.end());
        Refusal.says("flat.bin: expected a flat binary of 1 to 15 bytes, found 16",
                () -> ImageKinds.loadFlat(ImageFile.of("flat.bin", new byte[16]), 0, 15));
    }

    @Test
    void refuse_files_that_are_not_there_or_not_files(@TempDir Path dir) throws Exception {
        Refusal.says(dir + "/none: expected a file, found none of that name", () -> ImageFile.read(dir.resolve("none")));
        Refusal.says(dir + ": expected a regular file, found a directory", () -> ImageFile.read(dir));
        Refusal.says("/dev/zero: expected a regular file, found a special file", () -> ImageFile.read(Path.of("/dev/zero")));
    }

    @Test
    void refuse_a_file_longer_than_any_image_before_reading_it(@TempDir Path dir) throws Exception {
        Path huge = dir.resolve("huge");
        try (var channel = java.nio.channels.FileChannel.open(Files.createFile(huge), java.nio.file.StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.allocate(1), ImageFile.LIMIT);
        }
        Refusal.says(huge + ": expected at most 1073741824 bytes, found 1073741825", () -> ImageFile.read(huge));
        assertTrue(Files.size(huge) > ImageFile.LIMIT);
    }
}
