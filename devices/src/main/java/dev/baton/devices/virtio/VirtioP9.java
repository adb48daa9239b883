package dev.baton.devices.virtio;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.BusMaster;
import dev.baton.devices.p9.P9Server;
import dev.baton.devices.p9.SharedFolder;

import java.nio.charset.StandardCharsets;

/** 9P transport, as Linux's {@code include/uapi/linux/virtio_9p.h} has it: device ID 9, one queue, the mount tag as configuration. */
public final class VirtioP9 extends VirtioDevice {
    static final int TYPE = 9;
    private static final int QUEUE_SIZE = 128;
    private static final long F_MOUNT_TAG = 1;
    private static final int LONGEST_TAG = 255;

    private final P9Server server;
    private final byte[] configuration;

    /** @throws IllegalArgumentException if the tag is empty, or longer than 255 bytes */
    public VirtioP9(BusMaster memory, String tag, SharedFolder folder) {
        super(TYPE, F_MOUNT_TAG, 1, QUEUE_SIZE, memory);
        byte[] bytes = tag.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > LONGEST_TAG) {
            throw new IllegalArgumentException("virtio-9p: expected a mount_tag of 1 to 255 bytes, found " + bytes.length);
        }
        server = new P9Server(folder);
        configuration = new byte[2 + bytes.length];
        configuration[0] = (byte) bytes.length;
        System.arraycopy(bytes, 0, configuration, 2, bytes.length);
    }

    @Override
    void process(int n) {
        drain(queue(n), this::serve);
    }

    private int serve(Chain c) {
        byte[] request = new byte[(int) Math.min(c.readableBytes(), P9Server.MOST_BYTES)];
        c.read(0, request, 0, request.length);
        byte[] reply = server.answer(request, (int) Math.min(c.writableBytes(), P9Server.MOST_BYTES));
        return c.write(0, reply, 0, reply.length);
    }

    @Override
    void resetDevice() {
        server.reset();
    }

    @Override
    byte[] configuration() {
        return configuration;
    }

    @Override
    void saveDevice(StateWriter out) {
        server.save(out);
    }

    @Override
    void loadDevice(StateReader in) {
        server.load(in);
    }
}
