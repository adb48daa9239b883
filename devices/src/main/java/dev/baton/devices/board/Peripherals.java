package dev.baton.devices.board;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is on a board beside CPUs, interrupt controller, console and clock.
 *
 * @param full       everything that QEMU's {@code virt} has: flash, fw_cfg, GPIO, virtio-mmio slots, PCIe. Without it their places answer
 *                   as if nothing were plugged in, and the device tree does not name them
 * @param legacyMmio virtio-mmio slots are of version 1, as QEMU's by default; else of version 2
 *                   ({@code -global virtio-mmio.force-legacy=false})
 * @param devices    what is plugged in, in order
 */
public record Peripherals(boolean full, boolean legacyMmio, List<Device> devices) {
    /** The board of the chains of modelled kernels. */
    public static final Peripherals MINIMAL = new Peripherals(false, true, List.of());
    /** All that is soldered in, nothing plugged in. */
    public static final Peripherals FULL = new Peripherals(true, true, List.of());

    /**
     * A device as QEMU's {@code -device DRIVER,id=...,PROPERTY=...} says it.
     *
     * @param driver     one of {@link #DRIVERS}
     * @param properties by name; {@code id} may be among them
     */
    public record Device(String driver, Map<String, String> properties) {
        public Device {
            properties = Map.copyOf(properties);
        }

        /** The property's value, if it is given. */
        public Optional<String> property(String name) {
            return Optional.ofNullable(properties.get(name));
        }
    }

    /** On virtio-mmio, on PCI, and the ports of a virtio-serial device. */
    public static final List<String> DRIVERS = List.of("virtio-blk-device", "virtio-rng-device", "virtio-serial-device",
            "virtio-net-device", "virtio-9p-device", "virtio-blk-pci", "virtio-rng-pci", "virtio-serial-pci", "virtio-net-pci",
            "virtio-9p-pci", "pci-testdev", "virtconsole", "virtserialport");

    /** @throws IllegalArgumentException if a driver is unknown, or a device is plugged into a board that is not full */
    public Peripherals {
        devices = List.copyOf(devices);
        for (Device d : devices) {
            if (!DRIVERS.contains(d.driver())) {
                throw new IllegalArgumentException("device: expected one of %s, found '%s'"
                        .formatted(String.join(", ", DRIVERS), d.driver()));
            }
            for (String property : d.properties().keySet()) {
                if (!known(d.driver()).contains(property)) {
                    throw new IllegalArgumentException("device %s,%s=%s: not supported"
                            .formatted(d.driver(), property, d.properties().get(property)));
                }
            }
            if (!full) {
                throw new IllegalArgumentException("device " + d.driver() + ": the board has no place for it");
            }
        }
    }

    /** Properties of a driver, as QEMU names them. */
    private static List<String> known(String driver) {
        List<String> names = new ArrayList<>(List.of("id"));
        if (driver.startsWith("virtio-blk")) {
            names.addAll(List.of("drive", "serial", "bootindex"));
        } else if (driver.startsWith("virtio-rng")) {
            names.add("rng");
        } else if (driver.startsWith("virtio-9p")) {
            names.addAll(List.of("fsdev", "mount_tag"));
        } else if (driver.startsWith("virtio-net")) {
            names.addAll(List.of("netdev", "mac", "romfile"));
        } else if (driver.equals("virtconsole") || driver.equals("virtserialport")) {
            names.addAll(List.of("chardev", "name", "bus", "nr"));
        }
        if (driver.startsWith("virtio-") && driver.endsWith("-pci")) {
            names.add("disable-legacy");
        }
        if (driver.endsWith("-pci") || driver.equals("pci-testdev")) {
            names.addAll(List.of("addr", "bus"));
        }
        return names;
    }

    /** With one more device. */
    public Peripherals with(Device d) {
        List<Device> more = new ArrayList<>(devices);
        more.add(d);
        return new Peripherals(full, legacyMmio, more);
    }

    /** With virtio-mmio slots of the other version. */
    public Peripherals withLegacyMmio(boolean legacy) {
        return new Peripherals(full, legacy, devices);
    }
}
