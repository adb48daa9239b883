package dev.baton.kernel.boot.arm64;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.fdt.Fdt;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.images.guest.ModelCallNumber;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.KernelServices;
import dev.baton.kernel.Quirk;
import dev.baton.kernel.UserStep.KernelSpec;
import dev.baton.kernel.kho.Kho;
import dev.baton.kernel.mm.KernelMemory;
import dev.baton.kernel.mm.MemMap;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PageAllocator;

import java.util.Map;

/** The global variables of one modelled kernel: what its phases share. Filled in the order of boot. */
final class Kernel implements KernelServices {
    final Machine machine;
    final CurrentCpu current;
    final KernelSpec spec;
    final GenerationReport report;
    final BootImage image;
    /** {@link ModelCallNumber#BOOT_EL1} or {@link ModelCallNumber#BOOT_EL2}. */
    final long bootMode;
    final GuestRoutines guest;
    final Fixmap fixmap;
    final KernelLog log;

    final EntryState entry;
    BootTree tree;
    final LinearMap linear;
    final Memblock memblock = new Memblock();
    final Smp smp = new Smp(this);
    MemMap memmap;
    PageAllocator pages;
    Kho kho;
    Psci psci;

    Kernel(Machine machine, CurrentCpu current, KernelSpec spec, GenerationReport report, BootImage image, long bootMode,
           EntryState entry) {
        this.machine = machine;
        this.current = current;
        this.spec = spec;
        this.report = report;
        this.image = image;
        this.bootMode = bootMode;
        this.entry = entry;
        guest = new GuestRoutines(current, image);
        fixmap = new Fixmap(current, image, guest);
        linear = new LinearMap(current, fixmap);
        log = new KernelLog(() -> machine.clock().now() - report.startTime);
    }

    Cpu cpu() {
        return current.get();
    }

    boolean has(Quirk quirk) {
        return spec.quirks().contains(quirk);
    }

    /** {@code is_hyp_nvhe}: a stub of ours waits at EL2. */
    boolean stubAtEl2() {
        return bootMode == ModelCallNumber.BOOT_EL2;
    }

    /** A word of the image's data, through the kernel mapping. */
    void storeSymbol(String symbol, long offset, int size, long value) {
        cpu().storeVirtual(image.va(symbol) + offset, size, value);
    }

    @Override
    public KernelMemory memory() {
        return linear;
    }

    @Override
    public void printk(String line) {
        log.print(line);
    }

    @Override
    public long virt(long phys) {
        return linear.virt(phys);
    }

    @Override
    public int generation() {
        return report.number;
    }

    /** Something that the kernel noticed: on its console and in the report. */
    void error(String line) {
        printk(line);
        report.errors.add(line);
    }

    @Override
    public void report(String key, String rule, Finding.Severity severity, String what, Map<String, String> details, String source) {
        machine.findings().report(key,
                new Finding(rule, severity, what, cpu().index(), cpu().pc(), machine.clock().now(), details, source));
    }

    /** What the constructor needs, and the boot CPU's tree. */
    void saveIdentity(StateWriter out, long modelId) {
        out.section("kernel").u64(modelId).u64(image.phys()).u64(bootMode).u64(entry.image()).u32(entry.el()).u64(entry.daif())
                .flag(entry.mmuOn())
                .longs(entry.x()).u64(report.startTime).bytes(tree == null ? new byte[0] : tree.fdt().toBytes()).flag(psci != null);
    }

    static Kernel loadIdentity(StateReader in, Machine machine, CurrentCpu current, Map<Long, KernelSpec> specs, GenerationReport report) {
        KernelSpec spec = specs.get(in.section("kernel").u64());
        if (spec == null) {
            throw new IllegalArgumentException("snapshot: its kernel is not one of this chain");
        }
        BootImage image = new BootImage(in.u64());
        long bootMode = in.u64();
        EntryState entry = new EntryState(in.u64(), in.u32(), in.u64(), in.flag(), in.longs());
        Kernel kernel = new Kernel(machine, current, spec, report, image, bootMode, entry);
        report.startTime = in.u64();
        byte[] tree = in.bytes();
        if (tree.length > 0) {
            kernel.tree = new BootTree(Fdt.of(tree));
            kernel.kho = KernelKho.of(kernel, kernel.tree.bootargs());
        }
        kernel.psci = in.flag() ? Psci.of(kernel) : null;
        return kernel;
    }
}
