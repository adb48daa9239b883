package dev.baton.core.fdt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

class Fdt_reader_Test {
    private final Fdt virt = Fdt.of(Trees.virt());

    @Test
    void A_node_is_found_by_its_path_with_or_without_its_unit_address() {
        assertEquals("pl011@9000000", virt.node("/pl011@9000000").name());
        assertEquals("/pl011@9000000", virt.node("/pl011").path());
        assertEquals("/", virt.node("/").path());
        assertEquals("/cpus/cpu@1", virt.node("//cpus//cpu@1/").path());
        assertEquals(Optional.empty(), virt.findNode("/pl011@900000"));
        assertEquals(Optional.empty(), virt.findNode("/pl01"));
    }

    @Test
    void A_path_may_begin_with_an_alias() {
        Fdt fdt = Fdt.of(new FdtWriter().write(root -> root
                .node("aliases", a -> a.string("serial0", "/soc/uart@1").string("again", "serial0").bytes("cut", (byte) '/'))
                .node("soc", soc -> soc.node("uart@1", uart -> uart.node("port")))));

        assertEquals("/soc/uart@1", fdt.node("serial0").path());
        assertEquals("/soc/uart@1/port", fdt.node("serial0/port").path());
        for (String path : List.of("", "serial1", "again", "cut")) {
            assertEquals(-FdtError.BADPATH.code(), fdt.pathOffset(path), path);
        }
    }

    @Test
    void Nodes_are_found_by_phandle_and_by_compatible() {
        int phandle = virt.root().u32("interrupt-parent");

        assertEquals("intc@8000000", virt.findByPhandle(phandle).orElseThrow().name());
        assertEquals(-FdtError.BADPHANDLE.code(), virt.offsetByPhandle(0));
        assertEquals(-FdtError.NOTFOUND.code(), virt.offsetByPhandle(0x1234));
        assertEquals(32, virt.findCompatible("virtio,mmio").size());
        assertEquals(List.of("/pl011@9000000"), virt.findCompatible("arm,primecell").stream().map(FdtNode::path)
                .filter(path -> path.startsWith("/pl011")).toList());
        assertEquals(List.of(), virt.findCompatible("arm"));
    }

    @Test
    void Cells_of_an_address_are_counted_by_the_parent_and_default_to_two_and_one() {
        assertEquals(2, virt.root().addressCells());
        assertEquals(1, virt.node("/cpus").addressCells());
        assertEquals(0, virt.node("/cpus").sizeCells());
        assertEquals(2, virt.node("/chosen").addressCells());
        assertEquals(1, virt.node("/chosen").sizeCells());
        assertEquals(0x4000_0000L, virt.node("/memory").get("reg").number(0, 2));
        FdtNode wrong = Fdt.of(new FdtWriter().write(root -> root.u32("#address-cells", 0).u32("#size-cells", 5))).root();
        assertEquals(FdtError.BADNCELLS, assertThrows(FdtException.class, wrong::addressCells).error());
        assertEquals(FdtError.BADNCELLS, assertThrows(FdtException.class, wrong::sizeCells).error());
    }

    @Test
    void A_value_that_is_not_what_is_asked_for_is_refused_in_one_sentence() {
        FdtNode chosen = Fdt.of(new FdtWriter().write(root -> root.u32("linux,kho-fdt", 1))).root();

        FdtException e = assertThrows(FdtException.class, () -> chosen.u64("linux,kho-fdt"));
        assertEquals("FDT_ERR_BADVALUE: expected property 'linux,kho-fdt' at structure offset 0x8 to be two cells, 8 bytes, found 4",
                e.getMessage());
        e = assertThrows(FdtException.class, () -> chosen.u64("linux,kho"));
        assertEquals("FDT_ERR_NOTFOUND: node '/' has no property 'linux,kho'", e.getMessage());
        assertThrows(FdtException.class, () -> chosen.get("linux,kho-fdt").strings());
        e = assertThrows(FdtException.class, () -> virt.node("/cpus/none"));
        assertEquals("FDT_ERR_NOTFOUND: there is no node '/cpus/none'", e.getMessage());
    }

    @Test
    void A_tree_is_read_where_it_lies() {
        byte[] dtb = Trees.kho();
        byte[] memory = new byte[dtb.length + 100];
        System.arraycopy(dtb, 0, memory, 60, dtb.length);

        Fdt fdt = Fdt.of(memory, 60, dtb.length + 40);
        assertEquals(3, fdt.node("/LUO").get("sessions").nativeU64());
        assertArrayEquals(dtb, fdt.toBytes());
        memory[60 + dtb.length - 1] = 'x';
        assertThrows(FdtException.class, () -> Fdt.of(memory, 60, dtb.length));
    }

