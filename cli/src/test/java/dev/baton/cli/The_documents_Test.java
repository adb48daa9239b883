package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.kernel.chain.ChainFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

class The_documents_Test {
    private static final Path ROOT = Path.of(System.getProperty("baton.root"));
    private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)[^)]*\\)");

    private static String read(Path file) throws IOException {
        return Files.readString(file);
    }

    @TestFactory
    Stream<DynamicTest> show_a_chain_that_runs() throws IOException {
        Matcher m = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL).matcher(read(ROOT.resolve("README.md")));
        assertTrue(m.find(), "the README shows a chain");
        return ChainTests.of(ChainFile.parse("README.md.yaml", null, m.group(1).getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void link_to_files_that_are_there() throws IOException {
        List<String> broken = new ArrayList<>();
        List<Path> documents = new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")));
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            documents.addAll(docs.toList());
        }
        for (Path document : documents) {
            Matcher m = LINK.matcher(read(document));
            while (m.find()) {
                if (!m.group(1).contains("://") && !Files.exists(document.getParent().resolve(m.group(1)))) {
                    broken.add(document.getFileName() + ": " + m.group(1));
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void guide_to_every_room() throws IOException {
        String guide = read(ROOT.resolve("docs/reading-guide.md"));
        List<String> unmentioned = new ArrayList<>();
        for (String module : List.of("emulator-core", "cpu-arm64", "devices", "images", "kernel-model")) {
            Path packages = ROOT.resolve(module + "/src/main/java/dev/baton");
            try (Stream<Path> files = Files.walk(packages)) {
                files.filter(f -> f.endsWith("package-info.java") && packages.relativize(f).getNameCount() > 2)
                        .map(f -> f.getParent().getFileName().toString())
                        .filter(room -> !guide.contains("`" + room + "`") && !guide.contains("." + room + "`")).forEach(unmentioned::add);
            }
        }
        assertEquals(List.of(), unmentioned);
    }
}
