package dev.baton.devices.board;

import dev.baton.core.fdt.FdtWriter;
import dev.baton.devices.firmware.SpinTablePen;
import dev.baton.devices.gic.Its;
import dev.baton.devices.gic.MsiFrame;

import java.util.SplittableRandom;

/**
 * The device tree of a {@code virt} machine: the nodes that QEMU 7.2 writes, with the same properties and phandles, for the
 * devices that are there.
 */
public final class VirtDeviceTree {
    /**
     * What goes into {@code /chosen} beside the console.
     *
     * @param bootargs   kernel command line, "" for none
     * @param initrd     physical address of the initrd
     * @param initrdSize bytes, 0 for none
     */
    public record Chosen(String bootargs, long initrd, long initrdSize) {
        public static final Chosen NOTHING = new Chosen("", 0, 0);
    }

    // Interrupt cells of the GIC binding: type, number, flags.
    private static final int SPI = 0;
    private static final int PPI = 1;
    private static final int LEVEL_HIGH = 4;

    // Phandles in QEMU's order of allocation: the clock, the CPUs from the last to the first, the interrupt controller.
    private static final int CLOCK_PHANDLE = 0x8000;

    private final VirtConfig config;

    private VirtDeviceTree(VirtConfig config) {
        this.config = config;
    }

    /** The tree as a flattened blob without spare room. */
    public static byte[] write(VirtConfig config, Chosen chosen) {
        FdtWriter writer = new FdtWriter();
        if (config.enableMethod() == EnableMethod.SPIN_TABLE) {
            writer.reserve(VirtLayout.FIRMWARE, VirtLayout.FIRMWARE_SIZE);
        }
        return writer.write(root -> new VirtDeviceTree(config).root(root, chosen));
    }

    private int cpuPhandle(int cpu) {
        return CLOCK_PHANDLE + config.cpus() - cpu;
    }

    private int gicPhandle() {
        return CLOCK_PHANDLE + config.cpus() + 1;
    }

    private int msiPhandle() {
        return gicPhandle() + 1;
    }

    /** Third cell of a PPI: a GICv2 has the CPUs it goes to in [15:8]. */
    private int ppiFlags() {
        return config.gicVersion() == 2 ? (1 << config.cpus()) - 1 << 8 | LEVEL_HIGH : LEVEL_HIGH;
    }

    private void root(FdtWriter.Node root, Chosen chosen) {
        root.string("compatible", "linux,dummy-virt");
        root.string("model", "linux,dummy-virt");
        root.u32("#address-cells", 2);
        root.u32("#size-cells", 2);
        root.u32("interrupt-parent", gicPhandle());
        if (config.enableMethod() == EnableMethod.PSCI) {
            root.node("psci", this::psci);
        }
        root.node(at("memory", VirtLayout.RAM), this::memory);
        root.node(at("pl031", VirtLayout.RTC), this::rtc);
        root.node(uartName(), this::uart);
        root.node(at("intc", VirtLayout.GIC_DISTRIBUTOR), this::interruptController);
        root.node("cpus", this::cpus);
        root.node("timer", this::timer);
        root.node("apb-pclk", VirtDeviceTree::clock);
        root.node("chosen", node -> chosen(node, chosen));
        if (config.peripherals().full()) {
            new PeripheralNodes(config, CLOCK_PHANDLE, gicPhandle(), msiPhandle()).write(root);
        }
    }

    private static String at(String name, long address) {
        return name + "@" + Long.toHexString(address);
    }

    private static String uartName() {
        return at("pl011", VirtLayout.UART);
    }

    /** Function identifiers: DEN 0022 section 5.1, as {@code PsciFunction}; {@code migrate} is named though not supported. */
    private void psci(FdtWriter.Node psci) {
        psci.strings("compatible", "arm,psci-1.0", "arm,psci-0.2", "arm,psci");
        psci.string("method", config.conduit().text());
        psci.u32("cpu_suspend", 0xc400_0001);
        psci.u32("cpu_off", 0x8400_0002);
        psci.u32("cpu_on", 0xc400_0003);
        psci.u32("migrate", 0xc400_0005);
    }

    private void memory(FdtWriter.Node memory) {
        memory.string("device_type", "memory");
        memory.u64s("reg", VirtLayout.RAM, config.memory());
    }

    private void rtc(FdtWriter.Node rtc) {
        rtc.strings("compatible", "arm,pl031", "arm,primecell");
        rtc.u64s("reg", VirtLayout.RTC, VirtLayout.PRIMECELL_SIZE);
        rtc.cells("interrupts", SPI, VirtLayout.RTC_SPI, LEVEL_HIGH);
        rtc.u32("clocks", CLOCK_PHANDLE);
        rtc.string("clock-names", "apb_pclk");
    }

    private void uart(FdtWriter.Node uart) {
        uart.strings("compatible", "arm,pl011", "arm,primecell");
        uart.u64s("reg", VirtLayout.UART, VirtLayout.PRIMECELL_SIZE);
        uart.cells("interrupts", SPI, VirtLayout.UART_SPI, LEVEL_HIGH);
        uart.cells("clocks", CLOCK_PHANDLE, CLOCK_PHANDLE);
        uart.strings("clock-names", "uartclk", "apb_pclk");
    }

