package dev.baton.arm64.engine;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.Ram;

import java.util.ArrayList;
import java.util.List;

/** The I-cache lines of one physical page, as fetched through one view. */
final class CodeBytes {
    static final int WORDS = 1024;
    /** More than a kernel patches in a page before it invalidates: each word once. */
    private static final int PATIENCE = WORDS;
    private static final int LINE_WORDS = Ram.LINE / 4;

    /** What {@link #save} writes. */
    record Saved(long pa, boolean cacheable, long valid, long suspect, long told, long changedAt, int needless, boolean held,
                 int[] words) {
        static Saved read(StateReader in) {
            return new Saved(in.u64(), in.flag(), in.u64(), in.u64(), in.u64(), in.u64(), in.u32(), in.flag(), in.ints());
        }
    }

    final Ram ram;
    final long pa;
    final boolean cacheable;
    final int[] words = new int[WORDS];
    /** Lines that were fetched, by bit. */
    long valid;
    /** Of those, the ones whose memory changed since. */
    long suspect;
    /** Of those, the ones whose blocks all look before they execute: another change needs to be told to none. */
    long told;
    /** Virtual time of the last change seen. */
    long changedAt;
    /** Changes in a row that needed to be told to no block. */
    private int needless;
    /** Stores to the page are announced: until {@link #PATIENCE} of them were needless, as where the page holds data now. */
    private boolean held;
    /** Every virtual place through which it executes. */
    final List<CodePage> pages = new ArrayList<>(1);

    CodeBytes(Ram ram, long pa, boolean cacheable) {
        this.ram = ram;
        this.pa = pa;
        this.cacheable = cacheable;
    }

    /** A line was fetched. */
    void fetched(int line) {
        valid |= 1L << line;
        hold();
    }

    /** Lines of {@code mask} are no longer held. */
    void drop(long mask) {
        valid &= ~mask;
        suspect &= ~mask;
        told &= ~mask;
    }

    /** The page was stored to at {@code now}. @return the lines of {@code touched} whose blocks have to be told */
    long changed(long touched, long now) {
        long lines = touched & valid & ~told;
        changedAt = now;
        suspect |= lines;
        told |= lines;
        needless = lines != 0 ? 0 : needless + 1;
        if (needless >= PATIENCE && told == valid) {
            release();
        }
        return lines;
    }

    /** A block of these lines was found to be as memory is: it runs again without a look. */
    void trusted(long lines) {
        told &= ~lines;
        hold();
    }

    private void hold() {
        needless = 0;
        if (!held) {
            held = true;
            ram.codeHeld(pa);
        }
    }

    /** Stores are announced no longer. */
    void release() {
        if (held) {
            held = false;
            ram.codeDropped(pa);
        }
    }

    void save(StateWriter out) {
        out.u64(pa).flag(cacheable).u64(valid).u64(suspect).u64(told).u64(changedAt).u32(needless).flag(held).ints(words);
    }

    void restore(Saved from) {
        System.arraycopy(from.words, 0, words, 0, WORDS);
        valid = from.valid;
        suspect = from.suspect;
        told = from.told;
        changedAt = from.changedAt;
        if (from.held) {
            hold();
        }
        needless = from.needless;
    }

    static int line(int index) {
        return index / LINE_WORDS;
    }

    static long bits(int firstLine, int lastLine) {
        return -1L >>> 63 - lastLine & -1L << firstLine;
    }

    /** Lines invalidated or suspect: what to do with the blocks that contain them. */
    void forBlocks(int firstLine, int lastLine, java.util.function.Consumer<Block> action) {
        int from = Math.max(0, firstLine * LINE_WORDS - BlockBuilder.LONGEST + 1);
        int to = (lastLine + 1) * LINE_WORDS;
        for (CodePage page : pages) {
            for (int i = from; i < to; i++) {
                Block b = page.blocks[i];
                if (b != null && i + b.singles.length > firstLine * LINE_WORDS) {
                    action.accept(b);
                    if (b.dead) {
                        page.blocks[i] = null;
                    }
                }
            }
        }
    }
}
