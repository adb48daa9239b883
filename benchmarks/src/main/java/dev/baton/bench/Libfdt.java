package dev.baton.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * libfdt-bench.c, built with gcc and loaded into this JVM. A downcall costs some nanoseconds where an operation costs some hundred, and
 * so both sides are timed by the same JMH in the same fork; {@code nothing} is that cost. A child process would have to time itself.
 */
final class Libfdt {
    private static final SymbolLookup SYMBOLS = build();
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final FunctionDescriptor TREE_AND_INT = FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT);
    private static final FunctionDescriptor TREE_OTHER_AND_INT = FunctionDescriptor.of(INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, INT);
    private static final MethodHandle NOTHING = function("bench_nothing", TREE_AND_INT);
    private static final MethodHandle PARSE = function("bench_parse", TREE_AND_INT);
    private static final MethodHandle LOOKUP = function("bench_lookup", TREE_OTHER_AND_INT);
    private static final MethodHandle EDIT = function("bench_edit", FunctionDescriptor.of(INT, ValueLayout.ADDRESS));
    private static final MethodHandle REWRITE = function("bench_rewrite", TREE_OTHER_AND_INT);

    private Libfdt() {
    }

    static int nothing(MemorySegment fdt, int n) {
        try {
            return (int) NOTHING.invokeExact(fdt, n);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static int parse(MemorySegment fdt, int size) {
        try {
            return (int) PARSE.invokeExact(fdt, size);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static int lookup(MemorySegment fdt, MemorySegment paths, int n) {
        try {
            return (int) LOOKUP.invokeExact(fdt, paths, n);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static int edit(MemorySegment fdt) {
        try {
            return (int) EDIT.invokeExact(fdt);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static int rewrite(MemorySegment fdt, MemorySegment out, int room) {
        try {
            return (int) REWRITE.invokeExact(fdt, out, room);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(SYMBOLS.find(name).orElseThrow(), descriptor);
    }

    private static SymbolLookup build() {
        try (InputStream in = Libfdt.class.getResourceAsStream("libfdt-bench.c")) {
            Path directory = Files.createTempDirectory("baton-bench");
            Path source = directory.resolve("libfdt-bench.c");
            Path library = directory.resolve("libfdt-bench.so");
            Files.copy(in, source);
            Process gcc = new ProcessBuilder("gcc", "-O2", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-lfdt")
                    .inheritIO().start();
            if (gcc.waitFor() != 0) {
                throw new IllegalStateException("gcc and libfdt (Debian: gcc libfdt-dev) are needed to compare with libfdt");
            }
            SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
            Files.delete(library);
            Files.delete(source);
            Files.delete(directory);
            return symbols;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
