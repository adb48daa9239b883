package dev.baton.devices.gic;

import dev.baton.core.io.OwnedRange;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.Parts;

import java.util.Arrays;
import java.util.List;

/**
 * The LPIs of one redistributor: GICR_CTLR.EnableLPIs, GICR_PROPBASER, GICR_PENDBASER and what is pending. IHI 0069 chapter 5.
 *
 * <p>The pending table is read when LPIs are enabled and written through at every change, so memory is always as it has to be when they
 * are disabled (5.1.2), and a table inside memory that somebody else took for his own damages it at the moment at which it would be
 * damaged by a redistributor with a small cache.
 */
final class Lpis {
    /** OuterCache [58:56], Physical_Address [51:12], Shareability and InnerCache [11:7], IDbits [4:0]. */
    private static final long PROPBASER_FIELDS = 0x070f_ffff_ffff_ff9fL;
    /** OuterCache [58:56], Physical_Address [51:16], Shareability and InnerCache [11:7]; PTZ is write-only. */
    private static final long PENDBASER_FIELDS = 0x070f_ffff_ffff_0f80L;
    private static final long PENDING_TABLE_ZERO = 1L << 62;
    private static final long ADDRESS = 0x000f_ffff_ffff_f000L;
    /** Fewer bits than this leave no LPI. */
    private static final int MIN_ID_BITS = 13;
    /** Lower than every priority. */
    private static final int NO_PRIORITY = 0x100;

    private static final String STOP = "clear GICR_CTLR.EnableLPIs of CPU %d and wait for RWP";
    private static final String STOP_STICKY = "nothing: EnableLPIs of CPU %d cannot be cleared, so the next kernel must find the table "
            + "reserved";

    private final LpiSupport support;
    private final LpiConfiguration configuration;
    private final int cpu;
    private final long[] pending = new long[LpiSupport.END / 64];
    private boolean enabled;
    private long propbaser;
    private long pendbaser;
    private long since;
    /** Follow from all above, once {@link #settled}. */
    private int highest = Intid.SPURIOUS;
    private int highestPriority = NO_PRIORITY;
    private boolean settled;

    Lpis(LpiSupport support, LpiConfiguration configuration, int cpu) {
        this.support = support;
        this.configuration = configuration;
        this.cpu = cpu;
    }

    void reset() {
        enabled = false;
        propbaser = 0;
        pendbaser = 0;
        since = 0;
        Arrays.fill(pending, 0);
        configuration.reset();
        highest = Intid.SPURIOUS;
        highestPriority = NO_PRIORITY;
        settled = false;
    }

    // Registers -------------------------------------------------------------------------------------------------------

    /** GICR_CTLR: EnableLPIs, and CES where it can be cleared. */
    int ctlr() {
        return (enabled ? 1 : 0) | (support.sticky() ? 0 : 2);
    }

    /** Its change is complete at once, so RWP never reads 1. */
    void enable(boolean on) {
        if (on == enabled || !on && support.sticky()) {
            return;
        }
        enabled = on;
        Arrays.fill(pending, 0);
        if (on) {
            since = support.clock().getAsLong();
            configuration.invalidateAll();
            readPendingTable();
        }
        settled = false;
    }

    long propbaser() {
        return propbaser;
    }

    long pendbaser() {
        return pendbaser & ~PENDING_TABLE_ZERO;
    }

    /** A write while LPIs are enabled is UNPREDICTABLE (12.11); here the redistributor keeps the tables it is using. */
    void writePropbaser(long offset, int size, long value) {
        if (!enabled) {
            propbaser = Parts.write64(propbaser, offset, size, value) & PROPBASER_FIELDS;
        }
    }

    void writePendbaser(long offset, int size, long value) {
        if (!enabled) {
            pendbaser = Parts.write64(pendbaser, offset, size, value) & (PENDBASER_FIELDS | PENDING_TABLE_ZERO);
        }
    }

    static long address(long baser) {
        return baser & ADDRESS;
    }

    static boolean coherent(long baser) {
        return LpiSupport.coherent((int) (baser >>> 7) & 7, (int) (baser >>> 10) & 3);
    }

