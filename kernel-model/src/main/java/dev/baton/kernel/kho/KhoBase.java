package dev.baton.kernel.kho;

import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtException;
import dev.baton.core.finding.Finding.Severity;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.kernel.Era;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.KernelServices;
import dev.baton.kernel.mm.KernelMemory;
import dev.baton.kernel.mm.MemMap;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PageSize;
import dev.baton.kernel.mm.PhysRange;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** What both formats share: finding the handover, scratch areas, reserving what was preserved. */
abstract class KhoBase implements Kho {
    /** {@code ARCH_LOW_ADDRESS_LIMIT} of arm64 when DMA reaches 32 bits. */
    private static final long LOW_ADDRESS_LIMIT = 1L << 32;
    private static final String KHO_RST = "Documentation/admin-guide/mm/kho.rst (7.2)";

    final KernelServices kernel;
    final KernelMemory mem;
    final Era era;
    final KhoParameters parameters;

    PageAllocator pages;
    MemMap memmap;
    boolean enabled;
    /** Physical address of the incoming root FDT; 0 if there is none (any more). */
    long inFdt;
    long outFdt;
    private long scratchArray;
    private long scratchLength;
    private List<ScratchArea> scratch = List.of();
    /** The areas are the previous kernel's: not reserved, so already with the page allocator. */
    private boolean scratchInherited;
    private boolean warned;

    KhoBase(KernelServices kernel, Era era, KhoParameters parameters) {
        this.kernel = kernel;
        this.mem = kernel.memory();
        this.era = era;
        this.parameters = parameters;
        this.enabled = parameters.enabled();
    }

    @Override
    public boolean enabled() {
        return enabled;
    }

    @Override
    public boolean isKhoBoot() {
        return inFdt != 0;
    }

    @Override
    public List<ScratchArea> scratch() {
        return scratch;
    }

    @Override
    public long fdtPhys() {
        return outFdt;
    }

    // Early boot

    @Override
    public void earlyScan(Fdt bootDtb, Memblock memblock) {
        Optional<KhoChosen.Incoming> incoming = KhoChosen.read(bootDtb, era.kho() == Era.KhoAbi.KHO_V1);
        if (incoming.isPresent()) {
            populate(incoming.get(), memblock);
        } else {
            for (String name : List.of(KhoChosen.FDT, KhoChosen.SCRATCH)) {
                KhoChosen.property(bootDtb, name).filter(p -> p.length() != KhoChosen.expectedLength(bootDtb)).ifPresent(p ->
                        finding("kho-chosen-ignored", name,
                                "generation %d ignores the handover without a word: %s has %d bytes, one range has %d"
                                .formatted(kernel.generation(), name, p.length(), KhoChosen.expectedLength(bootDtb)),
                                Map.of("property", "/chosen/" + name, "ranges", KhoChosen.ranges(bootDtb, p).toString()),
                                "drivers/of/fdt.c early_init_dt_check_kho (7.2)"));
            }
        }
    }

    private void populate(KhoChosen.Incoming in, Memblock memblock) {
        boolean good = checkFdt(in.fdt().address(), memblock) && takeScratch(in.scratch(), memblock);
        if (!good) {
            printk(disabledText());
            return;
        }
        inFdt = in.fdt().address();
        scratchArray = in.scratch().address();
        scratchLength = in.scratch().size();
        scratch = KhoScratch.read(mem, scratchArray, scratchLength);
        scratchInherited = true;
        printk(foundText());
    }

