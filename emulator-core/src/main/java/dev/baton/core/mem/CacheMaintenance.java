package dev.baton.core.mem;

import static dev.baton.core.mem.PageStates.CODE;
import static dev.baton.core.mem.PageStates.EXCHANGED;
import static dev.baton.core.mem.PageStates.OUT_OF_STEP;
import static dev.baton.core.mem.PageStates.STALE;
import static dev.baton.core.mem.PageStates.WATCHED;

/** Data-cache maintenance to the point of coherency on one bank with two views: what writing back and dropping a line does. */
final class CacheMaintenance {
    private static final int LINE = Ram.LINE;
    private static final int PAGE = Ram.PAGE;
    private static final long ALL = PageStates.ALL;

    private final Ram ram;
    private final PageStates pages;
    private final StaleLines stale;
    private final boolean adversarial;

    CacheMaintenance(Ram ram) {
        this.ram = ram;
        pages = ram.pages;
        stale = ram.stale;
        adversarial = ram.policy().kind() == CachePolicy.Kind.ADVERSARIAL;
    }

    /** As {@link Ram#maintain}. */
    void lines(Accessor who, Maintenance op, long pa, long n, boolean mapped) {
        long line = pa & -LINE;
        long end = pa + n;
        while (line < end) {
            int p = ram.page(line);
            if (!pages.is(p, STALE | WATCHED)) {
                long next = Math.min(end, (line | PAGE - 1) + 1);
                linesOfPage(p, mask(line, next - line), op, mapped);
                line = next;
            } else {
                line(who, p, line, op, mapped);
                line += LINE;
            }
        }
    }

    /** The lines of one page that [pa, pa + n) touches. */
    private static long mask(long pa, long n) {
        int first = (int) (pa & PAGE - 1) / LINE;
        int last = (int) (pa + n - 1 & PAGE - 1) / LINE;
        return ALL << first & ALL >>> 63 - last;
    }

    private boolean refetched(boolean mapped) {
        return mapped && adversarial;
    }

    /** Some lines of a page of which none is stale or watched, at once. */
    private void linesOfPage(int p, long lines, Maintenance op, boolean mapped) {
        long mask = pages.present(p) & lines;
        if (mask == 0) {
            return;
        }
        boolean whole = mask == ALL && op == Maintenance.CLEAN_INVALIDATE;
        if (whole) {
            exchange(p);
        } else if (op != Maintenance.INVALIDATE) {
            writeBackLines(ram.pageAddress(p), mask);
        }
        if (op != Maintenance.INVALIDATE) {
            codeLinesChanged(p, mask, View.POC);
        }
        if (op != Maintenance.CLEAN) {
            ram.evictFast(p);
            pages.present(p, pages.present(p) & ~mask);
            if (whole || op == Maintenance.INVALIDATE) {
                pages.set(p, OUT_OF_STEP);
            }
            if (op == Maintenance.INVALIDATE) {
                codeLinesChanged(p, mask, View.CACHED);
            }
            if (refetched(mapped)) {
                ram.makePresent(p);
            }
        }
    }

    /**
     * Writes a whole page back that is absent afterwards: what C holds is what M has to hold, and what M held is as good as any
     * leftovers, so the arrays change places instead of one being copied to the other.
     */
    private void exchange(int p) {
        ram.evictFast(p);
        pages.flip(p, EXCHANGED);
    }

    private void codeLinesChanged(int p, long mask, View view) {
        if (pages.is(p, CODE)) {
            int first = Long.numberOfTrailingZeros(mask);
            int last = 63 - Long.numberOfLeadingZeros(mask);
            ram.codeChanged(ram.pageAddress(p) + (long) first * LINE, (long) (last - first + 1) * LINE, view);
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
        Host.copy(ram.cachedHost(pa), ram.pocHost(pa), (long) count * LINE);
    }

    /** One line, whatever is known of its page. */
    void line(Accessor who, int p, long line, Maintenance op, boolean mapped) {
        if (pages.is(p, WATCHED)) {
            ram.checks().watchedMaintenance(who, line, op);
        }
        if (!ram.mayBePresent(line)) {
            return;
        }
        if (op != Maintenance.INVALIDATE) {
            writeBack(who, p, line);
        }
        if (op != Maintenance.CLEAN) {
            drop(p, line);
            if (refetched(mapped)) {
                ram.makePresent(p);
            }
        }
    }

    private void writeBack(Accessor who, int p, long line) {
        boolean isStale = stale.contains(line);
        if (isStale && ram.unchangedSinceStale(line)) {
            return;
        }
        if (isStale) {
            if (stale.storeLost(line, LINE, ram.differing(line))) {
                ram.checks().writeBackOverPocStore(who, line, Host.bytes(ram.cachedHost(line), LINE), Host.bytes(ram.pocHost(line), LINE));
            }
            forgetStale(p, line);
        }
        Host.copy(ram.cachedHost(line), ram.pocHost(line), LINE);
        if (pages.is(p, CODE)) {
            ram.codeChanged(line, LINE, View.POC);
        }
    }

    private void drop(int p, long line) {
        ram.evictFast(p);
        forgetStale(p, line);
        pages.present(p, pages.present(p) & ~Ram.bit(line));
        pages.set(p, OUT_OF_STEP);
        if (pages.is(p, CODE)) {
            ram.codeChanged(line, LINE, View.CACHED);
        }
    }

    private void forgetStale(int p, long line) {
        if (!stale.remove(line)) {
            return;
        }
        for (int i = 0; i < PAGE / LINE; i++) {
            if (stale.contains(ram.pageAddress(p) + i * LINE)) {
                return;
            }
        }
        pages.clear(p, STALE);
    }
}
