package dev.baton.devices.gic;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.Arrays;

/**
 * The LPI Configuration table as the redistributors have read it: a byte an LPI, shared by all of them (GICR_TYPER.CommonLPIAff is 1).
 * IHI 0069 sections 5.1.1 and 5.1.3: an entry may be cached from its first use until INV or INVALL, and is here, so that a missing
 * invalidation shows.
 */
final class LpiConfiguration {
    private static final int ENABLE = 1;

    private final LpiSupport support;
    private final byte[] entries = new byte[LpiSupport.COUNT];
    private final long[] cached = new long[LpiSupport.COUNT / 64];

    LpiConfiguration(LpiSupport support) {
        this.support = support;
    }

    void reset() {
        Arrays.fill(entries, (byte) 0);
        invalidateAll();
    }

    void invalidate(int intid) {
        int n = intid - Intid.FIRST_LPI;
        cached[n >> 6] &= ~(1L << n);
    }

    void invalidateAll() {
        Arrays.fill(cached, 0);
    }

    /** @param propbaser of the redistributor that needs it */
    private int entry(int intid, long propbaser) {
        int n = intid - Intid.FIRST_LPI;
        if ((cached[n >> 6] & 1L << n) == 0) {
            cached[n >> 6] |= 1L << n;
            entries[n] = (byte) support.memory().load(Lpis.address(propbaser) + n, 1, Lpis.coherent(propbaser));
        }
        return entries[n];
    }

    boolean enabled(int intid, long propbaser) {
        return (entry(intid, propbaser) & ENABLE) != 0;
    }

    int priority(int intid, long propbaser) {
        return entry(intid, propbaser) & InterruptBank.PRIORITY_MASK;
    }

    void save(StateWriter out) {
        out.bytes(entries).longs(cached);
    }

    void load(StateReader in) {
        System.arraycopy(in.bytes(), 0, entries, 0, entries.length);
        System.arraycopy(in.longs(), 0, cached, 0, cached.length);
    }
}
