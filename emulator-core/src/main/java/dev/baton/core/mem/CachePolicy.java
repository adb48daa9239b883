package dev.baton.core.mem;

/**
 * What the caches do on their own; every one of these is legal on hardware.
 *
 * <p>Spelled on the command line {@code none}, {@code strict}, {@code adversarial}, {@code random:SEED}.
 *
 * @param kind which policy
 * @param seed generator seed of {@link Kind#RANDOM}, 0 otherwise
 */
public record CachePolicy(Kind kind, long seed) {
    /** The policies. */
    public enum Kind {
        /** Both views are one array: what QEMU shows. */
        NONE,
        /** Nothing is written back on its own; a line may be present once its page had a cacheable translation. */
        STRICT,
        /** As strict, and a line invalidated under a live cacheable mapping is speculatively fetched again at once. */
        ADVERSARIAL,
        /** As strict, and random lines are written back and dropped at seeded moments. */
        RANDOM
    }

    public static final CachePolicy NONE = new CachePolicy(Kind.NONE, 0);
    public static final CachePolicy STRICT = new CachePolicy(Kind.STRICT, 0);
    public static final CachePolicy ADVERSARIAL = new CachePolicy(Kind.ADVERSARIAL, 0);

    /** @throws IllegalArgumentException with one sentence if the text names no policy */
    public static CachePolicy parse(String text) {
        return switch (text) {
            case "none" -> NONE;
            case "strict" -> STRICT;
            case "adversarial" -> ADVERSARIAL;
            default -> random(text);
        };
    }

    private static CachePolicy random(String text) {
        if (text.startsWith("random:")) {
            try {
                return new CachePolicy(Kind.RANDOM, Long.decode(text.substring(7)));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("cache policy '" + text + "': expected a number after 'random:'");
            }
        }
        throw new IllegalArgumentException("cache policy '" + text + "': expected none, strict, adversarial or random:SEED");
    }

    @Override
    public String toString() {
        return kind == Kind.RANDOM ? "random:" + seed : kind.name().toLowerCase(java.util.Locale.ROOT);
    }
}
