package dev.baton.kernel.boot.arm64;

import java.nio.charset.StandardCharsets;

/** PL011 as earlycon drives it: polls UARTFR, writes UARTDR. drivers/tty/serial/amba-pl011.c, {@code pl011_putc}. */
final class EarlyConsole {
    private static final int UARTDR = 0x00;
    private static final int UARTFR = 0x18;
    private static final int FR_TXFF = 1 << 5;

    private final CurrentCpu current;
    private final long va;

    /** @param va of the registers, mapped as Device */
    EarlyConsole(CurrentCpu current, long va) {
        this.current = current;
        this.va = va;
    }

    void write(String text) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b == '\n') {
                put((byte) '\r');
            }
            put(b);
        }
    }

    /** A transmitter that stays full for as long as a whole FIFO takes at 9600 baud is broken: the byte is dropped. */
    private void put(byte b) {
        int polls = 0;
        while ((current.get().loadVirtual(va + UARTFR, 4) & FR_TXFF) != 0 && polls < 100_000) {
            polls++;
        }
        if (polls < 100_000) {
            current.get().storeVirtual(va + UARTDR, 4, b & 0xff);
        }
    }
}
