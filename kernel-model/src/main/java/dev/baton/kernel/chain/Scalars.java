package dev.baton.kernel.chain;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.baton.core.mem.CachePolicy;
import dev.baton.kernel.Era;
import dev.baton.kernel.Errno;
import dev.baton.kernel.Quirk;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** The values in a chain document that are one word: how each is read, and what the JSON Schema says of it. */
final class Scalars {
    /**
     * One type of word.
     *
     * @param words   every word there is; empty if there are too many
     * @param pattern of the words in the JSON Schema's regular expressions, null if {@code words} says it all
     */
    record Scalar<T>(Class<T> type, Function<String, T> parse, List<String> words, String pattern) { }

    static final Map<Class<?>, Scalar<?>> ALL = all();

    private Scalars() { }

    private static Map<Class<?>, Scalar<?>> all() {
        Map<Class<?>, Scalar<?>> m = new LinkedHashMap<>();
        Stream.of(
                new Scalar<>(Size.class, Size::parse, List.of(), "^(0x[0-9a-fA-F]+|[0-9]+([kKmMgGtT]([iI]?[bB])?)?)$"),
                new Scalar<>(Count.class, Count::parse, List.of(), "^[0-9_]+[kKmMgGtT]?$"),
                new Scalar<>(Address.class, Address::parse, List.of(), "^(0x[0-9a-fA-F_]+|-?[0-9_]+)$"),
                new Scalar<>(HexBytes.class, HexBytes::parse, List.of(), "^([0-9a-fA-F]{2}|\\s)*$"),
                new Scalar<>(CachePolicy.class, CachePolicy::parse, List.of(),
                        "^(none|strict|adversarial|random:(0x[0-9a-fA-F]+|[0-9]+))$"),
                new Scalar<>(Era.class, Era::parse, Arrays.stream(Era.values()).map(Era::toString).toList(), null),
                new Scalar<>(Quirk.class, Quirk::parse, Arrays.stream(Quirk.values()).map(Quirk::toString).toList(), null),
                new Scalar<>(Errno.class, Errno::parse, Arrays.stream(Errno.values()).map(Enum::name).toList(), null),
                word(MachineSpec.Board.class), word(MachineSpec.EnableMethod.class), word(Generation.OracleRule.class),
                word(Generation.MemoryView.class), word(Step.Via.class), word(Step.Flag.class), word(Outcome.Exit.class))
                .forEach(s -> m.put(s.type(), s));
        return java.util.Collections.unmodifiableMap(m);
    }

    private static <E extends Enum<E>> Scalar<E> word(Class<E> type) {
        return new Scalar<>(type, text -> Kebab.parse(type, text), Arrays.stream(type.getEnumConstants()).map(Kebab::text).toList(), null);
    }

    static SimpleModule module() {
        SimpleModule module = new SimpleModule("chain");
        ALL.values().forEach(s -> register(module, s));
        return module;
    }

    private static <T> void register(SimpleModule module, Scalar<T> s) {
        module.addDeserializer(s.type(), new Reader<>(s));
    }

    /** Reads the word as it is written: {@code 6.16} is a name here, whatever YAML thinks. */
    private static final class Reader<T> extends StdDeserializer<T> {
        private static final long serialVersionUID = 1;
        private final transient Scalar<T> scalar;

        Reader(Scalar<T> scalar) {
            super(scalar.type());
            this.scalar = scalar;
        }

        @Override
        public T deserialize(JsonParser p, DeserializationContext context) throws IOException {
            JsonToken t = p.currentToken();
            if (t != JsonToken.VALUE_STRING && !t.isNumeric()) {
                throw context.wrongTokenException(p, scalar.type(), JsonToken.VALUE_STRING, "expected one word");
            }
            try {
                return scalar.parse().apply(p.getText());
            } catch (IllegalArgumentException e) {
                throw context.weirdStringException(p.getText(), scalar.type(), e.getMessage());
            }
        }
    }
}
