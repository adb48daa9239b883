package dev.baton.arm64.engine;

/** Unwinds from an access that a debugger watches to the run loop, before anything was done: the slice ends at its instruction. */
final class DebugStop extends RuntimeException {
    static final DebugStop INSTANCE = new DebugStop();
    private static final long serialVersionUID = 1;

    private DebugStop() {
        super(null, null, false, false);
    }
}
