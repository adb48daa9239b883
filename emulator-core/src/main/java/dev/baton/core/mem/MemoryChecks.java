package dev.baton.core.mem;

/**
 * Told by {@link Ram} about the events that cache checks are made of. All of them happen on slow paths. The default
 * implementation listens to nothing.
 */
public interface MemoryChecks {
    MemoryChecks NONE = new MemoryChecks() { };

    /** A non-cacheable load or fetch of bytes of which the cached view holds a newer, never cleaned value. */
    default void pocReadOfDirtyLine(Accessor who, long pa, int size, long cached, long poc, boolean fetch) { }

    /** A cacheable load of a line that was overwritten at the PoC while present and never invalidated. */
    default void cachedReadOfStaleLine(Accessor who, long pa, int size, long cached, long poc) { }

    /** A line written back over bytes that were stored non-cacheably after it was fetched. */
    default void writeBackOverPocStore(Accessor who, long line, byte[] cached, byte[] poc) { }

    /** A store to a watched line; {@code size} may span several lines for bulk stores. */
    default void watchedStore(Accessor who, long pa, long size, View view) { }

    /** Maintenance by address reached a watched line. */
    default void watchedMaintenance(Accessor who, long line, Maintenance op) { }
}
