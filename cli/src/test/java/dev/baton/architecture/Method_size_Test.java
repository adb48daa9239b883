package dev.baton.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** HotSpot does not compile a method of more than 8,000 bytes (HugeMethodLimit): such a method would be interpreted for ever. */
final class Method_size_Test {
    private static final int LIMIT = 8_000;

    private static int codeLength(MethodModel method) {
        return method.findAttribute(Attributes.code()).map(code -> code.codeLength()).orElse(0);
    }

    private static void collect(ClassModel model, List<String> tooLong, int limit) {
        for (MethodModel m : model.methods()) {
            if (codeLength(m) > limit) {
                tooLong.add(model.thisClass().asInternalName() + "." + m.methodName().stringValue() + ": " + codeLength(m) + " bytes");
            }
        }
    }

    @Test
    void no_method_of_any_module_has_more_than_8000_bytes_of_bytecode() throws IOException {
        List<String> tooLong = new ArrayList<>();
        int seen = 0;
        for (Built module : Built.values()) {
            for (Path file : Built.files(module.classes(), ".class")) {
                collect(ClassFile.of().parse(file), tooLong, LIMIT);
                seen++;
            }
        }
        assertTrue(seen > 50, "only " + seen + " classes found");
        assertEquals(List.of(), tooLong);
    }

    @Test
    void the_measure_is_the_length_of_the_code_attribute() throws IOException {
        List<String> found = new ArrayList<>();
        try (var in = Method_size_Test.class.getResourceAsStream("Method_size_Test.class")) {
            collect(ClassFile.of().parse(in.readAllBytes()), found, 0);
        }
        String itself = "dev/baton/architecture/Method_size_Test.collect: [1-9][0-9]+ bytes";
        assertTrue(found.stream().anyMatch(f -> f.matches(itself)), found.toString());
    }
}
