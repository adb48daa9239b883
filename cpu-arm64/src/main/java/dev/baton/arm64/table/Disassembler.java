package dev.baton.arm64.table;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A64 words as assembly text, by the syntax column of the table: the instruction itself, never an alias, as
 * {@code objdump -M no-aliases} prints it.
 */
public final class Disassembler {
    private static final Pattern FORM = Pattern.compile("\\{([^}]*)\\}");
    private static final String[] CONDITIONS = {"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le",
        "al", "nv"};
    private static final String[] BARRIERS = {"#0x0", "oshld", "oshst", "osh", "#0x4", "nshld", "nshst", "nsh", "#0x8", "ishld", "ishst",
        "ish", "#0xc", "ld", "st", "sy"};
    private static final String[] EXTENDS = {"uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"};
    private static final String[] SHIFTS = {"lsl", "lsr", "asr", "ror"};
    private static final List<List<InsnTable.Row>> BY_GROUP = byGroup();

    private final InsnTable.Row row;
    private final int word;
    private final long pc;

    private Disassembler(InsnTable.Row row, int word, long pc) {
        this.row = row;
        this.word = word;
        this.pc = pc;
    }

    private static List<List<InsnTable.Row>> byGroup() {
        List<List<InsnTable.Row>> groups = new ArrayList<>();
        List<InsnTable.Row> rows = InsnTable.load();
        for (int op0 = 0; op0 < 16; op0++) {
            int bits = op0 << 25;
            groups.add(rows.stream().filter(r -> ((r.value() ^ bits) & r.mask() & 15 << 25) == 0).toList());
        }
        return groups;
    }

    /** The row that {@code word} belongs to, or null if it is unallocated. */
    public static InsnTable.Row row(int word) {
        for (InsnTable.Row r : BY_GROUP.get(word >>> 25 & 15)) {
            if (r.matches(word)) {
                return r;
            }
        }
        return null;
    }

    /** @param pc where the word lies, for labels */
    public static String disassemble(int word, long pc) {
        InsnTable.Row r = row(word);
        if (r == null) {
            return ".inst 0x%08x".formatted(word);
        }
        if (!r.implemented()) {
            return ".inst 0x%08x ; %s".formatted(word, r.name());
        }
        return new Disassembler(r, word, pc).text();
    }

    private String text() {
        Matcher m = FORM.matcher(row.syntax());
        return m.replaceAll(form -> Matcher.quoteReplacement(form(form.group(1))));
    }

    private int f(String name) {
        InsnTable.Field field = row.field(name);
        if (field == null) {
            throw new IllegalStateException("a64.insn line " + row.line() + ": the syntax of " + row.name() + " needs a field " + name);
        }
        return field.of(word);
    }

    private boolean has(String name) {
        return row.field(name) != null;
    }

    private long signed(String name) {
        InsnTable.Field field = row.field(name);
        return (long) field.of(word) << 64 - field.width() >> 64 - field.width();
    }

    private String form(String form) {
        if (form.startsWith("#")) {
            return immediate(form.substring(1));
        }
        if (form.startsWith("f")) {
            return FpForms.of(row, word, form);
        }
        if (form.startsWith("v")) {
            return SimdForms.of(row, word, form);
        }
        int colon = form.indexOf(':');
        return colon < 0 ? named(form) : register(form.substring(0, colon), f(form.substring(colon + 1)));
    }

    private static String hex(long v) {
        return v < 0 ? "#-0x" + Long.toHexString(-v) : "#0x" + Long.toHexString(v);
    }

    private String immediate(String spec) {
        boolean isSigned = spec.contains(":s");
        String rest = spec.replace(":s", "");
        int star = rest.indexOf('*');
        String name = star < 0 ? rest : rest.substring(0, star);
        long scale = star < 0 ? 1 : Long.parseLong(rest.substring(star + 1));
        return hex((isSigned ? signed(name) : f(name)) * scale);
    }

