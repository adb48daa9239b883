package dev.baton.devices.gic;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.Parts;

import java.util.Arrays;

/**
 * State and registers of consecutive interrupts: those of a distributor (SPIs) or of one redistributor (SGIs and PPIs). Both
 * frames have the same registers at the same offsets, 0x080 to 0xEFF, indexed by INTID; interrupts that are not in this bank
 * read as zero and ignore writes.
 */
final class InterruptBank {
    // Offsets in the frame; GICD_ and GICR_ alike. One bit an interrupt unless said otherwise.
    private static final int IGROUPR = 0x080;
    private static final int ISENABLER = 0x100;
    private static final int ICENABLER = 0x180;
    private static final int ISPENDR = 0x200;
    private static final int ICPENDR = 0x280;
    private static final int ISACTIVER = 0x300;
    private static final int ICACTIVER = 0x380;
    private static final int IPRIORITYR = 0x400;    // a byte an interrupt
    private static final int ITARGETSR = 0x800;     // RES0 with affinity routing
    private static final int ICFGR = 0xc00;         // two bits an interrupt, the upper one: edge-triggered
    private static final int IGRPMODR = 0xd00;      // RES0 with one Security state
    static final int FIRST_REGISTER = IGROUPR;
    /** First offset after GICD_NSACR. */
    static final int END = 0xf00;

    /** Five bits of priority are implemented, as in Cortex-A57 and most others; the low three read as zero. */
    static final int PRIORITY_MASK = 0xf8;

    private final int firstWord;
    private final int resetEdge;
    private final int[] group;
    private final int[] enabled;
    /** Pending by an edge or by ISPENDR; a level adds to it while it lasts. */
    private final int[] latched;
    private final int[] active;
    private final int[] line;
    private final int[] edge;
    private final byte[] priority;

    /**
     * @param firstWord INTID of the first interrupt, divided by 32
     * @param words     number of interrupts, divided by 32
     * @param resetEdge which interrupts of the first word are edge-triggered at reset and always
     */
    InterruptBank(int firstWord, int words, int resetEdge) {
        this.firstWord = firstWord;
        this.resetEdge = resetEdge;
        group = new int[words];
        enabled = new int[words];
        latched = new int[words];
        active = new int[words];
        line = new int[words];
        edge = new int[words];
        priority = new byte[words * 32];
        edge[0] = resetEdge;
    }

    void reset() {
        for (int[] a : words()) {
            Arrays.fill(a, 0);
        }
        Arrays.fill(priority, (byte) 0);
        edge[0] = resetEdge;
    }

    private int[][] words() {
        return new int[][] {group, enabled, latched, active, line, edge};
    }

    /** Number of words of 32 interrupts. */
    int size() {
        return group.length;
    }

    // What the rest of the GIC asks and does ------------------------------------------------------------------------------

    private int word(int intid) {
        return (intid >>> 5) - firstWord;
    }

    private static int bit(int intid) {
        return 1 << (intid & 31);
    }

    /**
     * Pending, enabled and not active interrupts of word {@code w} whose group is enabled.
     *
     * @param groups bit 0: Group 0 is enabled, bit 1: Group 1 is
     */
    int candidates(int w, int groups) {
        int ofGroup = ((groups & 1) != 0 ? ~group[w] : 0) | ((groups & 2) != 0 ? group[w] : 0);
        return pending(w) & enabled[w] & ~active[w] & ofGroup;
    }

    private int pending(int w) {
        return latched[w] | line[w] & ~edge[w];
    }

    int priority(int intid) {
        return priority[intid - 32 * firstWord] & 0xff;
    }

    int group(int intid) {
        return group[word(intid)] >>> (intid & 31) & 1;
    }

    /** @return false if the line was at this level already */
    boolean line(int intid, boolean asserted) {
        int w = word(intid);
        int bit = bit(intid);
        if ((line[w] & bit) != 0 == asserted) {
            return false;
        }
        line[w] ^= bit;
        latched[w] |= bit & edge[w] & line[w];
        return true;
    }

    void latch(int intid) {
        latched[word(intid)] |= bit(intid);
    }

