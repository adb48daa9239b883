package dev.baton.arm64.mmu;

/**
 * The TTL field of a TLBI (Arm ARM, FEAT_TTL): which granule and level the leaf of the invalidated entries has. What a wrong
 * hint leaves in the TLB stays there, as on hardware that follows it.
 *
 * @param pageBits of the granule, 0: any
 * @param level    of the leaf, -1: any
 */
record LevelHint(int pageBits, int level) {
    static final LevelHint NONE = new LevelHint(0, -1);

    /** @param ttl TTL[3:2] is the granule, TTL[1:0] the level, 0 meaning any unless the format has a leaf there */
    static LevelHint of(int ttl) {
        int pageBits = 10 + 2 * (ttl >>> 2);
        return ttl >>> 2 == 0 ? NONE : of(pageBits, ttl & 3);
    }

    /** With a granule, level 0 names leaves of level 0 where there can be some with LPA2, which we take for no hint. */
    static LevelHint of(int pageBits, int level) {
        return level == 0 ? NONE : new LevelHint(pageBits, level);
    }

    boolean covers(TlbEntry e) {
        return level < 0 || e.level == level && e.pageBits == pageBits;
    }
}
