package dev.baton.devices.board;

import dev.baton.core.mem.BusMaster;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.devices.net.UserNetwork;
import dev.baton.devices.net.Wire;
import dev.baton.devices.pci.PciFunction;
import dev.baton.devices.pci.PciHost;
import dev.baton.devices.pci.PciTestDevice;
import dev.baton.devices.virtio.VirtioBlock;
import dev.baton.devices.virtio.VirtioConsole;
import dev.baton.devices.virtio.VirtioDevice;
import dev.baton.devices.virtio.VirtioNet;
import dev.baton.devices.virtio.VirtioP9;
import dev.baton.devices.virtio.VirtioPci;
import dev.baton.devices.virtio.VirtioRng;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The devices that a {@link Peripherals} list names, made and told apart. */
final class PluggedDevices {
    /** A port of a virtio-serial device. */
    private record PortPlace(VirtioConsole device, int port) { }

    /** What goes on PCI, and the slot that it asks for; -1 for any. */
    private record Function(Peripherals.Device device, PciFunction function, int slot) { }

    private static final int SLOTS = 32;
    private static final int FIRST_MAC = 0x56;

    private final Peripherals peripherals;
    private final Backends backends;
    private final PhysicalBus bus;
    private final long seed;
    private final SerialPorts serialPorts;
    private final List<VirtioDevice> virtio = new ArrayList<>();
    private final List<Function> functions = new ArrayList<>();
    private int networks;
    private final Map<String, PortPlace> ports = new HashMap<>();

    PluggedDevices(VirtConfig config, Backends backends, PhysicalBus bus) {
        this.peripherals = config.peripherals();
        this.backends = backends;
        this.bus = bus;
        this.seed = config.seed().orElse(1);
        this.serialPorts = new SerialPorts(peripherals.devices());
        for (int i = 0; i < peripherals.devices().size(); i++) {
            make(i);
        }
    }

    /** In the order of the list: what goes on virtio-mmio. */
    List<VirtioDevice> virtio() {
        return virtio;
    }

    /**
     * In the order of the list: what goes on PCI.
     *
     * @throws IllegalArgumentException if a slot that a device asks for is taken, or all are
     */
    void plugInto(PciHost host) {
        for (Function f : functions) {
            int slot = f.slot < 0 ? host.freeSlot() : f.slot;
            if (slot < 0) {
                throw new IllegalArgumentException("device %s: expected a free PCI slot, found none".formatted(f.device.driver()));
            }
            if (!host.isFree(slot)) {
                throw refusal(f.device, "addr", "a free PCI slot");
            }
            host.plug(slot, f.function);
        }
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
            case "virtio-blk-device", "virtio-blk-pci" -> plug(d, new VirtioBlock(memory, backends.disk(d.property("drive").orElse("")),
                    d.property("serial").orElse("")));
            case "virtio-rng-device", "virtio-rng-pci" -> plug(d, new VirtioRng(memory, seed + index));
            case "virtio-serial-device", "virtio-serial-pci" -> plug(d, serial(index, memory));
            case "virtio-net-device", "virtio-net-pci" -> plug(d, new VirtioNet(memory, mac(d), d.property("netdev").isPresent()
                    ? new UserNetwork() : Wire.UNPLUGGED));
            case "virtio-9p-device", "virtio-9p-pci" -> plug(d, new VirtioP9(memory, d.property("mount_tag").orElse(""),
                    backends.folder(d.property("fsdev").orElse(""))));
            case "pci-testdev" -> functions.add(new Function(d, new PciTestDevice(), slot(d)));
            default -> { } // a port, which its virtio-serial device has
        }
    }

    private void plug(Peripherals.Device d, VirtioDevice device) {
        if (d.driver().endsWith("-pci")) {
            functions.add(new Function(d, new VirtioPci(device, transitional(d)), slot(d)));
        } else {
            virtio.add(device);
        }
    }

    static IllegalArgumentException refusal(Peripherals.Device d, String property, String expected) {
        return new IllegalArgumentException("device %s,%s=%s: expected %s".formatted(d.driver(), property, d.properties().get(property),
                expected));
    }

    private static boolean transitional(Peripherals.Device d) {
        String value = d.property("disable-legacy").orElse("auto");
        return switch (value) {
            case "off", "auto", "false" -> true;
            case "on", "true" -> false;
            default -> throw refusal(d, "disable-legacy", "on, off or auto");
        };
    }

    /** {@code addr} is a slot in hexadecimal; there is one bus, and each device is its function 0. */
    private static int slot(Peripherals.Device d) {
        if (!d.property("bus").orElse("pcie.0").equals("pcie.0")) {
            throw refusal(d, "bus", "pcie.0");
        }
        String addr = d.property("addr").orElse("");
        if (addr.isEmpty()) {
            return -1;
        }
        String hex = addr.replaceFirst("^0x", "").replaceFirst("\\.0$", "");
        if (!hex.matches("[0-9a-fA-F]{1,2}") || Integer.parseInt(hex, 16) == 0 || Integer.parseInt(hex, 16) >= SLOTS) {
            throw refusal(d, "addr", "a slot, 1 to 1f");
        }
        return Integer.parseInt(hex, 16);
    }

    /** QEMU's own are 52:54:00:12:34:56 and up. */
    private byte[] mac(Peripherals.Device d) {
        String mac = d.property("mac").orElseGet(() -> "52:54:00:12:34:%02x".formatted(FIRST_MAC + networks));
        networks++;
        if (!mac.matches("([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}")) {
            throw refusal(d, "mac", "six hexadecimal bytes with colons");
        }
        return HexFormat.of().parseHex(mac.replaceAll("[:-]", ""));
    }

    /** With its ports. */
    private VirtioConsole serial(int index, BusMaster memory) {
        List<SerialPorts.Place> places = serialPorts.of(index);
        VirtioConsole device = new VirtioConsole(memory, places.stream().map(this::port).toList());
        places.forEach(p -> ports.put(p.chardev(), new PortPlace(device, p.number())));
        return device;
    }

    private VirtioConsole.Port port(SerialPorts.Place p) {
        return new VirtioConsole.Port(p.number(), p.console(), p.device().property("name").orElse(""), backends.output(p.chardev()));
    }
}
