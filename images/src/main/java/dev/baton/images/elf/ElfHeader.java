package dev.baton.images.elf;

import static dev.baton.images.ImageFormatException.hex;

import dev.baton.images.ImageFile;

import java.nio.ByteBuffer;

/**
 * The ELF64 file header, 64 bytes.
 *
 * <pre>
 *        0    1    2    3    4       5      6         7     8       9
 *      0 | 7f | E  | L  | F  | class | data | version | abi | abiver | pad ...
 *     16 | e_type(2) | e_machine(2) | e_version(4) | e_entry(8)       |
 *     32 | e_phoff(8)                              | e_shoff(8)       |
 *     48 | e_flags(4) | e_ehsize(2) | e_phentsize(2) | e_phnum(2) | e_shentsize(2) | e_shnum(2) | e_shstrndx(2) |
 * </pre>
 *
 * Counts that do not fit are in section header 0: e_phnum 0xffff means its sh_info, e_shnum 0 with e_shoff set means its
 * sh_size, e_shstrndx 0xffff means its sh_link. Source: System V ABI (gABI 4.1) chapter 4, ELF header.
 */
record ElfHeader(int type, int machine, long entry, long phoff, long shoff, int phnum, int shnum, int shstrndx) {
    static final int SIZE = 64;
    static final int ET_EXEC = 2;
    static final int ET_DYN = 3;
    static final int PN_XNUM = 0xffff;
    static final int SHN_XINDEX = 0xffff;

    private static final int CLASS = 4;
    private static final int DATA = 5;
    private static final int VERSION = 6;
    private static final int TYPE = 16;
    private static final int MACHINE = 18;
    private static final int VERSION_WORD = 20;
    private static final int ENTRY = 24;
    private static final int PHOFF = 32;
    private static final int SHOFF = 40;
    private static final int EHSIZE = 52;
    private static final int PHENTSIZE = 54;
    private static final int PHNUM = 56;
    private static final int SHENTSIZE = 58;
    private static final int SHNUM = 60;
    private static final int SHSTRNDX = 62;

    private static final int CLASS_64 = 2;
    private static final int DATA_LSB = 1;
    private static final int VERSION_CURRENT = 1;

    static boolean probe(ImageFile file) {
        return file.has(0, "\u007fELF");
    }

    static ElfHeader read(ImageFile file) {
        file.require(0, SIZE, "ELF header");
        if (!probe(file)) {
            throw file.error(0, "ELF magic 7f 45 4c 46", hex(Integer.toUnsignedLong(file.u32(0, "magic"))));
        }
        expect(file, CLASS, file.u8(CLASS, "class"), CLASS_64, "class 2 (64-bit)");
        expect(file, DATA, file.u8(DATA, "data"), DATA_LSB, "data 1 (little-endian)");
        expect(file, VERSION, file.u8(VERSION, "version"), VERSION_CURRENT, "version 1");
        expect(file, VERSION_WORD, file.u32(VERSION_WORD, "e_version"), VERSION_CURRENT, "e_version 1");
        expect(file, EHSIZE, file.u16(EHSIZE, "e_ehsize"), SIZE, "e_ehsize 64");
        ElfHeader h = new ElfHeader(file.u16(TYPE, "e_type"), file.u16(MACHINE, "e_machine"), file.u64(ENTRY, "e_entry"),
                file.u64(PHOFF, "e_phoff"), file.u64(SHOFF, "e_shoff"), file.u16(PHNUM, "e_phnum"), file.u16(SHNUM, "e_shnum"),
                file.u16(SHSTRNDX, "e_shstrndx"));
        if (ElfMachine.of(h.machine).isEmpty()) {
            throw file.error(MACHINE, "e_machine 183 (AArch64) or 62 (x86-64)", Integer.toString(h.machine));
        }
        if (h.phnum != 0) {
            expect(file, PHENTSIZE, file.u16(PHENTSIZE, "e_phentsize"), ProgramHeader.SIZE, "e_phentsize 56");
        }
        if (h.shoff != 0) {
            expect(file, SHENTSIZE, file.u16(SHENTSIZE, "e_shentsize"), SectionHeader.SIZE, "e_shentsize 64");
        }
        return h;
    }

    private static void expect(ImageFile file, int offset, int found, int wanted, String expected) {
        if (found != wanted) {
            throw file.error(offset, "ELF " + expected, Integer.toString(found));
        }
    }

    void write(ByteBuffer out) {
        out.put((byte) 0x7f).put((byte) 'E').put((byte) 'L').put((byte) 'F');
        out.put((byte) CLASS_64).put((byte) DATA_LSB).put((byte) VERSION_CURRENT).position(TYPE);
        out.putShort((short) type).putShort((short) machine).putInt(VERSION_CURRENT).putLong(entry).putLong(phoff).putLong(shoff);
        out.putInt(0).putShort((short) SIZE).putShort((short) ProgramHeader.SIZE).putShort((short) phnum);
        out.putShort((short) SectionHeader.SIZE).putShort((short) shnum).putShort((short) shstrndx);
    }
}
