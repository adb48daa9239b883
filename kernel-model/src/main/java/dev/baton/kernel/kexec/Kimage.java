package dev.baton.kernel.kexec;

import static dev.baton.kernel.kexec.KexecConstants.IND_DESTINATION;
import static dev.baton.kernel.kexec.KexecConstants.IND_DONE;
import static dev.baton.kernel.kexec.KexecConstants.IND_FLAGS;
import static dev.baton.kernel.kexec.KexecConstants.IND_INDIRECTION;
import static dev.baton.kernel.kexec.KexecConstants.IND_SOURCE;
import static dev.baton.kernel.mm.PageSize.PAGE_SHIFT;
import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;

import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.images.guest.KimageLayout;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.KernelServices;
import dev.baton.kernel.mm.KernelMemory;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PhysRange;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A loaded image: {@code struct kimage} and its page list, in guest memory, as kernel/kexec_core.c (7.2) builds them.
 *
 * <p>The list: {@code head} and every entry are a physical page address with one {@code IND_*} flag. Pages of the list hold
 * 511 entries and a link. A source page is its own destination or nobody's; control pages and pages of the list are nobody's
 * destination. So the copy can run in the order of the list. The struct itself is ordinary kernel memory and may be a destination.
 */
public final class Kimage implements Stateful {
    private static final int ENTRY_SIZE = 8;
    private static final long LAST_SLOT = PAGE_SIZE - ENTRY_SIZE;
    /** {@code KIMAGE_NO_DEST}: no page has this address. */
    private static final long NO_DESTINATION = -1L;

    private final KernelServices kernel;
    private final KernelMemory mem;
    private final PageAllocator pages;

    private long phys;
    private boolean fileMode;
    private long entry;
    private long lastEntry;
    private long start;
    private long controlCodePage;
    private long swapPage;
    private long dtbMem;
    private long khoFdt;
    private int khoScratchSegment = -1;
    private final List<KexecSegment> segments = new ArrayList<>();
    /** Blocks as {address, order} pairs. */
    private final List<Long> controlPages = new ArrayList<>();
    private final List<Long> destinationPages = new ArrayList<>();
    private final List<Long> listPages = new ArrayList<>();
    /** Where the list says which page is copied to a destination: what {@code kimage_dst_used} would find by walking. */
    private final Map<Long, Long> sourceSlotOf = new HashMap<>();

    /** To be filled by {@link #load}. */
    public Kimage(KernelServices kernel, PageAllocator pages) {
        this.kernel = kernel;
        this.mem = kernel.memory();
        this.pages = pages;
    }

    /** {@code do_kimage_alloc_init}. @throws KernelError ENOMEM */
    static Kimage allocate(KernelServices kernel, PageAllocator pages, boolean fileMode) {
        Kimage image = new Kimage(kernel, pages);
        image.phys = pages.allocZeroed(0);
        image.fileMode = fileMode;
        image.entry = image.phys + KimageLayout.HEAD;
        image.lastEntry = image.entry;
        return image;
    }

    // What it is

    /** Physical address of the struct. */
    public long phys() {
        return phys;
    }

    /** Loaded by {@code kexec_file_load}. */
    public boolean fileMode() {
        return fileMode;
    }

    /** The first entry, as it stands in memory. */
    public long head() {
        return mem.u64(phys + KimageLayout.HEAD);
    }

    /** Entry point, physical. */
    public long start() {
        return start;
    }

    void start(long address) {
        start = address;
    }

    /** What the entry point gets in x0; 0 for {@code kexec_load}, where purgatory holds it. */
    public long dtbMem() {
        return dtbMem;
    }

    void dtbMem(long address) {
        dtbMem = address;
    }

    /** Physical address of the KHO FDT page that goes with this image; 0 without KHO. */
    public long khoFdt() {
        return khoFdt;
    }

    void khoFdt(long address) {
        khoFdt = address;
    }

    /** The segment that holds the scratch array; null without KHO. */
    public KexecSegment khoScratch() {
        return khoScratchSegment < 0 ? null : segments.get(khoScratchSegment);
    }

    void khoScratchIsLastSegment() {
        khoScratchSegment = segments.size() - 1;
    }

    public List<KexecSegment> segments() {
        return List.copyOf(segments);
    }

    int segmentCount() {
        return segments.size();
    }

    KexecSegment segment(int i) {
        return segments.get(i);
    }

    void addSegment(KexecSegment segment) {
        segments.add(segment);
    }

    void replaceSegment(int i, KexecSegment segment) {
        segments.set(i, segment);
    }

    void truncateSegments(int count) {
        segments.subList(count, segments.size()).clear();
    }

    /** Physical address of the page for the relocation code. */
    public long controlCodePage() {
        return controlCodePage;
    }

    void controlCodePage(long address) {
        controlCodePage = address;
    }

