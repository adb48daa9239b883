package dev.baton.devices.board;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.cpu.FirmwareCalls;
import dev.baton.core.cpu.SystemRegisterPort;
import dev.baton.core.io.InterruptLine;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.BusMaster;
import dev.baton.core.mem.Ram;
import dev.baton.devices.firmware.Psci;
import dev.baton.devices.gic.Gic;
import dev.baton.devices.gic.GicV2;
import dev.baton.devices.gic.InterruptController;
import dev.baton.devices.gic.Its;
import dev.baton.devices.gic.LpiSupport;
import dev.baton.devices.gic.MsiDoorbell;
import dev.baton.devices.gic.MsiFrame;
import dev.baton.devices.rtc.Pl031;
import dev.baton.devices.uart.ByteSink;
import dev.baton.devices.uart.Pl011;

import java.util.List;
import java.util.Map;

/** QEMU's {@code virt}, as far as {@link VirtLayout} lists devices: a machine, wired. */
public final class VirtBoard {
    private static final long AFFINITY = 0xff_00ff_ffffL;

    /** What a configuration read of a PCIe function that is not there gives: PCI Express Base Specification 2.3.2. */
    private static final long ABSENT_FUNCTION = -1;

    private final VirtConfig config;
    private final Machine machine = new Machine();
    private final UnmodelledLog unmodelled = new UnmodelledLog(machine);
    private final InterruptController gic;
    private final SystemRegisterPort gicRegisters;
    private final MsiDoorbell msis;
    private final Pl011 uart;
    private final Pl031 rtc;
    private final VirtPeripherals peripherals;

    /** A board into which nothing is plugged that leads to the host. */
    public VirtBoard(VirtConfig config, ByteSink console, CpuFactory cpus) {
        this(config, console, Backends.NONE, cpus);
    }

    /**
     * @param console  where the PL011's output goes
     * @param backends where plugged-in devices lead
     * @throws IllegalArgumentException if the factory makes a CPU with another affinity than its index, or a device cannot be made
     */
    public VirtBoard(VirtConfig config, ByteSink console, Backends backends, CpuFactory cpus) {
        this.config = config;
        machine.bus().add(new Ram(VirtLayout.RAM, config.memory(), config.caches()));
        if (config.gicVersion() == 2) {
            gic = addGicV2();
            gicRegisters = SystemRegisterPort.NONE;
            msis = addMsiFrame();
        } else {
            Gic v3 = addGicV3();
            gic = v3;
            gicRegisters = v3;
            msis = config.hasIts() ? addIts(v3) : MsiDoorbell.NONE;
        }
        uart = new Pl011(gic.spi(VirtLayout.UART_SPI), console, machine.clock(), VirtLayout.CLOCK_HZ, unmodelled.of("pl011"));
        rtc = new Pl031(gic.spi(VirtLayout.RTC_SPI), machine.clock(), config.epoch(), unmodelled.of("pl031"));
        addDevices();
        peripherals = config.peripherals().full() ? new VirtPeripherals(config, machine, gic, msis, unmodelled, backends) : null;
        if (peripherals == null) {
            addUnimplemented();
        }
        addCpus(cpus);
    }

    private static long[] affinities(int cpus) {
        long[] a = new long[cpus];
        for (int i = 0; i < cpus; i++) {
            a[i] = i;
        }
        return a;
    }

    private GicV2 addGicV2() {
        GicV2 v2 = new GicV2(config.cpus(), this::runningCpu, unmodelled.of("gic"));
        machine.bus().add("gic distributor", VirtLayout.GIC_DISTRIBUTOR, GicV2.DISTRIBUTOR_SIZE, v2.distributor());
        machine.bus().add("gic cpu interface", VirtLayout.GIC_CPU_INTERFACE, GicV2.CPU_INTERFACE_SIZE, v2.cpuInterface());
        machine.part("gic", v2);
        return v2;
    }

    /** Whose access a device is answering; a debugger that looks between slices sees CPU 0's registers. */
    private int runningCpu() {
        Cpu cpu = machine.running();
        return cpu == null ? 0 : cpu.index();
    }

