package dev.baton.devices.gic;

/** The ranges of interrupt identifiers, IHI 0069 section 2.2. */
public final class Intid {
    /** SGIs are 0 to 15. */
    public static final int FIRST_PPI = 16;
    public static final int FIRST_SPI = 32;
    /** Special INTIDs begin here: no interrupt has one of these numbers. */
    public static final int FIRST_SPECIAL = 1020;
    /** "No pending interrupt with sufficient priority, or not of this group". */
    public static final int SPURIOUS = 1023;
    /** LPIs are this and all above. */
    public static final int FIRST_LPI = 8192;

    private Intid() { }
}