    void unlatch(int intid) {
        latched[word(intid)] &= ~bit(intid);
    }

    /** Acknowledged: active, and no longer pending except by a level that lasts (4.1.2, "active and pending"). */
    void acknowledge(int intid) {
        active[word(intid)] |= bit(intid);
        latched[word(intid)] &= ~bit(intid);
    }

    void deactivate(int intid) {
        active[word(intid)] &= ~bit(intid);
    }

    // Registers -------------------------------------------------------------------------------------------------------

    long read(int offset, int size) {
        if (offset >= IPRIORITYR && offset < ITARGETSR) {
            return priorities(offset - IPRIORITYR, size);
        }
        if (offset >= ICFGR && offset < IGRPMODR) {
            int w = (offset - ICFGR >> 3) - firstWord;
            return present(w) ? Parts.read32(configuration(w, offset >> 2 & 1), offset, size) : 0;
        }
        int w = (offset >> 2 & 31) - firstWord;
        return present(w) ? Parts.read32(bits(offset & ~0x7f, w), offset, size) : 0;
    }

    private boolean present(int w) {
        return w >= 0 && w < group.length;
    }

    private int bits(int register, int w) {
        return switch (register) {
            case IGROUPR -> group[w];
            case ISENABLER, ICENABLER -> enabled[w];
            case ISPENDR, ICPENDR -> pending(w);
            case ISACTIVER, ICACTIVER -> active[w];
            default -> 0;
        };
    }

    void write(int offset, int size, long value) {
        if (offset >= IPRIORITYR && offset < ITARGETSR) {
            writePriorities(offset - IPRIORITYR, size, value);
        } else if (offset >= ICFGR && offset < IGRPMODR) {
            int w = (offset - ICFGR >> 3) - firstWord;
            if (present(w)) {
                int half = offset >> 2 & 1;
                configure(w, half, Parts.write32(configuration(w, half), offset, size, value));
            }
        } else {
            int w = (offset >> 2 & 31) - firstWord;
            if (present(w)) {
                writeBits(offset & ~0x7f, w, offset, size, value);
            }
        }
    }

    private void writeBits(int register, int w, int offset, int size, long value) {
        int ones = Parts.write32(0, offset, size, value);
        switch (register) {
            case IGROUPR -> group[w] = Parts.write32(group[w], offset, size, value);
            case ISENABLER -> enabled[w] |= ones;
            case ICENABLER -> enabled[w] &= ~ones;
            case ISPENDR -> latched[w] |= ones;
            case ICPENDR -> latched[w] &= ~ones;
            case ISACTIVER -> active[w] |= ones;
            case ICACTIVER -> active[w] &= ~ones;
            default -> { }
        }
    }

    private long priorities(int intid, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            int at = intid + i - 32 * firstWord;
            if (at >= 0 && at < priority.length) {
                value |= (priority[at] & 0xffL) << 8 * i;
            }
        }
        return value;
    }

    private void writePriorities(int intid, int size, long value) {
        for (int i = 0; i < size; i++) {
            int at = intid + i - 32 * firstWord;
            if (at >= 0 && at < priority.length) {
                priority[at] = (byte) (value >>> 8 * i & PRIORITY_MASK);
            }
        }
    }

    private int configuration(int w, int half) {
        int value = 0;
        for (int i = 0; i < 16; i++) {
            value |= (edge[w] >>> 16 * half + i & 1) << 2 * i + 1;
        }
        return value;
    }

    private void configure(int w, int half, int value) {
        int bits = 0;
        for (int i = 0; i < 16; i++) {
            bits |= (value >>> 2 * i + 1 & 1) << 16 * half + i;
        }
        edge[w] = edge[w] & ~(0xffff << 16 * half) | bits;
        if (w == 0) {
            edge[w] |= resetEdge;
        }
    }

    void save(StateWriter out) {
        for (int[] a : words()) {
            out.ints(a);
        }
        out.bytes(priority);
    }

    void load(StateReader in) {
        for (int[] a : words()) {
            System.arraycopy(in.ints(), 0, a, 0, a.length);
        }
        System.arraycopy(in.bytes(), 0, priority, 0, priority.length);
    }
}
