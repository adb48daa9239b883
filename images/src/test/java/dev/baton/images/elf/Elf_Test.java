package dev.baton.images.elf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan.Segment;
import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;
import dev.baton.images.ImageKinds;
import dev.baton.images.LoadedImage;
import dev.baton.images.Placement;
import dev.baton.images.Refusal;
import dev.baton.images.SymbolMap.Symbol;
import dev.baton.images.Tools;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

final class Elf_Test {
    private static final long MEMORY = 64 << 20;
    private static final long TEXT = 0x4020_0000L;
    private static final long DATA = 0x4040_0100L;
    private static final int FIRST_PROGRAM_HEADER = 64;

    private static Bytes text() {
        return Bytes.of(new byte[] {0x1f, 0x20, 0x03, (byte) 0xd5, (byte) 0xc0, 0x03, 0x5f, (byte) 0xd6});
    }

    private static ElfWriter writer(ElfMachine machine) {
        return new ElfWriter(machine, TEXT + 4)
                .segment(".text", TEXT, text(), 8, ProgramHeader.PF_R | ProgramHeader.PF_X)
                .segment(".data", DATA, Bytes.of(new byte[] {1, 2, 3}), 0x1000, ProgramHeader.PF_R | ProgramHeader.PF_W)
                .symbol("_start", TEXT + 4, 4).symbol("idle", TEXT, 4).symbol("counter", DATA, 2).symbol("_end", DATA + 0x1000, 0);
    }

    private static ImageFile written() {
        return ImageFile.of("test.elf", writer(ElfMachine.AARCH64).write());
    }

    private static ImageFile edited(Consumer<ByteBuffer> edit) {
        byte[] bytes = written().bytes().toArray();
        edit.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        return ImageFile.of("test.elf", bytes);
    }

    private static void refuses(String sentence, Consumer<ByteBuffer> edit) {
        ImageFile file = edited(edit);
        Refusal.says("test.elf: " + sentence, () -> Elf.load(file, MEMORY));
    }

    @Test
    void loads_its_segments_at_physical_addresses_with_zeros_after_them() {
        LoadedImage image = ImageKinds.load(written(), MEMORY);

        assertEquals(new Placement.Fixed(), image.placement());
        assertEquals(TEXT + 4, image.entryAt(0));
        assertEquals("ELF64 AArch64", image.kind());
        assertEquals(List.of(new Segment("elf R-X", TEXT, text()),
                new Segment("elf RW-", DATA, Bytes.of(new byte[] {1, 2, 3}), 0x1000)), image.segmentsAt(0));
        assertThrows(IllegalArgumentException.class, () -> image.segmentsAt(0x1000));
    }

    @Test
    void names_addresses() {
        LoadedImage image = ImageKinds.load(written(), MEMORY);
        assertEquals("_start", image.symbols().at(TEXT + 4).orElseThrow().toString());
        assertEquals("idle+0x3", image.symbols().at(TEXT + 3).orElseThrow().toString());
        assertEquals(DATA, image.symbols().addressOf("counter").orElseThrow());
    }

    @Test
    void is_written_the_same_from_the_same_calls() {
        assertArrayEquals(writer(ElfMachine.X86_64).write(), writer(ElfMachine.X86_64).write());
        assertEquals(ElfMachine.X86_64, Elf.read(ImageFile.of("x", writer(ElfMachine.X86_64).write())).machine());
    }

    @Test
    void without_segments_or_symbols_is_written_and_read_but_not_loaded() {
        ImageFile empty = ImageFile.of("empty.elf", new ElfWriter(ElfMachine.AARCH64, 0).write());
        assertEquals(List.of(), Elf.read(empty).programHeaders());
        Refusal.says("empty.elf: offset 0x38: expected at least one PT_LOAD segment, found none", () -> Elf.load(empty, MEMORY));
    }

    @Test
    void is_entered_at_the_physical_address_of_a_virtual_entry() {
        long high = 0xffff_8000_0800_0000L;
        ImageFile file = edited(b -> b.putLong(24, high + 4).putLong(FIRST_PROGRAM_HEADER + 16, high));
        assertEquals(TEXT + 4, Elf.load(file, MEMORY).entryAt(0));
    }

    @Test
    void may_be_entered_at_a_physical_address_as_vmlinux_of_x86_64_is() {
        ImageFile file = edited(b -> b.putLong(FIRST_PROGRAM_HEADER + 16, 0xffff_ffff_8100_0000L));
        assertEquals(TEXT + 4, Elf.load(file, MEMORY).entryAt(0));
    }

