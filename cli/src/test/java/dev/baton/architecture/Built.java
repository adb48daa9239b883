package dev.baton.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The modules as they lie on disk: sources and built classes. */
enum Built {
    EMULATOR_CORE("emulator-core", "dev.baton.core"),
    CPU_ARM64("cpu-arm64", "dev.baton.arm64"),
    CPU_X86_64("cpu-x86_64", "dev.baton.x86"),
    DEVICES("devices", "dev.baton.devices"),
    IMAGES("images", "dev.baton.images"),
    KERNEL_MODEL("kernel-model", "dev.baton.kernel"),
    CLI("cli", "dev.baton.cli"),
    BENCHMARKS("benchmarks", "dev.baton.bench");

    private final String directory;
    private final String rootPackage;

    Built(String directory, String rootPackage) {
        this.directory = directory;
        this.rootPackage = rootPackage;
    }

    String directory() {
        return directory;
    }

    String rootPackage() {
        return rootPackage;
    }

    private Path module() {
        return Path.of(System.getProperty("baton.root", "..")).resolve(directory);
    }

    Path classes() {
        return module().resolve("target/classes");
    }

    Path sources() {
        return module().resolve("src/main/java");
    }

    /** True if the module has classes to look at; {@code benchmarks} is built after these tests, so only when it was before. */
    boolean hasClasses() {
        return !files(classes(), ".class").isEmpty();
    }

    boolean hasSources() {
        return files(sources(), ".java").stream().anyMatch(f -> !f.endsWith("package-info.java"));
    }

    static List<Path> files(Path under, String suffix) {
        if (!Files.isDirectory(under)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(under)) {
            return new ArrayList<>(all.filter(f -> f.toString().endsWith(suffix)).sorted().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
