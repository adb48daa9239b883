package dev.baton.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

final class Sources_Test {
    @Test
    void every_package_says_what_room_it_is() {
        Set<Path> packages = new TreeSet<>();
        for (Built module : Built.values()) {
            Built.files(module.sources(), ".java").forEach(f -> packages.add(f.getParent()));
        }
        assertTrue(packages.size() > 10, packages.toString());
        List<Path> silent = packages.stream().filter(p -> !Files.exists(p.resolve("package-info.java"))).toList();
        assertEquals(List.of(), silent);
    }
}