    private MsiFrame addMsiFrame() {
        MsiFrame frame = new MsiFrame(gic, VirtLayout.GIC_V2M, VirtLayout.GIC_V2M_FIRST_SPI, VirtLayout.GIC_V2M_SPIS, unmodelled.of("v2m"));
        machine.bus().add("gic v2m", VirtLayout.GIC_V2M, MsiFrame.SIZE, frame);
        return frame;
    }

    private Gic addGicV3() {
        LpiSupport lpis = config.hasIts() ? lpis("redistributor") : null;
        Gic v3 = new Gic(affinities(config.cpus()), lpis, unmodelled.of("gic"));
        machine.bus().add("gic distributor", VirtLayout.GIC_DISTRIBUTOR, Gic.DISTRIBUTOR_SIZE, v3.distributor());
        machine.bus().add("gic redistributors", VirtLayout.GIC_REDISTRIBUTORS, VirtLayout.redistributorsSize(config.cpus()),
                v3.redistributors());
        machine.part("gic", v3);
        return v3;
    }

    private LpiSupport lpis(String master) {
        return new LpiSupport(new BusMaster(machine.bus(), master), machine.clock()::now, config.stickyLpis());
    }

    private Its addIts(Gic v3) {
        Its its = new Its(v3, VirtLayout.GIC_ITS, lpis("ITS"), unmodelled.of("its"));
        machine.add("gic its", VirtLayout.GIC_ITS, Its.SIZE, its);
        return its;
    }

    private void addDevices() {
        machine.add("pl011", VirtLayout.UART, VirtLayout.PRIMECELL_SIZE, uart);
        machine.add("pl031", VirtLayout.RTC, VirtLayout.PRIMECELL_SIZE, rtc);
        if (config.gicVersion() == 3 && !config.hasIts()) {
            addUnimplemented("gic its", VirtLayout.GIC_ITS, Its.SIZE, 0);
        }
    }

    /** Where the other devices would be, for a kernel that was given QEMU's tree. */
    private void addUnimplemented() {
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
            Cpu cpu = factory.create(machine, i, new CpuWiring(config.entryLevel() == 2, firmware, gicRegisters, interrupts(i)));
            long affinity = cpu.register("mpidr_el1") & AFFINITY;
            if (affinity != i) {
                throw new IllegalArgumentException("virt: expected affinity %d of CPU %d, found 0x%x".formatted(i, i, affinity));
            }
            machine.add(cpu);
            gic.connect(i, cpu.interrupt("irq"), cpu.interrupt("fiq"));
        }
    }

    private Map<String, InterruptLine> interrupts(int cpu) {
        return Map.of(
                "cntps", gic.ppi(cpu, VirtLayout.SECURE_PHYSICAL_TIMER_PPI),
                "cntp", gic.ppi(cpu, VirtLayout.PHYSICAL_TIMER_PPI),
                "cntv", gic.ppi(cpu, VirtLayout.VIRTUAL_TIMER_PPI),
                "cnthp", gic.ppi(cpu, VirtLayout.HYPERVISOR_TIMER_PPI),
                "cnthv", gic.ppi(cpu, VirtLayout.HYPERVISOR_VIRTUAL_TIMER_PPI),
                "pmu", gic.ppi(cpu, VirtLayout.PMU_PPI));
    }

    public VirtConfig config() {
        return config;
    }

    public Machine machine() {
        return machine;
    }

    public InterruptController interrupts() {
        return gic;
    }

    /** The GICv3. @throws ClassCastException if the board has a GICv2 */
    public Gic gic() {
        return (Gic) gic;
    }

    /** Where message-signalled interrupts of PCIe functions go. */
    public MsiDoorbell msiDoorbell() {
        return msis;
    }

    /** The console; {@link Pl011#input} types. */
    public Pl011 uart() {
        return uart;
    }

    /** Flash, fw_cfg, GPIO and what is plugged in. @throws IllegalStateException if the board is not full */
    public VirtPeripherals peripherals() {
        if (peripherals == null) {
            throw new IllegalStateException("virt: the board has no such devices");
        }
        return peripherals;
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
        if (msis instanceof Its its) {
            its.reset();
        }
        uart.reset();
        rtc.reset();
        if (peripherals != null) {
            peripherals.reset();
        }
    }
}
