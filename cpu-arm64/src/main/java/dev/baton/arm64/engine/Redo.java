package dev.baton.arm64.engine;

/**
 * Unwinds from a device access in the middle of a block to the run loop, before anything was done: the loop executes the
 * instruction again on its own, so that whatever the device changes (deadlines, interrupts, a stop) is seen right after it.
 */
final class Redo extends RuntimeException {
    static final Redo INSTANCE = new Redo();
    private static final long serialVersionUID = 1;

    private Redo() {
        super(null, null, false, false);
    }
}
