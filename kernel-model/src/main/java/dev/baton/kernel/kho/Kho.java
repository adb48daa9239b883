package dev.baton.kernel.kho;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.Stateful;
import dev.baton.kernel.Era;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.KernelServices;
import dev.baton.kernel.SyscallResult;
import dev.baton.kernel.mm.MemMap;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PhysRange;

import java.util.List;
import java.util.SortedMap;

/**
 * Kexec handover as one era has it. The kernel calls, in this order: {@link #earlyScan} after the memory nodes,
 * {@link #memoryInit} right before the page allocator takes over, {@link #init} after it; then user space and
 * {@code kexec_file_load} use the rest.
 */
public interface Kho extends Stateful {
    /**
     * The handover of an era.
     *
     * @param bootargs         may say {@code kho=} and {@code kho_scratch=}
     * @param enabledByDefault CONFIG_KEXEC_HANDOVER_ENABLE_DEFAULT
     */
    static Kho of(KernelServices kernel, Era era, String bootargs, boolean enabledByDefault) {
        if (era.kho() == Era.KhoAbi.NONE) {
            return new NoKho();
        }
        KhoParameters parameters = KhoParameters.parse(bootargs, enabledByDefault, era, kernel::printk);
        return era.kho() == Era.KhoAbi.KHO_V1 ? new KhoV1(kernel, parameters) : new KhoV4(kernel, parameters, era + ".0", false);
    }

    /** {@code kho_is_enabled()}: creates outgoing state. */
    boolean enabled();

    /** {@code is_kho_boot()}: an incoming handover is in use. */
    boolean isKhoBoot();

    /** {@code early_init_dt_check_kho} and {@code kho_populate}: looks for the handover in {@code /chosen} and takes it. */
    void earlyScan(Fdt bootDtb, Memblock memblock);

    /** {@code kho_memory_init}: reserves what was preserved, or scratch for the next kernel. */
    void memoryInit(Memblock memblock, MemMap memmap);

    /** {@code kho_init}: outgoing state; in a cold boot scratch goes to the page allocator as CMA. */
    void init(PageAllocator pages);

    /** The scratch areas in the order of the array; empty if there are none. */
    List<ScratchArea> scratch();

    /** Physical address of the outgoing root FDT page; 0 if KHO is off. */
    long fdtPhys();

    /** {@code kho_preserve_folio}. @throws KernelError */
    void preserveFolio(long phys, int order);

    /** {@code kho_preserve_pages} (6.16: {@code kho_preserve_phys}). @throws KernelError */
    void preservePages(long phys, long pages);

    /** {@code kho_unpreserve_folio}. */
    void unpreserveFolio(long phys, int order);

    /** {@code kho_unpreserve_pages}, with the parameters of the preserve. */
    void unpreservePages(long phys, long pages);

    /** {@code kho_restore_folio}: the folio becomes an allocation of this kernel. @return its order, -1 for NULL */
    int restoreFolio(long phys);

    /**
     * {@code kho_add_subtree}.
     *
     * @param phys where the blob is; the caller preserves it
     * @param size its bytes; 6.16 does not hand it on
     * @throws KernelError EEXIST, ENOMEM, EBUSY
     */
    void addSubtree(String name, long phys, long size);

    /**
     * {@code kho_retrieve_subtree}.
     *
     * @throws KernelError ENOENT, EINVAL
     */
    Blob retrieveSubtree(String name);

    /** What a sub-tree's node points to; {@code size} is that of a page where the era does not hand it on. */
    record Blob(long phys, long size) { }

    /** {@code echo 1|0 > kho/out/finalize}; from 6.16 only, EOPNOTSUPP elsewhere (there is no such file). */
    SyscallResult finalizeWrite(boolean on);

    /** Blocks preserved for the next kernel. */
    List<PhysRange> preserved();

    /** Memory that carries the handover and is not preserved itself: FDT page, tree nodes, chunks, bitmaps. */
    List<Metadata> metadata();

    /** A page of handover metadata and what it is. */
    record Metadata(String what, PhysRange range) { }

    /** Checks at the jump what the successor will find; reports findings. */
    void checkAtJump();

    /** The tree under {@code /sys/kernel/debug/kho}: path to content. */
    SortedMap<String, Bytes> debugfs();

    /**
     * After {@code load} into a fresh object: the loaded allocator and page array, which {@code memoryInit} and {@code init}
     * gave before.
     */
    void attach(PageAllocator pages, MemMap memmap);

    /** The root compatible of the era, {@code kho-v1} or {@code kho-v4}; "" without KHO. */
    String compatible();
}
