package dev.baton.images;

import dev.baton.core.machine.LaunchPlan.Segment;
import dev.baton.images.arm64.Arm64Image;
import dev.baton.images.arm64.GzipImage;
import dev.baton.images.arm64.ImageHeader;
import dev.baton.images.elf.Elf;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The kinds of kernel file: an ordered list of probe and load, the first probe that says yes decides. */
public final class ImageKinds {
    /** @param memory bytes of memory the machine has: no image may need more */
    private interface Loader {
        LoadedImage load(ImageFile file, long memory);
    }

    private record Kind(String name, Predicate<ImageFile> probe, Loader loader) {
    }

    private static final List<Kind> KINDS = List.of(
            new Kind("arm64 Image", ImageHeader::probe, Arm64Image::load),
            new Kind("gzip-compressed arm64 Image", GzipImage::probe, ImageKinds::loadCompressed),
            new Kind("ELF64", Elf::probe, Elf::load),
            new Kind("EFI executable", Arm64Image::isOtherPe, Arm64Image::load));

    private ImageKinds() {
    }

    /**
     * Loads a file of a kind that says what it is. A flat binary does not: see {@link #loadFlat}.
     *
     * @param memory bytes of memory the machine has: an image that needs more is refused, before it is unpacked
     * @throws ImageFormatException if it is of no kind, or not well-formed
     */
    public static LoadedImage load(ImageFile file, long memory) {
        for (Kind kind : KINDS) {
            if (kind.probe.test(file)) {
                return kind.loader.load(file, memory);
            }
        }
        String known = KINDS.stream().map(Kind::name).collect(Collectors.joining(", "));
        throw file.error(0, "a kernel of a known kind (" + known + ")", firstBytes(file));
    }

    private static LoadedImage loadCompressed(ImageFile file, long memory) {
        ImageFile plain = GzipImage.decompress(file, memory);
        return Arm64Image.load(plain, memory);
    }

    /** The file says what kind of kernel it is. */
    public static boolean known(ImageFile file) {
        return KINDS.stream().anyMatch(k -> k.probe.test(file));
    }

    /** A file without a format: all of it at physical address {@code address}, entered at its first byte. */
    public static LoadedImage loadFlat(ImageFile file, long address, long memory) {
        if (file.length() == 0 || file.length() > memory) {
            throw ImageFormatException.of(file.name(), "expected a flat binary of 1 to " + memory + " bytes, found " + file.length());
        }
        return new LoadedImage(file.name(), "flat binary", new Placement.Fixed(), address,
                List.of(new Segment("flat", address, file.bytes())), SymbolMap.EMPTY);
    }

    private static String firstBytes(ImageFile file) {
        if (file.length() == 0) {
            return "an empty file";
        }
        StringBuilder hex = new StringBuilder("a file that starts with");
        for (int i = 0; i < Math.min(8, file.length()); i++) {
            hex.append(String.format(" %02x", file.bytes().at(i)));
        }
        return hex.toString();
    }
}
