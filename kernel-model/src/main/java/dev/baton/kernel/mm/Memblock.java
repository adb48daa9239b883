package dev.baton.kernel.mm;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;

import java.util.ArrayList;
import java.util.List;

/**
 * Linux's boot-time allocator (mm/memblock.c, 7.2): two sorted lists of regions, what is memory and what of it is taken.
 * Regions of equal flags that touch are one region. Allocation is top-down. There is one NUMA node.
 *
 * <p>The lists stay after boot (CONFIG_ARCH_KEEP_MEMBLOCK on arm64): {@code kexec_file_load} searches them for holes.
 */
public final class Memblock implements Stateful {
    /** Not in the linear map. */
    public static final int NOMAP = 0x4;
    /** Reserved: struct pages are not initialised by memmap_init. */
    public static final int RSRV_NOINIT = 0x10;
    /** Reserved by the kernel for itself during boot; what the scratch scale counts. */
    public static final int RSRV_KERN = 0x20;
    /** Memory: scratch of kexec handover. */
    public static final int KHO_SCRATCH = 0x40;
    /** As {@code end} of a search: no limit but {@link #setCurrentLimit}. */
    public static final long ALLOC_ACCESSIBLE = 0;
    /** As {@code end} of a search: no limit. */
    public static final long ALLOC_ANYWHERE = Long.MAX_VALUE;

    private static final long SMP_CACHE_BYTES = 64;

    /** One region; two neighbours of equal flags never touch. */
    public record Region(long base, long size, int flags) {
        public long end() {
            return base + size;
        }

        public PhysRange range() {
            return new PhysRange(base, end());
        }
    }

    private final List<Region> memory = new ArrayList<>();
    private final List<Region> reserved = new ArrayList<>();
    private long currentLimit = ALLOC_ANYWHERE;
    private boolean scratchOnly;

    public List<Region> memory() {
        return List.copyOf(memory);
    }

    public List<Region> reserved() {
        return List.copyOf(reserved);
    }

    /** {@code memblock_add}: parts that are memory already keep their flags. */
    public void add(long base, long size) {
        addRange(memory, base, size, 0);
    }

    /** {@code memblock_remove}. */
    public void remove(long base, long size) {
        removeRange(memory, base, size);
    }

    /** {@code memblock_reserve}: parts that are reserved already keep their flags. */
    public void reserve(long base, long size) {
        addRange(reserved, base, size, 0);
    }

    /** {@code memblock_reserve_kern}. */
    public void reserveKern(long base, long size) {
        addRange(reserved, base, size, RSRV_KERN);
    }

    /** {@code memblock_phys_free}: takes the range out of the reserved list. */
    public void free(long base, long size) {
        removeRange(reserved, base, size);
    }

    public void markNomap(long base, long size) {
        setFlag(memory, base, size, NOMAP, true);
    }

    public void clearNomap(long base, long size) {
        setFlag(memory, base, size, NOMAP, false);
    }

    public void markKhoScratch(long base, long size) {
        setFlag(memory, base, size, KHO_SCRATCH, true);
    }

    public void clearKhoScratch(long base, long size) {
        setFlag(memory, base, size, KHO_SCRATCH, false);
    }

    /** {@code memblock_reserved_mark_noinit}. */
    public void markReservedNoinit(long base, long size) {
        setFlag(reserved, base, size, RSRV_NOINIT, true);
    }

    /** While true every allocation carries the {@link #KHO_SCRATCH} filter. */
    public void setScratchOnly(boolean on) {
        scratchOnly = on;
    }

    public boolean scratchOnly() {
        return scratchOnly;
    }

    public void setCurrentLimit(long limit) {
        currentLimit = limit;
    }

    /** {@code memblock_phys_alloc}. @return the address, 0 if there is no room */
    public long physAlloc(long size, long align) {
        return physAllocRange(size, align, 0, ALLOC_ACCESSIBLE);
    }

