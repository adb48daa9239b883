package dev.baton.devices.board;

import dev.baton.devices.firmware.SpinTablePen;
import dev.baton.devices.gic.Gic;

/**
 * The one home of the addresses and interrupt numbers of {@code virt}: QEMU's memory map (hw/arm/virt.c, base_memmap and
 * a15irqmap; measured on QEMU 7.2 with {@code info mtree -f}).
 *
 * <pre>
 * 0x00_0000_0000  CFI flash, two banks            128 MiB      full board only, else an external abort
 * 0x00_0800_0000  GICv3 distributor                64 KiB      of a GICv2 4 KiB
 * 0x00_0801_0000  GICv2 CPU interface               8 KiB
 * 0x00_0802_0000  GICv2 v2m frame                   4 KiB      SPIs 48 to 111
 * 0x00_0808_0000  GICv3 ITS                       128 KiB      with its=off unimplemented
 * 0x00_080a_0000  GICv3 redistributors            128 KiB each
 * 0x00_0900_0000  PL011                             4 KiB      SPI 1
 * 0x00_0901_0000  PL031                             4 KiB      SPI 2
 * 0x00_0902_0000  fw_cfg                               24      full board, else unimplemented
 * 0x00_0903_0000  PL061                             4 KiB      SPI 7; full board, else unimplemented
 * 0x00_0a00_0000  32 virtio-mmio slots             16 KiB      SPI 16 and up; full board, else unimplemented
 * 0x00_1000_0000  PCIe memory window              751 MiB      full board only
 * 0x00_3eff_0000  PCIe I/O window                  64 KiB      full board only
 * 0x00_4000_0000  RAM                            as asked
 *                 +0          firmware page (spin-table pen)
 *                 +2 MiB      kernel Image, text_offset 0
 *                 +128 MiB    initrd, then DTB              (half of RAM if that is less)
 * 0x40_1000_0000  PCIe ECAM                       256 MiB      SPIs 3 to 6; full board, else no function answers
 * 0x80_0000_0000  PCIe high memory window         512 GiB      full board only
 * </pre>
 */
public final class VirtLayout {
    public static final long GIC_DISTRIBUTOR = 0x0800_0000L;
    /** What device trees give the distributor of either version. */
    public static final long GIC_DISTRIBUTOR_SIZE = 0x1_0000L;
    public static final long GIC_CPU_INTERFACE = 0x0801_0000L;
    public static final long GIC_CPU_INTERFACE_SIZE = 0x1_0000L;
    public static final long GIC_V2M = 0x0802_0000L;
    public static final int GIC_V2M_FIRST_SPI = 48;
    public static final int GIC_V2M_SPIS = 64;
    public static final long GIC_ITS = 0x0808_0000L;
    public static final long GIC_REDISTRIBUTORS = 0x080a_0000L;
    /** Room for 123 CPUs, as the device tree says; only those that exist answer. */
    public static final long GIC_REDISTRIBUTORS_SIZE = 0xf6_0000L;
    public static final long UART = 0x0900_0000L;
    public static final long RTC = 0x0901_0000L;
    public static final long PRIMECELL_SIZE = 0x1000L;
    public static final long FW_CFG = 0x0902_0000L;
    public static final long FW_CFG_SIZE = 0x18L;
    public static final long GPIO = 0x0903_0000L;
    public static final long VIRTIO_MMIO = 0x0a00_0000L;
    public static final long VIRTIO_MMIO_SIZE = 0x4000L;
    public static final long PCIE_MEMORY = 0x1000_0000L;
    public static final long PCIE_MEMORY_SIZE = 0x2eff_0000L;
    public static final long PCIE_IO = 0x3eff_0000L;
    public static final long PCIE_IO_SIZE = 0x1_0000L;
    public static final long PCIE_HIGH_MEMORY = 0x80_0000_0000L;
    public static final long PCIE_HIGH_MEMORY_SIZE = 0x80_0000_0000L;
    public static final long FLASH = 0;
    public static final int FLASH_BANKS = 2;
    public static final long PLATFORM_BUS = 0x0c00_0000L;
    public static final long PLATFORM_BUS_SIZE = 0x0200_0000L;
    public static final long PCIE_ECAM = 0x40_1000_0000L;
    public static final long PCIE_ECAM_SIZE = 0x1000_0000L;
    public static final long RAM = 0x4000_0000L;
    /** RAM ends below the PCIe ECAM. */
    public static final long RAM_MAX = 0x40_0000_0000L - RAM;

    /** The first page of RAM belongs to the firmware. */
    public static final long FIRMWARE = RAM;
    public static final long FIRMWARE_SIZE = SpinTablePen.SIZE;

    public static final int UART_SPI = 1;
    public static final int RTC_SPI = 2;
    /** INTA# of the PCIe host; the other three follow. */
    public static final int PCIE_SPI = 3;
    public static final int GPIO_SPI = 7;
    /** Of the first virtio-mmio slot; the others follow. */
    public static final int VIRTIO_MMIO_SPI = 16;
    public static final int VIRTIO_MMIO_SLOTS = 32;

    // Private peripheral interrupts of each CPU: INTID less 16, as in the device tree.
    public static final int SECURE_PHYSICAL_TIMER_PPI = 13;
    public static final int PHYSICAL_TIMER_PPI = 14;
    public static final int VIRTUAL_TIMER_PPI = 11;
    public static final int PMU_PPI = 7;
    public static final int HYPERVISOR_TIMER_PPI = 10;
    public static final int HYPERVISOR_VIRTUAL_TIMER_PPI = 12;
    public static final int GIC_MAINTENANCE_PPI = 9;

    /** UARTCLK and the APB clock, Hz. */
    public static final int CLOCK_HZ = 24_000_000;

    private VirtLayout() { }

    static long redistributorsSize(int cpus) {
        return cpus * Gic.REDISTRIBUTOR_SIZE;
    }
}