    @Test
    void of_another_class_byte_order_version_or_machine_is_refused() {
        refuses("offset 0x4: expected ELF class 2 (64-bit), found 1", b -> b.put(4, (byte) 1));
        refuses("offset 0x5: expected ELF data 1 (little-endian), found 2", b -> b.put(5, (byte) 2));
        refuses("offset 0x6: expected ELF version 1, found 0", b -> b.put(6, (byte) 0));
        refuses("offset 0x12: expected e_machine 183 (AArch64) or 62 (x86-64), found 40", b -> b.putShort(18, (short) 40));
        refuses("offset 0x10: expected e_type 2 (executable) or 3 (shared), found 1", b -> b.putShort(16, (short) 1));
    }

    @Test
    void whose_headers_lie_outside_the_file_is_refused() {
        int length = written().length();
        refuses("offset " + ImageFormatException.hex(length - 56) + ": expected 112 bytes of 2 program headers, "
                + "found only 56 before the end of the file", b -> b.putLong(32, length - 56));
        refuses("offset 0xffffffffffffffc0: expected 6 section headers inside the file, found the end of the file at "
                + ImageFormatException.hex(length), b -> b.putLong(40, -64));
        refuses("offset 0x40: expected as many program headers as the file can hold (" + length / 56 + "), found 65534",
                b -> b.putShort(56, (short) 65534));
    }

    @Test
    void whose_segment_lies_outside_the_file_is_refused() {
        refuses("offset 0x40: expected segment 0 to lie inside the file of " + written().length()
                + " bytes, found 18446744073709551615 bytes at 0x10000", b -> b.putLong(FIRST_PROGRAM_HEADER + 32, -1));
    }

    @Test
    void whose_segment_is_larger_in_the_file_than_in_memory_is_refused() {
        refuses("offset 0x60: expected p_filesz of segment 0 no larger than its p_memsz 0x4, found 0x8",
                b -> b.putLong(FIRST_PROGRAM_HEADER + 40, 4));
    }

    @Test
    void whose_segment_is_misaligned_is_refused() {
        refuses("offset 0x70: expected p_align of segment 0 to be a power of two, found 0x10001",
                b -> b.putLong(FIRST_PROGRAM_HEADER + 48, 0x1_0001));
        refuses("offset 0x50: expected p_vaddr of segment 0 congruent to its p_offset 0x10000 modulo 0x10000, found 0x40200004",
                b -> b.putLong(FIRST_PROGRAM_HEADER + 16, TEXT + 4));
    }

    @Test
    void whose_segments_overlap_is_refused() {
        refuses("expected disjoint segments, found one at 0x40400100 below the end of the one before at 0x40400107",
                b -> b.putLong(FIRST_PROGRAM_HEADER + 24, DATA - 1));
    }

    @Test
    void that_needs_more_memory_than_there_is_is_refused() {
        refuses("expected segments that fit in 67108864 bytes of memory, found 67108857 bytes at 0x40400100 when 67108856 are left",
                b -> b.putLong(FIRST_PROGRAM_HEADER + 56 + 40, MEMORY - 7));
    }

    @Test
    void linked_at_virtual_addresses_is_refused_with_what_to_use() {
        refuses("expected segments at physical addresses below 2^52, found p_paddr 0xffff800008000000 "
                + "(a vmlinux linked at virtual addresses is started as its Image)",
                b -> b.putLong(FIRST_PROGRAM_HEADER + 24, 0xffff_8000_0800_0000L));
    }

    @Test
    void entered_outside_its_segments_is_refused() {
        refuses("offset 0x18: expected e_entry inside a PT_LOAD segment, found 0x1000", b -> b.putLong(24, 0x1000));
    }

    @Test
    void whose_symbol_names_leave_the_string_table_is_refused() {
        ImageFile good = written();
        SectionHeader symtab = Elf.read(good).sections().get(3).header();
        int second = (int) symtab.offset() + 24;
        refuses("offset " + ImageFormatException.hex(second) + ": expected a name inside the string table of 26 bytes, found index 26",
                b -> b.putInt(second, 26));
        refuses("offset " + ImageFormatException.hex(second + 6) + ": expected st_shndx below 6, found 7",
                b -> b.putShort(second + 6, (short) 7));
    }

    @Test
    void whose_names_cost_the_square_of_its_size_is_refused() {
        int names = 40_000;
        ElfWriter w = new ElfWriter(ElfMachine.AARCH64, 0).segment(".text", 0, Bytes.of(new byte[4]), 4, ProgramHeader.PF_X);
        for (int i = 0; i < names; i++) {
            w.symbol("x", 0, 4);
        }
        byte[] bytes = w.write();
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        List<Elf.Section> sections = Elf.read(ImageFile.of("many.elf", bytes)).sections();
        SectionHeader strtab = sections.get(3).header();
        Arrays.fill(bytes, (int) strtab.offset() + 1, (int) (strtab.offset() + strtab.size()) - 1, (byte) 'y');
        for (int i = 1; i <= names; i++) {
            b.putInt((int) sections.get(2).header().offset() + i * 24, i);
        }
        Refusal.says("many.elf: offset " + ImageFormatException.hex(strtab.offset()) + ": expected a string table whose names "
                + "share no more than their ends, found names 64 times its size", () -> Elf.read(ImageFile.of("many.elf", bytes)));
    }

