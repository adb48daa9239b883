package dev.baton.arm64.random;

import dev.baton.arm64.generated.A64Decoder;
import dev.baton.arm64.sysreg.CpuModel;
import dev.baton.arm64.sysreg.Features;
import dev.baton.arm64.table.Disassembler;
import dev.baton.arm64.table.InsnTable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Makes programs of random instructions from the rows of the table. */
final class RandomPrograms {
    /** Rows that user-mode emulation cannot show, with the reason. */
    static final Map<String, String> EXCLUDED = new LinkedHashMap<>();

    static {
        String exception = "an exception: user-mode emulation turns it into a signal or system call";
        for (String r : List.of("UDF", "SVC", "HVC", "SMC", "BRK", "HLT")) {
            EXCLUDED.put(r, exception);
        }
        EXCLUDED.put("ERET", "undefined at EL0");
        EXCLUDED.put("MSR_imm", "undefined or trapped at EL0");
        String keys = "keys and address sizes of user-mode emulation are its own: see Pointer_authentication_agrees_with_qemu_Test";
        InsnTable.load().stream().filter(r -> r.features().contains("FEAT_PAuth")).forEach(r -> EXCLUDED.put(r.name(), keys));
        EXCLUDED.put("WFE", "waits here; a no-operation in user-mode emulation");
        EXCLUDED.put("WFI", "waits here; a no-operation in user-mode emulation");
    }

    /** What {@link QemuUser} runs everything else on. */
    private static final Features NEOVERSE_N1 = CpuModel.named("neoverse-n1").features();

    /** QEMU 7.2 extends the sign of its 16-bit result to 32 bits. */
    private static final String WIDER_IN_QEMU = "FCVTZS_sih";

    private final Random random;
    private final List<InsnTable.Row> rows = new ArrayList<>();
    private final List<int[]> units = new ArrayList<>();
    /** For branch units: index of the unit it goes to. */
    private final Map<Integer, Integer> targets = new LinkedHashMap<>();
    private final int pointer;

    private RandomPrograms(Random random) {
        this.random = random;
        pointer = random.nextInt(30);
        boolean later = random.nextInt(8) == 0;
        InsnTable.load().stream().filter(r -> isExecuted(r) && !EXCLUDED.containsKey(r.name()))
                .filter(r -> later ? !r.name().equals("SYS") : !isLater(r)).filter(r -> !r.name().equals(WIDER_IN_QEMU)).forEach(rows::add);
    }

    /** Our CPU executes it. */
    static boolean isExecuted(InsnTable.Row row) {
        Features features = CpuModel.named(OurCpu.MODEL).features();
        return row.implemented() && row.features().stream().allMatch(features::has);
    }

    /** Not in Neoverse N1. */
    static boolean isLater(InsnTable.Row row) {
        return row != null && !row.features().stream().allMatch(NEOVERSE_N1::has);
    }

    /** A program of {@code n} random instructions; each also has what sets up its registers. */
    static Program make(long seed, int n) {
        Random random = new Random(seed);
        RandomPrograms p = new RandomPrograms(random);
        while (p.units.size() < n) {
            p.unit(p.rows.get(random.nextInt(p.rows.size())));
        }
        p.resolveBranches();
        return new Program(p.pointer, List.copyOf(p.units), Program.randomData(random));
    }

    /** One instruction of this row between its set-up, as a program of its own. */
    static Program single(InsnTable.Row row, long seed) {
        Random random = new Random(seed);
        RandomPrograms p = new RandomPrograms(random);
        while (!p.has(row)) {
            p.units.clear();
            p.targets.clear();
            p.unit(row);
        }
        p.units.add(new int[] {Words.add(p.pointer == 27 ? 26 : 27, p.pointer == 27 ? 26 : 27, 1)});
        p.units.add(new int[] {Words.add(p.pointer == 25 ? 24 : 25, p.pointer == 25 ? 24 : 25, 2)});
        p.resolveBranches();
        return new Program(p.pointer, List.copyOf(p.units), Program.randomData(random));
    }

    private boolean has(InsnTable.Row row) {
        return units.stream().flatMapToInt(java.util.Arrays::stream).anyMatch(w -> Disassembler.row(w).line() == row.line());
    }

    private void unit(InsnTable.Row row) {
        if (random.nextInt(6) == 0) {
            units.add(constant());
        }
        int word = row.value() | random.nextInt() & ~row.mask();
        if (writesPointer(row, word) || Disassembler.row(word).line() != row.line()) {
            return;
        }
        if (hasVectors(row)) {
            refresh(row, word);
        }
        switch (group(row)) {
            case "memory" -> memory(row, word);
            case "branch" -> branch(row, word);
            case "system" -> system(row, word);
            default -> plain(word);
        }
    }

    static boolean hasVectors(InsnTable.Row row) {
        return row.syntax().contains("{v") || row.syntax().contains("{f");
    }

