package dev.baton.core.mem;

/**
 * The software TLB of one CPU: the cache of host addresses that loads and stores probe inline. It is not the architectural
 * TLB: dropping an entry here is never visible to the guest.
 *
 * <p>Off-heap, because entries there cost about 2.5 host cycles per access against 3.9 for heap arrays. Entry layout, 32
 * bytes, direct-mapped by virtual page, {@link #ENTRIES} per context:
 * <pre>
 *  0  tagR   virtual page address if loads may go straight to the host, else INVALID
 *  8  addR   host address minus virtual address
 * 16  tagW   as tagR for stores
 * 24  addW   as addR for stores
 * </pre>
 * A probe for an access of {@code size} bytes is {@code tag == (va & (~4095L | size - 1))}: one AND and one compare also
 * sends every misaligned access to the slow path, where alignment rules and page crossings are sorted out.
 *
 * <p>A <em>context</em> is one translation state of the CPU (exception level, MMU on or off, …); the CPU switches between
 * them by changing one base address, so a change of level flushes nothing. Context 0 never holds an entry: a CPU that must
 * see every access (big-endian data, watchpoints) selects it.
 */
public final class SoftTlb {
    /** Entries per context. */
    public static final int ENTRIES = 1024;
    /** A tag that no access matches: its low 12 bits are not 0. All ones, so that a context is dropped by one fill. */
    public static final long INVALID = -1L;
    /** The context that always misses. */
    public static final int MISS = 0;

    private static final int ENTRY_BYTES = 32;
    private static final long CONTEXT_BYTES = (long) ENTRIES * ENTRY_BYTES;

    private final long base;
    private final int contexts;
    private final int owner;

    /**
     * @param owner    index of the owning CPU, 0 to 127
     * @param contexts number of contexts including {@link #MISS}, at most 16
     */
    public SoftTlb(int owner, int contexts) {
        this.owner = owner;
        this.contexts = contexts;
        this.base = Host.reserve(contexts * CONTEXT_BYTES);
        flushAll();
    }

    /** Host address of a context's first entry: what the CPU keeps in a field for its inline probes. */
    public long contextBase(int context) {
        return base + context * CONTEXT_BYTES;
    }

    /** Host address of the entry that serves {@code va}. */
    public static long entry(long contextBase, long va) {
        return contextBase + (va >>> 7 & (ENTRIES - 1) << 5);
    }

    /** Identifies an entry of this CPU in {@link Ram}'s per-page records: never 0 or negative. */
    public int slot(int context, long va) {
        return (owner * 16 + context) * ENTRIES + (int) (va >>> 12 & ENTRIES - 1) + 1;
    }

    /**
     * Fills an entry. Its two halves are independent: a copy between pages that share an entry, as source and destination
     * at a distance of 4 MiB do, keeps one page in each.
     *
     * @param hostPage host address of the page's first byte
     * @param read     loads may use it
     * @param write    stores may use it
     */
    public void fill(int context, long va, long hostPage, boolean read, boolean write) {
        long e = entry(contextBase(context), va);
        long page = va & -4096L;
        half(e, page, hostPage - page, read);
        half(e + 16, page, hostPage - page, write);
    }

    /** Sets one half, or drops it where it leads elsewhere from the same page. */
    private static void half(long e, long page, long add, boolean allowed) {
        if (allowed) {
            Host.putLong(e, page);
            Host.putLong(e + 8, add);
        } else if (Host.getLong(e) == page && Host.getLong(e + 8) != add) {
            Host.putLong(e, INVALID);
        }
    }

    void evict(int slot) {
        long e = base + (long) (slot - 1 - owner * 16 * ENTRIES) * ENTRY_BYTES;
        Host.putLong(e, INVALID);
        Host.putLong(e + 16, INVALID);
    }

    boolean owns(int slot) {
        return (slot - 1) / (16 * ENTRIES) == owner;
    }

    /** Drops every entry that leads into [hostPage, hostPage + 4096). */
    void evictHostPage(long hostPage) {
        for (long half = base; half < base + contexts * CONTEXT_BYTES; half += ENTRY_BYTES / 2) {
            evictIfInto(hostPage, half);
        }
    }

    private static void evictIfInto(long hostPage, long half) {
        long page = Host.getLong(half);
        if (page != INVALID && page + Host.getLong(half + 8) == hostPage) {
            Host.putLong(half, INVALID);
        }
    }

    /** Drops the entry of one page in one context. */
    public void flushPage(int context, long va) {
        long e = entry(contextBase(context), va);
        Host.putLong(e, INVALID);
        Host.putLong(e + 16, INVALID);
    }

    /** Drops one context: about 0.5 us, which a kernel pays at each address space switch. */
    public void flush(int context) {
        Host.fill(contextBase(context), CONTEXT_BYTES, (byte) 0xff);
    }

    public void flushAll() {
        for (int c = 0; c < contexts; c++) {
            flush(c);
        }
    }
}