    private String register(String kind, int r) {
        return switch (kind) {
            case "X" -> x(r, false);
            case "XS" -> x(r, true);
            case "W" -> w(r, false);
            case "WS" -> w(r, true);
            case "R" -> f("sf") != 0 ? x(r, false) : w(r, false);
            case "RS" -> f("sf") != 0 ? x(r, true) : w(r, true);
            case "x" -> f("x") != 0 ? x(r, false) : w(r, false);
            case "P" -> f("sz") != 0 ? x(r, false) : w(r, false);
            case "Z" -> f("size") == 3 ? x(r, false) : w(r, false);
            default -> throw new IllegalStateException("a64.insn line " + row.line() + ": no register form '" + kind + "'");
        };
    }

    private static String x(int r, boolean sp) {
        return r < 31 ? "x" + r : sp ? "sp" : "xzr";
    }

    private static String w(int r, boolean sp) {
        return r < 31 ? "w" + r : sp ? "wsp" : "wzr";
    }

    private String named(String name) {
        return switch (name) {
            case "sh12" -> f("sh") != 0 ? ", lsl #12" : "";
            case "hw16" -> f("hw") != 0 ? ", lsl #" + 16 * f("hw") : "";
            case "bitmask" -> bitmask();
            case "cond" -> CONDITIONS[f("cond")];
            case "label26" -> label(signed("imm26") << 2);
            case "label19" -> label(signed("imm19") << 2);
            case "label14" -> label(signed("imm14") << 2);
            case "adr" -> label(signed("immhi") << 2 | f("immlo"));
            case "adrp" -> "0x" + Long.toHexString((pc & -4096L) + ((signed("immhi") << 2 | f("immlo")) << 12));
            case "testReg" -> f("b5") != 0 ? x(f("Rt"), false) : w(f("Rt"), false);
            case "testBit" -> "#" + (f("b5") << 5 | f("b40"));
            case "shift" -> shift();
            case "extended" -> extended();
            case "index" -> index();
            default -> memoryForm(name);
        };
    }

    private String memoryForm(String name) {
        return switch (name) {
            case "bh" -> new String[] {"b", "h", "", ""}[f("size")];
            case "h" -> f("h") != 0 ? "h" : "b";
            case "offset9" -> offset(signed("imm9"));
            case "offset10" -> offset((signed("S") << 9 | f("imm9")) * 8);
            case "writeBack" -> f("W") != 0 ? "!" : "";
            case "offset12" -> offset((long) f("imm12") << scale());
            case "pairOffset" -> offset(signed("imm7") * pairSize());
            case "pairImm" -> hex(signed("imm7") * pairSize());
            case "lrel" -> f("o0") != 0 ? "l" : "";
            case "acq" -> f("o0") != 0 ? "a" : "";
            case "order" -> (f("A") != 0 ? "a" : "") + (f("R") != 0 ? "l" : "");
            case "casOrder" -> (f("L") != 0 ? "a" : "") + (f("o0") != 0 ? "l" : "");
            case "casp" -> caspRegisters();
            case "prfop" -> prefetch(f("Rt"));
            case "bits" -> f("sz") != 0 ? "16" : "8";
            case "sz" -> new String[] {"b", "h", "w", "x"}[f("sz")];
            default -> systemForm(name);
        };
    }

    private String systemForm(String name) {
        return switch (name) {
            case "hintNumber" -> hex(word >>> 5 & 127);
            case "ab" -> f("M") != 0 ? "b" : "a";
            case "id" -> f("D") != 0 ? "d" : "i";
            case "k" -> f("K") != 0 ? "b" : "a";
            case "hint" -> hex(f("CRm") << 3 | f("op2"));
            case "barrier" -> BARRIERS[f("CRm")];
            case "isbOption", "clrexOption" -> f("CRm") == 15 ? "" : " " + hex(f("CRm"));
            case "sysreg" -> "s%d_%d_c%d_c%d_%d".formatted(2 + f("o0"), f("op1"), f("CRn"), f("CRm"), f("op2"));
            case "sys" -> "#%d, C%d, C%d, #%d".formatted(f("op1"), f("CRn"), f("CRm"), f("op2"))
                    + (f("Rt") == 31 ? "" : ", " + x(f("Rt"), false));
            case "returnReg" -> f("Rn") == 30 ? "" : " " + x(f("Rn"), false);
            case "pstate" -> pstateField();
            default -> throw new IllegalStateException("a64.insn line " + row.line() + ": no syntax form '" + name + "'");
        };
    }

