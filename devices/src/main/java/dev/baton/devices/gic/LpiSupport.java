package dev.baton.devices.gic;

import dev.baton.core.mem.BusMaster;

import java.util.function.LongSupplier;

/**
 * What a GIC needs to have LPIs.
 *
 * @param memory the redistributors' way to their tables
 * @param clock  virtual time
 * @param sticky GICR_CTLR.EnableLPIs cannot be cleared once it is set, and CES is 0 (12.11, GICR_CTLR: the choice is the
 *               implementation's)
 */
public record LpiSupport(BusMaster memory, LongSupplier clock, boolean sticky) {
    /** GICD_TYPER.IDbits: INTIDs have one bit more. */
    static final int ID_BITS = 15;
    /** First INTID that does not exist. */
    static final int END = 1 << ID_BITS + 1;
    static final int COUNT = END - Intid.FIRST_LPI;

    /**
     * True if accesses with these attributes snoop the caches. InnerCache and Shareability have the same values in every register of
     * the redistributors and the ITS: 0 is Device, 1 Normal Non-cacheable; Non-shareable memory is not kept coherent.
     */
    static boolean coherent(int innerCache, int shareability) {
        return innerCache >= 2 && (shareability == 1 || shareability == 2);
    }
}
