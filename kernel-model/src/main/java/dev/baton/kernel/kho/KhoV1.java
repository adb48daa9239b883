package dev.baton.kernel.kho;

import static dev.baton.kernel.mm.PageSize.MAX_PAGE_ORDER;
import static dev.baton.kernel.mm.PageSize.PAGE_SHIFT;
import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtException;
import dev.baton.core.fdt.FdtNode;
import dev.baton.core.fdt.FdtProperty;
import dev.baton.core.fdt.FdtWriter;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.kernel.Era;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.KernelServices;
import dev.baton.kernel.SyscallResult;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PhysRange;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * {@code kho-v1} of Linux 6.16 (kernel/kexec_handover.c): preserved blocks are collected in bitmaps; writing 1 to
 * {@code kho/out/finalize} writes the list of bitmaps and the root FDT; before that the FDT page holds nothing.
 *
 * <p>In 6.16 the owners of memory preserve and add their sub-trees from a notifier that finalize calls, and an abort forgets all
 * that. Here what {@link #preserveFolio}, {@link #preservePages} and {@link #addSubtree} were given is what the owners' notifiers do
 * again at each finalize.
 */
public final class KhoV1 extends KhoBase {
    private static final String MEMORY_MAP = "preserved-memory-map";
    private static final String SUB_FDT = "fdt";

    private final PreservedBitmaps track;
    private final List<long[]> requests = new ArrayList<>();
    private final Map<String, Long> subtrees = new LinkedHashMap<>();
    private final List<Long> chunks = new ArrayList<>();
    private boolean finalized;

    public KhoV1(KernelServices kernel, KhoParameters parameters) {
        super(kernel, Era.V6_16, parameters);
        track = new PreservedBitmaps(mem);
    }

    @Override
    public String compatible() {
        return "kho-v1";
    }

    // Incoming

    @Override
    boolean checkRoot(Fdt fdt) {
        return true;
    }

    @Override
    String foundText() {
        return "KHO: found kexec handover data. Will skip init for some devices";
    }

    @Override
    String disabledText() {
        return "KHO: disabling KHO revival: %d".formatted(-Errno.EINVAL.number());
    }

    @Override
    void reservePreserved(Memblock memblock) {
        Optional<FdtProperty> map = incoming().flatMap(fdt -> fdt.root().property(MEMORY_MAP)).filter(p -> p.length() == 8);
        if (map.isEmpty()) {
            printk("KHO: failed to get preserved memory bitmaps");
            return;
        }
        boolean whole = new KhoserChunks(mem).walk(map.get().nativeU64(), memmap, (block, order) -> reserveBlock(memblock, block, order));
        if (!whole) {
            finding("kho-map-broken", "", "the list of preserved memory at 0x%x leads outside memory or does not end"
                    .formatted(map.get().nativeU64()), Map.of("first", "0x%x".formatted(map.get().nativeU64())),
                    "kernel/kexec_handover.c kho_mem_deserialize (6.16)");
        }
    }

    @Override
    public int restoreFolio(long phys) {
        if (!memmap.valid(phys)) {
            return -1;
        }
        long order = memmap.privateOf(phys);
        if (order < 0 || order > MAX_PAGE_ORDER) {
            return -1;
        }
        return adopt(phys, (int) order);
    }

    @Override
    public Blob retrieveSubtree(String name) {
        FdtNode node = incoming().flatMap(fdt -> fdt.root().child(name)).orElseThrow(() -> new KernelError(Errno.ENOENT));
        FdtProperty fdt = node.property(SUB_FDT).filter(p -> p.length() == 8).orElseThrow(() -> new KernelError(Errno.EINVAL));
        return inMemory(name, new Blob(fdt.nativeU64(), PAGE_SIZE));
    }

    // Outgoing

    @Override
    public void init(PageAllocator allocator) {
        pages = allocator;
        if (inFdt != 0 && restoreFolio(inFdt) < 0) {
            printk("KHO: failed to restore folio for KHO fdt");
        }
        if (!enabled) {
            return;
        }
        try {
            outFdt = pages.alloc(0);
        } catch (KernelError e) {
            giveUp();
            return;
        }
        releaseScratch();
    }

    @Override
    public void preserveFolio(long phys, int order) {
        refuseFinalized();
        checkPreserve(block(phys, order));
        track.set(phys, order, pages);
        requests.add(new long[] {phys, order});
    }

    @Override
    public void preservePages(long phys, long count) {
        refuseFinalized();
        if (phys % PAGE_SIZE != 0) {
            throw new KernelError(Errno.EINVAL);
        }
        for (long done = 0; done < count; ) {
            long at = phys + (done << PAGE_SHIFT);
            int order = KhoV4.greedyOrder(at, count - done);
            preserveFolio(at, order);
            done += 1L << order;
        }
    }

    private void refuseFinalized() {
        if (finalized) {
            throw new KernelError(Errno.EBUSY);
        }
        if (outFdt == 0) {
            throw new KernelError(Errno.EOPNOTSUPP);
        }
    }

    @Override
    public void unpreserveFolio(long phys, int order) {
        requests.removeIf(r -> r[0] == phys && r[1] == order);
        if (!track.clear(phys, order)) {
            finding("kho-unpreserve-never-ends", "0x" + Long.toHexString(phys),
                    "unpreserving 0x%x of order %d, which was never preserved, loops for ever".formatted(phys, order),
                    Map.of("page", "0x%x".formatted(phys)),
                    "kernel/kexec_handover.c __kho_unpreserve (6.16): continue without advancing pfn");
        }
    }

    @Override
    public void unpreservePages(long phys, long count) {
        for (long done = 0; done < count; ) {
            long at = phys + (done << PAGE_SHIFT);
            int order = KhoV4.greedyOrder(at, count - done);
            unpreserveFolio(at, order);
            done += 1L << order;
        }
    }

    @Override
    public void addSubtree(String name, long phys, long size) {
        refuseFinalized();
        if (subtrees.putIfAbsent(name, phys) != null) {
            throw new KernelError(Errno.EEXIST);
        }
    }

    @Override
    public SyscallResult finalizeWrite(boolean on) {
        if (outFdt == 0) {
            return new SyscallResult(Errno.ENOENT, List.of());
        }
        if (on == finalized) {
            return new SyscallResult(on ? Errno.EEXIST : Errno.ENOENT, List.of());
        }
        if (!on) {
            abort();
            return new SyscallResult(null, List.of());
        }
        try {
            mem.activity("kho_finalize");
            finish();
            finalized = true;
            return new SyscallResult(null, List.of());
        } catch (KernelError e) {
            abort();
            String line = "KHO: Failed to convert KHO state tree: %d".formatted(-e.errno().number());
            printk(line);
            return new SyscallResult(e.errno(), List.of(line));
        } finally {
            mem.activity("");
        }
    }

    private void finish() {
        track.set(outFdt, 0, pages);
        for (long[] r : requests) {
            track.set(r[0], (int) r[1], pages);
        }
        long first = new KhoserChunks(mem).write(track, pages, chunks);
        byte[] root;
        try {
            root = new FdtWriter().write(r -> {
                r.string("compatible", compatible());
                r.nativeU64(MEMORY_MAP, first);
                subtrees.forEach((name, phys) -> r.node(name, n -> n.nativeU64(SUB_FDT, phys)));
            });
        } catch (FdtException e) {
            throw new KernelError(Errno.EINVAL);
        }
        if (root.length > PAGE_SIZE) {
            throw new KernelError(Errno.ENOMEM);
        }
        mem.write(outFdt, root);
    }

    /** {@code kho_abort}: chunks and bitmaps are freed; the FDT page keeps what it has. */
    private void abort() {
        chunks.forEach(c -> pages.free(c, 0));
        chunks.clear();
        track.freeAll(pages);
        finalized = false;
    }

    // Views

    @Override
    public List<PhysRange> preserved() {
        return track.blocks();
    }

    @Override
    public List<Metadata> metadata() {
        if (outFdt == 0) {
            return List.of();
        }
        List<Metadata> all = new ArrayList<>();
        all.add(new Metadata("root FDT", PhysRange.of(outFdt, PAGE_SIZE)));
        chunks.forEach(c -> all.add(new Metadata("list of preserved memory", PhysRange.of(c, PAGE_SIZE))));
        track.slabs().forEach(s -> all.add(new Metadata("bitmaps of preserved memory", PhysRange.of(s, PAGE_SIZE))));
        return all;
    }

    @Override
    public void checkAtJump() {
        checkMetadataOutsideScratch();
        if (outFdt != 0 && !finalized) {
            finding("kho-not-finalized", "",
                    "generation %d hands on FDT page 0x%x without having finalized it: %d preserved blocks are lost"
                    .formatted(kernel.generation(), outFdt, track.blocks().size()), Map.of("fdt", "0x%x".formatted(outFdt)),
                    "kernel/kexec_handover.c kho_fill_kimage (6.16) does not look");
        }
    }

    @Override
    public SortedMap<String, Bytes> debugfs() {
        SortedMap<String, Bytes> files = new TreeMap<>();
        if (!enabled || outFdt == 0) {
            return files;
        }
        scratchFiles(files);
        files.put("out/finalize", text(finalized ? "1\n" : "0\n"));
        if (finalized) {
            files.put("out/fdt", treeAt(outFdt));
            subFdts(files, "out/", Fdt.of(mem.read(outFdt, PAGE_SIZE)));
        }
        if (isKhoBoot()) {
            incoming().ifPresentOrElse(fdt -> {
                files.put("in/fdt", Bytes.of(fdt.toBytes()));
                subFdts(files, "in/", fdt);
            }, () -> printk("KHO: failed exposing handover FDT in debugfs: %d".formatted(-Errno.EINVAL.number())));
        }
        return files;
    }

    private void subFdts(SortedMap<String, Bytes> files, String direction, Fdt root) {
        for (FdtNode n : root.root().children()) {
            Optional<FdtProperty> fdt = n.property(SUB_FDT);
            if (fdt.isEmpty()) {
                continue;
            }
            if (fdt.get().length() != 8) {
                printk("KHO: node `%s`'s prop `fdt` has invalid length: %d".formatted(n.name(), fdt.get().length()));
                continue;
            }
            try {
                files.put(direction + "sub_fdts/" + n.name(), treeAt(fdt.get().nativeU64()));
            } catch (FdtException | IllegalArgumentException e) {
                printk("KHO: failed to add fdt `%s` to debugfs: %d".formatted(n.name(), -Errno.EINVAL.number()));
            }
        }
    }

    @Override
    public void save(StateWriter out) {
        super.save(out);
        out.section("kho-v1").flag(finalized).longs(chunks.stream().mapToLong(Long::longValue).toArray());
        out.longs(requests.stream().flatMapToLong(java.util.Arrays::stream).toArray());
        out.u32(subtrees.size());
        subtrees.forEach((name, phys) -> out.text(name).u64(phys));
        track.save(out);
    }

    @Override
    public void load(StateReader in) {
        super.load(in);
        in.section("kho-v1");
        finalized = in.flag();
        chunks.clear();
        for (long c : in.longs()) {
            chunks.add(c);
        }
        requests.clear();
        long[] flat = in.longs();
        for (int i = 0; i + 1 < flat.length; i += 2) {
            requests.add(new long[] {flat[i], flat[i + 1]});
        }
        subtrees.clear();
        for (int n = in.u32(); n > 0; n--) {
            subtrees.put(in.text(), in.u64());
        }
        track.load(in);
    }
}
