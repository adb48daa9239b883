package dev.baton.kernel.kho;

import static dev.baton.kernel.mm.PageSize.MAX_PAGE_ORDER;
import static dev.baton.kernel.mm.PageSize.PAGE_SHIFT;
import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtEditor;
import dev.baton.core.fdt.FdtError;
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
import dev.baton.kernel.mm.PageSize;
import dev.baton.kernel.mm.PhysRange;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * {@code kho-v4} of Linux 7.2 (kernel/liveupdate/kexec_handover.c): a root FDT of one page that is edited in place for ever, a radix
 * tree of preserved blocks, blobs by address and size. Whatever is in the page at the jump is the handover.
 */
public final class KhoV4 extends KhoBase {
    private static final String MEMORY_MAP = "preserved-memory-map";
    private static final String PRESERVED_DATA = "preserved-data";
    private static final String BLOB_SIZE = "blob-size";
    private static final String KEXEC_METADATA = "kexec-metadata";
    private static final int METADATA_VERSION = 1;
    private static final int METADATA_SIZE = 73;
    private static final int RELEASE_OFFSET = 4;
    private static final int RELEASE_SIZE = 65;
    private static final int COUNT_OFFSET = 69;
    /** "KHOP". */
    private static final long PAGE_MAGIC = 0x4b48_4f50L << 32;

    private final String release;
    private final boolean debug;
    private long radixRoot;
    private int kexecCount;

    /**
     * @param release {@code init_uts_ns.name.release}
     * @param debug   CONFIG_KEXEC_HANDOVER_DEBUG: preserving scratch is refused, not just wrong
     */
    public KhoV4(KernelServices kernel, KhoParameters parameters, String release, boolean debug) {
        super(kernel, Era.V7_2, parameters);
        this.release = release;
        this.debug = debug;
    }

    @Override
    public String compatible() {
        return "kho-v4";
    }

    // Incoming

    @Override
    boolean checkRoot(Fdt fdt) {
        Optional<FdtProperty> map = fdt.root().property(MEMORY_MAP);
        if (map.isEmpty() || map.get().length() != 8) {
            printk("KHO: failed to get preserved memory map");
            return false;
        }
        return map.get().nativeU64() != 0;
    }

    @Override
    String foundText() {
        return "KHO: found kexec handover data.";
    }

    @Override
    String disabledText() {
        return "KHO: disabling KHO revival";
    }

    @Override
    void reservePreserved(Memblock memblock) {
        long root = incoming().orElseThrow().root().get(MEMORY_MAP).nativeU64();
        boolean whole = memmap.valid(root) && new RadixTree(mem, root).walk(new RadixTree.Visitor() {
            private long left = memmap.pages();

            @Override
            public boolean node(long phys, int level) {
                left--;
                return left >= 0 && phys % PAGE_SIZE == 0 && memmap.valid(phys);
            }

            @Override
            public void block(PhysRange block, int order) {
                reserveBlock(memblock, block, PAGE_MAGIC | order);
            }
        });
        if (!whole) {
            finding("kho-map-broken", "", "the tree of preserved memory at 0x%x leads outside memory, to no order, or to too many nodes"
                    .formatted(root), Map.of("root", "0x%x".formatted(root)),
                    "kernel/liveupdate/kexec_handover.c kho_radix_walk_tree (7.2)");
            inFdt = 0;
        }
    }

    @Override
    public int restoreFolio(long phys) {
        if (!memmap.valid(phys)) {
            return -1;
        }
        long mark = memmap.privateOf(phys);
        int order = (int) mark;
        if ((mark & 0xffff_ffff_0000_0000L) != PAGE_MAGIC || order > MAX_PAGE_ORDER) {
            warnOnce("WARNING: kernel/liveupdate/kexec_handover.c: kho_restore_page: 0x%x was not preserved or is restored already"
                    .formatted(phys));
            return -1;
        }
        memmap.privateOf(phys, 0);
        return adopt(phys, order);
    }

    @Override
    public Blob retrieveSubtree(String name) {
        FdtNode node = incoming().flatMap(fdt -> fdt.root().child(name)).orElseThrow(() -> new KernelError(Errno.ENOENT));
        FdtProperty data = node.property(PRESERVED_DATA).filter(p -> p.length() == 8).orElseThrow(() -> new KernelError(Errno.EINVAL));
        Optional<FdtProperty> size = node.property(BLOB_SIZE).filter(p -> p.length() == 8);
        if (size.isEmpty()) {
            printk("KHO: broken KHO subnode '%s': missing or invalid blob-size property".formatted(name));
            throw new KernelError(Errno.EINVAL);
        }
        return inMemory(name, new Blob(data.nativeU64(), size.get().nativeU64()));
    }

