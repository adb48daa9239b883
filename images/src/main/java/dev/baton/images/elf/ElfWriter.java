package dev.baton.images.elf;

import dev.baton.core.machine.Bytes;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes an ELF64 executable: one PT_LOAD and one section per segment, and a symbol table. The same calls give the same bytes.
 *
 * <pre>
 *   ELF header | program headers | segments, each at an offset congruent to its address | .symtab | .strtab | .shstrtab | section headers
 * </pre>
 */
public final class ElfWriter {
    /** The largest page a loader may map segments by, bytes: 64 KiB. */
    public static final int SEGMENT_ALIGNMENT = 0x1_0000;

    private static final int FIRST_SECTION = 1;
    private static final int TABLE_SECTIONS = 3;

    private record Part(String name, long address, Bytes bytes, long size, int flags) {
        boolean covers(long a) {
            return Long.compareUnsigned(a - address, size) <= 0;
        }
    }

    private record Name(String name, long address, long size) {
    }

    private final ElfMachine machine;
    private final long entry;
    private final List<Part> parts = new ArrayList<>();
    private final List<Name> names = new ArrayList<>();

    /** @param entry address of the first instruction */
    public ElfWriter(ElfMachine machine, long entry) {
        this.machine = machine;
        this.entry = entry;
    }

    /**
     * A segment whose virtual and physical address are the same.
     *
     * @param size  bytes in memory; from {@code bytes.length()} on they are zero
     * @param flags {@link ProgramHeader#PF_R} and so on
     */
    public ElfWriter segment(String name, long address, Bytes bytes, long size, int flags) {
        if (size < bytes.length()) {
            throw new IllegalArgumentException(name + ": " + size + " bytes in memory, " + bytes.length() + " in the file");
        }
        parts.add(new Part(name, address, bytes, size, flags));
        return this;
    }

    /** A function or label inside (or at the end of) a segment given before or later. */
    public ElfWriter symbol(String name, long address, long size) {
        names.add(new Name(name, address, size));
        return this;
    }

    public byte[] write() {
        Strings strtab = new Strings();
        Strings shstrtab = new Strings();
        List<ProgramHeader> segments = new ArrayList<>();
        List<SectionHeader> sections = new ArrayList<>();
        sections.add(new SectionHeader(0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        long at = ElfHeader.SIZE + (long) parts.size() * ProgramHeader.SIZE;
        for (Part p : parts) {
            at += p.address - at & SEGMENT_ALIGNMENT - 1;
            segments.add(new ProgramHeader(ProgramHeader.PT_LOAD, p.flags, at, p.address, p.address, p.bytes.length(), p.size,
                    SEGMENT_ALIGNMENT));
            sections.add(section(p, shstrtab.add(p.name), at));
            at += p.bytes.length();
        }
        at = at + 7 & -8;
        byte[] symtab = symbols(strtab);
        int strings = sections.size() + 1;
        sections.add(new SectionHeader(shstrtab.add(".symtab"), SectionHeader.SHT_SYMTAB, 0, 0, at, symtab.length, strings, 1, 8,
                ElfSymbol.SIZE));
        at += symtab.length;
        sections.add(new SectionHeader(shstrtab.add(".strtab"), SectionHeader.SHT_STRTAB, 0, 0, at, strtab.length(), 0, 0, 1, 0));
        at += strtab.length();
        int shstrtabName = shstrtab.add(".shstrtab");
        sections.add(new SectionHeader(shstrtabName, SectionHeader.SHT_STRTAB, 0, 0, at, shstrtab.length(), 0, 0, 1, 0));
        at = at + shstrtab.length() + 7 & -8;
        return assemble(segments, sections, at, symtab, strtab, shstrtab);
    }

    private static SectionHeader section(Part p, int name, long offset) {
        long flags = SectionHeader.SHF_ALLOC | ((p.flags & ProgramHeader.PF_W) != 0 ? SectionHeader.SHF_WRITE : 0)
                | ((p.flags & ProgramHeader.PF_X) != 0 ? SectionHeader.SHF_EXECINSTR : 0);
        boolean bss = p.bytes.length() == 0;
        long size = bss ? p.size : p.bytes.length();
        int type = bss ? SectionHeader.SHT_NOBITS : SectionHeader.SHT_PROGBITS;
        return new SectionHeader(name, type, flags, p.address, offset, size, 0, 0, 1, 0);
    }

    private byte[] symbols(Strings strtab) {
        ByteBuffer out = little((names.size() + 1) * ElfSymbol.SIZE);
        new ElfSymbol(0, 0, 0, 0, 0, 0).write(out);
        for (Name n : names) {
            int section = sectionOf(n);
            int type = (parts.get(section - FIRST_SECTION).flags & ProgramHeader.PF_X) != 0 ? ElfSymbol.STT_FUNC : ElfSymbol.STT_OBJECT;
            int info = ElfSymbol.STB_GLOBAL << 4 | (n.size == 0 ? ElfSymbol.STT_NOTYPE : type);
            new ElfSymbol(strtab.add(n.name), info, 0, section, n.address, n.size).write(out);
        }
        return out.array();
    }

    private int sectionOf(Name n) {
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).covers(n.address)) {
                return FIRST_SECTION + i;
            }
        }
        throw new IllegalArgumentException("symbol " + n.name + " lies in no segment");
    }

    private byte[] assemble(List<ProgramHeader> segments, List<SectionHeader> sections, long shoff, byte[] symtab, Strings strtab,
                            Strings shstrtab) {
        ByteBuffer out = little(Math.toIntExact(shoff + (long) sections.size() * SectionHeader.SIZE));
        new ElfHeader(ElfHeader.ET_EXEC, machine.code(), entry, segments.isEmpty() ? 0 : ElfHeader.SIZE, shoff, segments.size(),
                sections.size(), sections.size() - 1).write(out);
        segments.forEach(s -> s.write(out));
        for (int i = 0; i < parts.size(); i++) {
            out.put((int) segments.get(i).offset(), parts.get(i).bytes.array());
        }
        int table = sections.size() - TABLE_SECTIONS;
        out.put((int) sections.get(table).offset(), symtab);
        out.put((int) sections.get(table + 1).offset(), strtab.bytes());
        out.put((int) sections.get(table + 2).offset(), shstrtab.bytes());
        out.position((int) shoff);
        sections.forEach(s -> s.write(out));
        return out.array();
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Names as they are added, after the empty one that index 0 must be. */
    private static final class Strings {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Strings() {
            out.write(0);
        }

        int add(String name) {
            int index = out.size();
            out.writeBytes(name.getBytes(StandardCharsets.UTF_8));
            out.write(0);
            return index;
        }

        int length() {
            return out.size();
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
