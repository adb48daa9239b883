package dev.baton.core.fdt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

class Fdt_writer_Test {

    @Test
    void A_root_alone_is_the_header_one_empty_reservation_and_sixteen_bytes_of_structure() {
        Fdt fdt = Fdt.of(Trees.empty());

        assertEquals(0x30 + 16 + 16, fdt.totalSize());
        assertEquals(17, fdt.version());
        assertEquals(16, fdt.lastCompatibleVersion());
        assertEquals(0, fdt.reservationCount());
        assertEquals(List.of(), fdt.root().children());
    }

    @Test
    void What_is_written_is_read_back() {
        Fdt fdt = Fdt.of(new FdtWriter().bootCpuid(1).reserve(0x1000, 0x2000).reserve(0xffff_0000_0000_0000L, 1).write(root -> {
            root.u32("u32", -2).u64("u64", -3).nativeU32("n32", 7).nativeU64("n64", 0x1122334455667788L);
            root.cells("cells", 1, 2, 3).u64s("u64s", 4, 5).strings("strings", "a", "", "c").string("string", "s").empty("empty");
            root.node("child@1", child -> child.bytes("bytes", (byte) 9));
        }));
        FdtNode root = fdt.root();

        assertEquals(1, fdt.bootCpuid());
        assertEquals(List.of(new FdtReservation(0x1000, 0x2000), new FdtReservation(0xffff_0000_0000_0000L, 1)), fdt.reservations());
        assertEquals(-2, root.u32("u32"));
        assertEquals(-3, root.u64("u64"));
        assertEquals(7, root.get("n32").nativeU32());
        assertEquals(0x1122334455667788L, root.get("n64").nativeU64());
        assertEquals(0x8877665544332211L, root.u64("n64"));
        assertArrayEquals(new int[] {1, 2, 3}, root.get("cells").cells());
        assertEquals(5, root.get("u64s").number(2, 2));
        assertEquals(List.of("a", "", "c"), root.get("strings").strings());
        assertEquals("s", root.string("string"));
        assertEquals(0, root.get("empty").length());
        assertArrayEquals(new byte[] {9}, fdt.node("/child").get("bytes").bytes());
    }

    @Test
    void A_property_is_copied_from_another_tree() {
        Fdt virt = Fdt.of(Trees.virt());
        Fdt copy = Fdt.of(new FdtWriter().write(root -> virt.root().properties().forEach(root::copy)));

        assertEquals(List.of(), FdtDiff.between(virt, copy).stream().filter(row -> row.path().equals("/")).toList());
        assertEquals(virt.root().properties().size(), copy.root().properties().size());
    }

    @Test
    void A_name_that_ends_another_shares_its_bytes() {
        Fdt fdt = Fdt.of(new FdtWriter().write(root -> root.empty("linux,phandle").empty("phandle")));

        assertEquals("linux,phandle\0".length(), fdt.sizeStrings);
    }

    @Test
    void A_property_after_a_child_is_refused() {
        refuses(FdtError.BADSTATE, "property 'p' of node '' must precede its children", root -> root.node("n").empty("p"));
    }

    @Test
    void A_name_used_twice_is_refused() {
        refuses(FdtError.EXISTS, "node '' already has a property 'p'", root -> root.empty("p").empty("p"));
        refuses(FdtError.EXISTS, "node '' already has a child 'n@1'", root -> root.node("n@1").node("n@1"));
    }

    @Test
    void A_node_is_refused_while_its_child_is_written_and_after_it_is_closed() {
        refuses(FdtError.BADSTATE, "node '' is not the one being written, which is 'n'", root -> root.node("n", n -> root.empty("p")));
        List<FdtWriter.Node> kept = new ArrayList<>();
        refuses(FdtError.BADSTATE, "node 'n' is not the one being written, which is ''", root -> {
            root.node("n", kept::add);
            kept.getFirst().empty("late");
        });
    }

    @Test
    void A_name_that_no_tree_can_hold_is_refused() {
        refuses(FdtError.BADVALUE, "expected a node name of at least one character without '/', found 'a/b'", root -> root.node("a/b"));
        refuses(FdtError.BADVALUE, "expected a node name of at least one character without '/', found ''", root -> root.node(""));
        refuses(FdtError.BADVALUE, "expected names of Latin-1 characters without NUL, found U+0000 in 'a\0'", root -> root.empty("a\0"));
        refuses(FdtError.BADVALUE, "expected names of Latin-1 characters without NUL, found U+20AC in '\u20ac'",
                root -> root.node("\u20ac"));
    }

    @Test
    void A_reservation_of_nothing_is_refused() {
        FdtException e = assertThrows(FdtException.class, () -> new FdtWriter().reserve(0x1000, 0));

        assertEquals("FDT_ERR_BADVALUE: expected a reservation of at least one byte at 0x1000, found 0", e.getMessage());
    }

    @Test
    void The_bytes_are_those_of_libfdt_for_the_same_calls() {
        LibfdtOracle.assumePresent();
        List<String> calls = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            calls.add("create 1000000");
            FdtWriter writer = new FdtWriter();
            for (int i = random.nextInt(3); i > 0; i--) {
                long address = random.nextLong();
                writer.reserve(address, i);
                calls.add("swrsv %x %x".formatted(address, i));
            }
            calls.add("swtree");
            calls.add("swbegin");
            Fdt written = Fdt.of(writer.write(root -> writeBoth(root, calls, random, 3)));
            calls.add("swend");
            calls.add("swfinish");
            expected.add("0 " + LibfdtOracle.hash(written));
        }
        List<String> answers = LibfdtOracle.script(calls);
        List<String> finished = IntStream.range(0, calls.size()).filter(i -> calls.get(i).equals("swfinish"))
                .mapToObj(answers::get).toList();
        assertEquals(expected, finished);
    }

    private static void writeBoth(FdtWriter.Node node, List<String> calls, Random random, int depth) {
        String[] names = {"reg", "-reg", "a-reg", "x", "xx", "compatible", "linux,phandle", "phandle", "handle", "le"};
        int first = random.nextInt(names.length);
        for (int i = 0, n = random.nextInt(6); i < n; i++) {
            String name = names[(first + 3 * i) % names.length];
            byte[] value = Trees.bytes(random, random.nextInt(20));
            node.bytes(name, value);
            calls.add("swprop %s %s".formatted(name, LibfdtOracle.hex(value)));
        }
        for (int i = 0, n = depth == 0 ? 0 : random.nextInt(4); i < n; i++) {
            String name = "n".repeat(1 + random.nextInt(5)) + "@" + i;
            calls.add("swbegin " + name);
            node.node(name, child -> writeBoth(child, calls, random, depth - 1));
            calls.add("swend");
        }
    }

    private static void refuses(FdtError error, String sentence, Consumer<FdtWriter.Node> body) {
        FdtException e = assertThrows(FdtException.class, () -> new FdtWriter().write(body));
        assertEquals(error.libfdtName() + ": " + sentence, e.getMessage());
    }
}
