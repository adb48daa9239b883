package dev.baton.cli;

import dev.baton.core.mem.CachePolicy;
import dev.baton.kernel.chain.Count;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What Baton has and QEMU has not.
 *
 * @param caches        {@code none} unless asked for, as QEMU's
 * @param limit         instructions after which the run ends
 * @param seed          of the device tree's seeds
 * @param findingsFail  findings make the exit status 1
 * @param summary       tells of each kernel that ran
 * @param symbols       {@code System.map} or {@code vmlinux} of kernels that will run
 */
record QemuExtras(CachePolicy caches, long limit, long seed, boolean findingsFail, boolean summary, List<Path> symbols) {
    private static final List<String> KEYS = List.of("caches", "limit", "seed", "findings", "summary", "symbols");

    /**
     * @param given       by {@code -baton}
     * @param environment {@code BATON_CACHES} and so on, where {@code given} says nothing
     */
    static QemuExtras of(Map<String, String> given, Map<String, String> environment) {
        for (String key : given.keySet()) {
            if (!KEYS.contains(key)) {
                throw new BadInput("-baton " + key + ": expected one of " + String.join(", ", KEYS));
            }
        }
        Reader r = new Reader(given, environment);
        String findings = r.text("findings", "report");
        if (!List.of("report", "fail").contains(findings)) {
            throw new BadInput("-baton findings=" + findings + ": expected report or fail");
        }
        try {
            String limit = r.text("limit", "");
            return new QemuExtras(CachePolicy.parse(r.text("caches", "none")),
                    limit.isEmpty() ? Long.MAX_VALUE : Count.parse(limit).value(),
                    Long.decode(r.text("seed", "1")), findings.equals("fail"), yes(r.text("summary", "no")),
                    paths(r.text("symbols", "")));
        } catch (NumberFormatException e) {
            throw new BadInput("-baton seed=" + r.text("seed", "") + ": expected a number");
        } catch (IllegalArgumentException e) {
            throw new BadInput("-baton " + e.getMessage());
        }
    }

    /** As in PATH. */
    private static List<Path> paths(String text) {
        return text.isEmpty() ? List.of() : Arrays.stream(text.split(File.pathSeparator)).map(Path::of).toList();
    }

    private static boolean yes(String text) {
        if (!List.of("yes", "no").contains(text)) {
            throw new BadInput("-baton summary=" + text + ": expected yes or no");
        }
        return text.equals("yes");
    }

    private record Reader(Map<String, String> given, Map<String, String> environment) {
        String text(String key, String otherwise) {
            String v = given.getOrDefault(key, environment.get("BATON_" + key.toUpperCase(java.util.Locale.ROOT)));
            return v == null || v.isEmpty() ? otherwise : v;
        }
    }
}
