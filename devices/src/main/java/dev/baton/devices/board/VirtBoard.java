package dev.baton.devices.board;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.cpu.FirmwareCalls;
import dev.baton.core.io.InterruptLine;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.Ram;
import dev.baton.devices.firmware.Psci;
import dev.baton.devices.gic.Gic;
import dev.baton.devices.gic.MsiDoorbell;
import dev.baton.devices.rtc.Pl031;
import dev.baton.devices.uart.ByteSink;
import dev.baton.devices.uart.Pl011;

import java.util.List;
import java.util.Map;

/** QEMU's {@code virt} with {@code gic-version=3,its=off}, as far as {@link VirtLayout} lists devices: a machine, wired. */
public final class VirtBoard {
    private static final long AFFINITY = 0xff_00ff_ffffL;

    /** What a configuration read of a PCIe function that is not there gives: PCI Express Base Specification 2.3.2. */
    private static final long ABSENT_FUNCTION = -1;

    private final VirtConfig config;
    private final Machine machine = new Machine();
    private final UnmodelledLog unmodelled = new UnmodelledLog(machine);
    private final Gic gic;
    private final Pl011 uart;
    private final Pl031 rtc;

    /**
     * @param console where the PL011's output goes
     * @throws IllegalArgumentException if the GIC is not a GICv3, or the factory makes a CPU with another affinity than its index
     */
    public VirtBoard(VirtConfig config, ByteSink console, CpuFactory cpus) {
        this.config = config;
        if (config.gicVersion() != 3) {
            throw new IllegalArgumentException("virt: expected gic-version 3, found " + config.gicVersion());
        }
        machine.bus().add(new Ram(VirtLayout.RAM, config.memory(), config.caches()));
        gic = new Gic(affinities(config.cpus()), unmodelled.of("gic"));
        uart = new Pl011(gic.spi(VirtLayout.UART_SPI), console, machine.clock(), VirtLayout.CLOCK_HZ, unmodelled.of("pl011"));
        rtc = new Pl031(gic.spi(VirtLayout.RTC_SPI), machine.clock(), config.epoch(), unmodelled.of("pl031"));
        addDevices();
        addCpus(cpus);
    }

    private static long[] affinities(int cpus) {
        long[] a = new long[cpus];
        for (int i = 0; i < cpus; i++) {
            a[i] = i;
        }
        return a;
    }

    private void addDevices() {
        machine.bus().add("gic distributor", VirtLayout.GIC_DISTRIBUTOR, Gic.DISTRIBUTOR_SIZE, gic.distributor());
        machine.bus().add("gic redistributors", VirtLayout.GIC_REDISTRIBUTORS, VirtLayout.redistributorsSize(config.cpus()),
                gic.redistributors());
        machine.part("gic", gic);
        machine.add("pl011", VirtLayout.UART, VirtLayout.PRIMECELL_SIZE, uart);
        machine.add("pl031", VirtLayout.RTC, VirtLayout.PRIMECELL_SIZE, rtc);
        addUnimplemented("gic its", VirtLayout.GIC_ITS, VirtLayout.GIC_ITS_SIZE, 0);
        addUnimplemented("fw_cfg", VirtLayout.FW_CFG, VirtLayout.FW_CFG_SIZE, 0);
        addUnimplemented("pl061", VirtLayout.GPIO, VirtLayout.PRIMECELL_SIZE, 0);
        addUnimplemented("virtio_mmio", VirtLayout.VIRTIO_MMIO, VirtLayout.VIRTIO_MMIO_SIZE, 0);
        addUnimplemented("pcie ecam", VirtLayout.PCIE_ECAM, VirtLayout.PCIE_ECAM_SIZE, ABSENT_FUNCTION);
    }

    private void addUnimplemented(String name, long base, long size, long pattern) {
        machine.bus().add(name, base, size, new UnimplementedWindow(unmodelled.ofAbsent(name), pattern));
    }

    private void addCpus(CpuFactory factory) {
        FirmwareCalls firmware = switch (config.enableMethod()) {
            case PSCI -> new Psci(machine, config.conduit(), config.entryLevel(), gic::resetCpu);
            case SPIN_TABLE -> FirmwareCalls.NONE;
        };
        for (int i = 0; i < config.cpus(); i++) {
            Cpu cpu = factory.create(machine, i, new CpuWiring(config.entryLevel() == 2, firmware, gic, timers(i)));
            long affinity = cpu.register("mpidr_el1") & AFFINITY;
            if (affinity != i) {
                throw new IllegalArgumentException("virt: expected affinity %d of CPU %d, found 0x%x".formatted(i, i, affinity));
            }
            machine.add(cpu);
            gic.connect(i, cpu.interrupt("irq"), cpu.interrupt("fiq"));
        }
    }

    private Map<String, InterruptLine> timers(int cpu) {
        return Map.of(
                "cntps", gic.ppi(cpu, VirtLayout.SECURE_PHYSICAL_TIMER_PPI),
                "cntp", gic.ppi(cpu, VirtLayout.PHYSICAL_TIMER_PPI),
                "cntv", gic.ppi(cpu, VirtLayout.VIRTUAL_TIMER_PPI),
                "cnthp", gic.ppi(cpu, VirtLayout.HYPERVISOR_TIMER_PPI),
                "cnthv", gic.ppi(cpu, VirtLayout.HYPERVISOR_VIRTUAL_TIMER_PPI));
    }

    public VirtConfig config() {
        return config;
    }

    public Machine machine() {
        return machine;
    }

    public Gic gic() {
        return gic;
    }

    /** Where message-signalled interrupts of PCIe functions go. */
    public MsiDoorbell msiDoorbell() {
        return MsiDoorbell.NONE;
    }

    /** The console; {@link Pl011#input} types. */
    public Pl011 uart() {
        return uart;
    }

    /** What the guest reached that no device models. */
    public UnmodelledLog unmodelled() {
        return unmodelled;
    }

    /** Acts on the plans of a {@link VirtBoot} at power-on. */
    public void launch(List<LaunchPlan> plans) {
        plans.forEach(machine::launch);
    }

    /** What SYSTEM_RESET does: CPUs off, every device as at power-on. RAM and virtual time stay; a launch must follow. */
    public void reset() {
        machine.cpus().forEach(Cpu::powerOff);
        gic.reset();
        uart.reset();
        rtc.reset();
    }
}