    /**
     * {@code memblock_phys_alloc_range}: reserves as {@link #RSRV_KERN}; contents stay as they are. A size of 0 finds an
     * address and reserves nothing, as in Linux.
     *
     * @return the address, 0 if there is no room
     */
    public long physAllocRange(long size, long align, long start, long end) {
        long found = findInRange(size, align == 0 ? SMP_CACHE_BYTES : align, start, end, scratchOnly ? KHO_SCRATCH : 0);
        if (found != 0) {
            addRange(reserved, found, size, RSRV_KERN);
        }
        return found;
    }

    /** {@code memblock_alloc}: as {@link #physAlloc}, zeroed. */
    public long alloc(KernelMemory mem, long size, long align) {
        long found = physAlloc(size, align);
        if (found != 0) {
            mem.fill(found, size, (byte) 0);
        }
        return found;
    }

    /** {@code memblock_find_in_range_node}, top-down; page 0 is never found. @return the address, 0 if there is none */
    public long findInRange(long size, long align, long start, long end, int flags) {
        long low = Math.max(start, PageSize.PAGE_SIZE);
        long high = Math.max(low, end == ALLOC_ACCESSIBLE ? currentLimit : end);
        List<PhysRange> free = freeRanges(flags);
        for (int i = free.size() - 1; i >= 0; i--) {
            long from = Math.clamp(free.get(i).start(), low, high);
            long to = Math.clamp(free.get(i).end(), low, high);
            if (to < size) {
                continue;
            }
            long candidate = PageSize.alignDown(to - size, align);
            if (candidate >= from) {
                return candidate;
            }
        }
        return 0;
    }

    /**
     * {@code for_each_free_mem_range}: memory that is not reserved, ascending, cut at borders of memory regions. With
     * {@code flags} {@link #KHO_SCRATCH} scratch alone; NOMAP memory never.
     */
    public List<PhysRange> freeRanges(int flags) {
        List<PhysRange> free = new ArrayList<>();
        int r = 0;
        for (Region m : memory) {
            if (skipped(m, flags)) {
                continue;
            }
            while (r < reserved.size() && reserved.get(r).end() <= m.base()) {
                r++;
            }
            long from = m.base();
            for (int i = r; i < reserved.size() && reserved.get(i).base() < m.end(); i++) {
                if (reserved.get(i).base() > from) {
                    free.add(new PhysRange(from, reserved.get(i).base()));
                }
                from = Math.max(from, reserved.get(i).end());
            }
            if (from < m.end()) {
                free.add(new PhysRange(from, m.end()));
            }
        }
        return free;
    }

    private static boolean skipped(Region m, int flags) {
        return (m.flags() & NOMAP) != 0 || (flags & KHO_SCRATCH) != 0 && (m.flags() & KHO_SCRATCH) == 0;
    }

    /** {@code memblock_reserved_kern_size}: bytes reserved by the kernel itself below {@code limit}. */
    public long reservedKernSize(long limit) {
        long total = 0;
        for (Region r : reserved) {
            if (r.base() > limit) {
                break;
            }
            if ((r.flags() & RSRV_KERN) != 0) {
                total += Math.min(r.end(), limit) - r.base();
            }
        }
        return total;
    }

    public boolean isRegionMemory(long base, long size) {
        return covered(memory, base, size);
    }

    public boolean overlapsReserved(long base, long size) {
        return overlaps(reserved, base, size);
    }

    /** True if any byte is scratch. */
    public boolean overlapsScratch(long base, long size) {
        return memory.stream().anyMatch(m -> (m.flags() & KHO_SCRATCH) != 0 && m.base() < base + size && base < m.end());
    }

    public long startOfDram() {
        return memory.isEmpty() ? 0 : memory.getFirst().base();
    }

    public long endOfDram() {
        return memory.isEmpty() ? 0 : memory.getLast().end();
    }

