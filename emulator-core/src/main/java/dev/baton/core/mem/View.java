package dev.baton.core.mem;

/** The two things "memory" is on ARM. See docs/memory-model.md. */
public enum View {
    /** What the coherent caches say. */
    CACHED,
    /** What DRAM says: the point of coherency for observers without caches. */
    POC
}
