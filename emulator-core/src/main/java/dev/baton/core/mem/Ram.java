package dev.baton.core.mem;

import static dev.baton.core.mem.PageStates.CODE;
import static dev.baton.core.mem.PageStates.EXCHANGED;
import static dev.baton.core.mem.PageStates.OUT_OF_STEP;
import static dev.baton.core.mem.PageStates.STALE;
import static dev.baton.core.mem.PageStates.TOUCHED;
import static dev.baton.core.mem.PageStates.WATCHED;

import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.ArrayList;
import java.util.List;

/**
 * One bank of guest RAM with its two views.
 *
 * <p>The cached view C and the PoC view M are two reserved host arrays. Each page has a mask of the lines that <em>may be
 * present</em> in a cache. For an absent line M alone is authoritative and C holds leftovers; a cacheable access makes the
 * whole page present (a line may be present once its page had a cacheable translation) and fills the absent lines of C from
 * M. A present line is dirty exactly where C and M differ, unless a non-cacheable store went past it: such a line is
 * <em>stale</em> and remembered with the bytes M had before: a line that was dirty then is dirty still.
 *
 * <p>Direct host access ({@link SoftTlb}) is handed out only where it needs no check: through C when every line of the page
 * is present and none is stale, through M when no line is present. So loads and stores on the fast path are the same
 * instructions as without the model. Under {@link CachePolicy#NONE} both views are one array and nothing here is tracked.
 */
public final class Ram {
    /** Cache line, bytes: CTR_EL0.DminLine of every CPU model we offer. */
    public static final int LINE = 64;
    static final int PAGE = 4096;
    private static final long ALL = PageStates.ALL;

    private final long base;
    private final long size;
    private final long cached;
    private final long poc;
    private final CachePolicy policy;
    private final boolean twoViews;

    final PageStates pages;
    /** Per page: 0 no fast entry, -1 more than one, else the one {@link SoftTlb#slot}. */
    private final int[] fastSlot;
    final StaleLines stale = new StaleLines();
    private final List<SoftTlb> tlbs = new ArrayList<>();
    private final List<CodeWatcher> codeWatchers = new ArrayList<>();
    private MemoryChecks checks = MemoryChecks.NONE;
    private MmioDevice device;
    final RandomEviction randomEviction;
    private final CacheMaintenance maintenance;

    /**
     * @param base physical address, page aligned
     * @param size bytes, a multiple of 4096
     */
    public Ram(long base, long size, CachePolicy policy) {
        this.base = base;
        this.size = size;
        this.policy = policy;
        this.twoViews = policy.kind() != CachePolicy.Kind.NONE;
        this.cached = Host.reserve(size);
        this.poc = twoViews ? Host.reserve(size) : cached;
        pages = new PageStates(Math.toIntExact(size / PAGE));
        fastSlot = new int[pages.pages()];
        randomEviction = new RandomEviction(this);
        maintenance = new CacheMaintenance(this);
    }

    public long base() {
        return base;
    }

    public long size() {
        return size;
    }

    /**
     * Bytes of the pages that were ever written, or read through a cache: what costs host memory, once for each view. A page that was
     * only read past the caches, or only read where none are modelled, is not counted.
     */
    public long touched() {
        return (long) pages.count(TOUCHED) * PAGE;
    }

    public CachePolicy policy() {
        return policy;
    }

    public boolean contains(long pa) {
        return pa - base >= 0 && pa - base < size;
    }

    /** Gives the host memory back. The bank is unusable afterwards. */
    public void close() {
        Host.release(cached);
        if (twoViews) {
            Host.release(poc);
        }
    }

    public void attach(SoftTlb tlb) {
        tlbs.add(tlb);
    }

    public void attach(CodeWatcher watcher) {
        codeWatchers.add(watcher);
    }

    public void checks(MemoryChecks c) {
        checks = c;
    }

    public MemoryChecks checks() {
        return checks;
    }

    /**
     * Loads and stores go to this device, by offset into the bank; code is fetched through it too. For flash, whose device keeps its
     * contents here. The policy must be {@code none}.
     */
    public void device(MmioDevice d) {
        device = d;
    }

    int page(long pa) {
        return (int) ((pa - base) >>> 12);
    }

    long cachedHost(long pa) {
        return (pages.is(page(pa), EXCHANGED) ? poc : cached) + (pa - base);
    }

    long pocHost(long pa) {
        return (pages.is(page(pa), EXCHANGED) ? cached : poc) + (pa - base);
    }

