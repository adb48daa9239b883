package dev.baton.kernel.follow;

import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;
import dev.baton.images.SymbolMap;
import dev.baton.images.elf.Elf;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Symbols that the user has a file of: the {@code System.map} or the {@code vmlinux} of a kernel. Whose they are is told by its size:
 * {@code _end - _text} is the {@code image_size} of the Image's header (arch/arm64/kernel/image.h).
 *
 * @param text address of {@code _text}, the Image's first byte, as linked
 * @param size {@code _end - _text}, bytes
 */
public record SymbolFile(String name, SymbolMap symbols, long text, long size) implements ImageSymbols {
    /** As the other, of each file. */
    public static List<SymbolFile> read(List<Path> files) {
        return files.stream().map(f -> read(ImageFile.read(f))).toList();
    }

    /** @throws ImageFormatException if the file is neither an ELF file nor a System.map, or lacks the two symbols */
    public static SymbolFile read(ImageFile file) {
        SymbolMap symbols = Elf.probe(file) ? Elf.read(file).symbols() : SymbolMap.parseSystemMap(file);
        OptionalLong text = symbols.addressOf("_text");
        OptionalLong end = symbols.addressOf("_end");
        if (text.isEmpty() || end.isEmpty()) {
            throw ImageFormatException.of(file.name(), "expected the symbols _text and _end of a kernel, found "
                    + symbols.size() + " symbols without them");
        }
        return new SymbolFile(file.name(), symbols, text.getAsLong(), end.getAsLong() - text.getAsLong());
    }

    @Override
    public String at(long offset) {
        return symbols.at(text + offset).map(SymbolMap.Location::toString).orElse("");
    }
}
