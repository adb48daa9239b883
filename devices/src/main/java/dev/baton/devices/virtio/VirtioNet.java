package dev.baton.devices.virtio;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.BusMaster;
import dev.baton.devices.net.Wire;

import java.util.ArrayDeque;

/** Network device, virtio 1.1 section 5.1: one pair of queues, a fixed address, a link that is up, no offloads. */
public final class VirtioNet extends VirtioDevice {
    static final int TYPE = 1;
    private static final int QUEUE_SIZE = 256;
    private static final int RECEIVE = 0;
    private static final int TRANSMIT = 1;

    private static final long F_MAC = 1 << 5;
    private static final long F_STATUS = 1 << 16;
    private static final int MAC = 6;
    private static final int LINK_UP = 1;

    /** struct virtio_net_hdr: num_buffers, its last two bytes, is there for drivers of version 1 only. */
    private static final int HEADER = 12;
    private static final int LEGACY_HEADER = 10;
    private static final int LONGEST_FRAME = 1514;
    /** Frames waiting for a buffer; more are lost, as on any network. */
    private static final int MOST_WAITING = 256;

    private final Wire wire;
    private final byte[] configuration;
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();

    /** @param mac six bytes */
    public VirtioNet(BusMaster memory, byte[] mac, Wire wire) {
        super(TYPE, F_MAC | F_STATUS, 2, QUEUE_SIZE, memory);
        if (mac.length != MAC) {
            throw new IllegalArgumentException("virtio-net: expected an address of 6 bytes, found " + mac.length);
        }
        this.wire = wire;
        configuration = java.util.Arrays.copyOf(mac, MAC + 2);
        configuration[MAC] = LINK_UP;
    }

    private int header() {
        return has(F_VERSION_1) ? HEADER : LEGACY_HEADER;
    }

    @Override
    void process(int n) {
        if (n == TRANSMIT) {
            drain(queue(TRANSMIT), this::transmit);
            deliver();
            finish(queue(RECEIVE));
        } else {
            deliver();
        }
    }

    private int transmit(Chain c) {
        long length = c.readableBytes() - header();
        if (length > 0 && length <= LONGEST_FRAME) {
            byte[] frame = new byte[(int) length];
            c.read(header(), frame, 0, frame.length);
            byte[] answer = wire.answer(frame);
            if (answer != null && waiting.size() < MOST_WAITING) {
                waiting.add(answer);
            }
        }
        return 0;
    }

    private void deliver() {
        VirtQueue q = queue(RECEIVE);
        while (!waiting.isEmpty() && (status() & STATUS_DRIVER_OK) != 0) {
            Chain c = take(q);
            if (c == null) {
                return;
            }
            q.give(c, receive(c, waiting.remove()));
        }
    }

    /** A frame that does not fit is lost. */
    private int receive(Chain c, byte[] frame) {
        if (c.writableBytes() < header() + frame.length) {
            return 0;
        }
        byte[] h = new byte[header()];
        if (h.length == HEADER) {
            h[HEADER - 2] = 1;
        }
        return c.write(0, h, 0, h.length) + c.write(h.length, frame, 0, frame.length);
    }

    @Override
    void resetDevice() {
        waiting.clear();
    }

    @Override
    byte[] configuration() {
        return configuration;
    }

    @Override
    void saveDevice(StateWriter out) {
        out.u32(waiting.size());
        waiting.forEach(out::bytes);
    }

    @Override
    void loadDevice(StateReader in) {
        waiting.clear();
        for (int n = in.u32(); n > 0; n--) {
            waiting.add(in.bytes());
        }
    }
}
