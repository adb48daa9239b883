package dev.baton.arm64.table;

/** Syntax forms of scalar FP registers, and of the loads and stores of B, H, S, D and Q registers; their names begin with f. */
final class FpForms {
    private static final String[] NAMES = {"b", "h", "s", "d", "q"};
    private static final String[] EXTENDS = {"", "", "uxtw", "lsl", "", "", "sxtw", "sxtx"};

    private final InsnTable.Row row;
    private final int word;

    private FpForms(InsnTable.Row row, int word) {
        this.row = row;
        this.word = word;
    }

    static String of(InsnTable.Row row, int word, String form) {
        return new FpForms(row, word).text(form);
    }

    private int f(String name) {
        return row.field(name).of(word);
    }

    private long signed(String name) {
        int width = row.field(name).width();
        return (long) f(name) << 64 - width >> 64 - width;
    }

    private String text(String form) {
        int colon = form.indexOf(':');
        if (colon >= 0) {
            return NAMES[size(form.substring(0, colon))] + f(form.substring(colon + 1));
        }
        return switch (form) {
            case "fUnscaled" -> offset(signed("imm9"));
            case "fScaled" -> offset((long) f("imm12") << size("fSize"));
            case "fPairOffset" -> offset(signed("imm7") << size("fPair"));
            case "fPairImm" -> hex(signed("imm7") << size("fPair"));
            case "fIndex" -> index();
            default -> throw new IllegalStateException("a64.insn line " + row.line() + ": no syntax form '" + form + "'");
        };
    }

    /** The log2 of a register's bytes. */
    private int size(String kind) {
        return switch (kind) {
            case "fSize" -> Math.min(4, f("opc1") << 2 | f("size"));
            case "fPair", "fLit" -> Math.min(4, f("opc") + 2);
            default -> throw new IllegalStateException("a64.insn line " + row.line() + ": no register form '" + kind + "'");
        };
    }

    private static String hex(long v) {
        return v < 0 ? "#-0x" + Long.toHexString(-v) : "#0x" + Long.toHexString(v);
    }

    private static String offset(long v) {
        return v == 0 ? "" : ", " + hex(v);
    }

    /** Unlike that of general registers, the amount is shown for a byte too: it tells S. */
    private String index() {
        int option = f("option");
        boolean wide = (option & 1) != 0;
        String m = f("Rm") == 31 ? wide ? "xzr" : "wzr" : (wide ? "x" : "w") + f("Rm");
        boolean scaled = f("S") != 0;
        if (option == 3 && !scaled) {
            return m;
        }
        return m + ", " + EXTENDS[option] + (scaled ? " #" + size("fSize") : "");
    }
}