    private void retrieveMetadata() {
        Blob blob;
        try {
            blob = retrieveSubtree(KEXEC_METADATA);
        } catch (KernelError e) {
            return;
        }
        if (blob.size() < METADATA_SIZE) {
            printk("KHO: kexec-metadata blob too small (%d)".formatted(blob.size()));
            return;
        }
        ByteBuffer b = ByteBuffer.wrap(mem.read(blob.phys(), METADATA_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
        if (b.getInt(0) != METADATA_VERSION) {
            printk("KHO: kexec-metadata version %d not supported (expected %d)".formatted(b.getInt(0), METADATA_VERSION));
            return;
        }
        kexecCount = b.getInt(COUNT_OFFSET);
        int n = 0;
        while (n < RELEASE_SIZE && b.get(RELEASE_OFFSET + n) != 0) {
            n++;
        }
        String previous = new String(b.array(), RELEASE_OFFSET, n, StandardCharsets.ISO_8859_1);
        printk("KHO: exec from: %s (count %d)".formatted(previous, kexecCount));
    }

    // Outgoing

    @Override
    public void init(PageAllocator allocator) {
        pages = allocator;
        if (!enabled) {
            return;
        }
        mem.activity("kho_init");
        try {
            radixRoot = pages.allocZeroed(0);
            outFdt = allocPreserve(PAGE_SIZE);
            byte[] root = new FdtWriter().write(r -> {
                r.string("compatible", compatible());
                r.nativeU64(MEMORY_MAP, radixRoot);
            });
            mem.write(outFdt, root);
            if (isKhoBoot()) {
                retrieveMetadata();
            }
            addMetadata();
        } catch (KernelError e) {
            giveUp();
            return;
        } finally {
            mem.activity("");
        }
        releaseScratch();
    }

    private void addMetadata() {
        long blob = allocPreserve(METADATA_SIZE);
        byte[] name = release.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer b = ByteBuffer.allocate(METADATA_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(0, METADATA_VERSION);
        b.put(RELEASE_OFFSET, name, 0, Math.min(name.length, RELEASE_SIZE - 1));
        b.putInt(COUNT_OFFSET, kexecCount + 1);
        mem.write(blob, b.array());
        addSubtree(KEXEC_METADATA, blob, METADATA_SIZE);
    }

    /** {@code kho_alloc_preserve}: a zeroed folio, preserved. @throws KernelError EINVAL for size 0, E2BIG, ENOMEM */
    public long allocPreserve(long size) {
        if (size == 0) {
            throw new KernelError(Errno.EINVAL);
        }
        int order = PageSize.orderOf(size);
        long phys = pages.allocZeroed(order);
        try {
            preserveFolio(phys, order);
        } catch (KernelError e) {
            pages.free(phys, order);
            throw e;
        }
        return phys;
    }

    private RadixTree radix() {
        if (radixRoot == 0) {
            throw new KernelError(Errno.EOPNOTSUPP);
        }
        return new RadixTree(mem, radixRoot);
    }

    @Override
    public void preserveFolio(long phys, int order) {
        refuseScratch(block(phys, order));
        radix().add(phys, order, pages);
    }

    private void refuseScratch(PhysRange r) {
        checkPreserve(r);
        if (debug && overlapsScratch(r)) {
            warnOnce("WARNING: kernel/liveupdate/kexec_handover.c: preserved memory overlaps scratch");
            throw new KernelError(Errno.EINVAL);
        }
    }

    @Override
    public void preservePages(long phys, long count) {
        refuseScratch(PhysRange.of(phys, count << PAGE_SHIFT));
        long done = 0;
        try {
            while (done < count) {
                long at = phys + (done << PAGE_SHIFT);
                int order = greedyOrder(at, count - done);
                radix().add(at, order, pages);
                done += 1L << order;
            }
        } catch (KernelError e) {
            unpreservePages(phys, done);
            throw e;
        }
    }

    @Override
    public void unpreservePages(long phys, long count) {
        for (long done = 0; done < count; ) {
            long at = phys + (done << PAGE_SHIFT);
            int order = greedyOrder(at, count - done);
            unpreserveFolio(at, order);
            done += 1L << order;
        }
    }

    /** The largest naturally aligned block that begins here; not limited to the buddy's orders. */
    static int greedyOrder(long phys, long pagesLeft) {
        long pfn = phys >>> PAGE_SHIFT;
        return Math.min(Long.numberOfTrailingZeros(pfn), 63 - Long.numberOfLeadingZeros(pagesLeft));
    }

    @Override
    public void unpreserveFolio(long phys, int order) {
        if (!radix().remove(phys, order)) {
            printk("WARNING: kernel/liveupdate/kexec_handover.c: kho_radix_del_page: 0x%x order %d was not preserved"
                    .formatted(phys, order));
        }
    }

    @Override
    public void addSubtree(String name, long phys, long size) {
        edit(root -> {
            if (root.subnodeOffset(0, name) >= 0) {
                throw new KernelError(Errno.EEXIST);
            }
            root.addNode(0, name);
            root.setNativeU64(root.pathOffset("/" + name), PRESERVED_DATA, phys);
            root.setNativeU64(root.pathOffset("/" + name), BLOB_SIZE, size);
        });
    }

    /** {@code kho_remove_subtree}: the node whose {@code preserved-data} is {@code phys}. */
    public void removeSubtree(long phys) {
        edit(root -> root.root().children().stream()
                .filter(n -> n.property(PRESERVED_DATA).filter(p -> p.length() == 8 && p.nativeU64() == phys).isPresent()).findFirst()
                .ifPresent(n -> root.deleteNode(n.offset())));
    }

    private interface Edit {
        void on(FdtEditor root);
    }

    /** {@code fdt_open_into}, the edit, {@code fdt_pack}; the page stays as it was when the edit fails. */
    private void edit(Edit edit) {
        if (outFdt == 0) {
            throw new KernelError(Errno.EOPNOTSUPP);
        }
        FdtEditor root = FdtEditor.openInto(Fdt.of(mem.read(outFdt, PAGE_SIZE)), PAGE_SIZE);
        try {
            edit.on(root);
        } catch (FdtException e) {
            throw new KernelError(e.error() == FdtError.EXISTS ? Errno.EEXIST : Errno.ENOMEM);
        }
        mem.activity("kho_add_subtree");
        mem.write(outFdt, root.pack().toBytes());
        mem.activity("");
    }

    @Override
    public SyscallResult finalizeWrite(boolean on) {
        return new SyscallResult(Errno.EOPNOTSUPP, List.of());
    }

    // Views

    @Override
    public List<PhysRange> preserved() {
        return radixRoot == 0 ? List.of() : radix().blocks();
    }

    @Override
    public List<Metadata> metadata() {
        if (radixRoot == 0) {
            return List.of();
        }
        List<Metadata> all = new ArrayList<>();
        all.add(new Metadata("root FDT", PhysRange.of(outFdt, PAGE_SIZE)));
        radix().nodes().forEach(n -> all.add(new Metadata("radix tree node", PhysRange.of(n, PAGE_SIZE))));
        return all;
    }

    @Override
    public void checkAtJump() {
        checkMetadataOutsideScratch();
    }

    @Override
    public SortedMap<String, Bytes> debugfs() {
        SortedMap<String, Bytes> files = new TreeMap<>();
        if (!enabled || outFdt == 0) {
            return files;
        }
        scratchFiles(files);
        blobs(files, "out/", Fdt.of(mem.read(outFdt, PAGE_SIZE)));
        if (isKhoBoot()) {
            incoming().ifPresentOrElse(fdt -> {
                files.put("in/fdt", Bytes.of(fdt.toBytes()));
                blobs(files, "in/", fdt);
            }, () -> printk("KHO: failed exposing handover FDT in debugfs: %d".formatted(-Errno.EINVAL.number())));
        } else {
            // kho_init returns before it makes this file in a kernel that was itself started by KHO.
            files.put("out/fdt", treeAt(outFdt));
        }
        return files;
    }

    private void blobs(SortedMap<String, Bytes> files, String direction, Fdt root) {
        for (FdtNode n : root.root().children()) {
            Optional<FdtProperty> data = n.property(PRESERVED_DATA);
            Optional<FdtProperty> size = n.property(BLOB_SIZE).filter(p -> p.length() == 8);
            if (data.isEmpty() || data.get().length() != 8) {
                printk("KHO: node %s prop preserved-data has invalid length: %d"
                        .formatted(n.name(), data.map(FdtProperty::length).orElse(-1)));
            } else if (size.isEmpty()) {
                printk("KHO: node %s missing or invalid blob-size property".formatted(n.name()));
            } else if (memmap.valid(data.get().nativeU64()) && size.get().nativeU64() <= PAGE_SIZE << MAX_PAGE_ORDER) {
                files.put(direction + "sub_fdts/" + n.name(), Bytes.wrap(mem.read(data.get().nativeU64(), (int) size.get().nativeU64())));
            }
        }
    }

    @Override
    public void save(StateWriter out) {
        super.save(out);
        out.section("kho-v4").u64(radixRoot).u32(kexecCount);
    }

    @Override
    public void load(StateReader in) {
        super.load(in);
        in.section("kho-v4");
        radixRoot = in.u64();
        kexecCount = in.u32();
    }
}
