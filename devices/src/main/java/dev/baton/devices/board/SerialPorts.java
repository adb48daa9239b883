package dev.baton.devices.board;

import dev.baton.devices.virtio.VirtioConsole;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which virtio-serial device has which {@code virtconsole} and {@code virtserialport}, and under which number: guests see the numbers, as
 * {@code /dev/vport1p2}. As QEMU 7.2 does it, by its {@code info qtree}: a port that names no bus is of the first device on virtio-mmio
 * before it, else of the last on PCI before it. The first console of a device is port 0, which no other port may be; the rest have the
 * lowest free number from 1.
 */
final class SerialPorts {
    /** A port and its number. */
    record Place(Peripherals.Device device, int number) {
        boolean console() {
            return isConsole(device);
        }

        String chardev() {
            return device.property("chardev").orElse("");
        }
    }

    /** A virtio-serial device. @param index in the list of devices */
    private record Bus(int index, String name, boolean pci, List<Place> ports, Set<Integer> numbers) { }

    private final List<Bus> buses = new ArrayList<>();
    private int unnamed;

    /** @throws IllegalArgumentException if a port has no device, or no number */
    SerialPorts(List<Peripherals.Device> devices) {
        for (int i = 0; i < devices.size(); i++) {
            Peripherals.Device d = devices.get(i);
            if (d.driver().startsWith("virtio-serial")) {
                buses.add(new Bus(i, name(d), d.driver().endsWith("-pci"), new ArrayList<>(), new HashSet<>()));
            } else if (isConsole(d) || d.driver().equals("virtserialport")) {
                Bus bus = bus(d);
                bus.ports.add(new Place(d, number(d, bus)));
            }
        }
    }

    private static boolean isConsole(Peripherals.Device d) {
        return d.driver().equals("virtconsole");
    }

    /** QEMU counts the buses of devices without an id. */
    private String name(Peripherals.Device d) {
        return d.property("id").map(id -> id + ".0").orElseGet(() -> "virtio-serial-bus." + unnamed++);
    }

    private Bus bus(Peripherals.Device port) {
        if (buses.isEmpty()) {
            throw new IllegalArgumentException("device %s: there is no virtio-serial device before it".formatted(port.driver()));
        }
        Optional<String> name = port.property("bus");
        if (name.isPresent()) {
            return buses.stream().filter(b -> b.name.equals(name.get())).findFirst().orElseThrow(() -> PluggedDevices.refusal(port, "bus",
                    String.join(" or ", buses.stream().map(Bus::name).toList())));
        }
        return buses.stream().filter(b -> !b.pci).findFirst().orElse(buses.getLast());
    }

    private static int number(Peripherals.Device port, Bus bus) {
        int first = isConsole(port) ? 0 : 1;
        String given = port.property("nr").orElse("");
        if (given.isEmpty()) {
            return free(port, bus, first);
        }
        int n = given.matches("[0-9]{1,2}") ? Integer.parseInt(given) : -1;
        if (n < first || n >= VirtioConsole.MAX_PORTS || !bus.numbers.add(n)) {
            throw PluggedDevices.refusal(port, "nr", "a free number, %d to %d".formatted(first, VirtioConsole.MAX_PORTS - 1));
        }
        return n;
    }

    private static int free(Peripherals.Device port, Bus bus, int first) {
        for (int n = first; n < VirtioConsole.MAX_PORTS; n++) {
            if (bus.numbers.add(n)) {
                return n;
            }
        }
        throw new IllegalArgumentException("device %s: expected at most %d ports of %s".formatted(port.driver(), VirtioConsole.MAX_PORTS,
                bus.name));
    }

    /** The ports of the virtio-serial device at this place in the list, in their order. */
    List<Place> of(int index) {
        return buses.stream().filter(b -> b.index == index).findFirst().orElseThrow().ports;
    }
}
