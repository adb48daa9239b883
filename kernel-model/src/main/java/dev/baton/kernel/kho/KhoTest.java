package dev.baton.kernel.kho;

import static dev.baton.kernel.mm.PageSize.MAX_PAGE_ORDER;
import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtException;
import dev.baton.core.fdt.FdtNode;
import dev.baton.core.fdt.FdtWriter;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.kernel.Era;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.KernelRandom;
import dev.baton.kernel.KernelServices;
import dev.baton.kernel.mm.KernelMemory;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PageSize;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What lib/test_kho.c does for a sub-tree of any name: preserves folios of known content with a tree that lists them; in the next
 * kernel restores them and checks every byte.
 *
 * <pre>
 *   /      compatible = "kho-test-v1"; magic: u32 0x4b484f21; seed: u64 (ours: what the folios were filled from)
 *   /data  nr_folios: u32; folios_info: kho_vmalloc of (7.2), or as such (6.16), u64[] physical address | order; csum: u32
 * </pre>
 *
 * <p>Restored folios stay allocated until they are preserved again under the same name, orders and seed: then the same memory goes on
 * to the next kernel untouched. Otherwise new folios take their place.
 */
public final class KhoTest implements Stateful {
    private static final int MAGIC = 0x4b48_4f21;
    private static final String COMPATIBLE = "kho-test-v1";

    private final KernelServices kernel;
    private final KernelMemory mem;
    private final PageAllocator pages;
    private final Kho kho;
    private final boolean vmalloc;
    private final SortedMap<String, Held> held = new TreeMap<>();

    /** Folios in this kernel's hands. */
    private record Held(List<Folio> folios, long seed) { }

    /** One folio. */
    public record Folio(long phys, int order) {
        long size() {
            return (long) PAGE_SIZE << order;
        }
    }

    /**
     * What a restore found.
     *
     * @param folios those that were restored, in order
     * @param intact every folio was there and every byte of it as it was written
     * @param error  what was wrong, one sentence; "" if nothing
     */
    public record Restored(List<Folio> folios, boolean intact, String error) { }

    public KhoTest(KernelServices kernel, PageAllocator pages, Kho kho, Era era) {
        this.kernel = kernel;
        this.mem = kernel.memory();
        this.pages = pages;
        this.kho = kho;
        this.vmalloc = era.kho() == Era.KhoAbi.KHO_V4;
    }

    /**
     * Preserves folios of these orders and a sub-tree that lists them.
     *
     * @return the folios
     * @throws KernelError as the era's calls give it
     */
    public List<Folio> preserve(String name, List<Integer> orders, long seed) {
        Held again = held.remove(name);
        if (again != null && !(again.seed == seed && again.folios.stream().map(Folio::order).toList().equals(orders))) {
            again.folios.forEach(f -> pages.free(f.phys(), f.order()));
            again = null;
        }
        List<Folio> folios = again != null ? again.folios : allocate(orders, seed);
        mem.activity("kho_test_save: " + name);
        folios.forEach(f -> kho.preserveFolio(f.phys(), f.order()));
        byte[] info = info(folios);
        byte[] described = vmalloc ? preserveInfo(info) : info;
        byte[] fdt = new FdtWriter().write(root -> {
            root.string("compatible", COMPATIBLE);
            root.nativeU32("magic", MAGIC);
            root.nativeU64("seed", seed);
            root.node("data", data -> {
                data.nativeU32("nr_folios", folios.size());
                data.bytes("folios_info", described);
                data.nativeU32("csum", checksum(folios));
            });
        });
        int order = PageSize.orderOf(fdt.length);
        long page = pages.allocZeroed(order);
        mem.write(page, fdt);
        kho.preserveFolio(page, order);
        kho.addSubtree(name, page, fdt.length);
        mem.activity("");
        return folios;
    }

    private List<Folio> allocate(List<Integer> orders, long seed) {
        List<Folio> folios = new ArrayList<>();
        KernelRandom pattern = new KernelRandom(seed);
        for (int order : orders) {
            Folio f = new Folio(pages.alloc(order), order);
            folios.add(f);
            mem.activity("kho_test_generate_data");
            byte[] page = new byte[PAGE_SIZE];
            for (long at = 0; at < f.size(); at += PAGE_SIZE) {
                pattern.fill(page);
                mem.write(f.phys() + at, page);
            }
        }
        mem.activity("");
        return folios;
    }

    private static byte[] info(List<Folio> folios) {
        ByteBuffer b = ByteBuffer.allocate(8 * folios.size()).order(ByteOrder.LITTLE_ENDIAN);
        folios.forEach(f -> b.putLong(f.phys() | f.order()));
        return b.array();
    }

    private byte[] preserveInfo(byte[] info) {
        List<Long> area = new ArrayList<>();
        for (int at = 0; at < info.length; at += PAGE_SIZE) {
            long page = pages.allocZeroed(0);
            mem.write(page, info, at, Math.min(PAGE_SIZE, info.length - at));
            area.add(page);
        }
        return KhoVmalloc.preserve(kho, pages, mem, area);
    }

