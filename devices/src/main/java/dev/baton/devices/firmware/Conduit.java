package dev.baton.devices.firmware;

import java.util.Locale;

/** The instruction by which a kernel calls firmware; the other one is not answered. */
public enum Conduit {
    HVC, SMC;

    /** As in the device tree's {@code /psci/method} and in {@link dev.baton.core.cpu.FirmwareCalls}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