    void swapPage(long address) {
        swapPage = address;
    }

    /** True once control pages exist, which ends the placing of segments. */
    boolean hasControlPages() {
        return !controlPages.isEmpty();
    }

    /** Control pages: relocation code, swap page, and what the machine-dependent part asked for. */
    public List<PhysRange> controlPages() {
        List<PhysRange> ranges = new ArrayList<>();
        for (int i = 0; i < controlPages.size(); i += 2) {
            ranges.add(PhysRange.of(controlPages.get(i), (long) PAGE_SIZE << controlPages.get(i + 1)));
        }
        return ranges;
    }

    /** Indirection pages in the order of the list. */
    public List<PhysRange> listPages() {
        return listPages.stream().map(p -> PhysRange.of(p, PAGE_SIZE)).toList();
    }

    /** Bytes of guest memory the image occupies: struct, list, control, source and put-aside pages. */
    public long footprint() {
        long control = controlPages().stream().mapToLong(PhysRange::size).sum();
        long single = 1L + listPages.size() + destinationPages.size() + sourceSlotOf.size();
        return control + (single << PAGE_SHIFT);
    }

    /** {@code kimage_is_destination_range}. @param last last byte, inclusive */
    public boolean isDestination(long first, long last) {
        for (KexecSegment s : segments) {
            if (s.memsz() != 0 && Long.compareUnsigned(last, s.mem()) >= 0 && Long.compareUnsigned(first, s.mem() + s.memsz() - 1) <= 0) {
                return true;
            }
        }
        return false;
    }

    /** What {@link #forEachEntry} calls. */
    public interface EntryVisitor {
        /**
         * @param slot  physical address of the entry itself
         * @param entry page address | flag
         */
        void visit(long slot, long entry);
    }

    /** Walks the list as it stands in memory, head first, links included, up to IND_DONE or 0. */
    public void forEachEntry(EntryVisitor visitor) {
        long slot = phys + KimageLayout.HEAD;
        for (long e = mem.u64(slot); e != 0 && (e & IND_DONE) == 0; e = mem.u64(slot)) {
            visitor.visit(slot, e);
            slot = (e & IND_INDIRECTION) != 0 ? e & ~IND_FLAGS : slot + ENTRY_SIZE;
        }
    }

    // Building

    /**
     * {@code kimage_alloc_control_pages} of a default image: a block that is no destination. Contents are as they are.
     *
     * @throws KernelError ENOMEM
     */
    public long allocControlPages(int order) {
        List<Long> unsuitable = new ArrayList<>();
        try {
            while (true) {
                long block = pages.alloc(order);
                if (!isDestination(block, block + ((long) PAGE_SIZE << order) - 1)) {
                    controlPages.add(block);
                    controlPages.add((long) order);
                    return block;
                }
                unsuitable.add(block);
            }
        } finally {
            freeAll(unsuitable, order);
        }
    }

    private void freeAll(Collection<Long> blocks, int order) {
        blocks.forEach(b -> pages.free(b, order));
    }

    /**
     * {@code kimage_alloc_page}: a page that is the wanted destination or nobody's. A page that is somebody else's destination
     * takes the place of that destination's source page, which is then free for use; if there is none yet, it is put aside.
     */
    private long allocPage(long destination) {
        if (destinationPages.remove((Long) destination)) {
            return destination;
        }
        while (true) {
            long page = pages.alloc(0);
            if (page == destination || !isDestination(page, page + PAGE_SIZE - 1)) {
                return page;
            }
            Long slot = sourceSlotOf.get(page);
            if (slot != null) {
                long old = mem.u64(slot);
                mem.write(page, mem.read(old & ~IND_FLAGS & -PAGE_SIZE, PAGE_SIZE));
                mem.u64(slot, page | old & IND_FLAGS);
                return old & -PAGE_SIZE;
            }
            destinationPages.add(page);
        }
    }

    /** {@code kimage_add_entry}. @return where the entry was written */
    private long addEntry(long value) {
        if (mem.u64(entry) != 0) {
            entry += ENTRY_SIZE;
        }
        if (entry == lastEntry) {
            long page = allocPage(NO_DESTINATION);
            mem.u64(entry, page | IND_INDIRECTION);
            listPages.add(page);
            entry = page;
            lastEntry = page + LAST_SLOT;
        }
        long slot = entry;
        mem.u64(slot, value);
        entry += ENTRY_SIZE;
        mem.u64(entry, 0);
        return slot;
    }

