package dev.baton.arm64.engine;

import dev.baton.arm64.Insn;

/** Decoded instructions from one entry point to the first jump, within one page. */
public final class Block {
    /** {@link #count} of a block that may not simply be run: every budget is too small for it. */
    static final long NOT_SIMPLY = Long.MAX_VALUE / 2;

    private static final Insn[] NOTHING = {};

    /** Virtual address of the first instruction. */
    public final long pc;
    final CodePage page;
    /** What T0 runs before {@link #jump}: neighbours fused, idioms in front. */
    Insn[] body;
    Jump jump;
    /** Every instruction by its index, the last one included. */
    final Insn[] singles;
    private final int[] words;
    /** Instructions that running the block executes, or {@link #NOT_SIMPLY}. */
    long count;
    /** Slices that ended in it. */
    int samples;
    /** Its words were invalidated: nobody may enter it again. */
    boolean dead;
    /** Memory behind it changed since it was fetched. */
    boolean suspect;

    Block(long pc, CodePage page, Insn[] body, Jump jump, Insn[] singles, int[] words) {
        this.pc = pc;
        this.page = page;
        this.body = body;
        this.jump = jump;
        this.singles = singles;
        this.words = words;
        count = singles.length;
    }

    /** The word of instruction {@code i} as it was fetched. */
    int word(int i) {
        return words[i];
    }

    void kill() {
        dead = true;
        count = NOT_SIMPLY;
    }

    void suspect() {
        suspect = true;
        count = NOT_SIMPLY;
    }

    /** It was compared with memory and is what memory says. */
    void trust() {
        suspect = false;
        count = singles.length;
    }

    /** From now on T0 runs {@code whole} for all of it. */
    void becomes(Jump whole) {
        body = NOTHING;
        jump = whole;
    }
}
