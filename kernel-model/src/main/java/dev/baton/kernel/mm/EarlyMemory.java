package dev.baton.kernel.mm;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtEditor;
import dev.baton.core.fdt.FdtNode;
import dev.baton.core.fdt.FdtProperty;
import dev.baton.core.fdt.FdtReservation;
import dev.baton.kernel.kho.Kho;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * From the device tree to memblock in the order of arm64's setup_arch (7.2): {@link #setupMachineFdt}, then
 * {@link #arm64MemblockInit}. No allocation may come in between.
 */
public final class EarlyMemory {
    private static final int FDT_MAX_SIZE = 2 << 20;

    private EarlyMemory() { }

    /**
     * {@code setup_machine_fdt}: reserves the tree, wipes kaslr-seed and rng-seed in it, adds the memory nodes, caps them by
     * linux,usable-memory-range, then looks for a handover.
     *
     * @throws dev.baton.core.fdt.FdtException if there is no sound tree at {@code dtb}
     */
    public static Fdt setupMachineFdt(Memblock memblock, KernelMemory mem, long dtb, Kho kho) {
        byte[] bytes = mem.read(dtb, treeSize(mem, dtb));
        Fdt tree = Fdt.of(bytes);
        memblock.reserve(dtb, tree.totalSize());
        tree = wipeSeeds(mem, dtb, tree);
        addMemoryNodes(memblock, tree);
        capUsableMemory(memblock, tree);
        kho.earlyScan(tree, memblock);
        return tree;
    }

    /** {@code arm64_memblock_init}: reserves the kernel and its initrd, then what firmware reserved. */
    public static void arm64MemblockInit(Memblock memblock, Fdt tree, PhysRange kernel) {
        memblock.reserve(kernel.start(), kernel.size());
        initrd(tree).ifPresent(r -> {
            memblock.add(r.start(), r.size());
            memblock.clearNomap(r.start(), r.size());
            memblock.reserve(r.start(), r.size());
        });
        for (FdtNode n : reservedMemoryNodes(tree)) {
            boolean nomap = n.has("no-map");
            for (PhysRange r : ranges(tree, n)) {
                if (nomap) {
                    memblock.markNomap(r.start(), r.size());
                } else {
                    memblock.reserve(r.start(), r.size());
                }
            }
        }
        for (FdtReservation r : tree.reservations()) {
            memblock.reserve(r.address(), r.size());
        }
    }

    /** The initrd of {@code /chosen}, from its page's start to its page's end. */
    public static Optional<PhysRange> initrd(Fdt tree) {
        return tree.findNode("/chosen").filter(n -> n.has("linux,initrd-start") && n.has("linux,initrd-end")).map(n -> new PhysRange(
                PageSize.alignDown(number(n.get("linux,initrd-start")), PageSize.PAGE_SIZE),
                PageSize.alignUp(number(n.get("linux,initrd-end")), PageSize.PAGE_SIZE))).filter(r -> r.size() > 0);
    }

    /** /reserved-memory with addresses and /memreserve/, but for the initrd's own entry. */
    public static List<PhysRange> firmwareReserved(Fdt tree) {
        List<PhysRange> ranges = new ArrayList<>();
        reservedMemoryNodes(tree).forEach(n -> ranges.addAll(ranges(tree, n)));
        Optional<PhysRange> initrd = initrd(tree);
        for (FdtReservation r : tree.reservations()) {
            PhysRange range = PhysRange.of(r.address(), r.size());
            if (initrd.filter(i -> i.contains(range)).isEmpty()) {
                ranges.add(range);
            }
        }
        return ranges;
    }

    private static int treeSize(KernelMemory mem, long dtb) {
        int size = Integer.reverseBytes(mem.u32(dtb + 4));
        return size < 40 || size > FDT_MAX_SIZE ? 40 : size;
    }

    /** The seeds must not be read twice: kaslr-seed becomes 0, rng-seed NOP tags. */
    private static Fdt wipeSeeds(KernelMemory mem, long dtb, Fdt tree) {
        Optional<FdtNode> chosen = tree.findNode("/chosen");
        boolean kaslr = chosen.flatMap(n -> n.property("kaslr-seed")).filter(p -> p.length() == 8).isPresent();
        boolean rng = chosen.flatMap(n -> n.property("rng-seed")).isPresent();
        if (!kaslr && !rng) {
            return tree;
        }
        FdtEditor e = FdtEditor.openInto(tree, tree.totalSize());
        if (kaslr) {
            e.setInPlace(e.pathOffset("/chosen"), "kaslr-seed", new byte[8]);
        }
        if (rng) {
            e.nop(e.pathOffset("/chosen"), "rng-seed");
        }
        mem.activity("early_init_dt_scan_chosen: wiping seeds");
        mem.write(dtb, e.toBytes());
        mem.activity("");
        return Fdt.of(e.toBytes());
    }

    private static void addMemoryNodes(Memblock memblock, Fdt tree) {
        for (FdtNode n : tree.root().children()) {
            boolean memory = n.property("device_type").filter(p -> p.length() > 0 && p.string().equals("memory")).isPresent();
            boolean disabled = n.property("status").filter(p -> !List.of("okay", "ok").contains(p.string())).isPresent();
            if (memory && !disabled) {
                rangesOf(tree, n, n.has("linux,usable-memory") ? "linux,usable-memory" : "reg").forEach(r -> {
                    // early_init_dt_add_memory_arch: whole pages only.
                    long from = PageSize.alignUp(r.start(), PageSize.PAGE_SIZE);
                    memblock.add(from, PageSize.alignDown(r.end(), PageSize.PAGE_SIZE) - from);
                });
            }
        }
    }

    private static void capUsableMemory(Memblock memblock, Fdt tree) {
        List<PhysRange> usable = tree.findNode("/chosen").filter(n -> n.has("linux,usable-memory-range"))
                .map(n -> rangesOf(tree, n, "linux,usable-memory-range")).orElse(List.of());
        if (usable.isEmpty()) {
            return;
        }
        for (Memblock.Region m : memblock.memory()) {
            long from = m.base();
            for (PhysRange u : usable.stream().limit(2).sorted(java.util.Comparator.comparingLong(PhysRange::start)).toList()) {
                memblock.remove(from, Math.min(u.start(), m.end()) - from);
                from = Math.max(from, u.end());
            }
            memblock.remove(from, m.end() - from);
        }
    }

    private static List<FdtNode> reservedMemoryNodes(Fdt tree) {
        return tree.findNode("/reserved-memory").map(FdtNode::children).orElse(List.of()).stream().filter(n -> n.has("reg")).toList();
    }

    private static List<PhysRange> ranges(Fdt tree, FdtNode n) {
        return rangesOf(tree, n, "reg");
    }

    /** In the root's cells, which /reserved-memory must repeat. */
    private static List<PhysRange> rangesOf(Fdt tree, FdtNode n, String property) {
        int addressCells = tree.root().addressCells();
        int sizeCells = tree.root().sizeCells();
        List<PhysRange> ranges = new ArrayList<>();
        FdtProperty p = n.get(property);
        for (int i = 0; 4 * (i + addressCells + sizeCells) <= p.length(); i += addressCells + sizeCells) {
            PhysRange r = PhysRange.of(p.number(i, addressCells), p.number(i + addressCells, sizeCells));
            if (r.size() > 0) {
                ranges.add(r);
            }
        }
        return ranges;
    }

    private static long number(FdtProperty p) {
        return p.number(0, Math.min(2, p.length() / 4));
    }
}