    private boolean checkFdt(long phys, Memblock memblock) {
        if (!memblock.isRegionMemory(phys, PAGE_SIZE)) {
            printk("KHO: setup: failed to memremap FDT (0x%x)".formatted(phys));
            return false;
        }
        Fdt fdt;
        try {
            fdt = Fdt.of(mem.read(phys, PAGE_SIZE));
        } catch (FdtException e) {
            printk("KHO: setup: handover FDT (0x%x) is invalid: %d".formatted(phys, -e.error().code()));
            finding("kho-fdt-invalid", "",
                    "the handover FDT at 0x%x is no device tree (%s): this kernel starts cold and will reuse preserved memory"
                    .formatted(phys, e.getMessage()), Map.of("fdt", "0x%x".formatted(phys)), KHO_RST);
            return false;
        }
        List<String> compatible = fdt.root().property("compatible").map(p -> p.strings()).orElse(List.of());
        if (!compatible.contains(compatible())) {
            printk("KHO: setup: handover FDT (0x%x) is incompatible with '%s': %d".formatted(phys, compatible(),
                    compatible.isEmpty() ? -1 : 1));
            finding("kho-incompatible-root", "",
                    "the handover at 0x%x is %s, this kernel takes '%s' only: it starts cold and will reuse preserved memory"
                    .formatted(phys, compatible, compatible()), Map.of("fdt", "0x%x".formatted(phys), "found", compatible.toString()),
                    KHO_RST);
            return false;
        }
        return checkRoot(fdt);
    }

    /** What else the era asks of the root at this point. */
    abstract boolean checkRoot(Fdt fdt);

    abstract String foundText();

    abstract String disabledText();

    private boolean takeScratch(KhoChosen.Range array, Memblock memblock) {
        if (!memblock.isRegionMemory(array.address(), Math.max(array.size(), 1))) {
            printk("KHO: setup: failed to memremap scratch (phys=0x%x, len=%d)".formatted(array.address(), array.size()));
            return false;
        }
        List<ScratchArea> areas = KhoScratch.read(mem, array.address(), array.size());
        for (ScratchArea a : areas) {
            if (a.size() > 0 && !memblock.isRegionMemory(a.addr(), a.size())) {
                finding("kho-scratch-not-ram", a.toString(),
                        "scratch area %s is not memory in this kernel's device tree".formatted(a.range()),
                        Map.of("area", a.range().toString()), KHO_RST);
            }
            memblock.add(a.addr(), a.size());
            memblock.markKhoScratch(a.addr(), a.size());
        }
        memblock.reserve(array.address(), array.size());
        memblock.setScratchOnly(true);
        return true;
    }

    // Before the page allocator

    @Override
    public void memoryInit(Memblock memblock, MemMap map) {
        memmap = map;
        if (inFdt != 0) {
            reservePreserved(memblock);
        } else if (enabled && !reserveScratch(memblock)) {
            enabled = false;
        }
    }

    /** Reads the incoming map and calls {@link #reserveBlock} for each block. */
    abstract void reservePreserved(Memblock memblock);

    final void reserveBlock(Memblock memblock, PhysRange block, long mark) {
        checkIncoming(memblock, block);
        memblock.reserve(block.start(), block.size());
        memblock.markReservedNoinit(block.start(), block.size());
        if (memmap.valid(block.start())) {
            memmap.privateOf(block.start(), mark);
        }
    }

    private void checkIncoming(Memblock memblock, PhysRange block) {
        String key = block.toString();
        if (!memblock.isRegionMemory(block.start(), block.size())) {
            finding("kho-preserved-not-ram", key, "preserved block %s is not memory of this kernel".formatted(block),
                    Map.of("block", key), KHO_RST);
        } else if (memblock.overlapsScratch(block.start(), block.size())) {
            finding("kho-preserved-in-scratch", key, "preserved block %s lies in scratch, where this kernel already lives".formatted(block),
                    Map.of("block", key), "e38f65d317df: memory in scratch must not be preserved");
        } else if (memblock.overlapsReserved(block.start(), block.size())) {
            finding("kho-preserved-overlaps-reserved", key,
                    "preserved block %s overlaps memory already reserved in this kernel".formatted(block),
                    Map.of("block", key), KHO_RST);
        }
    }

