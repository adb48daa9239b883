package dev.baton.devices.board;

import dev.baton.core.mem.BusMaster;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.devices.virtio.VirtioBlock;
import dev.baton.devices.virtio.VirtioConsole;
import dev.baton.devices.virtio.VirtioDevice;
import dev.baton.devices.virtio.VirtioRng;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The devices that a {@link Peripherals} list names, made and told apart. */
final class PluggedDevices {
    /** A port of a virtio-serial device. */
    private record PortPlace(VirtioConsole device, int port) { }

    private final Peripherals peripherals;
    private final Backends backends;
    private final PhysicalBus bus;
    private final long seed;
    private final List<VirtioDevice> virtio = new ArrayList<>();
    private final Map<String, PortPlace> ports = new HashMap<>();

    PluggedDevices(VirtConfig config, Backends backends, PhysicalBus bus) {
        this.peripherals = config.peripherals();
        this.backends = backends;
        this.bus = bus;
        this.seed = config.seed().orElse(1);
        for (int i = 0; i < peripherals.devices().size(); i++) {
            make(i);
        }
    }

    /** In the order of the list: what goes on virtio-mmio. */
    List<VirtioDevice> virtio() {
        return virtio;
    }

    /** Types bytes at the port whose {@code chardev} this is; nothing if there is none. */
    Consumer<byte[]> input(String chardev) {
        PortPlace p = ports.get(chardev);
        return p == null ? b -> { } : bytes -> p.device.input(p.port, bytes);
    }

    int unread(String chardev) {
        PortPlace p = ports.get(chardev);
        return p == null ? 0 : p.device.unread(p.port);
    }

    boolean listens(String chardev) {
        PortPlace p = ports.get(chardev);
        return p != null && p.device.listens(p.port);
    }

    private void make(int index) {
        Peripherals.Device d = peripherals.devices().get(index);
        BusMaster memory = new BusMaster(bus, d.property("id").orElse(d.driver()));
        switch (d.driver()) {
            case "virtio-blk-device" -> virtio.add(new VirtioBlock(memory, backends.disk(d.property("drive").orElse("")),
                    d.property("serial").orElse("")));
            case "virtio-rng-device" -> virtio.add(new VirtioRng(memory, seed + index));
            case "virtio-serial-device" -> virtio.add(serial(index, memory));
            default -> expectBus(index);
        }
    }

    private static boolean isPort(Peripherals.Device d) {
        return d.driver().equals("virtconsole") || d.driver().equals("virtserialport");
    }

    private void expectBus(int index) {
        if (peripherals.devices().subList(0, index).stream().noneMatch(d -> d.driver().startsWith("virtio-serial"))) {
            throw new IllegalArgumentException("device %s: there is no virtio-serial device before it"
                    .formatted(peripherals.devices().get(index).driver()));
        }
    }

    /** With the ports that follow it in the list, up to the next virtio-serial device. */
    private VirtioConsole serial(int index, BusMaster memory) {
        List<VirtioConsole.Port> made = new ArrayList<>();
        List<String> chardevs = new ArrayList<>();
        for (Peripherals.Device d : peripherals.devices().subList(index + 1, peripherals.devices().size())) {
            if (d.driver().startsWith("virtio-serial")) {
                break;
            }
            if (isPort(d)) {
                String chardev = d.property("chardev").orElse("");
                made.add(new VirtioConsole.Port(d.driver().equals("virtconsole"), d.property("name").orElse(""),
                        backends.output(chardev)));
                chardevs.add(chardev);
            }
        }
        VirtioConsole device = new VirtioConsole(memory, made);
        for (int i = 0; i < chardevs.size(); i++) {
            ports.put(chardevs.get(i), new PortPlace(device, i));
        }
        return device;
    }
}
