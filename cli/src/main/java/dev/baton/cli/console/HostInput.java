package dev.baton.cli.console;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** A thread that reads from the host and leaves what it read in the inbox; never more than the guest is ready to take, and a bit. */
public final class HostInput {
    private static final int BUFFER = 4096;
    /** Bytes on their way to the guest: a pipe with more has to wait. */
    private static final int AHEAD = 64 << 10;

    private final InputStream in;
    private final Inbox inbox;
    private final Consumer<byte[]> receiver;
    private final Runnable atEnd;
    private final Semaphore room = new Semaphore(AHEAD);

    /** @param receiver called on the machine's thread, as {@code atEnd} is */
    public HostInput(InputStream in, Inbox inbox, Consumer<byte[]> receiver, Runnable atEnd) {
        this.in = in;
        this.inbox = inbox;
        this.receiver = receiver;
        this.atEnd = atEnd;
    }

    public void start() {
        Thread.ofPlatform().daemon().name("host input").start(this::read);
    }

    /** Machine's thread: so many bytes have gone where they had to. */
    public void consumed(int bytes) {
        room.release(bytes);
    }

    private void read() {
        byte[] buffer = new byte[BUFFER];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                byte[] bytes = Arrays.copyOf(buffer, n);
                room.acquire(n);
                inbox.post(() -> receiver.accept(bytes));
            }
        } catch (IOException | InterruptedException e) {
            // A terminal that went away has nothing more to say, as at its end.
        }
        inbox.post(atEnd);
    }
}
