package dev.baton.images.arm64;

import static dev.baton.images.ImageFormatException.hex;

import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The first 64 bytes of an arm64 {@code Image}; all fields little-endian whatever the kernel's own byte order.
 *
 * <pre>
 *        0              4              8                            16
 *      0 | code0        | code1        | text_offset                |
 *     16 | image_size                  | flags                      |
 *     32 | res2 = 0                    | res3 = 0                   |
 *     48 | res4 = 0                    | magic        | res5        |
 *
 *   code0        executable: "MZ" as its first bytes when the kernel is also a PE executable (ccmp x18, #0, #0xd, pl)
 *   code1        b primary_entry
 *   text_offset  bytes from a 2 MiB aligned base to the Image; 0 since v5.8, 0x80000 before
 *   image_size   bytes of memory the kernel needs from its start, BSS included; 0 before v3.17
 *   flags        bit 0     1: the kernel is big-endian
 *                bits 2:1  page size: 0 unspecified, 1 4 KiB, 2 16 KiB, 3 64 KiB
 *                bit 3     placement: 0 base near the start of DRAM, 1 anywhere in 48 bits of physical address
 *                bits 63:4 reserved, 0
 *   magic        "ARM\x64"
 *   res5         offset of the PE header
 * </pre>
 *
 * Source: Linux 7.2 Documentation/arch/arm64/booting.rst section 4, arch/arm64/kernel/head.S,
 * arch/arm64/include/asm/image.h.
 */
public record ImageHeader(int code0, int code1, long textOffset, long imageSize, long flags, long res2, long res3, long res4,
                          int magic, int res5) {
    /** Bytes of the header. */
    public static final int SIZE = 64;
    /** {@code "ARM\x64"}. */
    public static final int MAGIC = 0x644d_5241;
    /** The base of an Image is a multiple of this, bytes. */
    public static final long BASE_ALIGNMENT = 2 << 20;
    /** What text_offset is taken to be when image_size is 0 (before v3.17 the field had the kernel's byte order). */
    public static final long LEGACY_TEXT_OFFSET = 0x8_0000;

    public static final long FLAG_BIG_ENDIAN = 1;
    public static final long FLAG_PAGE_SIZE = 6;
    public static final long FLAG_ANYWHERE = 8;

    private static final int CODE0 = 0;
    private static final int CODE1 = 4;
    private static final int TEXT_OFFSET = 8;
    private static final int IMAGE_SIZE = 16;
    private static final int FLAGS = 24;
    private static final int RES2 = 32;
    private static final int RES3 = 40;
    private static final int RES4 = 48;
    private static final int MAGIC_OFFSET = 56;
    private static final int RES5 = 60;

    /** CONFIG_ARM64_RANDOMIZE_TEXT_OFFSET (v3.16 to v5.7) chose multiples of 4 KiB. */
    private static final long TEXT_OFFSET_ALIGNMENT = 4096;
    private static final long PHYSICAL_ADDRESSES = 1L << 48;

    /** A header as a kernel since v5.8 has it: text_offset 0, placement anywhere, no PE header. */
    public static ImageHeader of(int code0, int code1, long imageSize, int pageSizeKib) {
        long pageSize = switch (pageSizeKib) {
            case 4 -> 1;
            case 16 -> 2;
            case 64 -> 3;
            default -> throw new IllegalArgumentException("page size of " + pageSizeKib + " KiB: expected 4, 16 or 64");
        };
        return new ImageHeader(code0, code1, 0, imageSize, FLAG_ANYWHERE | pageSize << 1, 0, 0, 0, MAGIC, 0);
    }

    /** True if {@code file} has a whole header with the magic: what {@code kexec_file_load} asks (kexec_image.c, image_probe). */
    public static boolean probe(ImageFile file) {
        return file.length() >= SIZE && file.u32(MAGIC_OFFSET, "magic") == MAGIC;
    }

    /**
     * The fields as they are. Only {@link #check} judges them.
     *
     * @throws ImageFormatException if the file is shorter than the header
     */
    public static ImageHeader read(ImageFile file) {
        file.require(0, SIZE, "arm64 Image header");
        return new ImageHeader(
                file.u32(CODE0, "code0"), file.u32(CODE1, "code1"),
                file.u64(TEXT_OFFSET, "text_offset"), file.u64(IMAGE_SIZE, "image_size"), file.u64(FLAGS, "flags"),
                file.u64(RES2, "res2"), file.u64(RES3, "res3"), file.u64(RES4, "res4"),
                file.u32(MAGIC_OFFSET, "magic"), file.u32(RES5, "res5"));
    }

    /** The 64 bytes. */
    public byte[] write() {
        return ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN)
                .putInt(code0).putInt(code1).putLong(textOffset).putLong(imageSize).putLong(flags)
                .putLong(res2).putLong(res3).putLong(res4).putInt(magic).putInt(res5).array();
    }

    /**
     * Refuses a header that cannot be true of {@code file}, the whole Image. Fields a loader may ignore are in
     * {@link #remarks} instead.
     *
     * @throws ImageFormatException on a wrong magic; text_offset of 2 MiB or more or not a multiple of 4 KiB; image_size
     *         shorter than the file or beyond 48 bits; a file shorter than its PE sections
     */
    public void check(ImageFile file) {
        if (magic != MAGIC) {
            throw file.error(MAGIC_OFFSET, "arm64 Image magic " + hex(MAGIC), hex(Integer.toUnsignedLong(magic)));
        }
        if (imageSize == 0) {
            return;
        }
        if (Long.compareUnsigned(textOffset, BASE_ALIGNMENT) >= 0) {
            throw file.error(TEXT_OFFSET, "text_offset below 2 MiB", hex(textOffset));
        }
        if (textOffset % TEXT_OFFSET_ALIGNMENT != 0) {
            throw file.error(TEXT_OFFSET, "text_offset a multiple of 4096", hex(textOffset));
        }
        if (Long.compareUnsigned(imageSize, PHYSICAL_ADDRESSES) >= 0) {
            throw file.error(IMAGE_SIZE, "image_size within 48 bits", hex(imageSize));
        }
        if (imageSize < file.length()) {
            throw file.error(IMAGE_SIZE, "image_size of at least the file's " + file.length() + " bytes", Long.toString(imageSize));
        }
        if (hasPeHeader(file)) {
            PeSections.check(file, Integer.toUnsignedLong(res5));
        }
    }

    /** One sentence for each field that is unusual and that loaders ignore; empty for a kernel as Linux builds it. */
    public List<String> remarks(ImageFile file) {
        List<String> remarks = new ArrayList<>();
        if (imageSize == 0) {
            remarks.add("image_size is 0 (before v3.17): text_offset is taken as " + hex(LEGACY_TEXT_OFFSET)
                    + " and memory above it as needed");
        }
        if (flags >>> 4 != 0) {
            remarks.add("flags: reserved bits 63:4 are not zero in " + hex(flags));
        }
        if ((res2 | res3 | res4) != 0) {
            remarks.add("reserved words at offsets 0x20 to 0x37 are not zero");
        }
        if (isPe() && !hasPeHeader(file)) {
            remarks.add("code0 says PE executable, but there is no PE signature at " + hex(Integer.toUnsignedLong(res5)));
        }
        return List.copyOf(remarks);
    }

    private boolean hasPeHeader(ImageFile file) {
        return isPe() && file.has(Integer.toUnsignedLong(res5), PeSections.SIGNATURE);
    }

    /** Bytes from a 2 MiB aligned base to the Image. */
    public long effectiveTextOffset() {
        return imageSize == 0 ? LEGACY_TEXT_OFFSET : textOffset;
    }

    public boolean bigEndian() {
        return (flags & FLAG_BIG_ENDIAN) != 0;
    }

    /** Page size of the kernel in KiB: 4, 16 or 64; 0 if the header does not say. */
    public int pageSizeKib() {
        return switch ((int) (flags & FLAG_PAGE_SIZE) >>> 1) {
            case 1 -> 4;
            case 2 -> 16;
            case 3 -> 64;
            default -> 0;
        };
    }

    /** True if the 2 MiB aligned base may be anywhere; false if it should be as near to the start of DRAM as possible. */
    public boolean anywhere() {
        return (flags & FLAG_ANYWHERE) != 0;
    }

    /** The Image is also a PE executable: code0 starts with "MZ". */
    public boolean isPe() {
        return (code0 & 0xffff) == 0x5a4d;
    }
}
