package dev.baton.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code scripts/fetch-real-kernels} on a machine that has only what the test gives it: no apt, no QEMU, no network. */
final class Fetching_the_real_kernel_Test {
    private static final int UNAVAILABLE = 77;
    private static final int MAGIC_OFFSET = 56;
    private static final List<String> TOOLS = List.of("basename", "cat", "chmod", "dirname", "find", "ln", "mkdir", "mktemp", "mv", "od",
            "rm", "sed", "stat");
    private static final List<String> SERIES = List.of("5.10", "6.1", "6.12", "7.2");

    @TempDir
    private Path dir;
    private Path cache;

    private record Result(int status, String out, String err) {
    }

    @BeforeEach
    void machine() throws IOException {
        cache = dir.resolve("cache");
        Files.createDirectory(dir.resolve("bin"));
        for (String tool : TOOLS) {
            Path wrapper = dir.resolve("bin").resolve(tool);
            Files.writeString(wrapper, "#!/bin/bash\nPATH=/usr/bin:/bin exec " + tool + " \"$@\"\n");
            assertTrue(wrapper.toFile().setExecutable(true));
        }
    }

    private Result fetch(String... arguments) throws IOException, InterruptedException {
        Path script = Path.of(System.getProperty("baton.root", "..")).resolve("scripts/fetch-real-kernels").toAbsolutePath();
        ProcessBuilder b = new ProcessBuilder("/bin/bash", script.toString());
        b.command().addAll(List.of(arguments));
        b.environment().clear();
        b.environment().put("PATH", dir.resolve("bin").toString());
        b.environment().put("BATON_CACHE", cache.toString());
        Path err = dir.resolve("err");
        Process p = b.redirectError(err.toFile()).start();
        p.getOutputStream().close();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(p.waitFor(), out, Files.readString(err));
    }

    private Path cached(int magic) throws IOException {
        Path kernel = Files.createDirectories(cache.resolve("debian-arm64/linux-image-1")).resolve("Image");
        try (RandomAccessFile f = new RandomAccessFile(kernel.toFile(), "rw")) {
            f.setLength(32 << 20);
            f.seek(MAGIC_OFFSET);
            f.writeInt(Integer.reverseBytes(magic));
        }
        for (String series : SERIES) {
            Files.createSymbolicLink(cache.resolve("debian-arm64").resolve(series), Path.of("linux-image-1"));
        }
        Files.createDirectories(cache.resolve("qemu-virt"));
        for (String memory : List.of("512M", "1024M")) {
            Files.writeString(cache.resolve("qemu-virt/smp2-" + memory + ".dtb"), "tree");
        }
        return kernel;
    }

    @Test
    void prints_the_path_of_each_cached_kernel_and_needs_neither_apt_nor_QEMU() throws Exception {
        Path kernel = cached(0x644d_5241);
        assertEquals(new Result(0, (kernel.toRealPath() + "\n").repeat(SERIES.size()), ""), fetch());
        assertEquals(kernel.toRealPath(), cache.resolve("debian-arm64/current/Image").toRealPath());
    }

    @Test
    void ends_with_77_and_one_line_where_there_is_no_apt() throws Exception {
        assertEquals(new Result(UNAVAILABLE, "", "fetch-real-kernels: no apt-get on this machine\n"), fetch());
    }

    @Test
    void ends_with_77_and_one_line_where_there_is_no_QEMU() throws Exception {
        cached(0x644d_5241);
        Files.delete(cache.resolve("qemu-virt/smp2-1024M.dtb"));
        Result r = fetch();
        assertEquals(UNAVAILABLE, r.status());
        assertEquals("fetch-real-kernels: no qemu-system-aarch64 on this machine\n", r.err());
    }

    @Test
    void refuses_a_cached_file_that_is_no_plain_Image() throws Exception {
        cached(0x1234_5678);
        Result r = fetch();
        assertEquals(1, r.status());
        assertTrue(r.err().endsWith("offset 56: expected arm64 Image magic 644d5241, found 12345678\n"), r.err());
    }

    @Test
    void leaves_nothing_behind_in_the_cache() throws Exception {
        fetch();
        try (var files = Files.list(cache)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void refuses_an_option_it_does_not_know() throws Exception {
        assertEquals(new Result(1, "", "fetch-real-kernels: expected no argument, --refresh or --modules, found '--version'\n"),
                fetch("--version"));
    }
}
