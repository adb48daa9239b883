package dev.baton.devices.virtio;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.BusMaster;
import dev.baton.devices.uart.ByteSink;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Console device with several ports, virtio 1.1 section 5.3: QEMU's virtio-serial with its {@code virtconsole} and
 * {@code virtserialport}. A driver that does not take F_MULTIPORT has port 0 alone.
 */
public final class VirtioConsole extends VirtioDevice {
    static final int TYPE = 3;
    private static final int QUEUE_SIZE = 128;
    /** Ports of a device, numbered from 0; port 0 is for the first console, since a driver without F_MULTIPORT has that one alone. */
    public static final int MAX_PORTS = 31;
    private static final int CHUNK = 4096;
    private static final int CONTROL_BYTES = 8;
    /** Control messages waiting for the driver: a few a port, and never more however often it asks. */
    private static final int MOST_CONTROL = 8 * MAX_PORTS;

    private static final long F_MULTIPORT = 1 << 1;

    private static final int CONTROL_RECEIVE = 2;
    private static final int CONTROL_TRANSMIT = 3;

    private static final int DEVICE_READY = 0;
    private static final int PORT_ADD = 1;
    private static final int PORT_READY = 3;
    private static final int CONSOLE_PORT = 4;
    private static final int PORT_OPEN = 6;
    private static final int PORT_NAME = 7;

    /**
     * A port.
     *
     * @param number  below {@link #MAX_PORTS}, of no other port
     * @param console a terminal, hvcN of Linux; else a device /dev/vportNpM
     * @param name    of /sys/class/virtio-ports, "" for none
     * @param output  where what the guest writes goes
     */
    public record Port(int number, boolean console, String name, ByteSink output) { }

    /** By number. */
    private final Map<Integer, Port> ports = new TreeMap<>();
    private final Map<Integer, ArrayDeque<Byte>> input = new TreeMap<>();
    private final byte[] configuration;
    private final ArrayDeque<byte[]> control = new ArrayDeque<>();
    /** Ports that the guest has opened, one bit each. */
    private int open;

    /** @throws IllegalArgumentException if two ports have one number, or there is no such number */
    public VirtioConsole(BusMaster memory, List<Port> ports) {
        super(TYPE, F_MULTIPORT, 2 * (MAX_PORTS + 1), QUEUE_SIZE, memory);
        for (Port p : ports) {
            if (p.number() < 0 || p.number() >= MAX_PORTS || this.ports.put(p.number(), p) != null) {
                throw new IllegalArgumentException("virtio-serial: expected a free port number below %d, found %d"
                        .formatted(MAX_PORTS, p.number()));
            }
            input.put(p.number(), new ArrayDeque<>());
        }
        configuration = new byte[12];
        configuration[4] = MAX_PORTS;
    }

    private static int receiveQueue(int port) {
        return port == 0 ? 0 : 2 * port + 2;
    }

    /** The port whose queue this is, or -1 if it is a control queue or nobody's. */
    private int port(int queue) {
        int p = queue < 2 ? 0 : queue / 2 - 1;
        return queue == CONTROL_RECEIVE || queue == CONTROL_TRANSMIT || !ports.containsKey(p) ? -1 : p;
    }

    /** Somebody types at a port; kept until the guest offers room. */
    public void input(int port, byte... bytes) {
        for (byte b : bytes) {
            input.get(port).add(b);
        }
        VirtQueue q = queue(receiveQueue(port));
        deliver(port, q);
        finish(q);
    }

    /** A driver of several ports drops what comes to one before it has opened it: section 5.3.6.2. */
    private boolean takes(int port) {
        return driverOk() && (!has(F_MULTIPORT) || (open >>> port & 1) != 0);
    }

    /** Bytes typed at a port for which the guest had no room yet. */
    public int unread(int port) {
        return input.get(port).size();
    }

    /** The guest has offered a port room for bytes. */
    public boolean listens(int port) {
        return takes(port) && isMaster() && queue(receiveQueue(port)).hasAvailable();
    }

    @Override
    void process(int n) {
        VirtQueue q = queue(n);
        int port = port(n);
        if (n == CONTROL_RECEIVE) {
            deliverControl(q);
        } else if (n == CONTROL_TRANSMIT) {
            drain(q, this::controlled);
            deliverControl(queue(CONTROL_RECEIVE));
            finish(queue(CONTROL_RECEIVE));
        } else if (port >= 0 && n % 2 == 0) {
            deliver(port, q);
        } else if (port >= 0) {
            drain(q, c -> transmit(port, c));
        }
    }

