package dev.baton.arm64.sysreg;

import java.util.ArrayList;
import java.util.List;

/**
 * One row of {@code sysreg.tab}, where the columns are explained, with its rows of {@code regbits.tab}.
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
 * @param feature  without it there is no such register, or null
 * @param optional bits that a write changes where a feature is, whatever they are without it
 */
record Row(String name, int key, boolean readable, boolean writable, int el, long reset, boolean model, long bits, long one,
           List<String> traps, String e2h, String alias, String after, boolean gic, String feature, List<FeatureBits> optional) {

    /** Bits of a register that belong to a feature: a row of {@code regbits.tab}. */
    record FeatureBits(String register, String feature, long bits) {
        static final List<FeatureBits> ALL = CpuModel.lines("regbits.tab").stream().map(FeatureBits::parse).toList();

        private static FeatureBits parse(String line) {
            String[] f = line.split("\\s+");
            int dash = f[2].indexOf('-');
            int low = number(dash < 0 ? f[2] : f[2].substring(0, dash));
            int high = number(f[2].substring(dash + 1));
            return new FeatureBits(f[0], f[1], (-1L >>> 63 - (high - low)) << low);
        }
    }

    static final List<Row> ALL = CpuModel.lines("sysreg.tab").stream().map(Row::parse).toList();
    /** Key to position in {@link #ALL}, or -1. */
    private static final short[] INDEX = index();

    static int find(int key) {
        return INDEX[key & 0xffff];
    }

    static int key(int op0, int op1, int crn, int crm, int op2) {
        return op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2;
    }

    /** The row as it is on a CPU with these features: the bits are theirs, and nobody may access what none of them has. */
    Row on(Features features) {
        long there = 0;
        for (FeatureBits o : optional) {
            there |= features.has(o.feature) ? o.bits : 0;
        }
        boolean exists = feature == null || features.has(feature);
        return new Row(name, key, readable && exists, writable && exists, el, reset, model, bits | there, one & ~there, traps, e2h, alias,
                after, gic, feature, optional);
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
        List<FeatureBits> optional = FeatureBits.ALL.stream().filter(b -> b.register.equals(f[0])).toList();
        String alias = option(f, "alias:");
        String after = option(f, "after:");
        return new Row(f[0], key(number(f[1]), number(f[2]), number(f[3]), number(f[4]), number(f[5])), !f[6].equals("WO"),
                !f[6].equals("RO"), number(f[7]), f[8].equals("model") || f[8].equals("-") ? 0 : word(f[8]), f[8].equals("model"),
                f[9].equals("-") ? -1 : word(f[9]), word(option(f, "one:")), options(f, "trap:"), option(f, "e2h:"), alias,
                after == null ? "" : after, List.of(f).contains("gic"), option(f, "feat:"), optional);
    }

    private static List<String> options(String[] f, String prefix) {
        List<String> all = new ArrayList<>();
        for (int i = 10; i < f.length; i++) {
            if (f[i].startsWith(prefix)) {
                all.add(f[i].substring(prefix.length()));
            }
        }
        return List.copyOf(all);
    }

    private static String option(String[] f, String prefix) {
        List<String> all = options(f, prefix);
        return all.isEmpty() ? null : all.getFirst();
    }

    private static int number(String s) {
        return Integer.parseInt(s);
    }

    private static long word(String s) {
        return s == null ? 0 : s.startsWith("0x") ? Long.parseUnsignedLong(s.substring(2), 16) : Long.parseLong(s);
    }
}
