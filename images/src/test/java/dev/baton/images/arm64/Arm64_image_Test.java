package dev.baton.images.arm64;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.core.machine.LaunchPlan.Segment;
import dev.baton.images.ImageFile;
import dev.baton.images.ImageKinds;
import dev.baton.images.LoadedImage;
import dev.baton.images.Placement;
import dev.baton.images.Refusal;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

final class Arm64_image_Test {
    private static final long MEMORY = 512 << 20;

    private static ImageFile image(long textOffset, long imageSize, long flags) {
        ImageHeader h = new ImageHeader(0xd503_201f, 0x1400_0010, textOffset, imageSize, flags, 0, 0, 0, ImageHeader.MAGIC, 0);
        return ImageFile.of("Image", Arrays.copyOf(h.write(), 0x1_0000));
    }

    private static ImageFile zboot(String compression) {
        ByteBuffer b = ByteBuffer.allocate(0x400).order(ByteOrder.LITTLE_ENDIAN);
        b.put(0, "MZ\0\0zimg".getBytes()).putInt(8, 0x200).putInt(12, 0x180).put(0x18, compression.getBytes());
        b.putInt(0x38, 0x8182_23cd);
        return ImageFile.of("vmlinuz.efi", b.array());
    }

    @Test
    void moves_to_text_offset_above_a_2_MiB_aligned_base_and_is_entered_at_its_first_byte() {
        ImageFile file = image(0x8_0000, 0x3_0000, 8);
        LoadedImage loaded = ImageKinds.load(file, MEMORY);

        assertEquals(new Placement.Movable(2 << 20, true), loaded.placement());
        assertEquals(0x4028_0000, loaded.entryAt(0x4020_0000));
        assertEquals(List.of(new Segment("kernel", 0x4028_0000, file.bytes(), 0x3_0000)), loaded.segmentsAt(0x4020_0000));
        assertThrows(IllegalArgumentException.class, () -> loaded.entryAt(0x4030_0000));
    }

    @Test
    void is_loaded_without_copying_its_bytes() {
        ImageFile file = image(0, 0x3_0000, 8);
        assertSame(file.bytes(), ImageKinds.load(file, MEMORY).segments().getFirst().bytes());
    }

    @Test
    void of_before_v3_17_needs_at_least_its_file() {
        LoadedImage loaded = ImageKinds.load(image(0, 0, 0), MEMORY);
        assertEquals(new Placement.Movable(2 << 20, false), loaded.placement());
        assertEquals(0x9_0000, loaded.end());
    }

    @Test
    void that_needs_more_memory_than_there_is_is_refused() {
        Refusal.says("Image: offset 0x10: expected an Image that fits in 536870912 bytes of memory, found one that needs 536870913",
                () -> ImageKinds.load(image(0, MEMORY + 1, 8), MEMORY));
    }

    @Test
    void in_an_EFI_zboot_wrapper_is_refused_with_what_to_unpack() {
        Refusal.says("vmlinuz.efi: offset 0x4: expected a plain arm64 Image, found an EFI zboot image, which only EFI firmware starts: "
                + "unpack its zstd payload of 384 bytes at 0x200 first", () -> ImageKinds.load(zboot("zstd"), MEMORY));
    }

    @Test
    void is_told_from_another_EFI_executable() {
        ImageFile pe = ImageFile.of("grub.efi", Arrays.copyOf("MZ".getBytes(), 256));
        Refusal.says("grub.efi: offset 0x0: expected a plain arm64 Image, found another PE/COFF (EFI) executable, "
                + "which only EFI firmware starts", () -> ImageKinds.load(pe, MEMORY));
    }

    @Test
    void of_Debian_is_accepted_without_remark_plain_and_compressed() throws Exception {
        Path kernel = realKernel();
        ImageFile file = ImageFile.read(kernel);
        LoadedImage loaded = ImageKinds.load(file, MEMORY);

        assertEquals(List.of(), ImageHeader.read(file).remarks(file));
        assertTrue(loaded.end() > file.length(), "BSS follows the file");
        assertArrayEquals(file.bytes().array(), ImageKinds.load(Gzip.of(file, kernel), MEMORY).segments().getFirst().bytes().array());
    }

    private static Path realKernel() {
        String cache = System.getenv().getOrDefault("BATON_CACHE", System.getProperty("user.home") + "/.cache/baton");
        Path kernel = Path.of(cache, "debian-arm64", "current", "Image");
        assumeTrue(Files.isReadable(kernel), "no Debian kernel in the cache: run scripts/fetch-real-kernels");
        return kernel;
    }
}