    long pageAddress(int p) {
        return base + (long) p * PAGE;
    }

    static long bit(long pa) {
        return 1L << (pa >>> 6);
    }

    // Fast access ---------------------------------------------------------------------------------------------------

    /**
     * Host address of the page at {@code pa} if every access with these attributes may go straight to it, else 0: then each
     * access goes through {@link #load} and {@link #store}. The entry is recorded and dropped when the answer changes.
     *
     * @param slot from {@link SoftTlb#slot}
     */
    public long fastPage(long pa, boolean cacheable, boolean write, int slot) {
        int p = page(pa);
        if (device != null) {
            return 0;
        }
        if (twoViews) {
            if (cacheable) {
                makePresent(p);
            }
            if (!pages.uniform(p, cacheable, STALE | WATCHED)) {
                return 0;
            }
        }
        if (write && pages.is(p, STALE | WATCHED | CODE)) {
            return 0;
        }
        if (write) {
            written(p, cacheable);
        }
        fastSlot[p] = fastSlot[p] == 0 || fastSlot[p] == slot ? slot : -1;
        long pagePa = pageAddress(p);
        return cacheable ? cachedHost(pagePa) : pocHost(pagePa);
    }

    /** A store to the page is about to be made, or may be at any time. */
    private void written(int p, boolean cacheable) {
        pages.set(p, cacheable ? TOUCHED : TOUCHED | OUT_OF_STEP);
    }

    void evictFast(int p) {
        int slot = fastSlot[p];
        if (slot == 0) {
            return;
        }
        fastSlot[p] = 0;
        long pagePa = pageAddress(p);
        for (SoftTlb t : tlbs) {
            if (slot == -1) {
                t.evictHostPage(cachedHost(pagePa));
                if (twoViews) {
                    t.evictHostPage(pocHost(pagePa));
                }
            } else if (t.owns(slot)) {
                t.evict(slot);
            }
        }
    }

    void makePresent(int p) {
        long mask = pages.present(p);
        if (mask == ALL) {
            return;
        }
        evictFast(p);
        if (pages.is(p, OUT_OF_STEP)) {
            fill(p, ~mask);
            pages.clear(p, OUT_OF_STEP);
        }
        pages.present(p, ALL);
        randomEviction.becamePresent(p);
    }

    private void fill(int p, long lines) {
        long from = pocHost(pageAddress(p));
        long to = cachedHost(pageAddress(p));
        if (lines == ALL) {
            Host.copy(from, to, PAGE);
            return;
        }
        for (long left = lines; left != 0; left &= left - 1) {
            long at = (long) Long.numberOfTrailingZeros(left) * LINE;
            Host.copy(from + at, to + at, LINE);
        }
    }

    // Checked access ------------------------------------------------------------------------------------------------

    /** Loads 1, 2, 4 or 8 bytes, little-endian, not crossing a line. */
    public long load(Accessor who, long pa, int bytes, boolean cacheable) {
        if (!twoViews) {
            return device != null ? device.read(pa - base, bytes) : Host.get(cachedHost(pa), bytes);
        }
        if (cacheable) {
            makePresent(page(pa));
            long value = Host.get(cachedHost(pa), bytes);
            if (pages.is(page(pa), STALE)) {
                checkStaleRead(who, pa, bytes, value);
            }
            return value;
        }
        long value = Host.get(pocHost(pa), bytes);
        if (mayBePresent(pa)) {
            checkDirtyRead(who, pa, bytes, value, false);
        }
        return value;
    }

    /** Fetches one A64 instruction word or up to 8 code bytes. */
    public long fetch(Accessor who, long pa, int bytes, boolean cacheable) {
        if (!twoViews || cacheable) {
            return load(who, pa, bytes, cacheable);
        }
        long value = Host.get(pocHost(pa), bytes);
        if (mayBePresent(pa)) {
            checkDirtyRead(who, pa, bytes, value, true);
        }
        return value;
    }

    private void checkStaleRead(Accessor who, long pa, int bytes, long value) {
        long m = Host.get(pocHost(pa), bytes);
        if (m != value && stale.storeLost(pa, bytes, differing(pa & -LINE))) {
            checks.cachedReadOfStaleLine(who, pa, bytes, value, m);
        }
    }

    private void checkDirtyRead(Accessor who, long pa, int bytes, long value, boolean fetch) {
        long c = Host.get(cachedHost(pa), bytes);
        if (c != value && !unchangedSinceStale(pa & -LINE) && !stale.newerInMemory(pa, bytes)) {
            checks.pocReadOfDirtyLine(who, pa, bytes, c, value, fetch);
        }
    }

