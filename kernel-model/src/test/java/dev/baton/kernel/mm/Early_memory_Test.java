package dev.baton.kernel.mm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtWriter;
import dev.baton.kernel.ArrayMemory;
import dev.baton.kernel.kho.NoKho;
import dev.baton.kernel.mm.Memblock.Region;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Consumer;

class Early_memory_Test {
    private static final long RAM = 0x4000_0000L;
    private static final long DTB = RAM + 0x10_0000;
    private static final long M = 1 << 20;

    private final ArrayMemory memory = new ArrayMemory(RAM, 64 << 20);
    private final Memblock memblock = new Memblock();

    private Fdt scan(FdtWriter writer, Consumer<FdtWriter.Node> chosen, Consumer<FdtWriter.Node> more) {
        memory.write(DTB, writer.write(root -> {
            root.u32("#address-cells", 2);
            root.u32("#size-cells", 2);
            root.node("chosen", chosen);
            root.node("memory@40000000", n -> {
                n.string("device_type", "memory");
                n.u64s("reg", RAM, 64 * M);
            });
            more.accept(root);
        }));
        Fdt tree = EarlyMemory.setupMachineFdt(memblock, memory, DTB, new NoKho());
        EarlyMemory.arm64MemblockInit(memblock, tree, PhysRange.of(RAM + 0x20_0000, 0x8_0000));
        return tree;
    }

    @Test
    void tree_kernel_initrd_and_reservations_are_reserved_and_what_must_not_be_mapped_is_marked() {
        Fdt tree = scan(new FdtWriter().reserve(RAM + 40 * M, 0x3000), c -> {
            c.u64("linux,initrd-start", RAM + 32 * M + 0x10);
            c.u64("linux,initrd-end", RAM + 32 * M + 0x1234);
        }, root -> root.node("reserved-memory", r -> {
            r.u32("#address-cells", 2);
            r.u32("#size-cells", 2);
            r.empty("ranges");
            r.node("fw@42000000", n -> n.u64s("reg", RAM + 48 * M, M));
            r.node("secure@43000000", n -> {
                n.u64s("reg", RAM + 50 * M, M);
                n.empty("no-map");
            });
        }));
        assertEquals(List.of(new Region(DTB, tree.totalSize(), 0), new Region(RAM + 0x20_0000, 0x8_0000, 0),
                new Region(RAM + 32 * M, 0x2000, 0), new Region(RAM + 40 * M, 0x3000, 0), new Region(RAM + 48 * M, M, 0)),
                memblock.reserved());
        assertEquals(List.of(new Region(RAM, 50 * M, 0), new Region(RAM + 50 * M, M, Memblock.NOMAP), new Region(RAM + 51 * M, 13 * M, 0)),
                memblock.memory());
    }

    @Test
    void seeds_are_wiped_in_the_tree_that_lies_in_memory() {
        scan(new FdtWriter(), c -> {
            c.u64("kaslr-seed", 42);
            c.bytes("rng-seed", new byte[] {1, 2, 3, 4});
        }, root -> { });
        Fdt left = Fdt.of(memory.read(DTB, 4096));
        assertArrayEquals(new byte[8], left.node("/chosen").get("kaslr-seed").bytes());
        assertFalse(left.node("/chosen").has("rng-seed"));
    }

    @Test
    void a_usable_memory_range_caps_memory() {
        scan(new FdtWriter(), c -> c.u64s("linux,usable-memory-range", RAM + 8 * M, 8 * M), root -> { });
        assertEquals(List.of(new Region(RAM + 8 * M, 8 * M, 0)), memblock.memory());
    }

    @Test
    void a_disabled_memory_node_is_none() {
        scan(new FdtWriter(), c -> { }, root -> root.node("memory@50000000", n -> {
            n.string("device_type", "memory");
            n.u64s("reg", 0x5000_0000L, M);
            n.string("status", "disabled");
        }));
        assertEquals(RAM + 64 * M, memblock.endOfDram());
    }

    @Test
    void the_initrds_own_reservation_is_not_the_firmwares() {
        Fdt tree = scan(new FdtWriter().reserve(RAM + 32 * M, 0x2000).reserve(RAM + 40 * M, 0x1000), c -> {
            c.u64("linux,initrd-start", RAM + 32 * M);
            c.u64("linux,initrd-end", RAM + 32 * M + 0x2000);
        }, root -> { });
        assertEquals(List.of(PhysRange.of(RAM + 40 * M, 0x1000)), EarlyMemory.firmwareReserved(tree));
        assertTrue(EarlyMemory.initrd(tree).isPresent());
    }
}
