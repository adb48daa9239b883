package dev.baton.images.arm64;

import static dev.baton.images.ImageFormatException.hex;

import dev.baton.core.machine.LaunchPlan.Segment;
import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;
import dev.baton.images.LoadedImage;
import dev.baton.images.Placement;
import dev.baton.images.SymbolMap;

import java.util.List;

/**
 * A plain arm64 {@code Image}: moved to (a 2 MiB aligned base) + text_offset, entered at its first byte with the MMU off.
 * Source: Linux 7.2 Documentation/arch/arm64/booting.rst section 4.
 */
public final class Arm64Image {
    private static final int ZBOOT_PAYLOAD_OFFSET = 0x8;
    private static final int ZBOOT_PAYLOAD_SIZE = 0xc;
    private static final int ZBOOT_COMPRESSION = 0x18;
    private static final int ZBOOT_COMPRESSION_LIMIT = 32;

    private Arm64Image() {
    }

    /**
     * @param memory bytes of memory the machine has; an Image that says it needs more is refused
     * @throws ImageFormatException as {@link ImageHeader#check}, and for PE executables that are not a plain Image
     */
    public static LoadedImage load(ImageFile file, long memory) {
        refuseOtherPe(file);
        ImageHeader header = ImageHeader.read(file);
        header.check(file);
        long size = Math.max(header.imageSize(), file.length());
        long textOffset = header.effectiveTextOffset();
        if (textOffset + size > memory) {
            throw file.error(16, "an Image that fits in " + memory + " bytes of memory", "one that needs " + (textOffset + size));
        }
        return new LoadedImage(file.name(), "arm64 Image", new Placement.Movable(ImageHeader.BASE_ALIGNMENT, header.anywhere()),
                textOffset, List.of(new Segment("kernel", textOffset, file.bytes(), size)), SymbolMap.EMPTY);
    }

    /** An EFI executable without the Image magic: zboot (Linux 7.2 drivers/firmware/efi/libstub/zboot-header.S) or any other. */
    public static boolean isOtherPe(ImageFile file) {
        return file.has(0, "MZ") && !ImageHeader.probe(file);
    }

    /** @throws ImageFormatException saying what it is instead, if {@link #isOtherPe} */
    public static void refuseOtherPe(ImageFile file) {
        if (!isOtherPe(file)) {
            return;
        }
        if (file.has(4, "zimg")) {
            long offset = Integer.toUnsignedLong(file.u32(ZBOOT_PAYLOAD_OFFSET, "zboot payload offset"));
            long size = Integer.toUnsignedLong(file.u32(ZBOOT_PAYLOAD_SIZE, "zboot payload size"));
            throw file.error(4, "a plain arm64 Image", "an EFI zboot image, which only EFI firmware starts: unpack its " + compression(file)
                    + " payload of " + size + " bytes at " + hex(offset) + " first");
        }
        throw file.error(0, "a plain arm64 Image", "another PE/COFF (EFI) executable, which only EFI firmware starts");
    }

    private static String compression(ImageFile file) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < ZBOOT_COMPRESSION_LIMIT; i++) {
            int c = file.u8(ZBOOT_COMPRESSION + i, "zboot compression name");
            if (c < 'a' || c > 'z') {
                break;
            }
            name.append((char) c);
        }
        return name.isEmpty() ? "compressed" : name.toString();
    }
}