    private void interruptController(FdtWriter.Node intc) {
        if (config.gicVersion() == 2) {
            intc.string("compatible", "arm,cortex-a15-gic");
            intc.u64s("reg", VirtLayout.GIC_DISTRIBUTOR, VirtLayout.GIC_DISTRIBUTOR_SIZE,
                    VirtLayout.GIC_CPU_INTERFACE, VirtLayout.GIC_CPU_INTERFACE_SIZE);
        } else {
            intc.string("compatible", "arm,gic-v3");
            intc.u64s("reg", VirtLayout.GIC_DISTRIBUTOR, VirtLayout.GIC_DISTRIBUTOR_SIZE,
                    VirtLayout.GIC_REDISTRIBUTORS, VirtLayout.GIC_REDISTRIBUTORS_SIZE);
            intc.u32("#redistributor-regions", 1);
        }
        intc.empty("interrupt-controller");
        intc.u32("#interrupt-cells", 3);
        intc.empty("ranges");
        intc.u32("#address-cells", 2);
        intc.u32("#size-cells", 2);
        intc.u32("phandle", gicPhandle());
        if (config.gicVersion() == 2) {
            intc.node(at("v2m", VirtLayout.GIC_V2M), this::msiFrame);
        } else if (config.hasIts()) {
            intc.node(at("its", VirtLayout.GIC_ITS), this::its);
        }
    }

    private void msiFrame(FdtWriter.Node v2m) {
        v2m.string("compatible", "arm,gic-v2m-frame");
        v2m.empty("msi-controller");
        v2m.u64s("reg", VirtLayout.GIC_V2M, MsiFrame.SIZE);
        v2m.u32("phandle", msiPhandle());
    }

    private void its(FdtWriter.Node its) {
        its.string("compatible", "arm,gic-v3-its");
        its.empty("msi-controller");
        its.u32("#msi-cells", 1);
        its.u64s("reg", VirtLayout.GIC_ITS, Its.SIZE);
        its.u32("phandle", msiPhandle());
    }

    private void cpus(FdtWriter.Node cpus) {
        cpus.u32("#address-cells", 1);
        cpus.u32("#size-cells", 0);
        cpus.node("cpu-map", map -> map.node("socket0", socket -> socket.node("cluster0", this::cores)));
        for (int i = 0; i < config.cpus(); i++) {
            int n = i;
            cpus.node(at("cpu", n), cpu -> cpu(cpu, n));
        }
    }

    private void cores(FdtWriter.Node cluster) {
        for (int i = 0; i < config.cpus(); i++) {
            int n = i;
            cluster.node("core" + n, core -> core.u32("cpu", cpuPhandle(n)));
        }
    }

    private void cpu(FdtWriter.Node cpu, int n) {
        cpu.string("device_type", "cpu");
        cpu.string("compatible", config.cpuCompatible());
        cpu.u32("reg", n);
        switch (config.enableMethod()) {
            case PSCI -> {
                if (config.cpus() > 1) {
                    cpu.string("enable-method", EnableMethod.PSCI.text());
                }
            }
            case SPIN_TABLE -> {
                cpu.string("enable-method", EnableMethod.SPIN_TABLE.text());
                cpu.u64("cpu-release-addr", SpinTablePen.releaseAddress(VirtLayout.FIRMWARE, n));
            }
        }
        cpu.u32("phandle", cpuPhandle(n));
    }

    private void timer(FdtWriter.Node timer) {
        timer.strings("compatible", "arm,armv8-timer", "arm,armv7-timer");
        timer.empty("always-on");
        timer.cells("interrupts",
                PPI, VirtLayout.SECURE_PHYSICAL_TIMER_PPI, ppiFlags(),
                PPI, VirtLayout.PHYSICAL_TIMER_PPI, ppiFlags(),
                PPI, VirtLayout.VIRTUAL_TIMER_PPI, ppiFlags(),
                PPI, VirtLayout.HYPERVISOR_TIMER_PPI, ppiFlags());
    }

    private static void clock(FdtWriter.Node clock) {
        clock.string("compatible", "fixed-clock");
        clock.u32("#clock-cells", 0);
        clock.u32("clock-frequency", VirtLayout.CLOCK_HZ);
        clock.string("clock-output-names", "clk24mhz");
        clock.u32("phandle", CLOCK_PHANDLE);
    }

    private void chosen(FdtWriter.Node node, Chosen chosen) {
        node.string("stdout-path", "/" + uartName());
        if (!chosen.bootargs().isEmpty()) {
            node.string("bootargs", chosen.bootargs());
        }
        if (chosen.initrdSize() != 0) {
            address(node, "linux,initrd-start", chosen.initrd());
            address(node, "linux,initrd-end", chosen.initrd() + chosen.initrdSize());
        }
        if (config.seed().isPresent()) {
            SplittableRandom random = new SplittableRandom(config.seed().getAsLong());
            node.u64("kaslr-seed", random.nextLong());
            node.u64s("rng-seed", random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
        }
    }

    /** QEMU writes one cell where the value fits. */
    private static void address(FdtWriter.Node node, String property, long value) {
        if (value >>> 32 == 0) {
            node.u32(property, (int) value);
        } else {
            node.u64(property, value);
        }
    }
}
