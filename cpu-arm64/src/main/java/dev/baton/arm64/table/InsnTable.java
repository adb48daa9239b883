package dev.baton.arm64.table;

import dev.baton.arm64.sysreg.Features;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The rows of {@code a64.insn}; the head of that file explains them. */
public final class InsnTable {
    /** Where the table lies on the class path. */
    public static final String RESOURCE = "/dev/baton/arm64/a64.insn";

    /** A named field of an encoding: bits {@code lsb + width - 1 : lsb}. */
    public record Field(String name, int lsb, int width) {
        public int of(int word) {
            return word >>> lsb & (width == 32 ? -1 : (1 << width) - 1);
        }
    }

    /**
     * One row.
     *
     * @param name        the row's name, e.g. {@code ADDS_imm}
     * @param heading     the manual's heading above it
     * @param mask        fixed bits
     * @param value       their values
     * @param factory     {@code Class.method(arguments)}, or null if not implemented
     * @param syntax      assembly syntax, or null if not implemented
     * @param reason      why it is not implemented, or null
     * @param features    the features without which the encoding falls through to a more general row, or is UNDEFINED
     * @param line        line in the file
     */
    public record Row(String name, String heading, int mask, int value, List<Field> fields, String factory, String syntax, String reason,
                      List<String> features, int line) {
        public boolean implemented() {
            return factory != null;
        }

        public boolean matches(int word) {
            return (word & mask) == value;
        }

        /** Every word of this row is a word of {@code other} too. */
        public boolean isWithin(Row other) {
            return (mask & other.mask) == other.mask && (value & other.mask) == other.value && mask != other.mask;
        }

        public boolean overlaps(Row other) {
            return ((value ^ other.value) & mask & other.mask) == 0;
        }

        /** The field of that name, or null. */
        public Field field(String wanted) {
            for (Field f : fields) {
                if (f.name.equals(wanted)) {
                    return f;
                }
            }
            return null;
        }
    }

    private final List<Row> rows = new ArrayList<>();
    private String heading = "";

    private InsnTable() { }

    /** Reads the table of this module. */
    public static List<Row> load() {
        try (InputStream in = InsnTable.class.getResourceAsStream(RESOURCE)) {
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IllegalArgumentException naming the line and what is wrong with it */
    public static List<Row> parse(String text) {
        InsnTable t = new InsnTable();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            t.line(lines[i], i + 1);
        }
        t.refuseOverlaps();
        return List.copyOf(t.rows);
    }

    private void line(String line, int number) {
        if (line.startsWith("## ")) {
            heading = line.substring(3).trim();
        } else if (!line.isBlank() && !line.startsWith("#")) {
            rows.add(line.startsWith("-") ? unimplemented(line.substring(1), number) : implemented(line, number));
        }
    }

    private Row unimplemented(String line, int number) {
        int hash = line.indexOf('#');
        if (hash < 0) {
            throw wrong(number, "a row that is not implemented needs '# reason'");
        }
        return new Encoding(line.substring(0, hash), number).row(null, null, line.substring(hash + 1).trim());
    }

    private Row implemented(String line, int number) {
        int bar = line.indexOf('|');
        if (bar < 0) {
            throw wrong(number, "a row needs '| syntax'");
        }
        String left = line.substring(0, bar);
        int open = left.indexOf('(');
        int start = open < 0 ? -1 : left.lastIndexOf(' ', left.lastIndexOf('.', open)) + 1;
        if (start <= 0) {
            throw wrong(number, "a row needs 'Factory.method(arguments)'");
        }
        return new Encoding(left.substring(0, start), number).row(left.substring(start).trim(), line.substring(bar + 1).trim(), null);
    }

    private static IllegalArgumentException wrong(int line, String what) {
        return new IllegalArgumentException("a64.insn line " + line + ": " + what);
    }

    private void refuseOverlaps() {
        for (int i = 0; i < rows.size(); i++) {
            for (int j = i + 1; j < rows.size(); j++) {
                Row a = rows.get(i);
                Row b = rows.get(j);
                if (a.overlaps(b) && !a.isWithin(b)) {
                    throw wrong(b.line, b.name + " overlaps " + a.name + " of line " + a.line + " without containing it");
                }
            }
        }
    }

    /** The name and bits of a row. */
    private final class Encoding {
        private final int number;
        private final String name;
        private final List<Field> fields = new ArrayList<>();
        private final List<String> features = new ArrayList<>();
        private int mask;
        private int value;
        private int bits;

        Encoding(String text, int number) {
            this.number = number;
            String[] tokens = text.trim().split("\\s+");
            name = tokens[0];
            for (int i = 1; i < tokens.length; i++) {
                token(tokens[i]);
            }
            if (bits != 32) {
                throw wrong(number, name + " has " + bits + " bits, expected 32");
            }
        }

        private void token(String t) {
            if (t.startsWith("@")) {
                feature(t.substring(1));
                return;
            }
            if (t.matches("[01]+")) {
                t.chars().forEach(ch -> fixed(ch == '1'));
                return;
            }
            int colon = t.indexOf(':');
            int width = colon < 0 ? 1 : Integer.parseInt(t.substring(colon + 1));
            bits += width;
            fields.add(new Field(colon < 0 ? t : t.substring(0, colon), 32 - bits, width));
        }

        private void feature(String f) {
            if (!Features.known(f)) {
                throw wrong(number, name + " needs " + f + ", which no field of idfields.tab announces");
            }
            features.add(f);
        }

        private void fixed(boolean one) {
            bits++;
            if (bits <= 32) {
                mask |= 1 << 32 - bits;
                value |= one ? 1 << 32 - bits : 0;
            }
        }

        Row row(String factory, String syntax, String reason) {
            return new Row(name, heading, mask, value, List.copyOf(fields), factory, syntax, reason,
                    List.copyOf(features), number);
        }
    }
}