    /** Stores the low 1, 2, 4 or 8 bytes, not crossing a line. */
    public void store(Accessor who, long pa, int bytes, long value, boolean cacheable) {
        int p = page(pa);
        View view = cacheable ? View.CACHED : View.POC;
        if (device != null) {
            device.write(pa - base, bytes, value);
            return;
        }
        if (!twoViews) {
            written(p, true);
            Host.put(cachedHost(pa), bytes, value);
        } else if (cacheable) {
            makePresent(p);
            Host.put(cachedHost(pa), bytes, value);
            if (pages.is(p, STALE)) {
                stale.storedInCache(pa, bytes);
            }
        } else {
            rememberStale(p, pa, bytes);
            written(p, false);
            Host.put(pocHost(pa), bytes, value);
        }
        stored(who, p, pa, bytes, view);
    }

    private void stored(Accessor who, int p, long pa, long bytes, View view) {
        if (pages.is(p, WATCHED)) {
            checks.watchedStore(who, pa, bytes, view);
        }
        if (pages.is(p, CODE)) {
            codeChanged(pa, bytes, view);
        }
    }

    void codeChanged(long pa, long bytes, View view) {
        for (CodeWatcher w : codeWatchers) {
            w.codeChanged(pa, bytes, view);
        }
    }

    /** Before a non-cacheable store: a line that may be present now holds older bytes than memory. */
    private void rememberStale(int p, long pa, int bytes) {
        if (!mayBePresent(pa)) {
            return;
        }
        if (!stale.contains(pa)) {
            // Of a clean line the views agree; of a dirty one C is not what memory had, so it stays dirty, as on hardware.
            stale.add(pa, Host.bytes(pocHost(pa & -LINE), LINE));
            pages.set(p, STALE);
            evictFast(p);
        }
        stale.storedInMemory(pa, bytes);
    }

    /** The bytes of a line in which the views differ, by bit. */
    long differing(long line) {
        byte[] c = Host.bytes(cachedHost(line), LINE);
        byte[] m = Host.bytes(pocHost(line), LINE);
        long bits = 0;
        for (int i = 0; i < LINE; i++) {
            bits |= c[i] != m[i] ? 1L << i : 0;
        }
        return bits;
    }

    boolean unchangedSinceStale(long line) {
        return stale.contains(line) && stale.unchanged(line, Host.bytes(cachedHost(line), LINE));
    }

    // Bulk access, within one page ------------------------------------------------------------------------------------

    /**
     * Host address for a bulk read within the page of {@code pa}, or 0 if it needs the checks of {@link #load}.
     */
    public long bulkRead(long pa, boolean cacheable) {
        int p = page(pa);
        if (device != null) {
            return 0;
        }
        if (twoViews) {
            if (cacheable) {
                makePresent(p);
            }
            boolean uniform = pages.uniform(p, cacheable, 0) || cleanPage(p, cacheable);
            if (!uniform || pages.is(p, STALE | WATCHED)) {
                return 0;
            }
        }
        return cacheable ? cachedHost(pa) : pocHost(pa);
    }

    /** Present lines do not trouble a non-cacheable reader while the views agree. */
    private boolean cleanPage(int p, boolean cacheable) {
        long pa = pageAddress(p);
        return !cacheable && pages.present(p) == ALL && Host.mismatch(cachedHost(pa), pocHost(pa), PAGE) < 0;
    }

    /**
     * Host address for a bulk write within the page of {@code pa}, or 0 if it needs the checks of {@link #store}. The caller
     * then writes, and tells {@link #bulkWritten} which bytes.
     */
    public long bulkWrite(long pa, boolean cacheable) {
        int p = page(pa);
        if (device != null) {
            return 0;
        }
        if (twoViews) {
            if (cacheable) {
                makePresent(p);
            }
            if (!pages.uniform(p, cacheable, 0)) {
                return 0;
            }
        }
        written(p, cacheable);
        return pages.is(p, STALE | WATCHED) ? 0 : cacheable ? cachedHost(pa) : pocHost(pa);
    }

    /**
     * Host address for a bulk write of all of [pa, pa + n), within a page, that nobody needs to be told of; else 0. What is
     * about to be overwritten is not fetched first.
     */
    public long overwrite(long pa, long n, boolean cacheable) {
        int p = page(pa);
        if (device != null || pages.is(p, STALE | WATCHED | CODE) || twoViews && !cacheable && !pages.uniform(p, false, 0)) {
            return 0;
        }
        if (cacheable && twoViews) {
            if (n == PAGE) {
                pages.clear(p, OUT_OF_STEP);
            }
            makePresent(p);
        }
        written(p, cacheable);
        return cacheable ? cachedHost(pa) : pocHost(pa);
    }