    /** A new random value for a vector register, lest saturation leaves but zeros and ones; and a clear FPSR, the old one to memory. */
    private void refresh(InsnTable.Row row, int word) {
        int r = random.nextInt(31);
        if (r == pointer) {
            return;
        }
        if (random.nextInt(3) == 0) {
            InsnTable.Field f = row.fields().get(row.fields().size() - 1 - random.nextInt(2));
            int offset = 16 * random.nextInt(0x80);
            units.add(new int[] {Words.add(r, pointer, 0), Words.addShifted12(r, r, Program.MEMORY >> 12), Words.add(r, r, offset),
                Words.ld1(f.of(word) & 31, r)});
        }
        if (random.nextInt(4) == 0) {
            int at = Program.MEMORY + 0x2000 + 8 * random.nextInt(0x400);
            units.add(new int[] {Words.mrsFpsr(r), Words.str(r, pointer, at), Words.msrFpsr(31)});
        }
    }

    private static String group(InsnTable.Row row) {
        String h = row.heading();
        if (h.startsWith("Loads and Stores")) {
            return "memory";
        }
        if (h.contains("ranch (") || h.contains("branch (")) {
            return "branch";
        }
        return h.contains("Branches, Exception") ? "system" : "plain";
    }

    private boolean writesPointer(InsnTable.Row row, int word) {
        for (InsnTable.Field f : row.fields()) {
            if ((f.name().equals("Rd") || f.name().startsWith("Rt") || f.name().equals("Rs")) && (f.of(word) | pairBit(row, f)) == (pointer
                    | pairBit(row, f))) {
                return true;
            }
        }
        return false;
    }

    private static int pairBit(InsnTable.Row row, InsnTable.Field f) {
        return row.name().equals("CASP") && !f.name().equals("Rt2") ? 1 : 0;
    }

    private static boolean unallocated(int word) {
        return A64Decoder.decode(word, 0, Features.EVERY).getClass().getName().contains("Unallocated");
    }

    private void plain(int word) {
        if (!unallocated(word)) {
            units.add(new int[] {word});
        }
    }