    @Test
    void A_tree_is_copied_out_of_a_segment_as_far_as_it_goes() {
        byte[] dtb = Trees.kho();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(4096);
            MemorySegment.copy(dtb, 0, page, ValueLayout.JAVA_BYTE, 0, dtb.length);
            assertArrayEquals(dtb, Fdt.copyOf(page).toBytes());
            assertThrows(FdtException.class, () -> Fdt.copyOf(page.asSlice(0, dtb.length - 1)));
            assertThrows(FdtException.class, () -> Fdt.copyOf(page.asSlice(0, 3)));
            assertThrows(FdtException.class, () -> Fdt.copyOf(page.asSlice(4)));
        }
    }

    @Test
    void Bad_input_is_told_in_one_sentence() {
        refused("FDT_ERR_TRUNCATED: expected a header of 28 bytes at 0x0, found 0", new byte[0]);
        refused("FDT_ERR_BADMAGIC: expected 0xd00dfeed at 0x0, found 0xd00dfeee", patched(0, 0xd00dfeee));
        refused("FDT_ERR_TRUNCATED: expected 257 bytes, as the header says, found 240", Arrays.copyOf(Trees.kho(), 240));
        refused("FDT_ERR_TRUNCATED: expected a total size from 40 to 2147483647 at 0x4, found 4294967295", patched(4, -1));
        refused("FDT_ERR_BADVERSION: expected version 2 or later at 0x14, readable as 17 or earlier, found version 18, last compatible "
                + "with 18", patched(0x14, 18, 0x18, 18));
        refused("FDT_ERR_TRUNCATED: expected the strings block between 0x28 and 0x101, found it from 0xd4 to 0x1000000d2",
                patched(0x20, -2));
        refused("FDT_ERR_BADSTRUCTURE: expected a tag (1, 2, 3, 4 or 9) at structure offset 0x8, found 0x77", patched(0x48, 0x77));
        refused("FDT_ERR_BADSTRUCTURE: the property at structure offset 0x8 is longer than the block", patched(0x4c, 0x1000));
        refused("FDT_ERR_BADOFFSET: expected the name of the property at structure offset 0x8 in the 45 bytes of strings, found offset "
                + "0x9999", patched(0x50, 0x9999));
        refused("FDT_ERR_BADSTRUCTURE: expected 1 more ends of nodes at structure offset 0x8, found tag 9", patched(0x48, 9));
        refused("FDT_ERR_BADSTRUCTURE: expected a root without a name at structure offset 0x0, found 'r'", patched(0x44, 'r' << 24));
    }

    @Test
    void A_property_whose_length_wraps_round_is_refused() {
        // libfdt 1.6.1 takes -8 for a property that ends inside itself, and never returns from -12.
        refused("FDT_ERR_BADSTRUCTURE: the property at structure offset 0x8 is longer than the block", patched(0x4c, -8));
        refused("FDT_ERR_BADSTRUCTURE: the property at structure offset 0x8 is longer than the block", patched(0x4c, -12));
    }

    @Test
    void A_tree_without_a_root_is_legal_and_has_nothing_in_it() {
        Fdt fdt = Fdt.of(patched(0x40, 9));

        assertEquals(FdtError.BADOFFSET, assertThrows(FdtException.class, fdt::root).error());
        assertEquals(-FdtError.NOTFOUND.code(), fdt.nextNode(-1));
        assertEquals(Optional.empty(), fdt.findNode("/n"));
    }

    @Test
    void Trees_of_the_older_versions_read_the_same() {
        LibfdtOracle.assumeDtc();
        List<String> expected = everything(virt);
        for (String version : List.of("2", "3", "16")) {
            Fdt old = Fdt.of(LibfdtOracle.dtc(Trees.virt(), "-I", "dtb", "-O", "dtb", "-V", version));
            List<String> found = everything(old);
            // Before version 16 each node has a property 'name', which dtc adds.
            found.removeIf(line -> line.contains(" name="));
            assertEquals(expected, found, "version " + version);
            assertEquals("/cpus/cpu@1", old.node("/cpus/cpu@1").path());
        }
    }

    private static List<String> everything(Fdt fdt) {
        List<String> lines = new ArrayList<>();
        for (int n = fdt.nextNode(-1); n >= 0; n = fdt.nextNode(n)) {
            FdtNode node = fdt.nodeAt(n);
            lines.add(node.path());
            node.properties().forEach(p -> lines.add(" " + p.name() + "=" + LibfdtOracle.hex(p.bytes())));
        }
        return lines;
    }

    private static byte[] patched(int... offsetsAndWords) {
        byte[] dtb = Trees.kho();
        for (int i = 0; i < offsetsAndWords.length; i += 2) {
            FdtLayout.be32(dtb, offsetsAndWords[i], offsetsAndWords[i + 1]);
        }
        return dtb;
    }

    private static void refused(String sentence, byte[] dtb) {
        assertEquals(sentence, assertThrows(FdtException.class, () -> Fdt.of(dtb)).getMessage());
    }

    @Test
    void An_exception_about_a_tree_has_no_stack_trace() {
        FdtException e = assertThrows(FdtException.class, () -> Fdt.of(new byte[9]));

        assertEquals(0, e.getStackTrace().length);
        assertTrue(e.getMessage().startsWith("FDT_ERR_TRUNCATED: "));
    }
}
