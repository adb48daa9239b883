package dev.baton.arm64.table;

import dev.baton.arm64.a64.AdvSimdModifiedImmediate;
import dev.baton.arm64.a64.AdvSimdStructures;
import dev.baton.arm64.a64.FpImmediate;

/**
 * The forms of Advanced SIMD operands in the syntax column; their names begin with v.
 *
 * <p>{@code {vT:f}} a vector by Q and size, {@code {vB:f}} of bytes by Q, {@code {vW:f}} of twice the size, {@code {vP:f}} the same by Q,
 * {@code {vs:f}} {@code {vsw:f}} a scalar of the size and of twice that, {@code {vQ:f}} {@code {vD:f}} {@code {vS:f}} fixed ones,
 * {@code {v4s:f}} a fixed arrangement, {@code {v24s:f}} 2S or 4S by Q. The same after {@code vI} by immh, after {@code vC} by imm5.
 */
final class SimdForms {
    private static final String LETTERS = "bhsd";

    private final InsnTable.Row row;
    private final int word;

    private SimdForms(InsnTable.Row row, int word) {
        this.row = row;
        this.word = word;
    }

    static String of(InsnTable.Row row, int word, String form) {
        SimdForms f = new SimdForms(row, word);
        int colon = form.indexOf(':');
        return colon < 0 ? f.named(form) : f.register(form.substring(1, colon), f.f(form.substring(colon + 1)));
    }

    private int f(String name) {
        InsnTable.Field field = row.field(name);
        if (field == null) {
            throw new IllegalStateException("a64.insn line " + row.line() + ": the syntax of " + row.name() + " needs a field " + name);
        }
        return field.of(word);
    }

    private int q() {
        return row.field("Q") == null ? 1 : f("Q");
    }

    private int sizeOfShift() {
        return 31 - Integer.numberOfLeadingZeros(f("immh") | 1);
    }

    private int sizeOfCopy() {
        return Integer.numberOfTrailingZeros(f("imm5") | 8);
    }

    private static String vector(int r, int size, int q) {
        return "v" + r + "." + (8 << q >> size) + letter(size);
    }

    private static char letter(int size) {
        return "bhsdq".charAt(size);
    }

    private static String general(boolean wide, int r) {
        return r == 31 ? wide ? "xzr" : "wzr" : (wide ? "x" : "w") + r;
    }

    private String register(String kind, int r) {
        return switch (kind) {
            case "T" -> vector(r, f("size"), q());
            case "B" -> vector(r, 0, q());
            case "W" -> vector(r, f("size") + 1, 1);
            case "P" -> vector(r, f("size") + 1, q());
            case "s" -> "" + letter(f("size")) + r;
            case "sw" -> "" + letter(f("size") + 1) + r;
            case "Q" -> "q" + r;
            case "D" -> "d" + r;
            case "S" -> "s" + r;
            case "IT" -> vector(r, sizeOfShift(), q());
            case "IW" -> vector(r, sizeOfShift() + 1, 1);
            case "Is" -> "" + letter(sizeOfShift()) + r;
            case "Isw" -> "" + letter(sizeOfShift() + 1) + r;
            case "CT" -> vector(r, sizeOfCopy(), q());
            case "Cs" -> "" + letter(sizeOfCopy()) + r;
            case "CR" -> general(sizeOfCopy() == 3, r);
            case "R" -> general(q() == 1, r);
            case "24s" -> vector(r, 2, q());
            case "48h" -> vector(r, 1, q());
            case "12d" -> vector(r, 3, q());
            default -> "v" + r + "." + kind;
        };
    }

    private String named(String name) {
        return switch (name) {
            case "v2" -> q() == 1 ? "2" : "";
            case "vOne" -> f("o2") == 0 ? "1" : "2";
            case "vShr" -> "#" + ((16 << sizeOfShift()) - (f("immh") << 3 | f("immb")));
            case "vShl" -> "#" + ((f("immh") << 3 | f("immb")) - (8 << sizeOfShift()));
            case "vShll" -> "#" + (8 << f("size"));
            case "vElement" -> element();
            case "vElement4b" -> "v" + (f("M") << 4 | f("Rm")) + ".4b[" + (f("H") << 1 | f("L")) + "]";
            case "vElement2h" -> "v" + (f("M") << 4 | f("Rm")) + ".2h[" + (f("H") << 1 | f("L")) + "]";
            case "vWord" -> "v" + f("Rm") + ".s[" + f("imm2") + "]";
            case "vTable" -> list(f("len") + 1, f("Rn"), "16b");
            case "vCn" -> lane(f("Rn"), f("imm5") >> sizeOfCopy() + 1);
            case "vCd" -> lane(f("Rd"), f("imm5") >> sizeOfCopy() + 1);
            case "vCn4" -> lane(f("Rn"), f("imm4") >> sizeOfCopy());
            case "v8" -> "#0x" + Integer.toHexString(f("abc") << 5 | f("defgh"));
            case "v64" -> "#0x" + Long.toHexString(AdvSimdModifiedImmediate.expand(1, 14, f("abc"), f("defgh")));
            case "vFloat" -> "#" + floating();
            case "vPost" -> f("Rm") == 31 ? ", #" + bytes() : ", x" + f("Rm");
            default -> structures(name);
        };
    }

    private String structures(String name) {
        int registers = name.charAt(name.length() - 1) - '0';
        if (name.startsWith("vList")) {
            return list(registers, f("Rt"), (8 << q() >> f("size")) + "" + letter(f("size")));
        }
        if (name.startsWith("vLane")) {
            int size = AdvSimdStructures.laneSize(f("scale"), f("size"));
            return list(registers, f("Rt"), "" + letter(size)) + "[" + AdvSimdStructures.index(q(), f("scale"), f("S"), f("size")) + "]";
        }
        throw new IllegalStateException("a64.insn line " + row.line() + ": no form '" + name + "'");
    }

    /** A list of more than two registers that does not wrap around is a range. */
    private static String list(int registers, int first, String arrangement) {
        int last = first + registers - 1 & 31;
        if (registers > 2 && last > first) {
            return "{v%d.%s-v%d.%s}".formatted(first, arrangement, last, arrangement);
        }
        StringBuilder s = new StringBuilder("{");
        for (int i = 0; i < registers; i++) {
            s.append(i == 0 ? "" : ", ").append('v').append(first + i & 31).append('.').append(arrangement);
        }
        return s.append('}').toString();
    }

    /** What a post-indexed access without index register adds. */
    private int bytes() {
        int registers = row.syntax().replaceAll(".*\\{vL(ist|ane)(\\d)\\}.*", "$2").charAt(0) - '0';
        boolean whole = row.name().contains("multi");
        int size = row.field("scale") != null ? AdvSimdStructures.laneSize(f("scale"), f("size")) : f("size");
        return whole ? registers * (8 << q()) : registers << size;
    }

    private String element() {
        boolean half = f("size") == 1;
        int r = half ? f("Rm") : f("M") << 4 | f("Rm");
        int index = half ? f("H") << 2 | f("L") << 1 | f("M") : f("H") << 1 | f("L");
        return "v" + r + "." + letter(f("size")) + "[" + index + "]";
    }

    private String lane(int r, int index) {
        return "v" + r + "." + LETTERS.charAt(sizeOfCopy()) + "[" + index + "]";
    }

    /** VFPExpandImm, in the eighteen digits of objdump. */
    private String floating() {
        return "%.18e".formatted(Double.longBitsToDouble(FpImmediate.expand(f("abc") << 5 | f("defgh"), 3)));
    }
}