    private boolean reserveScratch(Memblock memblock) {
        long alignment = KhoParameters.alignment(era);
        long lowLimit = Math.min(LOW_ADDRESS_LIMIT, memblock.endOfDram()) - 1;
        long lowmem = parameters.lowmem();
        long global = parameters.global();
        if (parameters.scale() != 0) {
            lowmem = PageSize.alignUp(scaled(memblock, lowLimit), alignment);
            global = PageSize.alignUp(scaled(memblock, Memblock.ALLOC_ANYWHERE) - lowmem, alignment);
        } else if (era.kho() == Era.KhoAbi.KHO_V4) {
            lowmem = PageSize.alignUp(lowmem, alignment);
            global = PageSize.alignUp(global, alignment);
        }
        int count = 3;
        scratchLength = (long) count * ScratchArea.SIZE;
        scratchArray = memblock.alloc(mem, scratchLength, PAGE_SIZE);
        if (scratchArray == 0) {
            return scratchFailed("scratch array");
        }
        List<ScratchArea> areas = new ArrayList<>(count);
        boolean good = takeArea(memblock, areas, lowmem, lowLimit, "lowmem scratch buffer")
                && takeArea(memblock, areas, global, Memblock.ALLOC_ACCESSIBLE, "global scratch buffer");
        // The areas just taken count as reserved by the kernel.
        long perNode = parameters.scale() != 0 ? scaled(memblock, Memblock.ALLOC_ANYWHERE) : parameters.perNode();
        good = good && takeArea(memblock, areas, PageSize.alignUp(perNode, alignment), Memblock.ALLOC_ACCESSIBLE, "nid 0 scratch buffer");
        if (!good) {
            areas.forEach(a -> memblock.free(a.addr(), a.size()));
            memblock.free(scratchArray, scratchLength);
            scratchArray = 0;
            scratchLength = 0;
            return false;
        }
        scratch = List.copyOf(areas);
        mem.activity("kho_reserve_scratch");
        mem.write(scratchArray, KhoScratch.array(scratch));
        mem.activity("");
        return true;
    }

    private boolean takeArea(Memblock memblock, List<ScratchArea> areas, long size, long limit, String what) {
        long found = memblock.physAllocRange(size, KhoParameters.alignment(era), 0, limit);
        if (found == 0) {
            return scratchFailed(what);
        }
        areas.add(new ScratchArea(found, size));
        return true;
    }

    private boolean scratchFailed(String what) {
        if (era.kho() == Era.KhoAbi.KHO_V4) {
            printk("KHO: Failed to reserve " + what);
            printk("KHO: Failed to reserve scratch area, disabling kexec handover");
        }
        return false;
    }

    private long scaled(Memblock memblock, long limit) {
        return memblock.reservedKernSize(limit) * parameters.scale() / 100;
    }

    // After it

    /** {@code init_cma_reserved_pageblock} over all areas: a cold boot's scratch becomes memory for movable pages. */
    final void releaseScratch() {
        if (scratchInherited) {
            return;
        }
        scratch.stream().filter(a -> a.size() > 0).forEach(a -> pages.releaseAsCma(a.range()));
    }

    final void giveUp() {
        releaseScratch();
        scratch = List.of();
        enabled = false;
    }

    final boolean overlapsScratch(PhysRange r) {
        return scratch.stream().anyMatch(a -> a.size() > 0 && a.range().overlaps(r));
    }

    final void checkPreserve(PhysRange r) {
        if (overlapsScratch(r)) {
            finding("kho-preserved-in-scratch", r.toString(),
                    "%s is preserved although it lies in scratch, where the next kernel will be copied"
                    .formatted(r), Map.of("block", r.toString()), "e38f65d317df: memory in scratch must not be preserved");
        }
    }

    /** Metadata in scratch is overwritten before it is read (fa759cd75bce). */
    final void checkMetadataOutsideScratch() {
        for (Metadata m : metadata()) {
            if (overlapsScratch(m.range())) {
                finding("kho-metadata-in-scratch", m.range().toString(),
                        "the %s at %s lies in scratch, where the next kernel will be copied"
                        .formatted(m.what(), m.range()), Map.of("page", m.range().toString()),
                        "fa759cd75bce: metadata must not come from memory the next kernel starts in");
            }
        }
    }

