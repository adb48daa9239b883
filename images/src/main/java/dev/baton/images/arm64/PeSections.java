package dev.baton.images.arm64;

import dev.baton.images.ImageFile;

/**
 * The section table of the PE executable that an Image with EFI stub also is: the one place that says how long the file is.
 * {@code image_size} in the Image header includes the BSS, so a truncated file cannot be told by it.
 *
 * <pre>
 * PE   +0  "PE\0\0"
 *      +6  NumberOfSections      u16
 *      +20 SizeOfOptionalHeader  u16
 *      +24 optional header, then the section headers, 40 bytes each:
 *          +16 SizeOfRawData     u32
 *          +20 PointerToRawData  u32
 * </pre>
 *
 * Source: Microsoft PE format specification; arch/arm64/kernel/efi-header.S of Linux 6.1.
 */
final class PeSections {
    static final String SIGNATURE = "PE\0\0";
    private static final int NUMBER_OF_SECTIONS = 6;
    private static final int SIZE_OF_OPTIONAL_HEADER = 20;
    private static final int OPTIONAL_HEADER = 24;
    private static final int SECTION = 40;
    private static final int SIZE_OF_RAW_DATA = 16;
    private static final int POINTER_TO_RAW_DATA = 20;

    private PeSections() {
    }

    /**
     * @param pe offset of the signature
     * @throws dev.baton.images.ImageFormatException if a section reaches past the end of the file
     */
    static void check(ImageFile file, long pe) {
        int sections = file.u16(pe + NUMBER_OF_SECTIONS, "PE NumberOfSections");
        long first = pe + OPTIONAL_HEADER + file.u16(pe + SIZE_OF_OPTIONAL_HEADER, "PE SizeOfOptionalHeader");
        for (int i = 0; i < sections; i++) {
            long header = first + (long) i * SECTION;
            long size = Integer.toUnsignedLong(file.u32(header + SIZE_OF_RAW_DATA, "PE SizeOfRawData"));
            long start = Integer.toUnsignedLong(file.u32(header + POINTER_TO_RAW_DATA, "PE PointerToRawData"));
            if (start + size > file.length()) {
                throw file.error(header + SIZE_OF_RAW_DATA, "a file of at least %d bytes, which the PE section at 0x%x ends at"
                        .formatted(start + size, start), file.length() + " bytes: it is truncated");
            }
        }
    }
}
