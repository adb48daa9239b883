package dev.baton.kernel.kho;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.SyscallResult;
import dev.baton.kernel.mm.MemMap;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PhysRange;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A kernel built without CONFIG_KEXEC_HANDOVER: the stubs of include/linux/kexec_handover.h. */
public final class NoKho implements Kho {
    @Override
    public boolean enabled() {
        return false;
    }

    @Override
    public boolean isKhoBoot() {
        return false;
    }

    @Override
    public void earlyScan(Fdt bootDtb, Memblock memblock) {
        // IS_ENABLED(CONFIG_KEXEC_HANDOVER) is false: the properties mean nothing to this kernel.
    }

    @Override
    public void memoryInit(Memblock memblock, MemMap memmap) {
        // Empty in Linux too.
    }

    @Override
    public void init(PageAllocator pages) {
        // No such initcall.
    }

    @Override
    public List<ScratchArea> scratch() {
        return List.of();
    }

    @Override
    public long fdtPhys() {
        return 0;
    }

    @Override
    public void preserveFolio(long phys, int order) {
        throw new KernelError(Errno.EOPNOTSUPP);
    }

    @Override
    public void preservePages(long phys, long pages) {
        throw new KernelError(Errno.EOPNOTSUPP);
    }

    @Override
    public void unpreserveFolio(long phys, int order) {
        throw new KernelError(Errno.EOPNOTSUPP);
    }

    @Override
    public void unpreservePages(long phys, long pages) {
        throw new KernelError(Errno.EOPNOTSUPP);
    }

    @Override
    public int restoreFolio(long phys) {
        return -1;
    }

    @Override
    public void addSubtree(String name, long phys, long size) {
        throw new KernelError(Errno.EOPNOTSUPP);
    }

    @Override
    public Blob retrieveSubtree(String name) {
        throw new KernelError(Errno.EOPNOTSUPP);
    }

    @Override
    public SyscallResult finalizeWrite(boolean on) {
        return new SyscallResult(Errno.EOPNOTSUPP, List.of());
    }

    @Override
    public List<PhysRange> preserved() {
        return List.of();
    }

    @Override
    public List<Metadata> metadata() {
        return List.of();
    }

    @Override
    public void checkAtJump() {
        // Nothing is handed over.
    }

    @Override
    public SortedMap<String, Bytes> debugfs() {
        return new TreeMap<>();
    }

    @Override
    public void attach(PageAllocator pages, MemMap memmap) {
        // Nothing to hold on to.
    }

    @Override
    public String compatible() {
        return "";
    }

    @Override
    public void save(StateWriter out) {
        out.section("nokho");
    }

    @Override
    public void load(StateReader in) {
        in.section("nokho");
    }
}
