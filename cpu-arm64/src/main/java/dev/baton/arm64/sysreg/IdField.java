package dev.baton.arm64.sysreg;

import java.util.ArrayList;
import java.util.List;

/**
 * A field of an identification register, a row of {@code idfields.tab}. All are four bits wide.
 *
 * @param register the register, e.g. {@code ID_AA64ISAR0_EL1}
 * @param name     the field, e.g. {@code AES}
 * @param lsb      its lowest bit
 * @param signed   0xf is less than 0 and means "not implemented"
 * @param number   a size, a count, or a level of the base architecture
 * @param levels   what its values mean
 */
record IdField(String register, String name, int lsb, boolean signed, boolean number, List<Level> levels) {
    static final List<IdField> ALL = CpuModel.lines("idfields.tab").stream().map(IdField::parse).toList();

    /** This value and every greater one say that the feature is implemented. */
    record Level(int value, String feature) { }

    /** The field of that register value. */
    int of(long registerValue) {
        int v = (int) (registerValue >>> lsb) & 15;
        return signed ? v << 28 >> 28 : v;
    }

    private static IdField parse(String line) {
        String[] f = line.split("\\s+");
        List<Level> levels = new ArrayList<>();
        for (int i = 3; i < f.length; i++) {
            int colon = f[i].indexOf(':');
            if (colon > 0) {
                levels.add(new Level(Integer.parseInt(f[i].substring(0, colon)), f[i].substring(colon + 1)));
            }
        }
        List<String> words = List.of(f);
        return new IdField(f[0], f[1], Integer.parseInt(f[2]), words.contains("signed"), words.contains("number"), List.copyOf(levels));
    }
}
