package dev.baton.devices.virtio;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.core.mem.BusMaster;
import dev.baton.devices.Parts;

/** What every virtio device has behind either transport: status, features, queues, configuration space. Virtio 1.1 section 2. */
public abstract class VirtioDevice implements Stateful {
    /** The legacy interface has no place for more than 32 feature bits. */
    static final long F_RING_INDIRECT_DESC = 1L << 28;
    static final long F_RING_EVENT_IDX = 1L << 29;
    static final long F_VERSION_1 = 1L << 32;

    static final int STATUS_DRIVER_OK = 4;
    static final int STATUS_FEATURES_OK = 8;
    static final int STATUS_NEEDS_RESET = 0x40;

    /** Told by a device; a transport sets ISR bits and raises interrupts. */
    interface Listener {
        /** A queue has requests to take back. */
        void used(VirtQueue queue);

        /** The configuration changed, or the device needs a reset. */
        void configurationChanged();

        /** The device may reach memory. */
        default boolean isMaster() {
            return true;
        }
    }

    private final int type;
    private final long offered;
    private final VirtQueue[] queues;
    private Listener listener;
    private int status;
    private long features;

    /**
     * @param type    virtio device ID, section 5
     * @param offered feature bits of the device type
     * @param queues  how many, and the size of each
     */
    VirtioDevice(int type, long offered, int queues, int size, BusMaster memory) {
        this.type = type;
        this.offered = offered | F_RING_INDIRECT_DESC | F_RING_EVENT_IDX | F_VERSION_1;
        this.queues = new VirtQueue[queues];
        for (int i = 0; i < queues; i++) {
            this.queues[i] = new VirtQueue(memory, size);
        }
    }

    final void connect(Listener l) {
        listener = l;
    }

    final int type() {
        return type;
    }

    final long offered() {
        return offered;
    }

    final int queueCount() {
        return queues.length;
    }

    /** Queue {@code n}, or null if there is none. */
    final VirtQueue queue(int n) {
        return n >= 0 && n < queues.length ? queues[n] : null;
    }

    final int status() {
        return status;
    }

    /** What the driver accepted. */
    final long features() {
        return features;
    }

    final boolean has(long feature) {
        return (features & feature) != 0;
    }

    /** The driver accepts {@code word} of 32 feature bits; only what was offered, and nothing after FEATURES_OK. */
    final void accept(int word, int bits) {
        if ((status & STATUS_FEATURES_OK) == 0 && word < 2) {
            long mask = 0xffff_ffffL << 32 * word;
            features = features & ~mask | Integer.toUnsignedLong(bits) << 32 * word & offered;
        }
    }

    /** Section 2.1; 0 resets. */
    final void status(int value) {
        if (value == 0) {
            reset();
        } else {
            status = value & 0xff | status & STATUS_NEEDS_RESET;
        }
    }

    /** As at power-on. */
    final void reset() {
        status = 0;
        features = 0;
        for (VirtQueue q : queues) {
            q.reset();
        }
        resetDevice();
    }

    /** The driver has put something into queue {@code n}. */
    final void notified(int n) {
        VirtQueue q = queue(n);
        if (q != null && (status & STATUS_NEEDS_RESET) == 0) {
            process(n);
            finish(q);
        }
    }

    /** Interrupts for what was given back; asks for a reset if the rings are nonsense. */
    final void finish(VirtQueue q) {
        if (q.broken() && (status & STATUS_NEEDS_RESET) == 0) {
            status |= STATUS_NEEDS_RESET;
            listener.configurationChanged();
        }
        if (q.ready() && q.needsInterrupt(has(F_RING_EVENT_IDX))) {
            listener.used(q);
        }
    }

    /** The next request of a queue, or null; null, too, while the device may not reach memory. */
    final Chain take(VirtQueue q) {
        return isMaster() ? q.take(has(F_RING_EVENT_IDX)) : null;
    }

    final boolean isMaster() {
        return listener.isMaster();
    }

    /** Takes and serves what queue {@code n} holds. */
    abstract void process(int n);

    /** Serves every request of a queue, a whole ring at most: what is offered meanwhile has a notification of its own. */
    final void drain(VirtQueue q, Server server) {
        for (int i = 0; i < q.size(); i++) {
            Chain c = take(q);
            if (c == null) {
                return;
            }
            q.give(c, server.serve(c));
        }
    }

    /** Serves one request. */
    @FunctionalInterface
    interface Server {
        /** @return bytes written into the chain */
        int serve(Chain chain);
    }

    /** What is the device's own goes back to its state of power-on. */
    abstract void resetDevice();

    /** The configuration space, section 5 of each type, little-endian; anything beyond it reads 0. */
    abstract byte[] configuration();

    /** A write to the configuration space; most have nothing to write. */
    void configure(long offset, int bytes, long value) { }

    final long readConfiguration(long offset, int size) {
        byte[] c = configuration();
        long v = 0;
        for (int i = 0; i < size && offset + i < c.length; i++) {
            v |= (c[(int) offset + i] & 0xffL) << 8 * i;
        }
        return Parts.low(v, size);
    }

    /** State of the device's own. */
    abstract void saveDevice(StateWriter out);

    abstract void loadDevice(StateReader in);

    @Override
    public final void save(StateWriter out) {
        out.u32(status).u64(features);
        for (VirtQueue q : queues) {
            q.save(out);
        }
        saveDevice(out);
    }

    @Override
    public final void load(StateReader in) {
        status = in.u32();
        features = in.u64();
        for (VirtQueue q : queues) {
            q.load(in);
        }
        loadDevice(in);
    }
}