    final PhysRange block(long phys, int order) {
        return PhysRange.of(phys, (long) PAGE_SIZE << order);
    }

    /** The folio at {@code phys} becomes an allocation, if its pages were reserved; else it is somebody's already. */
    final int adopt(long phys, int order) {
        try {
            pages.adoptReserved(phys, order);
        } catch (IllegalStateException | IllegalArgumentException e) {
            finding("kho-restore-of-unpreserved", "0x" + Long.toHexString(phys), "restoring 0x%x, which is not reserved: %s"
                    .formatted(phys, e.getMessage()), Map.of("page", "0x%x".formatted(phys)), KHO_RST);
            return -1;
        }
        return order;
    }

    final void warnOnce(String line) {
        if (!warned) {
            warned = true;
            printk(line);
        }
    }

    final void printk(String line) {
        kernel.printk(line);
    }

    final void finding(String rule, String key, String what, Map<String, String> details, String source) {
        kernel.report(rule + kernel.generation() + key, rule, Severity.ERROR, what, new LinkedHashMap<>(details), source);
    }

    /** One line per area, as kho_out's seq files print them. */
    final void scratchFiles(SortedMap<String, Bytes> files) {
        StringBuilder addresses = new StringBuilder();
        StringBuilder sizes = new StringBuilder();
        for (ScratchArea a : scratch) {
            addresses.append("0x%x\n".formatted(a.addr()));
            sizes.append("0x%x\n".formatted(a.size()));
        }
        files.put("out/scratch_phys", text(addresses.toString()));
        files.put("out/scratch_len", text(sizes.toString()));
    }

    static Bytes text(String s) {
        return Bytes.wrap(s.getBytes(StandardCharsets.US_ASCII));
    }

    /** Linux hands out whatever address the tree holds and faults at the first use; here that is a finding and EINVAL. */
    final Blob inMemory(String name, Blob blob) {
        long last = blob.phys() + Math.max(blob.size(), 1) - 1;
        if (blob.size() < 0 || last < blob.phys() || !memmap.valid(blob.phys()) || !memmap.valid(last)) {
            finding("kho-blob-outside-memory", name, "sub-tree '%s' points to 0x%x, %d bytes, which is not memory of this kernel"
                    .formatted(name, blob.phys(), blob.size()), Map.of("subtree", name), "kernel/liveupdate/kexec_handover.c"
                    + " kho_retrieve_subtree (7.2) does not look");
            throw new KernelError(Errno.EINVAL);
        }
        return blob;
    }

    /** The incoming root, which may have been overwritten since it was checked if nothing preserved it. */
    final Optional<Fdt> incoming() {
        try {
            return inFdt == 0 ? Optional.empty() : Optional.of(Fdt.of(mem.read(inFdt, PAGE_SIZE)));
        } catch (FdtException e) {
            return Optional.empty();
        }
    }

    /** The tree in the page at {@code phys}, as long as its header says. @throws FdtException if there is none */
    final Bytes treeAt(long phys) {
        return Bytes.wrap(Fdt.of(mem.read(phys, PAGE_SIZE)).toBytes());
    }

    // Snapshot

    @Override
    public void attach(PageAllocator allocator, MemMap map) {
        pages = allocator;
        memmap = map;
    }

    @Override
    public void save(StateWriter out) {
        out.section("kho").flag(enabled).u64(inFdt).u64(outFdt).u64(scratchArray).u64(scratchLength).flag(scratchInherited).flag(warned)
                .bytes(KhoScratch.array(scratch));
    }

    @Override
    public void load(StateReader in) {
        in.section("kho");
        enabled = in.flag();
        inFdt = in.u64();
        outFdt = in.u64();
        scratchArray = in.u64();
        scratchLength = in.u64();
        scratchInherited = in.flag();
        warned = in.flag();
        scratch = KhoScratch.parse(in.bytes());
    }
}
