package dev.baton.cli;

import dev.baton.core.machine.LaunchPlan.Segment;
import dev.baton.images.ImageFile;
import dev.baton.images.ImageKinds;
import dev.baton.images.LoadedImage;
import dev.baton.images.Placement;
import dev.baton.images.arm64.GzipImage;
import dev.baton.images.arm64.ImageHeader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

import java.nio.file.Path;
import java.util.List;

@Command(name = "image", mixinStandardHelpOptions = true, description = "Kernel image files.", synopsisSubcommandLabel = "(inspect)")
final class ImageCommand {
    private static final long LARGEST = 4L << 30;

    @ParentCommand
    private BatonCommand baton;

    @Command(mixinStandardHelpOptions = true, description = "Says what kind of image a file is, where it may go and what lies in it.")
    int inspect(@Parameters(paramLabel = "FILE", arity = "1..*",
            description = "arm64 Image (also gzip-compressed), ELF") List<Path> files) {
        for (Path path : files) {
            ImageFile file = ImageFile.read(path);
            LoadedImage image = ImageKinds.load(file, LARGEST);
            baton.out.printf("%s: %s, %s%n", path, image.kind(), RunSummary.bytes(file.length()));
            baton.out.printf("  placement  %s%n", placement(image.placement()));
            baton.out.printf("  entry      0x%x%n", image.entry());
            for (Segment s : image.segments()) {
                baton.out.printf("  %-10s 0x%x to 0x%x, %s in the file%n", s.label(), s.address(), s.end(),
                        RunSummary.bytes(s.bytes().length()));
            }
            if (image.symbols().size() > 0) {
                baton.out.printf("  symbols    %d%n", image.symbols().size());
            }
            header(GzipImage.probe(file) ? GzipImage.decompress(file, LARGEST) : file);
        }
        return 0;
    }

    private static String placement(Placement p) {
        return switch (p) {
            case Placement.Fixed() -> "at the addresses in the file";
            case Placement.Movable(long alignment, boolean anywhere) -> "at any multiple of " + RunSummary.bytes(alignment)
                    + (anywhere ? "" : ", as near to the start of RAM as possible");
        };
    }

    private void header(ImageFile file) {
        if (!ImageHeader.probe(file)) {
            return;
        }
        ImageHeader h = ImageHeader.read(file);
        baton.out.printf("  header     text_offset 0x%x, image_size 0x%x, flags 0x%x: %s-endian, %s pages, %s%n",
                h.textOffset(), h.imageSize(), h.flags(), h.bigEndian() ? "big" : "little",
                h.pageSizeKib() == 0 ? "unspecified" : h.pageSizeKib() + " KiB",
                h.isPe() ? "also an EFI executable" : "no EFI stub");
        h.remarks(file).forEach(r -> baton.out.printf("  remark     %s%n", r));
    }
}
