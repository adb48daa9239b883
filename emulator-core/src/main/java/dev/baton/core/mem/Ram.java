package dev.baton.core.mem;

import static dev.baton.core.mem.PageStates.CODE;
import static dev.baton.core.mem.PageStates.EXCHANGED;
import static dev.baton.core.mem.PageStates.OUT_OF_STEP;
import static dev.baton.core.mem.PageStates.STALE;
import static dev.baton.core.mem.PageStates.WATCHED;

import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.SplitMix64;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
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
    private static final int PAGE = 4096;
    private static final long ALL = -1L;
    private static final byte[] ZERO = new byte[PAGE];
    /** Lines that {@code random:SEED} may evict after each slice. */
    private static final int RANDOM_LINES = 32;

    private final long base;
    private final long size;
    private final long cached;
    private final long poc;
    private final CachePolicy policy;
    private final boolean twoViews;

    private final PageStates pages;
    /** Per page: 0 no fast entry, -1 more than one, else the one {@link SoftTlb#slot}. */
    private final int[] fastSlot;
    private final StaleLines stale = new StaleLines();
    private final List<SoftTlb> tlbs = new ArrayList<>();
    private final List<CodeWatcher> codeWatchers = new ArrayList<>();
    private MemoryChecks checks = MemoryChecks.NONE;
    private MmioDevice device;
    private long random;
    /** Under {@code random:SEED}: the pages with present lines, and perhaps some that had them, each once. */
    private int[] evictable = {};
    private int evictableCount;
    private final BitSet listed = new BitSet();

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
        random = policy.seed();
    }

    public long base() {
        return base;
    }

    public long size() {
        return size;
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

    private int page(long pa) {
        return (int) ((pa - base) >>> 12);
    }

    private long cachedHost(long pa) {
        return (pages.is(page(pa), EXCHANGED) ? poc : cached) + (pa - base);
    }

    private long pocHost(long pa) {
        return (pages.is(page(pa), EXCHANGED) ? cached : poc) + (pa - base);
    }

    private long pageAddress(int p) {
        return base + (long) p * PAGE;
    }

    private static long bit(long pa) {
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
        if (write && !cacheable) {
            pages.set(p, OUT_OF_STEP);
        }
        fastSlot[p] = fastSlot[p] == 0 || fastSlot[p] == slot ? slot : -1;
        long pagePa = pageAddress(p);
        return cacheable ? cachedHost(pagePa) : pocHost(pagePa);
    }

    private void evictFast(int p) {
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

    private void makePresent(int p) {
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
        becameEvictable(p);
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
            Host.put(cachedHost(pa), bytes, value);
        } else if (cacheable) {
            makePresent(p);
            Host.put(cachedHost(pa), bytes, value);
            if (pages.is(p, STALE)) {
                stale.storedInCache(pa, bytes);
            }
        } else {
            rememberStale(p, pa, bytes);
            pages.set(p, OUT_OF_STEP);
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

    private void codeChanged(long pa, long bytes, View view) {
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
            stale.add(pa, lineBytes(pocHost(pa & -LINE)));
            pages.set(p, STALE);
            evictFast(p);
        }
        stale.storedInMemory(pa, bytes);
    }

    /** The bytes of a line in which the views differ, by bit. */
    private long differing(long line) {
        byte[] c = lineBytes(cachedHost(line));
        byte[] m = lineBytes(pocHost(line));
        long bits = 0;
        for (int i = 0; i < LINE; i++) {
            bits |= c[i] != m[i] ? 1L << i : 0;
        }
        return bits;
    }

    private static byte[] lineBytes(long host) {
        byte[] b = new byte[LINE];
        Host.read(host, b, 0, LINE);
        return b;
    }

    private boolean unchangedSinceStale(long line) {
        return stale.contains(line) && stale.unchanged(line, lineBytes(cachedHost(line)));
    }

    private void forgetStale(int p, long line) {
        if (!stale.remove(line)) {
            return;
        }
        for (int i = 0; i < PAGE / LINE; i++) {
            if (stale.contains(pageAddress(p) + i * LINE)) {
                return;
            }
        }
        pages.clear(p, STALE);
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
        if (!cacheable) {
            pages.set(p, OUT_OF_STEP);
        }
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
        if (!cacheable) {
            pages.set(p, OUT_OF_STEP);
        } else if (twoViews) {
            if (n == PAGE) {
                pages.clear(p, OUT_OF_STEP);
            }
            makePresent(p);
        }
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
        if (!twoViews) {
            return;
        }
        long line = pa & -LINE;
        long end = pa + n;
        while (line < end) {
            int p = page(line);
            if (!pages.is(p, STALE | WATCHED)) {
                long next = Math.min(end, (line | PAGE - 1) + 1);
                maintainLines(p, linesOf(line, next - line), op, mapped);
                line = next;
            } else {
                maintainLine(who, p, line, op, mapped);
                line += LINE;
            }
        }
    }

    /** The lines of one page that [pa, pa + n) touches. */
    private static long linesOf(long pa, long n) {
        int first = (int) (pa & PAGE - 1) / LINE;
        int last = (int) (pa + n - 1 & PAGE - 1) / LINE;
        return ALL << first & ALL >>> 63 - last;
    }

    private boolean refetched(boolean mapped) {
        return mapped && policy.kind() == CachePolicy.Kind.ADVERSARIAL;
    }

    /** Some lines of a page of which none is stale or watched, at once. */
    private void maintainLines(int p, long lines, Maintenance op, boolean mapped) {
        long mask = pages.present(p) & lines;
        if (mask == 0) {
            return;
        }
        boolean whole = mask == ALL && op == Maintenance.CLEAN_INVALIDATE;
        if (whole) {
            exchange(p);
        } else if (op != Maintenance.INVALIDATE) {
            writeBackLines(pageAddress(p), mask);
        }
        if (op != Maintenance.INVALIDATE) {
            codeLinesChanged(p, mask, View.POC);
        }
        if (op != Maintenance.CLEAN) {
            evictFast(p);
            pages.present(p, pages.present(p) & ~mask);
            if (whole || op == Maintenance.INVALIDATE) {
                pages.set(p, OUT_OF_STEP);
            }
            if (op == Maintenance.INVALIDATE) {
                codeLinesChanged(p, mask, View.CACHED);
            }
            if (refetched(mapped)) {
                makePresent(p);
            }
        }
    }

    /**
     * Writes a whole page back that is absent afterwards: what C holds is what M has to hold, and what M held is as good as any
     * leftovers, so the arrays change places instead of one being copied to the other.
     */
    private void exchange(int p) {
        evictFast(p);
        pages.flip(p, EXCHANGED);
    }

    private void codeLinesChanged(int p, long mask, View view) {
        if (pages.is(p, CODE)) {
            int first = Long.numberOfTrailingZeros(mask);
            int last = 63 - Long.numberOfLeadingZeros(mask);
            codeChanged(pageAddress(p) + (long) first * LINE, (long) (last - first + 1) * LINE, view);
        }
    }

    private void writeBackLines(long pa, long mask) {
        int first = Long.numberOfTrailingZeros(mask);
        int count = Long.bitCount(mask);
        boolean sideBySide = mask >>> first == ALL >>> 64 - count;
        if (sideBySide) {
            copyLines(pa + (long) first * LINE, count);
            return;
        }
        for (long left = mask; left != 0; left &= left - 1) {
            copyLines(pa + (long) Long.numberOfTrailingZeros(left) * LINE, 1);
        }
    }

    private void copyLines(long pa, int count) {
        Host.copy(cachedHost(pa), pocHost(pa), (long) count * LINE);
    }

    private void maintainLine(Accessor who, int p, long line, Maintenance op, boolean mapped) {
        if (pages.is(p, WATCHED)) {
            checks.watchedMaintenance(who, line, op);
        }
        if (!mayBePresent(line)) {
            return;
        }
        if (op != Maintenance.INVALIDATE) {
            writeBack(who, p, line);
        }
        if (op != Maintenance.CLEAN) {
            drop(p, line);
            if (refetched(mapped)) {
                makePresent(p);
            }
        }
    }

    private void writeBack(Accessor who, int p, long line) {
        boolean isStale = stale.contains(line);
        if (isStale && unchangedSinceStale(line)) {
            return;
        }
        if (isStale) {
            if (stale.storeLost(line, LINE, differing(line))) {
                checks.writeBackOverPocStore(who, line, lineBytes(cachedHost(line)), lineBytes(pocHost(line)));
            }
            forgetStale(p, line);
        }
        Host.copy(cachedHost(line), pocHost(line), LINE);
        if (pages.is(p, CODE)) {
            codeChanged(line, LINE, View.POC);
        }
    }

    private void drop(int p, long line) {
        evictFast(p);
        forgetStale(p, line);
        pages.present(p, pages.present(p) & ~bit(line));
        pages.set(p, OUT_OF_STEP);
        if (pages.is(p, CODE)) {
            codeChanged(line, LINE, View.CACHED);
        }
    }

    /** Under {@code random:SEED}: writes back and drops some of the lines that are present. Called by the scheduler between slices. */
    public void evictAtRandom(Accessor who) {
        if (policy.kind() != CachePolicy.Kind.RANDOM) {
            return;
        }
        for (int i = 0; i < RANDOM_LINES && evictableCount > 0; i++) {
            long r = nextRandom();
            int n = (int) Long.remainderUnsigned(r >>> 6, evictableCount);
            int p = evictable[n];
            if (pages.present(p) == 0) {
                listed.clear(p);
                evictable[n] = evictable[--evictableCount];
            } else {
                maintainLine(who, p, pageAddress(p) + (r & 63) * LINE, Maintenance.CLEAN_INVALIDATE, false);
            }
        }
    }

    /** The page has present lines now. */
    private void becameEvictable(int p) {
        if (policy.kind() == CachePolicy.Kind.RANDOM && !listed.get(p)) {
            listed.set(p);
            if (evictableCount == evictable.length) {
                evictable = Arrays.copyOf(evictable, Math.max(1024, 2 * evictableCount));
            }
            evictable[evictableCount++] = p;
        }
    }

    private long nextRandom() {
        random += SplitMix64.GAMMA;
        return SplitMix64.mix(random);
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
        out.section("ram").u64(base).u64(size).u64(random).ints(Arrays.copyOf(evictable, evictableCount));
        byte[] bytes = new byte[PAGE];
        for (int p = 0; p < pages.pages(); p++) {
            long mask = pages.present(p);
            Host.read(pocHost(pageAddress(p)), bytes, 0, PAGE);
            if (mask != 0 || !Arrays.equals(bytes, ZERO)) {
                out.u32(p).u64(mask).bytes(bytes);
                if (mask != 0) {
                    Host.read(cachedHost(pageAddress(p)), bytes, 0, PAGE);
                    out.bytes(bytes);
                }
            }
        }
        out.u32(-1);
        stale.save(out);
    }

    /**
     * Restores what {@link #save} wrote into a bank of the same place and size. Decoded code and fast entries must be dropped
     * by their owners.
     */
    public void load(StateReader in) {
        in.section("ram");
        if (in.u64() != base || in.u64() != size) {
            throw new IllegalArgumentException("snapshot: the machine has another RAM layout");
        }
        random = in.u64();
        evictable = in.ints();
        evictableCount = evictable.length;
        listed.clear();
        Arrays.stream(evictable).forEach(listed::set);
        clear();
        for (int p = in.u32(); p != -1; p = in.u32()) {
            long mask = in.u64();
            Host.write(pocHost(pageAddress(p)), in.bytes(), 0, PAGE);
            if (mask != 0) {
                pages.present(p, mask);
                Host.write(cachedHost(pageAddress(p)), in.bytes(), 0, PAGE);
            }
        }
        stale.load(in, line -> pages.set(page(line), STALE));
    }

    private void clear() {
        for (int p = 0; p < pages.pages(); p++) {
            long host = pocHost(pageAddress(p));
            if (pages.present(p) != 0) {
                Host.fill(cachedHost(pageAddress(p)), PAGE, (byte) 0);
                pages.present(p, 0);
            }
            if (!isZero(host)) {
                Host.fill(host, PAGE, (byte) 0);
            }
            pages.clear(p, STALE);
            pages.set(p, OUT_OF_STEP);
            evictFast(p);
        }
        stale.clear();
    }

    private static boolean isZero(long host) {
        for (int i = 0; i < PAGE; i += 8) {
            if (Host.getLong(host + i) != 0) {
                return false;
            }
        }
        return true;
    }
}
