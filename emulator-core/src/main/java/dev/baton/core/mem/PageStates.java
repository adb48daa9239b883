package dev.baton.core.mem;

/**
 * What {@link Ram} knows of each page: one byte, so that a walk through memory reads one host line for 64 pages (five arrays
 * side by side cost a relocation about 150 ns a page), and the mask of present lines, which only a page with some of them needs.
 */
final class PageStates {
    /** A non-cacheable store went past a line that may be present. */
    static final int STALE = 1;
    /** Stores and maintenance are announced. */
    static final int WATCHED = 2;
    /** A CPU holds decoded instructions of it. */
    static final int CODE = 4;
    /** The absent lines of C may differ from M; where this is not set, filling them costs nothing. */
    static final int OUT_OF_STEP = 8;
    /** The two arrays have changed places: C's bytes are in the one made for M. */
    static final int EXCHANGED = 16;
    private static final int ALL_PRESENT = 32;
    private static final int SOME_PRESENT = 64;
    /** Was written, or read through a cache. */
    static final int TOUCHED = 128;

    /** Every line of a page. */
    static final long ALL = -1L;

    private final byte[] state;
    private final long[] lines;
    private final byte[] codeUsers;

    PageStates(int pages) {
        state = new byte[pages];
        lines = new long[pages];
        codeUsers = new byte[pages];
    }

    int pages() {
        return state.length;
    }

    /** Any of {@code bits} is set. */
    boolean is(int p, int bits) {
        return (state[p] & bits) != 0;
    }

    /** Pages with any of {@code bits}. */
    int count(int bits) {
        int n = 0;
        for (byte s : state) {
            n += (s & bits) != 0 ? 1 : 0;
        }
        return n;
    }

    void set(int p, int bits) {
        state[p] |= (byte) bits;
    }

    void clear(int p, int bits) {
        state[p] &= (byte) ~bits;
    }

    void flip(int p, int bits) {
        state[p] ^= (byte) bits;
    }

    /** None of {@code bits} is set, and all lines are present or, if not {@code cached}, none is. */
    boolean uniform(int p, boolean cached, int bits) {
        return (state[p] & (bits | ALL_PRESENT | SOME_PRESENT)) == (cached ? ALL_PRESENT : 0);
    }

    /** Lines that may be in a cache, bit n for the line at 64 n. */
    long present(int p) {
        int s = state[p];
        return (s & ALL_PRESENT) != 0 ? ALL : (s & SOME_PRESENT) != 0 ? lines[p] : 0;
    }

    void present(int p, long mask) {
        clear(p, ALL_PRESENT | SOME_PRESENT);
        if (mask == ALL) {
            set(p, ALL_PRESENT | TOUCHED);
        } else if (mask != 0) {
            set(p, SOME_PRESENT);
            lines[p] = mask;
        }
    }

    /** @return true if it is the first user */
    boolean codeHeld(int p) {
        boolean first = codeUsers[p]++ == 0;
        if (first) {
            set(p, CODE);
        }
        return first;
    }

    void codeDropped(int p) {
        if (--codeUsers[p] == 0) {
            clear(p, CODE);
        }
    }
}
