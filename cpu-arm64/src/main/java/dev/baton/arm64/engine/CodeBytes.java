package dev.baton.arm64.engine;

import dev.baton.core.mem.Ram;

import java.util.ArrayList;
import java.util.List;

/** The I-cache lines of one physical page, as fetched through one view. */
final class CodeBytes {
    static final int WORDS = 1024;
    private static final int LINE_WORDS = Ram.LINE / 4;

    final Ram ram;
    final long pa;
    final boolean cacheable;
    final int[] words = new int[WORDS];
    /** Lines that were fetched, by bit. */
    long valid;
    /** Of those, the ones whose memory changed since. */
    long suspect;
    /** Virtual time of the last such change. */
    long changedAt;
    /** Every virtual place through which it executes. */
    final List<CodePage> pages = new ArrayList<>(1);

    CodeBytes(Ram ram, long pa, boolean cacheable) {
        this.ram = ram;
        this.pa = pa;
        this.cacheable = cacheable;
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
