package dev.baton.cli.console;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Work that other threads leave for the machine's thread, which does it between slices. */
public final class Inbox {
    private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();

    /** From any thread. */
    public void post(Runnable work) {
        queue.add(work);
    }

    /** Machine's thread: does what is there. @return true if there was something */
    public boolean work() {
        boolean any = false;
        for (Runnable r = queue.poll(); r != null; r = queue.poll()) {
            r.run();
            any = true;
        }
        return any;
    }

    /** As {@link #work}, but waits for something for at most so long. */
    public boolean await(long nanos) {
        try {
            Runnable r = queue.poll(nanos, TimeUnit.NANOSECONDS);
            if (r == null) {
                return false;
            }
            r.run();
            work();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
