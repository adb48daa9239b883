package dev.baton.arm64.table;

import dev.baton.arm64.a64.FpImmediate;

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
        if (form.startsWith("fTop:")) {
            return "v" + f(form.substring(colon + 1)) + ".d[1]";
        }
        if (form.startsWith("fV") || form.startsWith("fIV")) {
            return vector(form.substring(0, colon), f(form.substring(colon + 1)));
        }
        if (colon >= 0) {
            return NAMES[size(form.substring(0, colon))] + f(form.substring(colon + 1));
        }
        return switch (form) {
            case "fUnscaled" -> offset(signed("imm9"));
            case "fScaled" -> offset((long) f("imm12") << size("fSize"));
            case "fPairOffset" -> offset(signed("imm7") << size("fPair"));
            case "fPairImm" -> hex(signed("imm7") << size("fPair"));
            case "fIndex" -> index();
            case "fPairV" -> "v" + f("Rn") + ".2" + NAMES[2 + f("sz")];
            case "fElement" -> element(2 + f("sz"), f("M") << 4 | f("Rm"), f("sz") != 0 ? f("H") : f("H") << 1 | f("L"));
            case "fPairS" -> element(2, f("M") << 4 | f("Rm"), f("H"));
            case "fPairH" -> element(1, f("M") << 4 | f("Rm"), f("H") << 1 | f("L"));
            case "fRotate" -> "#" + 90 * f("rot");
            case "fRotateHalf" -> "#" + (90 + 180 * f("rot"));
            case "fElementH" -> element(1, f("Rm"), f("H") << 2 | f("L") << 1 | f("M"));
            case "fShr8", "fShr4", "fShr2" -> "#" + fractionBits(form.charAt(4) - '0');
            case "fBits" -> "#" + (64 - f("scale"));
            case "fE" -> f("e") != 0 ? "e" : "";
            case "fImm8" -> immediate(f("imm8"));
            default -> throw new IllegalStateException("a64.insn line " + row.line() + ": no syntax form '" + form + "'");
        };
    }

    private static String element(int size, int r, int index) {
        return "v" + r + "." + NAMES[size] + "[" + index + "]";
    }

    /** @param base the leading one of immh, of which the row has the bits below */
    private int fractionBits(int base) {
        return 16 * base - ((base | f("h")) << 3 | f("immb"));
    }

    /** Register and arrangement: of sz, of twice and of half that, of halves, of halves for half the register, of so many bytes. */
    private String vector(String kind, int r) {
        int q = row.field("Q") == null ? 1 : f("Q");
        return switch (kind) {
            case "fVT" -> arranged(r, 2 + f("sz"), q);
            case "fVH" -> arranged(r, 1, q);
            case "fVW" -> arranged(r, 2 + f("sz"), 1);
            case "fVP" -> "v" + r + "." + (2 << q) + "h";
            case "fVN" -> arranged(r, 1 + f("sz"), q);
            default -> arranged(r, Integer.numberOfTrailingZeros(kind.charAt(3) - '0'), q);
        };
    }

    private static String arranged(int r, int size, int q) {
        return "v" + r + "." + (8 << q >> size) + NAMES[size];
    }

    /** The log2 of a register's bytes. */
    private int size(String kind) {
        return switch (kind) {
            case "fSize" -> Math.min(4, f("opc1") << 2 | f("size"));
            case "fSz" -> 2 + f("sz");
            case "fI8" -> 3;
            case "fI4" -> 2;
            case "fH", "fI2" -> 1;
            case "fS" -> 2;
            case "fD" -> 3;
            case "fPair", "fLit" -> Math.min(4, f("opc") + 2);
            default -> throw new IllegalStateException("a64.insn line " + row.line() + ": no register form '" + kind + "'");
        };
    }

    private static String hex(long v) {
        return v < 0 ? "#-0x" + Long.toHexString(-v) : "#0x" + Long.toHexString(v);
    }

    /** As binutils prints it. */
    private static String immediate(int imm8) {
        return String.format(java.util.Locale.ROOT, "#%.18e", Double.longBitsToDouble(FpImmediate.expand(imm8, 3)));
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
