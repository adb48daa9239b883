package dev.baton.arm64.sysreg;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * The architectural features (FEAT_xxx of the Arm ARM, A2.2) of a CPU model. They follow from its identification registers by
 * {@code idfields.tab} and from nothing else, so that what software is told and what is there cannot differ.
 */
public final class Features {
    private static final List<String> NAMES = names();
    /** Every feature that has a name here: for tables and tools that look at encodings without a CPU. */
    public static final Features EVERY = new Features(true);

    private final boolean[] present = new boolean[NAMES.size()];

    private Features(boolean all) {
        java.util.Arrays.fill(present, all);
    }

    /** The features of that model. */
    public static Features of(CpuModel model) {
        Features f = new Features(false);
        for (IdField field : IdField.ALL) {
            int value = field.of(model.value(field.register()));
            for (IdField.Level level : field.levels()) {
                f.present[number(level.feature())] |= value >= level.value();
            }
        }
        return f;
    }

    /** Whether {@code idfields.tab} knows that name. */
    public static boolean known(String feature) {
        return NAMES.contains(feature);
    }

    /**
     * The number of a feature, for {@link #has(int)} where names would be slow.
     *
     * @throws IllegalArgumentException if no field says whether there is such a feature
     */
    public static int number(String feature) {
        int n = NAMES.indexOf(feature);
        if (n < 0) {
            throw new IllegalArgumentException("idfields.tab knows no feature named '" + feature + "'");
        }
        return n;
    }

    public boolean has(int number) {
        return present[number];
    }

    /** @throws IllegalArgumentException if no field says whether there is such a feature */
    public boolean has(String feature) {
        return present[number(feature)];
    }

    private static List<String> names() {
        LinkedHashSet<String> names = new LinkedHashSet<>();
        for (IdField field : IdField.ALL) {
            field.levels().forEach(level -> names.add(level.feature()));
        }
        return new ArrayList<>(names);
    }
}