    /** First INTID beyond the tables. */
    private int end() {
        int bits = Math.min((int) propbaser & 0x1f, LpiSupport.ID_BITS);
        return bits < MIN_ID_BITS ? 0 : 1 << bits + 1;
    }

    // Pending -----------------------------------------------------------------------------------------------------------

    private void readPendingTable() {
        int n = end() / 64;
        boolean zero = (pendbaser & PENDING_TABLE_ZERO) != 0;
        for (int w = Intid.FIRST_LPI / 64; w < n && !zero; w++) {
            pending[w] = support.memory().load(address(pendbaser) + 8L * w, 8, coherent(pendbaser));
        }
    }

    /** Makes it pending, or not; an LPI that does not exist here, or all while they are disabled, change nothing. */
    void pending(int intid, boolean on) {
        if (!enabled || intid < Intid.FIRST_LPI || intid >= end() || on == isPending(intid)) {
            return;
        }
        pending[intid >> 6] ^= 1L << intid;
        int shift = (intid & 63) & -8;
        support.memory().store(address(pendbaser) + (intid >> 3), 1, pending[intid >> 6] >>> shift & 0xff, coherent(pendbaser));
        settled = false;
    }

    boolean isPending(int intid) {
        return intid < LpiSupport.END && (pending[intid >> 6] & 1L << intid) != 0;
    }

    /** MOVI: if it is pending here it is pending there instead. Where LPIs are disabled at either end, nothing moves. */
    void moveTo(Lpis other, int intid) {
        if (enabled && other.enabled && isPending(intid)) {
            pending(intid, false);
            other.pending(intid, true);
        }
    }

    /** MOVALL, in the same way. */
    void moveAllTo(Lpis other) {
        for (int w = 0; enabled && other.enabled && other != this && w < pending.length; w++) {
            if (pending[w] != 0) {
                other.replace(w, other.pending[w] | pending[w]);
                replace(w, 0);
            }
        }
    }

    private void replace(int w, long value) {
        pending[w] = value;
        support.memory().store(address(pendbaser) + 8L * w, 8, value, coherent(pendbaser));
        settled = false;
    }

    /** The configuration of some LPI may be another now. */
    void configurationChanged() {
        settled = false;
    }

    /** The pending and enabled LPI of the highest priority, the lowest INTID of equals, or {@link Intid#SPURIOUS}. */
    int highest() {
        if (!settled) {
            findHighest();
            settled = true;
        }
        return highest;
    }

    /** Of {@link #highest}. */
    int highestPriority() {
        return highestPriority;
    }

    private void findHighest() {
        highest = Intid.SPURIOUS;
        highestPriority = NO_PRIORITY;
        for (int w = Intid.FIRST_LPI / 64; enabled && w < pending.length; w++) {
            for (long left = pending[w]; left != 0; left &= left - 1) {
                consider(64 * w + Long.numberOfTrailingZeros(left));
            }
        }
    }

    private void consider(int intid) {
        if (configuration.enabled(intid, propbaser) && configuration.priority(intid, propbaser) < highestPriority) {
            highest = intid;
            highestPriority = configuration.priority(intid, propbaser);
        }
    }

    // Memory ----------------------------------------------------------------------------------------------------------

    /** The tables, while LPIs are enabled: a byte an LPI from 8192, and a bit an INTID from 0. */
    List<OwnedRange> deviceOwned() {
        if (!enabled || end() == 0) {
            return List.of();
        }
        String stop = (support.sticky() ? STOP_STICKY : STOP).formatted(cpu);
        int properties = end() - Intid.FIRST_LPI;
        return List.of(
                new OwnedRange("LPI property table", "GICR_PROPBASER of CPU " + cpu, address(propbaser), properties, since, stop),
                new OwnedRange("LPI pending table", "GICR_PENDBASER of CPU " + cpu, address(pendbaser), end() / 8, since, stop));
    }

    void save(StateWriter out) {
        out.flag(enabled).u64(propbaser).u64(pendbaser).u64(since).longs(pending);
    }

    void load(StateReader in) {
        enabled = in.flag();
        propbaser = in.u64();
        pendbaser = in.u64();
        since = in.u64();
        System.arraycopy(in.longs(), 0, pending, 0, pending.length);
        settled = false;
    }
}
