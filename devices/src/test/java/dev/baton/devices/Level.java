package dev.baton.devices;

import dev.baton.core.io.InterruptLine;

/** A line that remembers its level. */
public final class Level implements InterruptLine {
    private boolean high;

    @Override
    public void set(boolean asserted) {
        high = asserted;
    }

    public boolean isHigh() {
        return high;
    }
}
