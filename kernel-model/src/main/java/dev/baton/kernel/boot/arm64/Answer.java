package dev.baton.kernel.boot.arm64;

import dev.baton.core.cpu.Cpu;
import dev.baton.images.guest.GuestAction;

/** What the boot CPU does next. @param arguments at most six */
record Answer(GuestAction action, long... arguments) {
    static final Answer AGAIN = new Answer(GuestAction.NONE);

    /** Into the registers in which the dispatcher expects it. */
    void into(Cpu cpu) {
        cpu.argument(0, action.ordinal());
        for (int i = 0; i < 6; i++) {
            cpu.argument(1 + i, i < arguments.length ? arguments[i] : 0);
        }
    }
}
