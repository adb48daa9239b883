package dev.baton.images.elf;

import static dev.baton.images.ImageFormatException.hex;

import dev.baton.core.machine.LaunchPlan.Segment;
import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;
import dev.baton.images.LoadedImage;
import dev.baton.images.Placement;
import dev.baton.images.SymbolMap;

import java.util.ArrayList;
import java.util.List;

/** An ELF64 file, every bound of it checked against the file when it is read. */
public final class Elf {
    /** Physical addresses have at most 52 bits (FEAT_LPA; x86-64 MAXPHYADDR). */
    private static final long PHYSICAL_ADDRESSES = 1L << 52;

    /** A section by its name. */
    public record Section(String name, SectionHeader header) {
    }

    private final ImageFile file;
    private final ElfHeader header;
    private final List<ProgramHeader> programHeaders;
    private final List<Section> sections;
    private final SymbolMap symbols;

    private Elf(ImageFile file) {
        this.file = file;
        this.header = ElfHeader.read(file);
        List<SectionHeader> sectionHeaders = readSectionHeaders();
        this.programHeaders = readProgramHeaders(sectionHeaders);
        this.sections = nameSections(sectionHeaders);
        this.symbols = readSymbols(sectionHeaders);
    }

    public static boolean probe(ImageFile file) {
        return ElfHeader.probe(file);
    }

    /** @throws ImageFormatException on anything but a well-formed ELF64 file for a machine we have */
    public static Elf read(ImageFile file) {
        return new Elf(file);
    }

    public ElfMachine machine() {
        return ElfMachine.of(header.machine()).orElseThrow();
    }

    /** e_entry. */
    public long entry() {
        return header.entry();
    }

    public List<ProgramHeader> programHeaders() {
        return programHeaders;
    }

    public List<Section> sections() {
        return sections;
    }

    /** Functions, objects and labels of .symtab, by link address; empty if the file is stripped. */
    public SymbolMap symbols() {
        return symbols;
    }

    // Reading -------------------------------------------------------------------------------------------------------

