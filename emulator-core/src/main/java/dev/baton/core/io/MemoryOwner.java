package dev.baton.core.io;

import java.util.List;

/** A device that can own guest memory. */
public interface MemoryOwner {
    /** What it owns now, in the order of its registers. */
    List<OwnedRange> deviceOwned();
}
