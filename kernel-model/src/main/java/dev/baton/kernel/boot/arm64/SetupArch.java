package dev.baton.kernel.boot.arm64;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtException;
import dev.baton.kernel.mm.EarlyMemory;
import dev.baton.kernel.mm.MemMap;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PhysRange;

/** {@code start_kernel} up to the page allocator: arch/arm64/kernel/setup.c, init/main.c. One model call. */
final class SetupArch {
    private final Kernel kernel;

    SetupArch(Kernel kernel) {
        this.kernel = kernel;
    }

    /** @return false if this kernel cannot go on; it said why */
    boolean run() {
        Cpu cpu = kernel.cpu();
        kernel.printk("Booting Linux on physical CPU 0x%010x [0x%08x]".formatted(
                cpu.register("mpidr_el1") & BootTree.MPIDR_HWID, cpu.register("midr_el1")));
        kernel.report.banner = "Linux version %s (baton modelled kernel '%s') #%d SMP PREEMPT".formatted(
                kernel.spec.era(), kernel.spec.name(), kernel.report.number);
        kernel.printk(kernel.report.banner);
        kernel.storeSymbol("kimage_phys", 0, 8, kernel.image.phys());
        new BootProtocol(kernel.machine, cpu.index(), kernel.entry).checkRegisters();
        kernel.fixmap.init();
        if (!setupMachineFdt()) {
            return false;
        }
        memory();
        return true;
    }

    private boolean setupMachineFdt() {
        long dtb = kernel.entry.dtb();
        kernel.linear.fdt(dtb);
        try {
            kernel.kho = KernelKho.of(kernel, firmwareArguments(dtb));
            kernel.tree = new BootTree(EarlyMemory.setupMachineFdt(kernel.memblock, kernel.memory(), dtb, kernel.kho));
        } catch (FdtException e) {
            kernel.error("Error: invalid device tree blob at physical address 0x%016x (virtual address 0x%016x): %s"
                    .formatted(dtb, KernelLayout.FIXMAP + (dtb & KernelLayout.PMD - 1), e.getMessage()));
            kernel.printk("The dtb must be 8-byte aligned and must not exceed 2 MB in size.");
            return false;
        }
        new BootProtocol(kernel.machine, kernel.cpu().index(), kernel.entry).checkDtb(kernel.tree.fdt().totalSize());
        kernel.tree.uart().ifPresent(this::earlycon);
        kernel.printk("Machine model: " + kernel.tree.machine());
        return true;
    }

    /** The command line, read before the handover is looked for: {@code kho=} is an early parameter. */
    private String firmwareArguments(long dtb) {
        int size = Integer.reverseBytes(kernel.memory().u32(dtb + 4));
        return new BootTree(Fdt.of(kernel.memory().read(dtb, size < 0 || size > KernelLayout.PMD ? 40 : size))).bootargs();
    }

    private void earlycon(long phys) {
        long va = kernel.fixmap.set(Fixmap.Slot.EARLYCON, phys, KernelLayout.DEVICE);
        kernel.log.console(new EarlyConsole(kernel.current, va), va);
        kernel.printk("earlycon: pl11 at MMIO 0x%016x (options '')".formatted(phys));
        kernel.printk("printk: legacy bootconsole [pl11] enabled");
    }

    private void memory() {
        kernel.linear.memstart(kernel.memblock.startOfDram() & -KernelLayout.MEMSTART_ALIGN);
        EarlyMemory.arm64MemblockInit(kernel.memblock, kernel.tree.fdt(), new PhysRange(kernel.image.phys(), kernel.image.end()));
        new PagingInit(kernel).run();
        kernel.linear.goLive();
        kernel.printk("Zone ranges:");
        kernel.printk("  DMA      [mem 0x%016x-0x%016x]".formatted(kernel.memblock.startOfDram(), kernel.memblock.endOfDram() - 1));
        kernel.psci = Psci.of(kernel);
        if (kernel.psci != null) {
            kernel.psci.probe();
        }
        kernel.smp.init();
        kernel.printk("Kernel command line: " + kernel.tree.bootargs());
        kernel.memmap = MemMap.allocate(kernel.memblock, kernel.memory());
        kernel.kho.memoryInit(kernel.memblock, kernel.memmap);
        kernel.pages = PageAllocator.takeOver(kernel.memblock, kernel.memory());
        kernel.printk("Memory: %dK/%dK available".formatted(kernel.pages.freeBytes() >> 10, kernel.memblock.totalMemory() >> 10));
        kernel.kho.init(kernel.pages);
        kernel.report.khoIncoming = kernel.kho.isKhoBoot() ? kernel.kho.compatible() : "";
    }
}