    private List<SectionHeader> readSectionHeaders() {
        if (header.shoff() == 0) {
            return List.of();
        }
        long count = header.shnum();
        if (count == 0) {
            count = SectionHeader.read(file, header.shoff()).size();
        }
        requireTable(header.shoff(), count, SectionHeader.SIZE, "section headers");
        List<SectionHeader> found = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            long at = header.shoff() + i * SectionHeader.SIZE;
            SectionHeader s = SectionHeader.read(file, at);
            if (s.inFile() && i > 0) {
                requireAt(at, s.offset(), s.size(), "section " + i);
            }
            found.add(s);
        }
        return found;
    }

    private List<ProgramHeader> readProgramHeaders(List<SectionHeader> sectionHeaders) {
        long count = header.phnum();
        if (count == ElfHeader.PN_XNUM && !sectionHeaders.isEmpty()) {
            count = Integer.toUnsignedLong(sectionHeaders.getFirst().info());
        }
        requireTable(header.phoff(), count, ProgramHeader.SIZE, "program headers");
        List<ProgramHeader> found = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            long at = header.phoff() + i * ProgramHeader.SIZE;
            ProgramHeader p = ProgramHeader.read(file, at);
            requireAt(at, p.offset(), p.filesz(), "segment " + i);
            if (p.type() == ProgramHeader.PT_LOAD) {
                checkLoad(p, at, i);
            }
            found.add(p);
        }
        return List.copyOf(found);
    }

    private void requireTable(long offset, long count, int size, String what) {
        if (Long.compareUnsigned(count, file.length() / size) > 0) {
            throw file.error(offset, "as many " + what + " as the file can hold (" + file.length() / size + ")",
                    Long.toUnsignedString(count));
        }
        if (count > 0) {
            file.require(offset, count * size, count + " " + what);
        }
    }

    /** As {@link ImageFile#require}, blaming the header at {@code at} that claims the range. */
    private void requireAt(long at, long offset, long n, String what) {
        long length = file.length();
        if (Long.compareUnsigned(offset, length) > 0 || Long.compareUnsigned(n, length - offset) > 0) {
            throw file.error(at, what + " to lie inside the file of " + length + " bytes",
                    Long.toUnsignedString(n) + " bytes at " + hex(offset));
        }
    }

    private void checkLoad(ProgramHeader p, long at, long index) {
        if (Long.compareUnsigned(p.filesz(), p.memsz()) > 0) {
            throw file.error(at + 32, "p_filesz of segment " + index + " no larger than its p_memsz " + hex(p.memsz()), hex(p.filesz()));
        }
        if (Long.compareUnsigned(p.align(), 1) > 0) {
            if (Long.bitCount(p.align()) != 1) {
                throw file.error(at + 48, "p_align of segment " + index + " to be a power of two", hex(p.align()));
            }
            if ((p.vaddr() - p.offset() & p.align() - 1) != 0) {
                throw file.error(at + 16, "p_vaddr of segment " + index + " congruent to its p_offset " + hex(p.offset()) + " modulo "
                        + hex(p.align()), hex(p.vaddr()));
            }
        }
    }

    private List<Section> nameSections(List<SectionHeader> headers) {
        long index = header.shstrndx();
        if (index == ElfHeader.SHN_XINDEX && !headers.isEmpty()) {
            index = Integer.toUnsignedLong(headers.getFirst().link());
        }
        if (index == 0) {
            return headers.stream().map(h -> new Section("", h)).toList();
        }
        StringTable names = stringTable(headers, index, 62, "e_shstrndx");
        List<Section> found = new ArrayList<>();
        for (SectionHeader h : headers) {
            found.add(new Section(names.at(h.nameOffset(), header.shoff() + (long) found.size() * SectionHeader.SIZE), h));
        }
        return List.copyOf(found);
    }

    private StringTable stringTable(List<SectionHeader> headers, long index, long owner, String field) {
        if (index >= headers.size() || headers.get((int) index).type() != SectionHeader.SHT_STRTAB) {
            throw file.error(owner, field + " to name a string table among " + headers.size() + " sections", Long.toString(index));
        }
        return new StringTable(file, headers.get((int) index));
    }

    private SymbolMap readSymbols(List<SectionHeader> headers) {
        List<SymbolMap.Symbol> found = new ArrayList<>();
        for (int i = 0; i < headers.size(); i++) {
            if (headers.get(i).type() == SectionHeader.SHT_SYMTAB) {
                readSymbolTable(headers, i, found);
            }
        }
        return SymbolMap.of(found);
    }

    private void readSymbolTable(List<SectionHeader> headers, int index, List<SymbolMap.Symbol> found) {
        SectionHeader table = headers.get(index);
        long at = header.shoff() + (long) index * SectionHeader.SIZE;
        if (table.entsize() != ElfSymbol.SIZE || table.size() % ElfSymbol.SIZE != 0) {
            throw file.error(at + 32, "a symbol table of whole 24-byte entries", table.size() + " bytes in entries of " + table.entsize());
        }
        StringTable names = stringTable(headers, Integer.toUnsignedLong(table.link()), at + 40, "sh_link");
        for (long o = table.offset(); o < table.offset() + table.size(); o += ElfSymbol.SIZE) {
            ElfSymbol s = ElfSymbol.read(file, o);
            if (s.shndx() < ElfSymbol.SHN_LORESERVE && s.shndx() >= headers.size()) {
                throw file.error(o + 6, "st_shndx below " + headers.size(), Integer.toString(s.shndx()));
            }
            String name = names.at(s.nameOffset(), o);
            if (s.namesAnAddress() && !name.isEmpty() && !name.startsWith("$")) {
                found.add(new SymbolMap.Symbol(s.value(), s.size(), name));
            }
        }
    }

    // Loading -------------------------------------------------------------------------------------------------------

    /** Reads and loads; see {@link #load(long)}. */
    public static LoadedImage load(ImageFile file, long memory) {
        return read(file).load(memory);
    }

    /**
     * The PT_LOAD segments at their physical addresses. The entry is e_entry as a virtual address of one of them, or, as in
     * x86-64's vmlinux, as a physical one.
     *
     * @param memory bytes of memory the machine has
     * @throws ImageFormatException if there is nothing to load, it needs more memory, overlaps itself, lies beyond physical
     *         addresses, or is entered outside
     */
    public LoadedImage load(long memory) {
        List<ProgramHeader> loads = programHeaders.stream().filter(p -> p.type() == ProgramHeader.PT_LOAD && p.memsz() != 0)
                .sorted((a, b) -> Long.compareUnsigned(a.paddr(), b.paddr())).toList();
        if (header.type() != ElfHeader.ET_EXEC && header.type() != ElfHeader.ET_DYN) {
            throw file.error(16, "e_type 2 (executable) or 3 (shared)", Integer.toString(header.type()));
        }
        if (loads.isEmpty()) {
            throw file.error(56, "at least one PT_LOAD segment", "none");
        }
        checkPlaces(loads, memory);
        List<Segment> segments = new ArrayList<>();
        for (ProgramHeader p : loads) {
            segments.add(new Segment("elf " + p.permissions(), p.paddr(), file.slice(p.offset(), p.filesz(), "segment"), p.memsz()));
        }
        return new LoadedImage(file.name(), "ELF64 " + machine(), new Placement.Fixed(), physicalEntry(loads), segments, symbols);
    }

    private void checkPlaces(List<ProgramHeader> loads, long memory) {
        long left = memory;
        long end = 0;
        for (ProgramHeader p : loads) {
            if (Long.compareUnsigned(p.paddr(), PHYSICAL_ADDRESSES) >= 0) {
                throw ImageFormatException.of(file.name(), "expected segments at physical addresses below 2^52, found p_paddr "
                        + hex(p.paddr()) + " (a vmlinux linked at virtual addresses is started as its Image)");
            }
            if (Long.compareUnsigned(p.memsz(), left) > 0) {
                throw ImageFormatException.of(file.name(), "expected segments that fit in " + memory + " bytes of memory, found "
                        + Long.toUnsignedString(p.memsz()) + " bytes at " + hex(p.paddr()) + " when " + left + " are left");
            }
            if (p.paddr() < end) {
                throw ImageFormatException.of(file.name(), "expected disjoint segments, found one at " + hex(p.paddr())
                        + " below the end of the one before at " + hex(end));
            }
            left -= p.memsz();
            end = p.paddr() + p.memsz();
        }
    }

    private long physicalEntry(List<ProgramHeader> loads) {
        for (ProgramHeader p : loads) {
            if (Long.compareUnsigned(entry() - p.vaddr(), p.memsz()) < 0) {
                return entry() - p.vaddr() + p.paddr();
            }
        }
        for (ProgramHeader p : loads) {
            if (Long.compareUnsigned(entry() - p.paddr(), p.memsz()) < 0) {
                return entry();
            }
        }
        throw file.error(24, "e_entry inside a PT_LOAD segment", hex(entry()));
    }
}