    /** {@code kimage_load_normal_segment}. @throws KernelError ENOMEM; EFAULT for a buffer that cannot be read */
    void loadSegment(KexecSegment s) {
        addEntry(s.mem() & -PAGE_SIZE | IND_DESTINATION);
        long copied = 0;
        for (long done = 0; done < s.memsz(); done += PAGE_SIZE) {
            long destination = s.mem() + done;
            long page = allocPage(destination);
            sourceSlotOf.put(destination, addSource(page));
            int chunk = (int) Math.min(s.bufsz() - copied, PAGE_SIZE);
            fillPage(page, s.buf(), (int) copied, chunk);
            copied += chunk;
        }
    }

    private long addSource(long page) {
        try {
            return addEntry(page | IND_SOURCE);
        } catch (KernelError e) {
            pages.free(page, 0);
            throw e;
        }
    }

    private void fillPage(long page, Bytes buffer, int offset, int chunk) {
        if (chunk < PAGE_SIZE) {
            mem.fill(page + chunk, PAGE_SIZE - chunk, (byte) 0);
        }
        if (chunk == 0) {
            return;
        }
        if (buffer == null || (long) offset + chunk > buffer.length()) {
            throw new KernelError(Errno.EFAULT);
        }
        mem.write(page, buffer.array(), offset, chunk);
    }

    /** {@code kimage_terminate}. */
    void terminate() {
        if (mem.u64(entry) != 0) {
            entry += ENTRY_SIZE;
        }
        mem.u64(entry, IND_DONE);
    }

    /**
     * Writes the fields besides {@code head}, which is always current. Offsets not in {@link KimageLayout}: entry 8, last_entry 16
     * (virtual addresses), control_code_page 32, swap_page 40 (physical; page pointers in Linux), nr_segments 48,
     * segment[16] 0x240, {buf, bufsz, mem, memsz} with buf 0.
     */
    void writeStruct() {
        mem.u64(phys + 8, kernel.virt(entry));
        mem.u64(phys + 16, kernel.virt(lastEntry));
        mem.u64(phys + KimageLayout.START, start);
        mem.u64(phys + 32, controlCodePage);
        mem.u64(phys + 40, swapPage);
        mem.u64(phys + 48, segments.size());
        mem.u64(phys + KimageLayout.DTB_MEM, dtbMem);
        for (int i = 0; i < segments.size(); i++) {
            long at = phys + 0x240 + 32L * i;
            mem.u64(at + 8, segments.get(i).bufsz());
            mem.u64(at + 16, segments.get(i).mem());
            mem.u64(at + 24, segments.get(i).memsz());
        }
    }

    /** {@code kimage_free}. */
    void free() {
        List<Long> single = new ArrayList<>(destinationPages);
        single.addAll(listPages);
        forEachEntry((slot, e) -> {
            if ((e & IND_SOURCE) != 0) {
                single.add(e & -PAGE_SIZE);
            }
        });
        freeAll(single, 0);
        for (int i = 0; i < controlPages.size(); i += 2) {
            pages.free(controlPages.get(i), controlPages.get(i + 1).intValue());
        }
        pages.free(phys, 0);
    }

    // Snapshot

    @Override
    public void save(StateWriter out) {
        out.section("kimage").u64(phys).flag(fileMode).u64(entry).u64(lastEntry).u64(start).u64(controlCodePage).u64(swapPage)
                .u64(dtbMem).u64(khoFdt).u32(khoScratchSegment).u32(segments.size());
        for (KexecSegment s : segments) {
            out.text(s.label()).bytes(s.buf().array()).u64(s.bufsz()).u64(s.mem()).u64(s.memsz());
        }
        out.longs(array(controlPages)).longs(array(destinationPages)).longs(array(listPages));
        out.longs(sourceSlotOf.entrySet().stream().sorted(Map.Entry.comparingByKey())
                .flatMapToLong(e -> java.util.stream.LongStream.of(e.getKey(), e.getValue())).toArray());
    }

    @Override
    public void load(StateReader in) {
        in.section("kimage");
        phys = in.u64();
        fileMode = in.flag();
        entry = in.u64();
        lastEntry = in.u64();
        start = in.u64();
        controlCodePage = in.u64();
        swapPage = in.u64();
        dtbMem = in.u64();
        khoFdt = in.u64();
        khoScratchSegment = in.u32();
        segments.clear();
        for (int n = in.u32(); n > 0; n--) {
            segments.add(new KexecSegment(in.text(), Bytes.wrap(in.bytes()), in.u64(), in.u64(), in.u64()));
        }
        restore(controlPages, in.longs());
        restore(destinationPages, in.longs());
        restore(listPages, in.longs());
        sourceSlotOf.clear();
        long[] slots = in.longs();
        for (int i = 0; i + 1 < slots.length; i += 2) {
            sourceSlotOf.put(slots[i], slots[i + 1]);
        }
    }

    private static long[] array(List<Long> list) {
        return list.stream().mapToLong(Long::longValue).toArray();
    }

    private static void restore(List<Long> list, long[] from) {
        list.clear();
        for (long v : from) {
            list.add(v);
        }
    }
}
