package dev.baton.kernel.chain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

class The_chain_schema_Test {
    /** What of JSON Schema our schema uses: enough to hold a document against it. */
    private static void violations(JsonNode schema, JsonNode value, String at, List<String> found) {
        if (schema.has("oneOf")) {
            long fits = 0;
            for (JsonNode s : schema.get("oneOf")) {
                List<String> inner = new ArrayList<>();
                violations(s, value, at, inner);
                fits += inner.isEmpty() ? 1 : 0;
            }
            if (fits != 1) {
                found.add(at + " fits " + fits + " forms");
            }
            return;
        }
        if (schema.has("type") && !typeFits(schema.get("type"), value)) {
            found.add(at + ": type " + value.getNodeType());
            return;
        }
        if (schema.has("pattern") && !value.asText().matches(schema.get("pattern").asText())) {
            found.add(at + ": '" + value.asText() + "' against " + schema.get("pattern").asText());
        }
        if (schema.has("enum") && !contains(schema.get("enum"), value)) {
            found.add(at + ": " + value + " not in " + schema.get("enum"));
        }
        for (JsonNode r : schema.path("required")) {
            if (!value.has(r.asText())) {
                found.add(at + ": no " + r.asText());
            }
        }
        value.properties().forEach(e -> {
            JsonNode s = schema.path("properties").get(e.getKey());
            JsonNode more = schema.path("additionalProperties");
            if (s == null && !more.isObject()) {
                found.add(at + ": unknown " + e.getKey());
            } else {
                violations(s != null ? s : more, e.getValue(), at + "/" + e.getKey(), found);
            }
        });
        for (int i = 0; value.isArray() && i < value.size(); i++) {
            violations(schema.get("items"), value.get(i), at + "/" + i, found);
        }
    }

    private static boolean typeFits(JsonNode type, JsonNode value) {
        if (type.isArray()) {
            for (JsonNode t : type) {
                if (typeFits(t, value)) {
                    return true;
                }
            }
            return false;
        }
        return switch (type.asText()) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            default -> value.isTextual();
        };
    }

    private static boolean contains(JsonNode words, JsonNode value) {
        for (JsonNode w : words) {
            if (w.isNumber() && value.isNumber() ? w.asDouble() == value.asDouble() : w.equals(value)) {
                return true;
            }
        }
        return false;
    }

    private static List<String> violations(JsonNode document) {
        List<String> found = new ArrayList<>();
        violations(ChainSchema.schema(), document, "", found);
        return found;
    }

    @ParameterizedTest
    @MethodSource("dev.baton.kernel.chain.BuiltInChains#names")
    void accepts_every_built_in_chain(String name) throws IOException {
        try (InputStream in = BuiltInChains.class.getResourceAsStream(name + ".yaml")) {
            assertEquals(List.of(), violations(new YAMLMapper().readTree(in)));
        }
    }

    @Test
    void refuses_what_the_reader_refuses() throws IOException {
        String text = """
                baton: 1
                name: x
                kernels: {a: {era: 9.9}}
                generations: [{kernel: a, stepz: []}]
                """;
        List<String> found = violations(new YAMLMapper().readTree(text));
        assertTrue(found.stream().anyMatch(f -> f.contains("unknown stepz")), found::toString);
        assertTrue(found.stream().anyMatch(f -> f.contains("/kernels/a/era")), found::toString);
        assertTrue(found.stream().anyMatch(f -> f.contains("no steps")), found::toString);
    }

    @Test
    void describes_every_key() {
        List<String> silent = new ArrayList<>();
        undescribed(ChainSchema.schema(), "", silent);
        assertEquals(List.of(), silent);
    }

    private static void undescribed(JsonNode schema, String at, List<String> silent) {
        schema.path("properties").properties().forEach(e -> {
            if (!e.getValue().has("description") && !at.isEmpty() && !at.endsWith("oneOf")) {
                silent.add(at + "/" + e.getKey());
            }
            undescribed(e.getValue(), at + "/" + e.getKey(), silent);
        });
        if (schema.has("items")) {
            undescribed(schema.get("items"), at + "/items", silent);
        }
        for (JsonNode form : schema.path("oneOf")) {
            undescribed(form, at + "/oneOf", silent);
        }
    }
}
