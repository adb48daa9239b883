package dev.baton.cli;

import dev.baton.kernel.chain.BuiltInChains;
import dev.baton.kernel.chain.ChainFile;
import dev.baton.kernel.chain.ChainSchema;
import dev.baton.kernel.chain.Scenario;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

@Command(name = "chain", mixinStandardHelpOptions = true,
        description = "Chain documents: the built-in ones, their schema, a check of yours.",
        synopsisSubcommandLabel = "(list | check | schema)")
final class ChainCommand {
    @ParentCommand
    private BatonCommand baton;

    /** A file, or a built-in chain by its name. */
    static ChainFile find(String fileOrName) {
        boolean file = fileOrName.contains("/") || fileOrName.endsWith(".yaml") || fileOrName.endsWith(".yml")
                || fileOrName.endsWith(".json")
                || Files.exists(Path.of(fileOrName));
        return file ? ChainFile.read(Path.of(fileOrName)) : BuiltInChains.read(fileOrName);
    }

    @Command(mixinStandardHelpOptions = true, description = "Lists the built-in chains.")
    int list() {
        for (String name : BuiltInChains.names()) {
            baton.out.printf("%-26s %s%n", name, BuiltInChains.read(name).chain().title());
        }
        return 0;
    }

    @Command(mixinStandardHelpOptions = true, description = "Prints the JSON Schema of chain documents.")
    int schema() {
        baton.out.print(ChainSchema.text());
        return 0;
    }

    @Command(mixinStandardHelpOptions = true, description = "Checks documents without running them.")
    int check(@Parameters(paramLabel = "CHAIN", arity = "1..*",
            description = "a file, or the name of a built-in chain") List<String> chains) {
        for (String c : chains) {
            ChainFile file = find(c);
            for (Scenario s : Scenario.of(file)) {
                baton.out.printf("%s: %s: %d generations, %d CPUs, %s, caches %s%n", file.name(), s.name(), s.generations().size(),
                        s.machine().cpus(), s.machine().memory(), s.machine().caches());
            }
        }
        return 0;
    }
}
