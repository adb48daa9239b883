package dev.baton.images.elf;

import dev.baton.images.ImageFile;

import java.nio.ByteBuffer;

/**
 * An ELF64 program header, 56 bytes.
 *
 * <pre>
 *        0            4            8
 *      0 | p_type     | p_flags    | p_offset       |
 *     16 | p_vaddr                 | p_paddr        |
 *     32 | p_filesz                | p_memsz        |
 *     48 | p_align                 |
 * </pre>
 *
 * Source: System V ABI (gABI 4.1) chapter 5, program header.
 */
public record ProgramHeader(int type, int flags, long offset, long vaddr, long paddr, long filesz, long memsz, long align) {
    public static final int SIZE = 56;
    public static final int PT_LOAD = 1;
    public static final int PF_X = 1;
    public static final int PF_W = 2;
    public static final int PF_R = 4;

    static ProgramHeader read(ImageFile file, long at) {
        file.require(at, SIZE, "program header");
        return new ProgramHeader(file.u32(at, "p_type"), file.u32(at + 4, "p_flags"), file.u64(at + 8, "p_offset"),
                file.u64(at + 16, "p_vaddr"), file.u64(at + 24, "p_paddr"), file.u64(at + 32, "p_filesz"), file.u64(at + 40, "p_memsz"),
                file.u64(at + 48, "p_align"));
    }

    void write(ByteBuffer out) {
        out.putInt(type).putInt(flags).putLong(offset).putLong(vaddr).putLong(paddr).putLong(filesz).putLong(memsz).putLong(align);
    }

    /** {@code p_flags} as {@code readelf} shows it, {@code R-X}. */
    public String permissions() {
        return ((flags & PF_R) != 0 ? "R" : "-") + ((flags & PF_W) != 0 ? "W" : "-") + ((flags & PF_X) != 0 ? "X" : "-");
    }
}
