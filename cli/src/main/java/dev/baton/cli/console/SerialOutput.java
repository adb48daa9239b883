package dev.baton.cli.console;

import dev.baton.devices.uart.ByteSink;

import java.io.IOException;
import java.io.OutputStream;

/** The bytes of a serial port on their way to a file or a terminal: written by the line, and a prompt soon after it was printed. */
public final class SerialOutput implements ByteSink {
    private static final int BUFFER = 8192;
    /** Longer than a line takes, shorter than a person notices. */
    private static final long PATIENCE = 20_000_000;

    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER];
    private int count;
    private long since;
    private IOException failure;

    public SerialOutput(OutputStream out) {
        this.out = out;
    }

    @Override
    public synchronized void accept(byte b) {
        if (count == 0) {
            since = System.nanoTime();
        }
        buffer[count++] = b;
        if (b == '\n' || count == BUFFER) {
            flush();
        }
    }

    /** Now and then: writes what has waited long enough. */
    public void tick() {
        if (count > 0 && System.nanoTime() - since > PATIENCE) {
            flush();
        }
    }

    /** Also from a shutdown hook. */
    public synchronized void flush() {
        int n = count;
        count = 0;
        if (failure == null) {
            try {
                out.write(buffer, 0, n);
                out.flush();
            } catch (IOException e) {
                failure = e;
            }
        }
    }

    /** What went wrong first, or null; nothing was written since. */
    public IOException failure() {
        return failure;
    }
}
