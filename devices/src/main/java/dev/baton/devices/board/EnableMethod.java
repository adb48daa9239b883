package dev.baton.devices.board;

/** How secondary CPUs start: the {@code enable-method} of a CPU node. */
public enum EnableMethod {
    PSCI("psci"),
    SPIN_TABLE("spin-table");

    private final String text;

    EnableMethod(String text) {
        this.text = text;
    }

    /** As in the device tree. */
    public String text() {
        return text;
    }
}
