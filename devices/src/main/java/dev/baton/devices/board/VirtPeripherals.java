package dev.baton.devices.board;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.BusMaster;
import dev.baton.devices.flash.CfiFlash;
import dev.baton.devices.fwcfg.FwCfg;
import dev.baton.devices.fwcfg.FwCfgItems;
import dev.baton.devices.gic.InterruptController;
import dev.baton.devices.gic.MsiDoorbell;
import dev.baton.devices.gpio.Pl061;
import dev.baton.devices.pci.PciHost;
import dev.baton.devices.virtio.VirtioDevice;
import dev.baton.devices.virtio.VirtioMmio;

import java.util.ArrayList;
import java.util.List;

/** The rest of a full board: flash, fw_cfg, GPIO, virtio-mmio slots, PCIe. */
public final class VirtPeripherals {
    private static final int PCIE_LINES = 4;

    private final CfiFlash[] flash = new CfiFlash[VirtLayout.FLASH_BANKS];
    private final FwCfg fwCfg;
    private final Pl061 gpio;
    private final PluggedDevices plugged;
    private final List<MmioDevice> resettable = new ArrayList<>();

    VirtPeripherals(VirtConfig config, Machine machine, InterruptController gic, MsiDoorbell msis, UnmodelledLog unmodelled,
            Backends backends) {
        for (int i = 0; i < flash.length; i++) {
            flash[i] = new CfiFlash(VirtLayout.FLASH + i * CfiFlash.SIZE);
            machine.bus().add(flash[i].memory());
            machine.part("flash" + i, flash[i]);
            resettable.add(flash[i]);
        }
        fwCfg = new FwCfg(new FwCfgItems(config.cpus(), config.memory()), new BusMaster(machine.bus(), "fw_cfg"));
        add(machine, "fw_cfg", VirtLayout.FW_CFG, VirtLayout.FW_CFG_SIZE, fwCfg);
        gpio = new Pl061(gic.spi(VirtLayout.GPIO_SPI), machine.clock(), unmodelled.of("pl061"));
        add(machine, "pl061", VirtLayout.GPIO, VirtLayout.PRIMECELL_SIZE, gpio);
        plugged = new PluggedDevices(config, backends, machine.bus());
        addSlots(config, machine, gic);
        addPcie(machine, gic, msis, unmodelled);
    }

    private void addPcie(Machine machine, InterruptController gic, MsiDoorbell msis, UnmodelledLog unmodelled) {
        InterruptLine[] lines = new InterruptLine[PCIE_LINES];
        for (int i = 0; i < PCIE_LINES; i++) {
            lines[i] = gic.spi(VirtLayout.PCIE_SPI + i);
        }
        PciHost host = new PciHost(lines, msis, new BusMaster(machine.bus(), "PCI function"), unmodelled.ofAbsent("pcie window"));
        add(machine, "pcie ecam", VirtLayout.PCIE_ECAM, VirtLayout.PCIE_ECAM_SIZE, host);
        machine.bus().add("pcie memory", VirtLayout.PCIE_MEMORY, VirtLayout.PCIE_MEMORY_SIZE, host.memory(VirtLayout.PCIE_MEMORY));
        machine.bus().add("pcie io", VirtLayout.PCIE_IO, VirtLayout.PCIE_IO_SIZE, host.io());
        machine.bus().add("pcie high memory", VirtLayout.PCIE_HIGH_MEMORY, VirtLayout.PCIE_HIGH_MEMORY_SIZE,
                host.memory(VirtLayout.PCIE_HIGH_MEMORY));
        plugged.plugInto(host);
    }

    private void add(Machine machine, String name, long base, long size, MmioDevice device) {
        machine.add(name, base, size, device);
        resettable.add(device);
    }

    /** Devices fill the slots from the highest down. */
    private void addSlots(VirtConfig config, Machine machine, InterruptController gic) {
        List<VirtioDevice> devices = plugged.virtio();
        if (devices.size() > VirtLayout.VIRTIO_MMIO_SLOTS) {
            throw new IllegalArgumentException("virt: expected at most %d devices on virtio-mmio, found %d"
                    .formatted(VirtLayout.VIRTIO_MMIO_SLOTS, devices.size()));
        }
        for (int slot = 0; slot < VirtLayout.VIRTIO_MMIO_SLOTS; slot++) {
            int device = VirtLayout.VIRTIO_MMIO_SLOTS - 1 - slot;
            add(machine, "virtio_mmio" + slot, VirtLayout.VIRTIO_MMIO + slot * VirtioMmio.SIZE, VirtioMmio.SIZE,
                    new VirtioMmio(gic.spi(VirtLayout.VIRTIO_MMIO_SPI + slot), config.peripherals().legacyMmio(),
                            device < devices.size() ? devices.get(device) : null));
        }
    }

    /** Bank 0 is what a CPU without a kernel starts from. */
    public CfiFlash flash(int bank) {
        return flash[bank];
    }

    /** What firmware can ask for. */
    public FwCfgItems firmwareItems() {
        return fwCfg.items();
    }

    /** QEMU's {@code system_powerdown}: a guest that listens powers itself off. */
    public void pressPowerKey() {
        gpio.pressPowerKey();
    }

    /** Types at the virtio port whose {@code chardev} this is; nothing happens if there is none. */
    public void input(String chardev, byte... bytes) {
        plugged.input(chardev).accept(bytes);
    }

    /** Bytes typed at that port which the guest has not taken. */
    public int unread(String chardev) {
        return plugged.unread(chardev);
    }

    /** The guest has offered that port room for bytes. */
    public boolean listens(String chardev) {
        return plugged.listens(chardev);
    }

    void reset() {
        resettable.forEach(MmioDevice::reset);
    }
}
