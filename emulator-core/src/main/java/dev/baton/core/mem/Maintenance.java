package dev.baton.core.mem;

/** Data-cache maintenance to the point of coherency, by the Arm ARM's names. */
public enum Maintenance {
    /** {@code DC CVAC}. */
    CLEAN,
    /** {@code DC IVAC}. */
    INVALIDATE,
    /** {@code DC CIVAC}. */
    CLEAN_INVALIDATE
}
