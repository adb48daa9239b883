package dev.baton.core.fdt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class Fdt_editor_Test {
    private static final int ROOT = 0;

    @Test
    void A_new_property_comes_first_and_a_new_child_comes_before_the_others() {
        FdtEditor tree = FdtEditor.of(Fdt.of(new FdtWriter().write(root -> root.empty("old").node("older"))), 200);
        tree.setEmpty(ROOT, "new");
        tree.addNode(ROOT, "newer");

        assertEquals(List.of("new", "old"), tree.root().properties().stream().map(FdtProperty::name).toList());
        assertEquals(List.of("newer", "older"), tree.root().children().stream().map(FdtNode::name).toList());
    }

    @Test
    void A_kho_tree_is_opened_added_to_and_packed_as_the_kernel_does() {
        FdtEditor tree = FdtEditor.openInto(Fdt.of(new FdtWriter().write(root -> root.string("compatible", "kho-v1"))), 4096);
        int sub = tree.addNode(ROOT, "memblock");
        tree.setNativeU64(sub, "fdt", 0x4770_0000L);
        Fdt packed = tree.pack().view();

        assertEquals(0x4770_0000L, packed.node("/memblock").get("fdt").nativeU64());
        assertEquals("kho-v1", packed.root().string("compatible"));
        assertEquals(packed.offStrings + packed.sizeStrings, packed.totalSize());
    }

    @Test
    void An_address_range_takes_its_cells_from_the_parent_it_is_given() {
        FdtEditor tree = FdtEditor.of(Fdt.of(Trees.virt()), 100);
        tree.appendAddressRange(ROOT, tree.pathOffset("/chosen"), "linux,kho-scratch", 0x4800_0000L, 0x10_0000);
        FdtProperty p = tree.node("/chosen").get("linux,kho-scratch");

        assertEquals(16, p.length());
        assertEquals(0x4800_0000L, p.number(0, 2));
        assertEquals(0x10_0000, p.number(2, 2));
    }

    @Test
    void A_range_that_does_not_fit_its_cells_is_refused() {
        FdtEditor tree = FdtEditor.of(Fdt.of(new FdtWriter().write(root -> root.u32("#address-cells", 1).node("n"))), 100);
        int n = tree.pathOffset("/n");

        fails(FdtError.BADVALUE, "expected a range that fits 1 cells of address and 1 of size, found 0xffffffff+0x2",
                () -> tree.appendAddressRange(ROOT, n, "reg", 0xffff_ffffL, 2));
        tree.appendAddressRange(ROOT, n, "reg", 0xffff_ffffL, 1);
        assertArrayEquals(new int[] {-1, 1}, tree.node("/n").get("reg").cells());
        tree.appendAddressRange(ROOT, n, "reg", 0, 0x1000);
        assertArrayEquals(new int[] {-1, 1, 0, 0x1000}, tree.node("/n").get("reg").cells());
    }

    @Test
    void Errors_have_libfdts_names_and_leave_the_tree_as_it_was() {
        FdtEditor tree = FdtEditor.openInto(Fdt.of(Trees.kho()), Trees.kho().length + 8);
        String before = LibfdtOracle.hash(tree);

        fails(FdtError.NOTFOUND, "node '/' has no property 'absent'", () -> tree.delete(ROOT, "absent"));
        fails(FdtError.EXISTS, "node '/' already has a child 'LUO'", () -> tree.addNode(ROOT, "LUO"));
        fails(FdtError.NOSPACE, "expected room for %d bytes, found %d".formatted(tree.dataSize() + 16, tree.totalSize()),
                () -> tree.addReservation(1, 1));
        fails(FdtError.BADOFFSET, "no node begins at structure offset 0x6", () -> tree.addNode(6, "n"));
        fails(FdtError.NOTFOUND, "expected a reservation below 0, found 0", () -> tree.deleteReservation(0));
        fails(FdtError.NOSPACE, "expected room for 4 bytes, found 8", () -> tree.setInPlace(ROOT, "preserved-memory-map", new byte[4]));
        assertEquals(before, LibfdtOracle.hash(tree));
    }

    @Test
    void Any_sequence_of_edits_leaves_the_bytes_and_the_results_that_libfdt_leaves() {
        LibfdtOracle.assumePresent();
        List<String> calls = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int seed = 0; seed < 300; seed++) {
            Edits edits = new Edits(new Random(seed), seedTree(seed));
            for (int i = 0; i < 150; i++) {
                edits.next();
            }
            calls.addAll(edits.calls);
            expected.addAll(edits.expected);
        }
        List<String> answers = LibfdtOracle.script(calls);
        for (int i = 0; i < calls.size(); i++) {
            int call = i;
            assertEquals(answers.get(i), expected.get(i), () -> "call %d: %s".formatted(call, calls.get(call)));
        }
    }

    @Test
    void Every_edited_tree_is_one_that_the_reader_accepts() {
        for (int seed = 100; seed < 130; seed++) {
            Edits edits = new Edits(new Random(seed), seedTree(seed));
            for (int i = 0; i < 100; i++) {
                edits.next();
                edits.tree.view();
            }
        }
    }

    private static byte[] seedTree(int seed) {
        return switch (seed % 4) {
            case 0 -> Trees.virt();
            case 1 -> Trees.kho();
            case 2 -> Trees.empty();
            default -> Trees.random(new Random(seed), 20);
        };
    }

    private static void fails(FdtError error, String sentence, Executable edit) {
        FdtException e = assertThrows(FdtException.class, edit);
        assertEquals(error.libfdtName() + ": " + sentence, e.getMessage());
    }

    /** The same calls to the editor and, as a script, to libfdt. */
    private static final class Edits {
        private static final String[] NAMES = {"reg", "compatible", "status", "a", "ba", "cba", "phandle", "fdt"};
        private static final String[] CHILDREN = {"memory", "memory@0", "memory@4000", "cpus", "x", "chosen", "cpu@1"};

        private final Random random;
        private final List<String> calls = new ArrayList<>();
        private final List<String> expected = new ArrayList<>();
        private FdtEditor tree;

        Edits(Random random, byte[] dtb) {
            this.random = random;
            int size = dtb.length + random.nextInt(600);
            tree = FdtEditor.openInto(Fdt.of(dtb), size);
            record("open %d %s".formatted(size, LibfdtOracle.hex(dtb)), 0);
        }

        private void record(String call, int result) {
            calls.add(call);
            expected.add(result + " " + LibfdtOracle.hash(tree));
        }

        private void edit(String call, Executable edit) {
            int result = 0;
            try {
                edit.execute();
            } catch (FdtException e) {
                result = -e.error().code();
            } catch (Throwable e) {
                throw new AssertionError(call, e);
            }
            record(call, result);
        }

        private int anyNode() {
            List<Integer> nodes = new ArrayList<>();
            for (int n = tree.nextNode(-1); n >= 0; n = tree.nextNode(n)) {
                nodes.add(n);
            }
            return nodes.get(random.nextInt(nodes.size()));
        }

        private String anyProperty(int node) {
            List<FdtProperty> properties = tree.nodeAt(node).properties();
            return properties.isEmpty() || random.nextInt(4) == 0 ? NAMES[random.nextInt(NAMES.length)]
                    : properties.get(random.nextInt(properties.size())).name();
        }

        void next() {
            // A path may lead elsewhere: '/memory' to '/memory@0' if that comes first. Both sides then edit that one.
            String path = tree.pathOf(anyNode());
            int node = tree.pathOffset(path);
            if (node < 0) {
                return;
            }
            String name = anyProperty(node);
            byte[] value = Trees.bytes(random, random.nextInt(24));
            String child = CHILDREN[random.nextInt(CHILDREN.length)];
            String operands = path + " " + name + " " + LibfdtOracle.hex(value);
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3 -> edit("set " + operands, () -> tree.set(node, name, value));
                case 4, 5 -> edit("append " + operands, () -> tree.append(node, name, value));
                case 6 -> edit("inplace " + operands, () -> tree.setInPlace(node, name, value));
                case 7, 8 -> edit("del " + path + " " + name, () -> tree.delete(node, name));
                case 9 -> edit("nop " + path + " " + name, () -> tree.nop(node, name));
                case 10, 11, 12 -> add(path, node, child);
                case 13 -> remove(path, node);
                case 14 -> range(path, node);
                case 15 -> reserve();
                case 16 -> edit("pack", tree::pack);
                case 17 -> grow();
                case 18 -> rename(path, node);
                default -> ask(path, node);
            }
        }

        private void add(String path, int node, String child) {
            int[] offset = new int[1];
            calls.add("add " + path + " " + child);
            try {
                offset[0] = tree.addNode(node, child);
            } catch (FdtException e) {
                offset[0] = -e.error().code();
            }
            expected.add(offset[0] + " " + LibfdtOracle.hash(tree));
        }

        private void remove(String path, int node) {
            if (node == ROOT || random.nextInt(3) != 0) {
                return;
            }
            if (random.nextBoolean()) {
                edit("delnode " + path, () -> tree.deleteNode(node));
            } else {
                edit("nopnode " + path, () -> tree.nopNode(node));
            }
        }

        private void range(String path, int node) {
            long address = random.nextLong() >>> random.nextInt(64) | 1;
            long size = random.nextLong() >>> random.nextInt(64) & 0xffff_ffffL - (address & 0xffff_ffffL);
            edit("range %s / reg %x %x".formatted(path, address, size), () -> tree.appendAddressRange(ROOT, node, "reg", address, size));
        }

        private void reserve() {
            if (random.nextBoolean()) {
                long address = random.nextLong();
                edit("rsv %x 1000".formatted(address), () -> tree.addReservation(address, 0x1000));
            } else {
                int n = random.nextInt(3);
                edit("delrsv " + n, () -> tree.deleteReservation(n));
            }
        }

        private void grow() {
            int size = tree.totalSize() + random.nextInt(300) - 20;
            edit("grow " + size, () -> tree.grow(size));
        }

        private void rename(String path, int node) {
            if (node != ROOT) {
                String name = "renamed@" + Integer.toHexString(random.nextInt(0x10000));
                edit("rename " + path + " " + name, () -> tree.setName(node, name));
            }
        }

        private void ask(String path, int node) {
            record("path " + path, node);
            record("next " + node, tree.nextNode(node));
            record("parent " + node, tree.parentOffset(node));
            record("first " + node, tree.firstSubnode(node));
            record("sibling " + node, tree.nextSubnode(node));
            record("compatible -1 arm,pl011", tree.offsetByCompatible(-1, "arm,pl011"));
            int phandle = random.nextInt(0x8010);
            record("phandle %x".formatted(phandle), tree.offsetByPhandle(phandle));
        }
    }
}
