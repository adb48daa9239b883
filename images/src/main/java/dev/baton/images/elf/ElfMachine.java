package dev.baton.images.elf;

import java.util.Optional;

/** The instruction sets we load, by e_machine. */
public enum ElfMachine {
    AARCH64(183, "AArch64"),
    X86_64(62, "x86-64");

    private final int code;
    private final String label;

    ElfMachine(int code, String label) {
        this.code = code;
        this.label = label;
    }

    /** e_machine. */
    public int code() {
        return code;
    }

    @Override
    public String toString() {
        return label;
    }

    static Optional<ElfMachine> of(int code) {
        for (ElfMachine m : values()) {
            if (m.code == code) {
                return Optional.of(m);
            }
        }
        return Optional.empty();
    }
}
