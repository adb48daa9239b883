package dev.baton.arm64.sysreg;

import java.util.ArrayList;
import java.util.List;

/**
 * One row of {@code sysreg.tab}; the columns are explained there.
 *
 * @param key      {@code op0<<14|op1<<11|CRn<<7|CRm<<3|op2}
 * @param readable MRS is allocated
 * @param writable MSR is allocated
 * @param el       lowest exception level with access
 * @param reset    value after reset
 * @param model    the reset value is the CPU model's
 * @param bits     bits that a write changes
 * @param one      bits that always read 1
 * @param traps    trap controls in the order in which they apply
 * @param e2h      register reached instead at EL2 when HCR_EL2.E2H is 1, or null
 * @param alias    register behind an _EL12 or _EL02 name, or null
 * @param after    what a write sets off, or ""
 * @param gic      the value lives in the interrupt controller
 */
record Row(String name, int key, boolean readable, boolean writable, int el, long reset, boolean model, long bits, long one,
           List<String> traps, String e2h, String alias, String after, boolean gic) {

    static final List<Row> ALL = CpuModel.lines("sysreg.tab").stream().map(Row::parse).toList();
    /** Key to position in {@link #ALL}, or -1. */
    private static final short[] INDEX = index();

    static int find(int key) {
        return INDEX[key & 0xffff];
    }

    static int key(int op0, int op1, int crn, int crm, int op2) {
        return op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2;
    }

    private static short[] index() {
        short[] index = new short[1 << 16];
        java.util.Arrays.fill(index, (short) -1);
        for (int i = 0; i < ALL.size(); i++) {
            index[ALL.get(i).key] = (short) i;
        }
        return index;
    }

    private static Row parse(String line) {
        String[] f = line.split("\\s+");
        List<String> traps = new ArrayList<>();
        for (int i = 10; i < f.length; i++) {
            if (f[i].startsWith("trap:")) {
                traps.add(f[i].substring(5));
            }
        }
        String alias = option(f, "alias:");
        String after = option(f, "after:");
        return new Row(f[0], key(number(f[1]), number(f[2]), number(f[3]), number(f[4]), number(f[5])), !f[6].equals("WO"),
                !f[6].equals("RO"), number(f[7]), f[8].equals("model") || f[8].equals("-") ? 0 : word(f[8]), f[8].equals("model"),
                f[9].equals("-") ? -1 : word(f[9]), word(option(f, "one:")), List.copyOf(traps), option(f, "e2h:"), alias,
                after == null ? "" : after, List.of(f).contains("gic"));
    }

    private static String option(String[] f, String prefix) {
        for (int i = 10; i < f.length; i++) {
            if (f[i].startsWith(prefix)) {
                return f[i].substring(prefix.length());
            }
        }
        return null;
    }

    private static int number(String s) {
        return Integer.parseInt(s);
    }

    private static long word(String s) {
        return s == null ? 0 : s.startsWith("0x") ? Long.parseUnsignedLong(s.substring(2), 16) : Long.parseLong(s);
    }
}