    /** Sets a register to a value at which instructions are apt to differ. */
    private int[] constant() {
        int r = random.nextInt(31);
        if (r == pointer) {
            return new int[] {0xd503_201f};
        }
        long v = switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Long.MIN_VALUE;
            case 3 -> Long.MAX_VALUE;
            case 4 -> 0x8000_0000L;
            case 5 -> 0x7fff_ffffL;
            case 6 -> random.nextInt(70);
            default -> random.nextLong();
        };
        return new int[] {Words.movz(r, (int) v, 0), Words.movk(r, (int) (v >>> 16), 1), Words.movk(r, (int) (v >>> 32), 2),
            Words.movk(r, (int) (v >>> 48), 3)};
    }

    // Loads and stores ------------------------------------------------------------------------------------------------------

    private void memory(InsnTable.Row row, int word) {
        if (row.field("imm19") != null) {
            literal(row, word);
            return;
        }
        int base = base(row, word);
        if (base < 0) {
            return;
        }
        int w = set(row, word, "Rn", base);
        if (row.field("imm12") != null) {
            w = set(row, w, "imm12", random.nextInt(0x200));
        }
        if (row.field("imm9") != null && mustAlign(row)) {
            w = set(row, w, "imm9", random.nextInt(0x40) - 0x20 << 3 & 0x1ff);
        }
        if (unallocated(w) || unpredictable(row, w, base)) {
            return;
        }
        List<Integer> unit = new ArrayList<>();
        boolean mayMisalign = base != 31 && !mustAlign(row);
        int offset = 0x1800 + 16 * random.nextInt(0x40) + (mayMisalign && random.nextInt(3) == 0 ? random.nextInt(16) : 0);
        unit.add(Words.addShifted12(base, pointer, (Program.MEMORY + offset) >> 12));
        unit.add(Words.add(base, base, offset & 0xfff));
        w = index(row, w, base, unit);
        if (w == 0) {
            return;
        }
        if (row.name().startsWith("STX")) {
            // Whether a store passes on a monitor of another size or address is IMPLEMENTATION DEFINED.
            unit.add(Words.CLREX);
        }
        expectEqual(row, w, base, unit);
        unit.add(w);
        if (row.name().startsWith("LDX") && random.nextBoolean()) {
            storeExclusive(row, w, unit);
        }
        units.add(unit.stream().mapToInt(Integer::intValue).toArray());
    }

    private void literal(InsnTable.Row row, int word) {
        int back = random.nextInt(Math.min(1000, Program.prologueWords() + units.size()));
        plain(set(row, word, "imm19", -back & 0x7ffff));
    }

    private static int set(InsnTable.Row row, int word, String field, int value) {
        InsnTable.Field f = row.field(field);
        int mask = (1 << f.width()) - 1 << f.lsb();
        return word & ~mask | value << f.lsb();
    }

    private static int get(InsnTable.Row row, int word, String field) {
        InsnTable.Field f = row.field(field);
        return f == null ? -1 : f.of(word);
    }

    private int base(InsnTable.Row row, int word) {
        int base = random.nextInt(32);
        return base == pointer || base == get(row, word, "Rm") ? -1 : base;
    }

    private static boolean mustAlign(InsnTable.Row row) {
        String h = row.heading();
        return h.contains("exclusive") || h.contains("ordered") || h.contains("Atomic") || h.contains("swap") || h.contains("LDAPR");
    }

    /** CONSTRAINED UNPREDICTABLE register combinations. */
    private static boolean unpredictable(InsnTable.Row row, int w, int base) {
        int t = get(row, w, "Rt");
        int t2 = get(row, w, "Rt2");
        int s = get(row, w, "Rs");
        boolean writeBack = row.name().endsWith("_post") || row.name().endsWith("_pre");
        if (writeBack && base != 31 && (t == base || t2 == base)) {
            return true;
        }
        boolean loadsPair = row.name().startsWith("LD") && t2 >= 0 && (row.heading().contains("pair") || row.name().equals("LDXP"));
        if (loadsPair && t == t2) {
            return true;
        }
        boolean storeExclusive = row.name().startsWith("STX");
        return storeExclusive && (s == t || s == base && s != 31 || row.name().equals("STXP") && s == t2);
    }

    /** Gives the index register of a register-offset access a value that stays in the data. */
    private int index(InsnTable.Row row, int word, int base, List<Integer> unit) {
        if (row.field("option") == null) {
            return word;
        }
        int m = get(row, word, "Rm");
        if (m == 31) {
            return word;
        }
        if (m == pointer || m == base) {
            return 0;
        }
        int option = get(row, word, "option");
        if (option >= 6 && random.nextBoolean()) {
            unit.add(0x9280_0000 | random.nextInt(0x100) << 5 | m);
        } else {
            unit.add(Words.movz(m, random.nextInt(0x100), 0));
        }
        if (option == 2 || option == 6) {
            unit.add(Words.movk(m, random.nextInt(), 3));
        }
        return word;
    }

    /** Half of the compare-and-swaps find what they compare with. */
    private void expectEqual(InsnTable.Row row, int w, int base, List<Integer> unit) {
        int s = get(row, w, "Rs");
        boolean swap = row.heading().contains("ompare and swap");
        if (!swap || s == base || s + 1 == base || s == 31 || random.nextBoolean()) {
            return;
        }
        if (row.name().equals("CASP")) {
            unit.add(Words.ldp(get(row, w, "sz"), s, s + 1, base));
        } else {
            unit.add(Words.ldr(get(row, w, "size"), s, base, 0));
        }
    }

    /** The store-exclusive to a load-exclusive: same size and base. */
    private void storeExclusive(InsnTable.Row row, int load, List<Integer> unit) {
        int s = random.nextInt(31);
        int t = get(row, load, "Rt");
        int base = get(row, load, "Rn");
        int t2 = get(row, load, "Rt2");
        boolean pair = row.name().equals("LDXP");
        if (s == pointer || s == t || s == base || t == base || pair && (s == t2 || t2 == base)) {
            return;
        }
        int store = load & ~(1 << 22) & ~(31 << 16) | s << 16;
        unit.add(store);
    }

    // Branches and system -------------------------------------------------------------------------------------------------

    private void branch(InsnTable.Row row, int word) {
        boolean writesLink = row.name().equals("BL") || row.name().equals("BLR");
        if (writesLink && pointer == 30) {
            return;
        }
        int n = get(row, word, "Rn");
        if (n >= 0 && (n == pointer || n == 31)) {
            return;
        }
        targets.put(units.size(), units.size() + 1 + random.nextInt(3));
        units.add(n >= 0 ? new int[] {Words.adr(n, 0), word} : new int[] {word});
    }

    private void resolveBranches() {
        targets.forEach((from, to) -> {
            int[] unit = units.get(from);
            int words = 1;
            for (int i = from + 1; i < Math.min(to, units.size()); i++) {
                words += units.get(i).length;
            }
            unit[0] = unit.length == 2 ? Words.adr(unit[0] & 31, words + 1) : branchTo(unit[0], words);
        });
    }

    private static int branchTo(int word, int words) {
        if ((word & 0x7c00_0000) == 0x1400_0000) {
            return word & 0xfc00_0000 | words;
        }
        if ((word & 0x7e00_0000) == 0x3600_0000) {
            return word & ~(0x3fff << 5) | words << 5;
        }
        return word & ~(0x7ffff << 5) | words << 5;
    }

    private void system(InsnTable.Row row, int word) {
        int t = get(row, word, "Rt");
        switch (row.name()) {
            case "MRS" -> plain(Words.mrsNzcv(t));
            case "MSR_reg" -> plain(Words.msrNzcv(t));
            case "SYS" -> {
                if (t != 31) {
                    units.add(new int[] {Words.addShifted12(t, pointer, 2 + random.nextInt(2)), Words.add(t, t, random.nextInt(0xfff)),
                            Words.dcZva(t)});
                }
            }
            default -> plain(word);
        }
    }
}
