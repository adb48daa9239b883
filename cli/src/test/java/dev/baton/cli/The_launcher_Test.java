package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The launcher in a tree of its own, with JDKs that are folders and a java that only says what it was given. */
class The_launcher_Test {
    private static final Path LAUNCHER = Path.of(System.getProperty("baton.root"), "baton");

    @TempDir
    Path folder;

    private Path tree;

    private record Result(int status, String out, String err) { }

    @BeforeEach
    void tree() throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/env")), "needs /usr/bin/env");
        tree = Files.createDirectories(folder.resolve("tree"));
        Files.copy(LAUNCHER, tree.resolve("baton"));
        Files.createDirectories(tree.resolve("module/src/main"));
        Files.writeString(tree.resolve("pom.xml"), "");
        Files.writeString(tree.resolve("module/pom.xml"), "");
        Files.createDirectories(tree.resolve("cli/target/lib"));
        Files.writeString(tree.resolve("cli/pom.xml"), "");
        Files.writeString(tree.resolve("cli/target/cli-1.jar"), "");
        Files.writeString(tree.resolve("cli/target/lib/a.jar"), "");
        Files.writeString(tree.resolve("cli/target/lib/b.jar"), "");
        Files.writeString(tree.resolve("cli/target/baton.stamp"), "");
        Files.writeString(tree.resolve("cli/target/baton.aot"), "");
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = Files.createDirectories(folder.resolve(name));
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho \"$0\"; for a in \"$@\"; do echo \"$a\"; done\n");
        assertTrue(java.toFile().setExecutable(true));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private Result launch(Path launcher, Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder b = new ProcessBuilder(launcher.toString());
        b.command().addAll(List.of(arguments));
        b.environment().keySet().removeAll(List.of("JAVA_HOME", "BATON_JAVA", "BATON_BUILD", "JAVA_OPTS"));
        b.environment().putAll(environment);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        int status = b.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
        return new Result(status, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void takes_the_jdk_it_is_told_and_the_jars_in_one_order() throws Exception {
        Path home = jdk("jdk", "25.0.3");
        Result r = launch(tree.resolve("baton"), Map.of("BATON_JAVA", home.toString()), "run", "a chain", "--all");
        assertEquals(0, r.status(), r.err());
        List<String> lines = r.out().lines().toList();
        assertEquals(home + "/bin/java", lines.getFirst());
        Path target = tree.toRealPath().resolve("cli/target");
        assertTrue(lines.contains(target + "/cli-1.jar:" + target + "/lib/a.jar:" + target + "/lib/b.jar"), r.out());
        assertEquals(List.of("dev.baton.cli.Main", "run", "a chain", "--all"), lines.subList(lines.size() - 4, lines.size()));
    }

    @Test
    void takes_a_java_command_for_its_jdk_and_may_be_a_link() throws Exception {
        Path java = jdk("jdk-26", "26-ea").resolve("bin/java");
        Path link = Files.createSymbolicLink(folder.resolve("link"), tree.resolve("baton"));
        Result r = launch(link, Map.of("BATON_JAVA", java.toString()), "--version");
        assertEquals(0, r.status(), r.err());
        assertEquals(java.toRealPath().toString(), Path.of(r.out().lines().findFirst().orElseThrow()).toRealPath().toString());
    }

    @Test
    void is_found_by_the_look_alike_of_QEMU_through_a_link() throws Exception {
        Files.createDirectories(tree.resolve("compat"));
        Files.copy(LAUNCHER.resolveSibling("compat/qemu-system-aarch64"), tree.resolve("compat/qemu-system-aarch64"));
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("qemu-system-aarch64"), tree.resolve("compat/qemu-system-aarch64"));
        for (Path qemu : List.of(bin.resolve("qemu-system-aarch64"), tree.resolve("compat/qemu-system-aarch64"))) {
            Result r = launch(qemu, Map.of("BATON_JAVA", jdk("jdk", "25").toString()), "-append", "two words", "-s");
            assertEquals(0, r.status(), r.err());
            List<String> lines = r.out().lines().toList();
            assertEquals(List.of("dev.baton.cli.Main", "qemu-system-aarch64", "-append", "two words", "-s"),
                    lines.subList(lines.size() - 5, lines.size()));
        }
    }

    @Test
    void lets_files_have_any_name_in_the_C_locale() throws Exception {
        Path home = jdk("jdk", "25");
        Files.writeString(home.resolve("bin/java"), "#!/bin/sh\necho \"$LC_ALL\"\n");
        Map<String, String> c = Map.of("BATON_JAVA", home.toString(), "LC_ALL", "C");
        assertEquals("C.UTF-8\n", launch(tree.resolve("baton"), c, "run").out());
        Map<String, String> other = Map.of("BATON_JAVA", home.toString(), "LC_ALL", "de_DE.UTF-8");
        assertEquals("de_DE.UTF-8\n", launch(tree.resolve("baton"), other, "run").out());
    }

    @Test
    void refuses_a_jdk_that_is_too_old() throws Exception {
        Result r = launch(tree.resolve("baton"), Map.of("BATON_JAVA", jdk("old", "17.0.15").toString()));
        assertEquals(2, r.status());
        assertEquals("baton: BATON_JAVA=" + folder.resolve("old") + ": expected a JDK 25 or newer\n", r.err());
    }

    @Test
    void passes_over_a_java_home_that_is_too_old() throws Exception {
        Path bin = jdk("jdk", "25").resolve("bin");
        Result r = launch(tree.resolve("baton"),
                Map.of("JAVA_HOME", jdk("old", "17.0.15").toString(), "PATH", bin + ":/usr/bin:/bin"), "x");
        assertEquals(0, r.status(), r.err());
        assertEquals(bin.toRealPath().resolve("java").toString(), r.out().lines().findFirst().orElseThrow());
    }

    @Test
    void builds_when_a_source_is_newer_than_the_build_and_says_when_that_fails() throws Exception {
        Path source = Files.writeString(tree.resolve("module/src/main/New.java"), "");
        Files.setLastModifiedTime(source, java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() + 60_000));
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path mvn = Files.writeString(bin.resolve("mvn"), "#!/bin/sh\necho '[ERROR] New.java: not Java'\nexit 1\n");
        assertTrue(mvn.toFile().setExecutable(true));
        Result r = launch(tree.resolve("baton"), Map.of("BATON_JAVA", jdk("jdk", "25").toString(), "PATH", bin + ":/usr/bin:/bin"), "x");
        assertEquals(2, r.status());
        List<String> said = r.err().lines().toList();
        assertEquals("baton: building...", said.get(0));
        assertEquals("[ERROR] New.java: not Java", said.get(1));
        assertTrue(said.get(2).startsWith("baton: the build failed; all it said is in "), r.err());
    }
}
