package dev.baton.devices.board;

import dev.baton.core.fdt.FdtWriter;
import dev.baton.devices.flash.CfiFlash;
import dev.baton.devices.virtio.VirtioMmio;

/** The nodes of {@link VirtPeripherals}, as QEMU 7.2 writes them. */
final class PeripheralNodes {
    private static final int SPI = 0;
    private static final int PPI = 1;
    private static final int LEVEL_HIGH = 4;
    private static final int EDGE_RISING = 1;
    private static final int KEY_POWER = 0x74;
    private static final int POWER_KEY_PIN = 3;

    // PCI bus binding (IEEE 1275): first cell of an address.
    private static final int PCI_IO = 0x100_0000;
    private static final int PCI_MEMORY_32 = 0x200_0000;
    private static final int PCI_MEMORY_64 = 0x300_0000;
    private static final int PINS = 4;
    private static final int BUSES = 256;

    private final VirtConfig config;
    private final int clock;
    private final int gic;
    private final int msi;

    /** Phandles of the nodes that these refer to. */
    PeripheralNodes(VirtConfig config, int clock, int gic, int msi) {
        this.config = config;
        this.clock = clock;
        this.gic = gic;
        this.msi = msi;
    }

    private boolean hasMsis() {
        return config.gicVersion() == 2 || config.hasIts();
    }

    private int gpio() {
        return hasMsis() ? msi + 1 : msi;
    }

    void write(FdtWriter.Node root) {
        root.node(at("platform-bus", VirtLayout.PLATFORM_BUS), this::platformBus);
        root.node(at("fw-cfg", VirtLayout.FW_CFG), PeripheralNodes::fwCfg);
        for (int i = 0; i < VirtLayout.VIRTIO_MMIO_SLOTS; i++) {
            int slot = i;
            root.node(at("virtio_mmio", VirtLayout.VIRTIO_MMIO + slot * VirtioMmio.SIZE), node -> virtio(node, slot));
        }
        root.node("gpio-keys", this::keys);
        root.node(at("pl061", VirtLayout.GPIO), this::gpio);
        root.node(at("pcie", VirtLayout.PCIE_MEMORY), this::pcie);
        root.node("pmu", this::pmu);
        root.node(at("flash", VirtLayout.FLASH), PeripheralNodes::flash);
    }

    private static String at(String name, long address) {
        return name + "@" + Long.toHexString(address);
    }

    private void platformBus(FdtWriter.Node bus) {
        bus.strings("compatible", "qemu,platform", "simple-bus");
        bus.u32("#address-cells", 1);
        bus.u32("#size-cells", 1);
        bus.cells("ranges", 0, 0, (int) VirtLayout.PLATFORM_BUS, (int) VirtLayout.PLATFORM_BUS_SIZE);
        bus.u32("interrupt-parent", gic);
    }

    private static void fwCfg(FdtWriter.Node node) {
        node.string("compatible", "qemu,fw-cfg-mmio");
        node.u64s("reg", VirtLayout.FW_CFG, VirtLayout.FW_CFG_SIZE);
        node.empty("dma-coherent");
    }

    private static void virtio(FdtWriter.Node node, int slot) {
        node.string("compatible", "virtio,mmio");
        node.u64s("reg", VirtLayout.VIRTIO_MMIO + slot * VirtioMmio.SIZE, VirtioMmio.SIZE);
        node.cells("interrupts", SPI, VirtLayout.VIRTIO_MMIO_SPI + slot, EDGE_RISING);
        node.empty("dma-coherent");
    }

    private void keys(FdtWriter.Node keys) {
        keys.string("compatible", "gpio-keys");
        keys.node("poweroff", key -> {
            key.string("label", "GPIO Key Poweroff");
            key.u32("linux,code", KEY_POWER);
            key.cells("gpios", gpio(), POWER_KEY_PIN, 0);
        });
    }

    private void gpio(FdtWriter.Node node) {
        node.u64s("reg", VirtLayout.GPIO, VirtLayout.PRIMECELL_SIZE);
        node.strings("compatible", "arm,pl061", "arm,primecell");
        node.u32("#gpio-cells", 2);
        node.empty("gpio-controller");
        node.cells("interrupts", SPI, VirtLayout.GPIO_SPI, LEVEL_HIGH);
        node.u32("clocks", clock);
        node.string("clock-names", "apb_pclk");
        node.u32("phandle", gpio());
    }

    private void pmu(FdtWriter.Node pmu) {
        pmu.string("compatible", "arm,armv8-pmuv3");
        int cpus = config.gicVersion() == 2 ? (1 << config.cpus()) - 1 << 8 : 0;
        pmu.cells("interrupts", PPI, VirtLayout.PMU_PPI, cpus | LEVEL_HIGH);
    }

    private static void flash(FdtWriter.Node flash) {
        flash.string("compatible", "cfi-flash");
        flash.u64s("reg", VirtLayout.FLASH, CfiFlash.SIZE, VirtLayout.FLASH + CfiFlash.SIZE, CfiFlash.SIZE);
        flash.u32("bank-width", 4);
    }

    private void pcie(FdtWriter.Node pcie) {
        pcie.string("compatible", "pci-host-ecam-generic");
        pcie.string("device_type", "pci");
        pcie.u32("#address-cells", 3);
        pcie.u32("#size-cells", 2);
        pcie.u32("linux,pci-domain", 0);
        pcie.cells("bus-range", 0, BUSES - 1);
        pcie.empty("dma-coherent");
        if (hasMsis()) {
            pcie.cells("msi-map", 0, msi, 0, BUSES << 8);
        }
        pcie.u64s("reg", VirtLayout.PCIE_ECAM, VirtLayout.PCIE_ECAM_SIZE);
        pcie.cells("ranges", windows());
        pcie.u32("#interrupt-cells", 1);
        pcie.cells("interrupt-map", interruptMap());
        pcie.cells("interrupt-map-mask", 0x1800, 0, 0, 7);
    }

    /** Space and bus address (3 cells), CPU address, size. */
    private static int[] windows() {
        return new int[] {
                PCI_IO, 0, 0, 0, (int) VirtLayout.PCIE_IO, 0, (int) VirtLayout.PCIE_IO_SIZE,
                PCI_MEMORY_32, 0, (int) VirtLayout.PCIE_MEMORY, 0, (int) VirtLayout.PCIE_MEMORY, 0, (int) VirtLayout.PCIE_MEMORY_SIZE,
                PCI_MEMORY_64, (int) (VirtLayout.PCIE_HIGH_MEMORY >>> 32), 0, (int) (VirtLayout.PCIE_HIGH_MEMORY >>> 32), 0,
                (int) (VirtLayout.PCIE_HIGH_MEMORY_SIZE >>> 32), 0};
    }

    /** Pin p of device d is interrupt (p + d) modulo 4 of the host. */
    private int[] interruptMap() {
        int[] map = new int[PINS * PINS * 10];
        int at = 0;
        for (int device = 0; device < PINS; device++) {
            for (int pin = 0; pin < PINS; pin++) {
                int[] row = {device << 11, 0, 0, pin + 1, gic, 0, 0, SPI, VirtLayout.PCIE_SPI + (pin + device) % PINS, LEVEL_HIGH};
                System.arraycopy(row, 0, map, at, row.length);
                at += row.length;
            }
        }
        return map;
    }
}