    /**
     * {@code csum_partial} over all folios in order: 16-bit ones' complement sums, added with end-around carry to 32 bits. A ones'
     * complement sum may be taken in 32-bit pieces and folded at the end (RFC 1071 section 2).
     */
    private int checksum(List<Folio> folios) {
        int sum = 0;
        byte[] page = new byte[PAGE_SIZE];
        ByteBuffer words = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        for (Folio f : folios) {
            long total = 0;
            for (long at = 0; at < f.size(); at += PAGE_SIZE) {
                mem.read(f.phys() + at, page, 0, PAGE_SIZE);
                for (int i = 0; i < PAGE_SIZE; i += 8) {
                    long v = words.getLong(i);
                    total += (v & 0xffff_ffffL) + (v >>> 32);
                }
            }
            while (total >>> 16 != 0) {
                total = (total & 0xffff) + (total >>> 16);
            }
            long with = Integer.toUnsignedLong(sum) + total;
            sum = (int) (with + (with >>> 32));
        }
        return sum;
    }

    /** Restores what the sub-tree lists and checks it; says {@code KHO restore succeeded} or {@code KHO restore failed}. */
    public Restored restore(String name) {
        List<Folio> folios = new ArrayList<>();
        String error;
        try {
            error = restoreInto(name, folios);
        } catch (KernelError e) {
            error = "sub-tree '%s': %s".formatted(name, e.errno());
        } catch (FdtException e) {
            error = "sub-tree '%s': %s".formatted(name, e.getMessage());
        }
        kernel.printk("test_kho: KHO restore " + (error.isEmpty() ? "succeeded" : "failed"));
        return new Restored(List.copyOf(folios), error.isEmpty(), error);
    }

    private String restoreInto(String name, List<Folio> folios) {
        Kho.Blob blob = kho.retrieveSubtree(name);
        Fdt fdt = Fdt.of(mem.read(blob.phys(), (int) Math.clamp(blob.size(), 0, (long) PAGE_SIZE << MAX_PAGE_ORDER)));
        if (!fdt.root().string("compatible").equals(COMPATIBLE) || fdt.root().get("magic").nativeU32() != MAGIC) {
            return "sub-tree '%s' is not kho-test-v1".formatted(name);
        }
        FdtNode data = fdt.node("/data");
        int count = data.get("nr_folios").nativeU32();
        int sum = data.get("csum").nativeU32();
        long seed = fdt.root().get("seed").nativeU64();
        List<Long> entries = readInfo(data.get("folios_info").bytes(), count);
        if (entries.size() != count) {
            return "nr_folios is %d, folios_info lists %d".formatted(count, entries.size());
        }
        for (long entry : entries) {
            Folio wanted = new Folio(entry & -PAGE_SIZE, (int) (entry & PAGE_SIZE - 1));
            int order = kho.restoreFolio(wanted.phys());
            if (order != wanted.order()) {
                return "folio 0x%x of order %d was restored as order %d".formatted(wanted.phys(), wanted.order(), order);
            }
            folios.add(wanted);
        }
        int fdtOrder = kho.restoreFolio(blob.phys());
        if (fdtOrder >= 0) {
            pages.free(blob.phys(), fdtOrder);
        }
        held.put(name, new Held(List.copyOf(folios), seed));
        int found = checksum(folios);
        if (found != sum) {
            return "checksum 0x%08x, written was 0x%08x".formatted(found, sum);
        }
        return differingByte(folios, seed);
    }

    private List<Long> readInfo(byte[] described, int count) {
        byte[] info = described;
        if (vmalloc) {
            List<Long> area = KhoVmalloc.restore(kho, pages, mem, described);
            info = new byte[area.size() * PAGE_SIZE];
            for (int i = 0; i < area.size(); i++) {
                mem.read(area.get(i), info, i * PAGE_SIZE, PAGE_SIZE);
                pages.free(area.get(i), 0);
            }
        }
        List<Long> entries = new ArrayList<>();
        ByteBuffer b = ByteBuffer.wrap(info).order(ByteOrder.LITTLE_ENDIAN);
        while (entries.size() < count && b.remaining() >= 8) {
            entries.add(b.getLong());
        }
        return entries;
    }

    private String differingByte(List<Folio> folios, long seed) {
        KernelRandom pattern = new KernelRandom(seed);
        byte[] expected = new byte[PAGE_SIZE];
        byte[] found = new byte[PAGE_SIZE];
        for (Folio f : folios) {
            for (long at = 0; at < f.size(); at += PAGE_SIZE) {
                pattern.fill(expected);
                mem.read(f.phys() + at, found, 0, PAGE_SIZE);
                int i = java.util.Arrays.mismatch(expected, found);
                if (i >= 0) {
                    return "byte at 0x%x is 0x%02x, written was 0x%02x".formatted(f.phys() + at + i, found[i], expected[i]);
                }
            }
        }
        return "";
    }

    @Override
    public void save(StateWriter out) {
        out.section("kho-test").u32(held.size());
        held.forEach((name, h) -> {
            out.text(name).u64(h.seed).u32(h.folios.size());
            h.folios.forEach(f -> out.u64(f.phys()).u32(f.order()));
        });
    }

    @Override
    public void load(StateReader in) {
        in.section("kho-test");
        held.clear();
        for (int n = in.u32(); n > 0; n--) {
            String name = in.text();
            long seed = in.u64();
            List<Folio> folios = new ArrayList<>();
            for (int k = in.u32(); k > 0; k--) {
                folios.add(new Folio(in.u64(), in.u32()));
            }
            held.put(name, new Held(List.copyOf(folios), seed));
        }
    }
}