    @Test
    void truncated_anywhere_is_refused() {
        byte[] whole = written().bytes().toArray();
        for (int n = 0; n < whole.length; n += n < 256 || n > whole.length - 1024 ? 1 : 997) {
            ImageFile cut = ImageFile.of("cut.elf", Arrays.copyOf(whole, n));
            assertThrows(ImageFormatException.class, () -> Elf.load(cut, MEMORY), n + " bytes");
        }
    }

    @Test
    void agrees_with_readelf_about_what_we_write(@TempDir Path dir) throws Exception {
        Files.write(dir.resolve("ours.elf"), written().bytes().array());

        String seen = Tools.text(dir, "readelf", "--wide", "-h", "-l", "-S", "-s", "ours.elf").replaceAll(" +", " ");
        assertTrue(seen.contains("Machine: AArch64"), seen);
        assertTrue(seen.contains("Type: EXEC (Executable file)"), seen);
        assertTrue(seen.contains("Entry point address: 0x40200004"), seen);
        assertTrue(seen.contains(" LOAD 0x010000 0x0000000040200000 0x0000000040200000 0x000008 0x000008 R E 0x10000"), seen);
        assertTrue(seen.contains(" LOAD 0x010100 0x0000000040400100 0x0000000040400100 0x000003 0x001000 RW 0x10000"), seen);
        assertTrue(seen.contains("0000000040200004 4 FUNC GLOBAL DEFAULT 1 _start"), seen);
        assertTrue(seen.contains("0000000040400100 2 OBJECT GLOBAL DEFAULT 2 counter"), seen);
        assertEquals("", Tools.text(dir, "readelf", "--lint", "-h", "-l", "-S", "-s", "ours.elf").lines().filter(l -> l.contains("Warning"))
                .reduce("", String::concat));
    }

    @Test
    void agrees_with_binutils_about_what_they_link(@TempDir Path dir) throws Exception {
        Files.writeString(dir.resolve("a.S"), """
                .globl _start
                .type _start, %function
                _start: adr x0, message
                spin:   wfe
                        b spin
                .size _start, . - _start
                .data
                message: .ascii "hello"
                .bss
                buffer: .skip 4096
                """);
        Tools.text(dir, "aarch64-linux-gnu-as", "-o", "a.o", "a.S");
        Tools.text(dir, "aarch64-linux-gnu-ld", "-Ttext=0x40200000", "-Tdata=0x40210000", "-o", "a.elf", "a.o");
        Tools.text(dir, "aarch64-linux-gnu-objcopy", "-O", "binary", "a.elf", "a.bin");

        LoadedImage image = ImageKinds.load(ImageFile.read(dir.resolve("a.elf")), MEMORY);
        byte[] flat = Files.readAllBytes(dir.resolve("a.bin"));
        assertArrayEquals(Arrays.copyOf(flat, 12), contents(image, 0x4020_0000L, 12));
        assertArrayEquals(Arrays.copyOfRange(flat, 0x1_0000, 0x1_0005), contents(image, 0x4021_0000L, 5));
        assertEquals(0x4020_0000L, image.entryAt(0));
        String nm = Tools.text(dir, "aarch64-linux-gnu-nm", "a.elf");
        for (String line : nm.lines().filter(l -> !l.contains("$")).toList()) {
            String[] words = line.split(" ");
            assertEquals(Long.parseUnsignedLong(words[0], 16), image.symbols().addressOf(words[2]).orElseThrow(), line);
        }
        assertEquals("spin+0x4", image.symbols().at(0x4020_0008L).orElseThrow().toString());
    }

    private static byte[] contents(LoadedImage image, long address, int n) {
        Segment s = image.segments().stream().filter(x -> address >= x.address() && address < x.end()).findFirst().orElseThrow();
        int from = (int) (address - s.address());
        return Arrays.copyOfRange(s.bytes().array(), from, from + n);
    }

    @Test
    void reads_the_programs_of_this_machine(@TempDir Path dir) throws Exception {
        Path readelf = Path.of("/usr/bin/readelf");
        Tools.need("readelf");
        Elf elf = Elf.read(ImageFile.read(readelf));
        long loads = elf.programHeaders().stream().filter(p -> p.type() == ProgramHeader.PT_LOAD).count();
        String seen = Tools.text(dir, "readelf", "--wide", "-l", readelf.toString());
        assertEquals(seen.lines().filter(l -> l.strip().startsWith("LOAD")).count(), loads);
    }

    @Test
    void sorts_symbols_and_leaves_out_what_names_no_address() {
        List<Symbol> symbols = Elf.read(written()).symbols().symbols();
        assertEquals(List.of("idle", "_start", "counter", "_end"), symbols.stream().map(Symbol::name).toList());
    }
}