    private int transmit(int port, Chain c) {
        byte[] chunk = new byte[CHUNK];
        int n;
        for (long at = 0; (n = c.read(at, chunk, 0, CHUNK)) > 0; at += n) {
            for (int i = 0; i < n; i++) {
                ports.get(port).output().accept(chunk[i]);
            }
        }
        return 0;
    }

    private void deliver(int port, VirtQueue q) {
        ArrayDeque<Byte> waiting = input.get(port);
        while (!waiting.isEmpty() && takes(port)) {
            Chain c = take(q);
            if (c == null) {
                return;
            }
            byte[] bytes = new byte[(int) Math.min(waiting.size(), c.writableBytes())];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = waiting.remove();
            }
            q.give(c, c.write(0, bytes, 0, bytes.length));
        }
    }

    private boolean driverOk() {
        return (status() & STATUS_DRIVER_OK) != 0;
    }

    /** A message of the driver: id, event, value. */
    private int controlled(Chain c) {
        byte[] m = new byte[CONTROL_BYTES];
        if (c.read(0, m, 0, CONTROL_BYTES) == CONTROL_BYTES) {
            int event = m[4] & 0xff | (m[5] & 0xff) << 8;
            int id = m[0] & 0xff | (m[1] & 0xff) << 8 | (m[2] & 0xff) << 16 | m[3] << 24;
            boolean on = (m[6] | m[7]) != 0;
            if (event == DEVICE_READY && on) {
                ports.keySet().forEach(number -> send(number, PORT_ADD, 1));
            } else if (event == PORT_READY && on && ports.containsKey(id)) {
                introduce(id);
            } else if (event == PORT_OPEN && ports.containsKey(id)) {
                opened(id, on);
            }
        }
        return 0;
    }

    private void opened(int id, boolean on) {
        open = open & ~(1 << id) | (on ? 1 << id : 0);
        deliver(id, queue(receiveQueue(id)));
        finish(queue(receiveQueue(id)));
    }

    private void introduce(int id) {
        Port p = ports.get(id);
        if (p.console()) {
            send(id, CONSOLE_PORT, 1);
        }
        if (!p.name().isEmpty()) {
            byte[] name = p.name().getBytes(StandardCharsets.ISO_8859_1);
            byte[] m = Arrays.copyOf(message(id, PORT_NAME, 1), CONTROL_BYTES + name.length + 1);
            System.arraycopy(name, 0, m, CONTROL_BYTES, name.length);
            queueControl(m);
        }
        send(id, PORT_OPEN, 1);
    }

    private void send(int id, int event, int value) {
        queueControl(message(id, event, value));
    }

    private static byte[] message(int id, int event, int value) {
        return new byte[] {(byte) id, 0, 0, 0, (byte) event, 0, (byte) value, 0};
    }

    private void queueControl(byte[] m) {
        if (control.size() < MOST_CONTROL) {
            control.add(m);
        }
    }

    private void deliverControl(VirtQueue q) {
        while (!control.isEmpty()) {
            Chain c = take(q);
            if (c == null) {
                return;
            }
            byte[] m = control.remove();
            q.give(c, c.write(0, m, 0, m.length));
        }
    }

    @Override
    void resetDevice() {
        control.clear();
        open = 0;
    }

    @Override
    byte[] configuration() {
        return configuration;
    }

    @Override
    void saveDevice(StateWriter out) {
        out.u32(open);
        out.u32(control.size());
        control.forEach(out::bytes);
        for (ArrayDeque<Byte> q : input.values()) {
            byte[] bytes = new byte[q.size()];
            int i = 0;
            for (byte b : q) {
                bytes[i++] = b;
            }
            out.bytes(bytes);
        }
    }

    @Override
    void loadDevice(StateReader in) {
        open = in.u32();
        control.clear();
        for (int n = in.u32(); n > 0; n--) {
            control.add(in.bytes());
        }
        for (ArrayDeque<Byte> q : input.values()) {
            q.clear();
            for (byte b : in.bytes()) {
                q.add(b);
            }
        }
    }
}
