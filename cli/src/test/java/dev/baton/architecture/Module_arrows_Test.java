package dev.baton.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.baton.architecture.Built.BENCHMARKS;
import static dev.baton.architecture.Built.CLI;
import static dev.baton.architecture.Built.CPU_ARM64;
import static dev.baton.architecture.Built.CPU_X86_64;
import static dev.baton.architecture.Built.DEVICES;
import static dev.baton.architecture.Built.EMULATOR_CORE;
import static dev.baton.architecture.Built.IMAGES;
import static dev.baton.architecture.Built.KERNEL_MODEL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who may import whom: nothing points back. */
final class Module_arrows_Test {
    private static final Map<Built, Set<Built>> MAY_IMPORT = Map.of(
            EMULATOR_CORE, EnumSet.noneOf(Built.class),
            CPU_ARM64, EnumSet.of(EMULATOR_CORE),
            CPU_X86_64, EnumSet.of(EMULATOR_CORE),
            DEVICES, EnumSet.of(EMULATOR_CORE),
            IMAGES, EnumSet.of(EMULATOR_CORE),
            KERNEL_MODEL, EnumSet.of(EMULATOR_CORE, IMAGES),
            CLI, EnumSet.complementOf(EnumSet.of(CLI, BENCHMARKS)),
            BENCHMARKS, EnumSet.complementOf(EnumSet.of(BENCHMARKS)));

    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        List<Path> built = Arrays.stream(Built.values()).filter(Built::hasClasses).map(Built::classes).toList();
        classes = new ClassFileImporter().importPaths(built);
    }

    @ParameterizedTest
    @EnumSource
    void are_kept_by(Built module) {
        List<Built> others = Arrays.stream(Built.values()).filter(m -> m != module && !MAY_IMPORT.get(module).contains(m)).toList();
        if (!others.isEmpty()) {
            importsNoneOf(module, others).because(module.directory() + " imports only " + MAY_IMPORT.get(module)).check(classes);
        }
    }

    private static ArchRule importsNoneOf(Built module, List<Built> others) {
        String[] packages = others.stream().map(m -> m.rootPackage() + "..").toArray(String[]::new);
        return noClasses().that().resideInAPackage(module.rootPackage() + "..").should().dependOnClassesThat().resideInAnyPackage(packages)
                .allowEmptyShould(!module.hasClasses());
    }

    @Test
    void are_seen_where_they_are() {
        assertThrows(AssertionError.class, () -> importsNoneOf(IMAGES, List.of(EMULATOR_CORE)).check(classes));
    }

    @ParameterizedTest
    @EnumSource
    void hold_because_a_module_keeps_to_its_own_package(Built module) {
        if (module.hasClasses()) {
            JavaClasses own = new ClassFileImporter().importPath(module.classes());
            classes().should().resideInAPackage(module.rootPackage() + "..").check(own);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BENCHMARKS")
    void are_looked_for_in_built_classes_of(Built module) {
        if (module.hasSources()) {
            assertTrue(module.hasClasses(), () -> "no classes in " + module.classes());
        }
        assertTrue(EMULATOR_CORE.hasClasses(), "no classes anywhere: wrong baton.root?");
    }

    @Test
    void point_nowhere_back() {
        for (Built from : Built.values()) {
            for (Built to : MAY_IMPORT.get(from)) {
                assertFalse(MAY_IMPORT.get(to).contains(from), from + " and " + to + " import each other");
            }
        }
        assertEquals(Built.values().length, MAY_IMPORT.size());
    }
}