    /** Bytes of memory. */
    public long totalMemory() {
        return memory.stream().mapToLong(Region::size).sum();
    }

    /** Bytes reserved. */
    public long totalReserved() {
        return reserved.stream().mapToLong(Region::size).sum();
    }

    private static boolean overlaps(List<Region> list, long base, long size) {
        return list.stream().anyMatch(r -> r.base() < base + size && base < r.end());
    }

    private static boolean covered(List<Region> list, long base, long size) {
        long from = base;
        for (Region r : list) {
            if (r.base() <= from && from < r.end()) {
                from = r.end();
            }
        }
        return from >= base + size;
    }

    private static void addRange(List<Region> list, long base, long size, int flags) {
        if (size <= 0) {
            return;
        }
        long end = base + size;
        List<Region> out = new ArrayList<>(list.size() + 2);
        long from = base;
        for (Region r : list) {
            if (from < end && from < r.base()) {
                long to = Math.min(end, r.base());
                out.add(new Region(from, to - from, flags));
            }
            from = Math.max(from, Math.min(end, r.end()));
            out.add(r);
        }
        if (from < end) {
            out.add(new Region(from, end - from, flags));
        }
        replaceMerged(list, out);
    }

    private static void removeRange(List<Region> list, long base, long size) {
        if (size <= 0) {
            return;
        }
        List<Region> out = new ArrayList<>(list.size() + 1);
        for (Region r : isolated(list, base, base + size)) {
            if (r.base() < base || r.end() > base + size) {
                out.add(r);
            }
        }
        replaceMerged(list, out);
    }

    private static void setFlag(List<Region> list, long base, long size, int flag, boolean on) {
        List<Region> out = new ArrayList<>(list.size() + 2);
        for (Region r : isolated(list, base, base + size)) {
            boolean inside = r.base() >= base && r.end() <= base + size;
            int flags = !inside ? r.flags() : on ? r.flags() | flag : r.flags() & ~flag;
            out.add(new Region(r.base(), r.size(), flags));
        }
        replaceMerged(list, out);
    }

    /** {@code memblock_isolate_range}: no region crosses {@code base} or {@code end}. */
    private static List<Region> isolated(List<Region> list, long base, long end) {
        List<Region> out = new ArrayList<>(list.size() + 2);
        for (Region r : list) {
            long from = r.base();
            for (long cut : new long[] {base, end}) {
                if (from < cut && cut < r.end()) {
                    out.add(new Region(from, cut - from, r.flags()));
                    from = cut;
                }
            }
            out.add(new Region(from, r.end() - from, r.flags()));
        }
        return out;
    }

    private static void replaceMerged(List<Region> list, List<Region> pieces) {
        list.clear();
        for (Region r : pieces) {
            Region last = list.isEmpty() ? null : list.getLast();
            if (last != null && last.end() == r.base() && last.flags() == r.flags()) {
                list.set(list.size() - 1, new Region(last.base(), last.size() + r.size(), r.flags()));
            } else {
                list.add(r);
            }
        }
    }

    @Override
    public void save(StateWriter out) {
        out.section("memblock").longs(flat(memory)).longs(flat(reserved)).u64(currentLimit).flag(scratchOnly);
    }

    @Override
    public void load(StateReader in) {
        in.section("memblock");
        unflatten(memory, in.longs());
        unflatten(reserved, in.longs());
        currentLimit = in.u64();
        scratchOnly = in.flag();
    }

    private static long[] flat(List<Region> list) {
        return list.stream().flatMapToLong(r -> java.util.stream.LongStream.of(r.base(), r.size(), r.flags())).toArray();
    }

    private static void unflatten(List<Region> list, long[] flat) {
        list.clear();
        for (int i = 0; i + 2 < flat.length; i += 3) {
            list.add(new Region(flat[i], flat[i + 1], (int) flat[i + 2]));
        }
    }
}
