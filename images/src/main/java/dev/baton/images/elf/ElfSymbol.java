package dev.baton.images.elf;

import dev.baton.images.ImageFile;

import java.nio.ByteBuffer;

/**
 * An ELF64 symbol table entry, 24 bytes.
 *
 * <pre>
 *        0            4         5          6           8
 *      0 | st_name    | st_info | st_other | st_shndx  | st_value  |
 *     16 | st_size                                     |
 * </pre>
 *
 * st_info is (binding &lt;&lt; 4) | type. Source: System V ABI (gABI 4.1) chapter 4, symbol table.
 */
record ElfSymbol(int nameOffset, int info, int other, int shndx, long value, long size) {
    static final int SIZE = 24;
    static final int SHN_UNDEF = 0;
    static final int SHN_LORESERVE = 0xff00;
    static final int STB_GLOBAL = 1;
    static final int STT_NOTYPE = 0;
    static final int STT_OBJECT = 1;
    static final int STT_FUNC = 2;

    static ElfSymbol read(ImageFile file, long at) {
        return new ElfSymbol(file.u32(at, "st_name"), file.u8(at + 4, "st_info"), file.u8(at + 5, "st_other"), file.u16(at + 6, "st_shndx"),
                file.u64(at + 8, "st_value"), file.u64(at + 16, "st_size"));
    }

    void write(ByteBuffer out) {
        out.putInt(nameOffset).put((byte) info).put((byte) other).putShort((short) shndx).putLong(value).putLong(size);
    }

    int type() {
        return info & 15;
    }

    /** Defined in a section, and a function, an object or a plain label: something that an address can be inside of. */
    boolean namesAnAddress() {
        return shndx != SHN_UNDEF && shndx < SHN_LORESERVE && type() <= STT_FUNC;
    }
}
