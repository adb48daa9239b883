package dev.baton.images.guest;

import dev.baton.core.machine.Bytes;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Built guest code with its symbols, from this module's resources. Linked at 0: a symbol is an offset in the image. */
public final class GuestImage {
    private final String name;
    private final Bytes image;
    private final Map<String, Long> symbols;

    private GuestImage(String name, Bytes image, Map<String, Long> symbols) {
        this.name = name;
        this.image = image;
        this.symbols = symbols;
    }

    static GuestImage load(String name) {
        try (InputStream bin = open(name + ".bin"); InputStream sym = open(name + ".sym")) {
            return new GuestImage(name, Bytes.wrap(bin.readAllBytes()), parse(sym));
        } catch (IOException e) {
            throw new UncheckedIOException("guest image " + name, e);
        }
    }

    private static InputStream open(String file) throws IOException {
        InputStream in = GuestImage.class.getResourceAsStream(file);
        if (in == null) {
            throw new IOException(file + " is missing from the images module");
        }
        return in;
    }

    private static Map<String, Long> parse(InputStream in) throws IOException {
        Map<String, Long> map = new LinkedHashMap<>();
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int space = line.indexOf(' ');
            map.put(line.substring(space + 1), Long.parseUnsignedLong(line.substring(0, space), 16));
        }
        return Collections.unmodifiableMap(map);
    }

    public Bytes image() {
        return image;
    }

    /** Offsets by name, in address order. */
    public Map<String, Long> symbols() {
        return symbols;
    }

    /** @throws IllegalArgumentException if the image has no such symbol */
    public long symbol(String symbol) {
        Long offset = symbols.get(symbol);
        if (offset == null) {
            throw new IllegalArgumentException("guest image " + name + " has no symbol " + symbol);
        }
        return offset;
    }

    /** Bytes from {@code symbol} to {@code symbol_end}. */
    public int length(String symbol) {
        return (int) (symbol(symbol + "_end") - symbol(symbol));
    }
}