    private int scale() {
        return has("size") ? f("size") : has("h") ? f("h") : row.name().startsWith("LDRSW") ? 2 : 3;
    }

    private long pairSize() {
        return has("x") && f("x") != 0 ? 8 : 4;
    }

    private static String offset(long v) {
        return v == 0 ? "" : ", " + hex(v);
    }

    private String label(long offset) {
        return "0x" + Long.toHexString(pc + offset);
    }

    private String bitmask() {
        long mask = dev.baton.arm64.a64.BitMasks.logical(f("N"), f("imms"), f("immr"));
        return hexUnsigned(f("sf") != 0 ? mask : mask & 0xffff_ffffL);
    }

    private static String hexUnsigned(long v) {
        return "#0x" + Long.toHexString(v);
    }

    private String shift() {
        int amount = f("imm6");
        int type = f("shift");
        return amount == 0 && type == 0 ? "" : ", " + SHIFTS[type] + " #" + amount;
    }

    private String extended() {
        int option = f("option");
        int amount = f("imm3");
        String rm = (option & 3) == 3 && f("sf") != 0 ? x(f("Rm"), false) : w(f("Rm"), false);
        boolean sp = f("Rn") == 31 || has("Rd") && f("Rd") == 31 && !row.name().contains("S_");
        boolean lsl = sp && option == (f("sf") != 0 ? 3 : 2);
        if (lsl) {
            return amount == 0 ? rm : rm + ", lsl #" + amount;
        }
        return rm + ", " + EXTENDS[option] + (amount == 0 ? "" : " #" + amount);
    }

    private String index() {
        int option = f("option");
        String rm = (option & 1) != 0 ? x(f("Rm"), false) : w(f("Rm"), false);
        int amount = scale();
        if (option == 3) {
            return f("S") != 0 ? rm + ", lsl #" + amount : rm;
        }
        return rm + ", " + EXTENDS[option] + (f("S") != 0 ? " #" + amount : "");
    }

    private String caspRegisters() {
        int s = f("Rs");
        int t = f("Rt");
        boolean wide = f("sz") != 0;
        return wide ? x(s, false) + ", " + x(s + 1, false) + ", " + x(t, false) + ", " + x(t + 1, false)
                : w(s, false) + ", " + w(s + 1, false) + ", " + w(t, false) + ", " + w(t + 1, false);
    }

    private static String prefetch(int op) {
        int type = op >>> 3;
        int level = op >>> 1 & 3;
        if (type == 3 || level == 3) {
            return hex(op);
        }
        return new String[] {"pld", "pli", "pst"}[type] + "l" + (level + 1) + ((op & 1) != 0 ? "strm" : "keep");
    }

    /** PSTATE fields of one bit have a name for the immediates 0 and 1 only. */
    private String pstateField() {
        int crm = f("CRm");
        String name = switch (f("op1") << 3 | f("op2")) {
            case 3 -> crm < 2 ? "uao" : null;
            case 4 -> crm < 2 ? "pan" : null;
            case 5 -> crm < 2 ? "spsel" : null;
            case 3 << 3 | 1 -> crm < 2 ? "ssbs" : null;
            case 3 << 3 | 2 -> crm < 2 ? "dit" : null;
            case 3 << 3 | 6 -> "daifset";
            case 3 << 3 | 7 -> "daifclr";
            default -> null;
        };
        return name != null ? name + ", " + hex(crm) : "s0_%d_c4_c%d_%d, xzr".formatted(f("op1"), crm, f("op2"));
    }
}
