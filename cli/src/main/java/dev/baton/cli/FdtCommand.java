package dev.baton.cli;

import dev.baton.core.fdt.Dts;
import dev.baton.core.fdt.DtsException;
import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtDiff;
import dev.baton.core.fdt.FdtException;
import dev.baton.images.ImageFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

import java.nio.file.Path;
import java.util.List;

@Command(name = "fdt", mixinStandardHelpOptions = true,
        description = "Device trees: prints, compares, checks them. A file is a blob, or source if its name ends in .dts.",
        synopsisSubcommandLabel = "(dump | diff | check)")
final class FdtCommand {
    @ParentCommand
    private BatonCommand baton;

    /** @throws BadInput naming the file */
    static Fdt read(Path file) {
        ImageFile f = ImageFile.read(file);
        try {
            if (f.name().endsWith(".dts")) {
                return Fdt.of(Dts.compile(f.name(), new String(f.bytes().array(), java.nio.charset.StandardCharsets.UTF_8)));
            }
            return Fdt.of(f.bytes().array());
        } catch (FdtException e) {
            throw new BadInput(file + ": " + e.getMessage());
        } catch (DtsException e) {
            throw new BadInput(e.getMessage());
        }
    }

    @Command(mixinStandardHelpOptions = true, description = "Prints a tree as 'dtc -O dts' does.")
    int dump(@Parameters(paramLabel = "FILE", description = "a device tree") Path file) {
        baton.out.print(Dts.print(read(file)));
        return 0;
    }

    @Command(mixinStandardHelpOptions = true,
            description = "Lists the nodes and properties in which two trees differ; exit status 1 if there are any.")
    int diff(@Parameters(paramLabel = "A", description = "a device tree") Path a,
            @Parameters(paramLabel = "B", description = "another") Path b) {
        List<FdtDiff.Row> rows = FdtDiff.between(read(a), read(b));
        rows.forEach(baton.out::println);
        return rows.isEmpty() ? 0 : 1;
    }

    @Command(mixinStandardHelpOptions = true, description = "Says whether libfdt would accept the files.")
    int check(@Parameters(paramLabel = "FILE", arity = "1..*", description = "device trees") List<Path> files) {
        for (Path file : files) {
            Fdt fdt = read(file);
            baton.out.printf("%s: a device tree of %d bytes, version %d%n", file, fdt.totalSize(), fdt.version());
        }
        return 0;
    }
}
