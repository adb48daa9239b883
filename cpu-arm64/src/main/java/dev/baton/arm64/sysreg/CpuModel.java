package dev.baton.arm64.sysreg;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A CPU model: the values of its identification registers, from {@code models.tab}.
 *
 * @param name   as in {@link dev.baton.arm64.Arm64Config#model}
 * @param values by register name; an absent register reads 0
 */
public record CpuModel(String name, Map<String, Long> values) {
    private static final Map<String, CpuModel> ALL = load();

    // ID_AA64MMFR0_EL1.TGran16, TGran4, TGran16_2 and TGran4_2; without LPA2 1, 0, 2 and 2, as QEMU 7.2 has them.
    private static final long GRANULES = 0xfL << 20 | 0xfL << 28 | 0xfL << 32 | 0xfL << 40;
    private static final long GRANULES_OF_48_BITS = 1L << 20 | 2L << 32 | 2L << 40;

    public CpuModel {
        values = Map.copyOf(values);
    }

    /**
     * The model of that name, which may have QEMU's properties of {@code max} behind it: {@code pauth-impdef=on} for the IMPLEMENTATION
     * DEFINED algorithm of pointer authentication in place of QARMA5, {@code pauth=off} for none; {@code lpa2=off} for 48 bits of
     * address with granules of 4 and 16 KiB.
     *
     * @throws IllegalArgumentException naming the models, or the properties, that there are
     */
    public static CpuModel named(String name) {
        String[] parts = name.split(",", -1);
        CpuModel m = ALL.get(parts[0]);
        if (m == null) {
            throw new IllegalArgumentException("no arm64 CPU model is named '" + parts[0] + "'; there are "
                    + String.join(", ", ALL.keySet()));
        }
        for (int i = 1; i < parts.length; i++) {
            m = m.with(parts[i]);
        }
        return m;
    }

    private CpuModel with(String property) {
        if (!name.equals("max") && !name.startsWith("max,")) {
            throw new IllegalArgumentException("arm64 CPU model '" + name + "' has no property '" + property + "'; only max has any");
        }
        long isar1 = value("ID_AA64ISAR1_EL1");
        long architected = isar1 & (0xfL << 4 | 0xfL << 24);
        long without = isar1 & ~(0xffL << 4 | 0xffL << 24);
        return switch (property) {
            case "pauth=on", "pauth-impdef=off", "lpa2=on" -> this;
            case "pauth=off" -> with(property, "ID_AA64ISAR1_EL1", without);
            case "pauth-impdef=on" -> with(property, "ID_AA64ISAR1_EL1", without | architected << 4);
            case "lpa2=off" -> with(property, "ID_AA64MMFR0_EL1", value("ID_AA64MMFR0_EL1") & ~GRANULES | GRANULES_OF_48_BITS);
            default -> throw new IllegalArgumentException("arm64 CPU model '" + name + "' has no property '" + property
                    + "'; there are pauth=on|off, pauth-impdef=on|off, lpa2=on|off");
        };
    }

    private CpuModel with(String property, String register, long value) {
        Map<String, Long> with = new LinkedHashMap<>(values);
        with.put(register, value);
        return new CpuModel(name + "," + property, with);
    }

    /** Every model, in the order of the table. */
    public static java.util.List<String> names() {
        return java.util.List.copyOf(ALL.keySet());
    }

    /** What the identification registers say. */
    public Features features() {
        return Features.of(this);
    }

    public long value(String register) {
        return values.getOrDefault(register, 0L);
    }

    private static Map<String, CpuModel> load() {
        Map<String, Map<String, Long>> models = new LinkedHashMap<>();
        Map<String, Long> current = null;
        for (String line : lines("models.tab")) {
            String[] f = line.split("\\s+");
            if (f[0].equals("model")) {
                current = new LinkedHashMap<>();
                models.put(f[1], current);
            } else if (current != null) {
                current.put(f[0], Long.parseUnsignedLong(f[1].substring(2), 16));
            }
        }
        Map<String, CpuModel> all = new LinkedHashMap<>();
        models.forEach((name, values) -> all.put(name, new CpuModel(name, values)));
        return all;
    }

    /** The lines of a table resource beside this class, without comments and blank lines. */
    static java.util.List<String> lines(String resource) {
        try (var in = new BufferedReader(new InputStreamReader(CpuModel.class.getResourceAsStream(resource), StandardCharsets.UTF_8))) {
            return in.lines().map(String::strip).filter(l -> !l.isEmpty() && l.charAt(0) != '#').toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
