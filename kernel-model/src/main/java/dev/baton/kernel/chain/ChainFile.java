package dev.baton.kernel.chain;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.MapperBuilder;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import org.yaml.snakeyaml.LoaderOptions;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A chain document read from YAML or JSON (comments allowed), with the place of every key, so that every complaint names
 * file, line and column. Documents may be hostile: size, depth and number of tokens are bounded, and anchors and aliases,
 * which could make a small text a large document, are refused.
 */
public final class ChainFile {
    /** Largest document, bytes. */
    public static final int MAX_BYTES = 1 << 20;
    private static final int MAX_TOKENS = 200_000;
    private static final int MAX_DEPTH = 32;

    private final String name;
    private final Path folder;
    private final Chain chain;
    private final Map<String, JsonLocation> places;

    private ChainFile(String name, Path folder, Chain chain, Map<String, JsonLocation> places) {
        this.name = name;
        this.folder = folder;
        this.chain = chain;
        this.places = places;
    }

    /** @throws ChainException if the file cannot be read or is no chain */
    public static ChainFile read(Path file) {
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                // A FIFO might never end, and /dev/zero never does.
                throw new ChainException("%s: expected a regular file, found %s".formatted(file,
                        Files.isDirectory(file) ? "a directory" : "a special file"));
            }
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new ChainException("%s: expected at most %d bytes, found %d".formatted(file, MAX_BYTES, size));
            }
            return parse(file.toString(), file.toAbsolutePath().getParent(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw new ChainException(file + ": cannot be read: " + Reasons.of(e));
        }
    }

    /**
     * @param name   for messages; one that ends in {@code .json} is JSON, anything else YAML
     * @param folder where relative paths in the document start; null for the working directory
     * @throws ChainException if the text is no chain
     */
    public static ChainFile parse(String name, Path folder, byte[] text) {
        if (text.length > MAX_BYTES) {
            throw new ChainException("%s: expected at most %d bytes, found %d".formatted(name, MAX_BYTES, text.length));
        }
        String content = new String(text, StandardCharsets.UTF_8);
        ObjectMapper mapper = name.endsWith(".json") ? JSON.MAPPER : YAML.MAPPER;
        Map<String, JsonLocation> places = new HashMap<>();
        try {
            readPlaces(name, mapper, content, places);
            Chain chain = mapper.readValue(content, Chain.class);
            if (chain == null) {
                throw new ChainException(name + ": the document is empty");
            }
            ChainFile file = new ChainFile(name, folder == null ? Path.of("") : folder, chain, places);
            ChainRules.check(file);
            return file;
        } catch (JsonProcessingException e) {
            throw new ChainException(place(name, placeOf(e, places)) + ": " + sentence(e));
        }
    }

    /** The key that does not fit, where there is one: Jackson's own position is that of the end of the object around it. */
    private static JsonLocation placeOf(JsonProcessingException e, Map<String, JsonLocation> places) {
        String pointer = e instanceof JsonMappingException m ? m.getPath().stream()
                .map(r -> "/" + (r.getFieldName() == null ? String.valueOf(r.getIndex()) : r.getFieldName())).collect(Collectors.joining())
                : "";
        return pointer.isEmpty() ? e.getLocation() : places.getOrDefault(pointer, e.getLocation());
    }

    /** The document. */
    public Chain chain() {
        return chain;
    }

    /** Where relative paths start. */
    Path folder() {
        return folder;
    }

    /** File name as given. */
    public String name() {
        return name;
    }

    /** A complaint about the key at a JSON pointer such as {@code /generations/1/kernel}, or the nearest one above it. */
    ChainException complaint(String pointer, String sentence) {
        String p = pointer;
        while (!places.containsKey(p) && !p.isEmpty()) {
            p = p.substring(0, p.lastIndexOf('/'));
        }
        return new ChainException(place(name, places.get(p)) + ": " + sentence);
    }

    /** JSON mapper, made when first needed: a YAML user does not wait for it. */
    private static final class JSON {
        static final ObjectMapper MAPPER = strict(JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                .streamReadConstraints(constraints()).enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS).build()));
    }

    /** YAML mapper, made when first needed. */
    private static final class YAML {
        static final ObjectMapper MAPPER = strict(YAMLMapper.builder(factory()));

        private static YAMLFactory factory() {
            LoaderOptions limits = new LoaderOptions();
            limits.setCodePointLimit(MAX_BYTES);
            limits.setNestingDepthLimit(MAX_DEPTH);
            limits.setAllowDuplicateKeys(false);
            return YAMLFactory.builder().loaderOptions(limits).streamReadConstraints(constraints())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
        }
    }

    private static StreamReadConstraints constraints() {
        return StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).maxStringLength(1 << 16).maxNumberLength(32).maxNameLength(256)
                .maxDocumentLength(MAX_BYTES).maxTokenCount(MAX_TOKENS).build();
    }

    private static <M extends ObjectMapper, B extends MapperBuilder<M, B>> ObjectMapper strict(B builder) {
        SimpleModule module = Scalars.module();
        module.addDeserializer(Step.class, new StepReader());
        return builder.propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE).addModule(module)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS).disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT).build();
    }

    /** Where every value starts, by JSON pointer; refuses anchors and aliases on the way. */
    private static void readPlaces(String name, ObjectMapper mapper, String content, Map<String, JsonLocation> places)
            throws JsonProcessingException {
        try (JsonParser p = mapper.createParser(content)) {
            for (JsonToken t = p.nextToken(); t != null; t = p.nextToken()) {
                if (p instanceof YAMLParser y && (y.isCurrentAlias() || y.getObjectId() != null)) {
                    throw new ChainException(place(name, p.currentTokenLocation()) + ": expected no YAML anchors or aliases");
                }
                if (t != JsonToken.END_ARRAY && t != JsonToken.END_OBJECT) {
                    places.putIfAbsent(p.getParsingContext().pathAsPointer().toString(), p.currentTokenLocation());
                }
            }
        } catch (JsonProcessingException e) {
            throw e;
        } catch (IOException e) {
            throw new ChainException(name + ": " + Reasons.of(e));
        }
    }

    private static String place(String name, JsonLocation at) {
        return at == null || at.getLineNr() < 1 ? name : name + ":" + at.getLineNr() + ":" + at.getColumnNr();
    }

    private static String sentence(JsonProcessingException e) {
        return switch (e) {
            case UnrecognizedPropertyException u -> "unknown key '" + u.getPropertyName() + "'" + in(u) + ": expected one of "
                    + u.getKnownPropertyIds().stream().map(Object::toString).sorted().collect(Collectors.joining(", "));
            case InvalidFormatException f when Scalars.ALL.containsKey(f.getTargetType()) -> ownWords(f) + in(f);
            case MismatchedInputException m -> "expected " + wanted(m.getTargetType()) + in(m) + ", found something else";
            default -> firstLine(e.getOriginalMessage());
        };
    }

    /** Jackson wraps the sentence of a {@link Scalars} parser: {@code Cannot deserialize ... from String "x": sentence}. */
    private static String ownWords(InvalidFormatException f) {
        String m = firstLine(f.getOriginalMessage());
        int at = m.indexOf("\": ");
        return at < 0 ? m : m.substring(at + 3);
    }

    private static String in(JsonMappingException e) {
        String path = e.getPath().stream().map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : "." + r.getFieldName())
                .collect(Collectors.joining());
        return path.isEmpty() ? "" : " at " + path.substring(path.startsWith(".") ? 1 : 0);
    }

    private static String wanted(Class<?> type) {
        if (type == null) {
            return "another kind of value";
        }
        return switch (type.getSimpleName()) {
            case "Integer", "Long" -> "a whole number";
            case "Boolean" -> "true or false";
            case "String" -> "text";
            case "List", "ArrayList" -> "a list";
            default -> Scalars.ALL.containsKey(type) ? "one word" : "keys and values";
        };
    }

    private static String firstLine(String message) {
        return message == null ? "not a chain document" : message.lines().findFirst().orElse("").strip();
    }
}
