package dev.baton.kernel.chain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;

/** The JSON Schema (draft 2020-12) of chain documents, derived from the records that read them. */
public final class ChainSchema {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ChainSchema() { }

    /** The schema as indented JSON. */
    public static String text() {
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(schema()) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode schema() {
        ObjectNode root = object(Chain.class);
        ObjectNode head = NODES.objectNode();
        head.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        head.put("title", "Baton chain");
        head.setAll(root);
        return head;
    }

    private static ObjectNode object(Class<?> record) {
        ObjectNode o = NODES.objectNode();
        o.put("type", "object");
        o.put("additionalProperties", false);
        ObjectNode properties = o.putObject("properties");
        ArrayNode required = NODES.arrayNode();
        for (RecordComponent c : record.getRecordComponents()) {
            ObjectNode value = value(c.getGenericType());
            Doc doc = c.getAnnotation(Doc.class);
            if (doc != null) {
                value.put("description", doc.value());
            }
            properties.set(Kebab.key(c.getName()), value);
            if (c.isAnnotationPresent(Required.class)) {
                required.add(Kebab.key(c.getName()));
            }
        }
        if (!required.isEmpty()) {
            o.set("required", required);
        }
        return o;
    }

    private static ObjectNode value(Type type) {
        if (type instanceof ParameterizedType p) {
            ObjectNode o = NODES.objectNode();
            if (p.getRawType() == List.class) {
                o.put("type", "array").set("items", value(p.getActualTypeArguments()[0]));
            } else if (p.getRawType() == Map.class) {
                o.put("type", "object").set("additionalProperties", value(p.getActualTypeArguments()[1]));
            }
            return o;
        }
        Class<?> c = (Class<?>) type;
        if (Scalars.ALL.containsKey(c)) {
            return scalar(Scalars.ALL.get(c));
        }
        return c == Step.class ? step() : c.isRecord() ? object(c) : NODES.objectNode().put("type", simple(c));
    }

    private static String simple(Class<?> c) {
        return c == Integer.class || c == Long.class ? "integer" : c == Boolean.class ? "boolean" : "string";
    }

    /** A word. A number may stand for it, since YAML takes {@code 6.16} and {@code 4096} for numbers. */
    private static ObjectNode scalar(Scalars.Scalar<?> s) {
        ObjectNode o = NODES.objectNode();
        o.putArray("type").add("string").add("number");
        if (s.pattern() != null) {
            o.put("pattern", s.pattern());
        } else {
            ArrayNode words = o.putArray("enum");
            for (String w : s.words()) {
                words.add(w);
                if (w.matches("[0-9]+\\.[0-9]+")) {
                    words.add(Double.parseDouble(w));
                }
            }
        }
        return o;
    }

    private static ObjectNode step() {
        ObjectNode o = NODES.objectNode();
        ArrayNode forms = o.putArray("oneOf");
        ArrayNode bare = forms.addObject().put("type", "string").putArray("enum");
        ObjectNode one = forms.addObject().put("type", "object").put("additionalProperties", false).put("minProperties", 1)
                .put("maxProperties", 1);
        ObjectNode properties = one.putObject("properties");
        Step.BY_NAME.forEach((name, type) -> {
            ObjectNode arguments = object(type);
            if (!arguments.has("required")) {
                bare.add(name);
                arguments.putArray("type").add("object").add("null");
            }
            properties.set(name, arguments);
        });
        return o;
    }
}
