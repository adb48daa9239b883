package dev.baton.kernel.chain;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;

import java.io.IOException;

/** Reads {@code - kexec} and {@code - preserve: {orders: [0, 3]}}. */
final class StepReader extends StdDeserializer<Step> {
    private static final long serialVersionUID = 1;

    StepReader() {
        super(Step.class);
    }

    @Override
    public Step deserialize(JsonParser p, DeserializationContext context) throws IOException {
        return switch (p.currentToken()) {
            case VALUE_STRING -> bare(p, context);
            case START_OBJECT -> withArguments(p, context);
            default -> throw JsonMappingException.from(p, "expected a step: its name, or its name and arguments");
        };
    }

    private static Class<? extends Step> type(JsonParser p, String name) throws IOException {
        Class<? extends Step> type = Step.BY_NAME.get(name);
        if (type == null) {
            throw JsonMappingException.from(p, "unknown step '" + name + "': expected one of " + String.join(", ", Step.BY_NAME.keySet()));
        }
        return type;
    }

    private static Step bare(JsonParser p, DeserializationContext context) throws IOException {
        Class<? extends Step> type = type(p, p.getText());
        return context.readTreeAsValue(context.getNodeFactory().objectNode(), type);
    }

    private static Step withArguments(JsonParser p, DeserializationContext context) throws IOException {
        if (p.nextToken() != JsonToken.FIELD_NAME) {
            throw JsonMappingException.from(p, "expected the name of a step");
        }
        Class<? extends Step> type = type(p, p.currentName());
        Step step = p.nextToken() == JsonToken.VALUE_NULL
                ? context.readTreeAsValue(context.getNodeFactory().objectNode(), type) : context.readValue(p, type);
        if (p.nextToken() != JsonToken.END_OBJECT) {
            throw JsonMappingException.from(p, "expected one step per list item");
        }
        return step;
    }
}
