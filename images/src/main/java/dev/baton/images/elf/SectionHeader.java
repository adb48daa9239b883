package dev.baton.images.elf;

import dev.baton.images.ImageFile;

import java.nio.ByteBuffer;

/**
 * An ELF64 section header, 64 bytes.
 *
 * <pre>
 *        0            4            8
 *      0 | sh_name    | sh_type    | sh_flags           |
 *     16 | sh_addr                 | sh_offset          |
 *     32 | sh_size                 | sh_link | sh_info  |
 *     48 | sh_addralign            | sh_entsize         |
 * </pre>
 *
 * Source: System V ABI (gABI 4.1) chapter 4, section header.
 *
 * @param nameOffset sh_name, an offset into the section name table
 */
public record SectionHeader(int nameOffset, int type, long flags, long addr, long offset, long size, int link, int info,
                            long addralign, long entsize) {
    public static final int SIZE = 64;
    public static final int SHT_PROGBITS = 1;
    public static final int SHT_SYMTAB = 2;
    public static final int SHT_STRTAB = 3;
    public static final int SHT_NOBITS = 8;
    public static final long SHF_WRITE = 1;
    public static final long SHF_ALLOC = 2;
    public static final long SHF_EXECINSTR = 4;

    static SectionHeader read(ImageFile file, long at) {
        file.require(at, SIZE, "section header");
        return new SectionHeader(file.u32(at, "sh_name"), file.u32(at + 4, "sh_type"), file.u64(at + 8, "sh_flags"),
                file.u64(at + 16, "sh_addr"), file.u64(at + 24, "sh_offset"), file.u64(at + 32, "sh_size"), file.u32(at + 40, "sh_link"),
                file.u32(at + 44, "sh_info"), file.u64(at + 48, "sh_addralign"), file.u64(at + 56, "sh_entsize"));
    }

    void write(ByteBuffer out) {
        out.putInt(nameOffset).putInt(type).putLong(flags).putLong(addr).putLong(offset).putLong(size).putInt(link).putInt(info);
        out.putLong(addralign).putLong(entsize);
    }

    /** The section has bytes in the file: neither SHT_NULL nor SHT_NOBITS. */
    boolean inFile() {
        return type != 0 && type != SHT_NOBITS;
    }
}