    /** After a bulk write of [pa, pa + n). */
    public void bulkWritten(Accessor who, long pa, long n, boolean cacheable) {
        stored(who, page(pa), pa, n, cacheable ? View.CACHED : View.POC);
    }

    // Maintenance ---------------------------------------------------------------------------------------------------

    /**
     * {@code DC CVAC}, {@code IVAC} or {@code CIVAC} over [pa, pa + n), line by line as the instructions do; whole pages at
     * once.
     *
     * @param mapped the address is mapped cacheable for the CPU that asks (decides speculation under adversarial)
     */
    public void maintain(Accessor who, Maintenance op, long pa, long n, boolean mapped) {
        if (twoViews) {
            maintenance.lines(who, op, pa, n, mapped);
        }
    }

    /** Under {@code random:SEED}: writes back and drops some of the lines that are present. Called by the scheduler between slices. */
    public void evictAtRandom(Accessor who) {
        randomEviction.evict(who, maintenance);
    }

    // Decoded code --------------------------------------------------------------------------------------------------

    /**
     * A CPU holds decoded instructions of this page: stores to it take the slow path and are announced. Balanced by
     * {@link #codeDropped}.
     */
    public void codeHeld(long pa) {
        int p = page(pa);
        if (pages.codeHeld(p)) {
            evictFast(p);
        }
    }

    public void codeDropped(long pa) {
        pages.codeDropped(page(pa));
    }

    // Watches -------------------------------------------------------------------------------------------------------

    /** Announces stores and maintenance on the page of {@code pa} to {@link MemoryChecks}; for replays that look for a writer. */
    public void watch(long pa) {
        int p = page(pa);
        pages.set(p, WATCHED);
        evictFast(p);
    }

    // Debugger view: no side effects ----------------------------------------------------------------------------------

    /** Copies what a reader of {@code view} would see; no line becomes present. */
    public void peek(long pa, byte[] into, int offset, int n, View view) {
        for (int done = 0; done < n; ) {
            long a = pa + done;
            int step = (int) Math.min(n - done, LINE - (a & LINE - 1));
            Host.read(peekHost(a, view), into, offset + done, step);
            done += step;
        }
    }

    /** As {@link #peek} of the aligned 8 bytes at {@code pa}, little-endian. */
    public long peekLong(long pa, View view) {
        return Host.getLong(peekHost(pa, view));
    }

    private long peekHost(long pa, View view) {
        boolean absent = twoViews && !mayBePresent(pa);
        return view == View.POC || absent ? pocHost(pa) : cachedHost(pa);
    }

    /** True if a write-back of this line would change memory. */
    public boolean dirty(long pa) {
        long line = pa & -LINE;
        return mayBePresent(pa) && Host.mismatch(cachedHost(line), pocHost(line), LINE) >= 0
                && !unchangedSinceStale(line);
    }

    /** The line may be in a cache. */
    public boolean mayBePresent(long pa) {
        return (pages.present(page(pa)) & bit(pa)) != 0;
    }

    /**
     * Writes both views: power-on contents, before any line is present, as a boot loader that cleaned everything leaves
     * them.
     */
    public void place(long pa, byte[] from, int offset, int n) {
        for (int done = 0; done < n; ) {
            long a = pa + done;
            int step = (int) Math.min(n - done, PAGE - (a & PAGE - 1));
            int p = page(a);
            evictFast(p);
            pages.set(p, TOUCHED);
            Host.write(pocHost(a), from, offset + done, step);
            if (twoViews) {
                Host.write(cachedHost(a), from, offset + done, step);
            }
            if (pages.is(p, CODE)) {
                codeChanged(a, step, View.CACHED);
                codeChanged(a, step, View.POC);
            }
            done += step;
        }
    }

    // Snapshot ------------------------------------------------------------------------------------------------------

    /** Saves the pages that are not zero, with the state of their lines. */
    public void save(StateWriter out) {
        new RamSnapshot(this).save(out);
    }

    /**
     * Restores what {@link #save} wrote into a bank of the same place and size. Decoded code and fast entries must be dropped
     * by their owners.
     */
    public void load(StateReader in) {
        new RamSnapshot(this).load(in);
    }
}
