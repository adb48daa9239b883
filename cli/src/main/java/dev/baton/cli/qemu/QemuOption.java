package dev.baton.cli.qemu;

import java.util.function.BiConsumer;

/**
 * One row of the command line.
 *
 * @param name   without the dash
 * @param value  what follows it, as help shows it; "" for nothing
 * @param action with the value, "" if there is none
 */
record QemuOption(String name, String value, BiConsumer<QemuParser, String> action) {
    boolean takesValue() {
        return !value.isEmpty();
    }
}
