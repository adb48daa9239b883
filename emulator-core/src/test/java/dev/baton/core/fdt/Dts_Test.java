package dev.baton.core.fdt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

class Dts_Test {
    /** All of the language that is understood. */
    private static final String EVERYTHING = """
            /dts-v1/;
            // a line
            /memreserve/ 0x40000000 0x1000;
            resv: /memreserve/ (0x1000 * 2) 0x8000;
            / { /* the root */
                #address-cells = <2>;
                compatible = "a,b", "c\\"d\\\\", "\\x41\\102\\a\\n";
                expr = <(1 + 2 * 3) (-1) (~0xf & 0xff) (1 << 4 | 1) (7 / 2) (7 % 4)
                        (1 ? 10 : 20) (0 ? 1 : 0 ? 2 : 3) (!5) (3 >= 3 && 2 != 2)>;
                more = <(1 == 1 || 0) (8 >> 2) (6 ^ 3) (5 > 4) (5 < 4) (5 <= 4) 010 0x1FUL 'a' '\\n' '\\'' (1 << 64)>;
                wide = /bits/ 64 <0x1122334455667788 (-1)>, /bits/ 8 <1 2 (-3)>, /bits/ 16 <0xffff>, <3>;
                bytes = [00 1122 aB], [], [cc];
                empty;
                ref = <&{/soc} &soc &{/}>;
                mixed = "text", <1 &uart 2>, &uart, &{/soc/other@2}, [ff];
                label_in: data = <inner: 1>, after: "x";
                a: b: first { prop; };
                soc: soc {
                    uart: uart@1 { reg = <1>; };
                    other@2 { phandle = <1>; self { }; me: me { phandle = <&me>; }; };
                    gone { x; };
                    kept { p1 = <1>; p2; p3; };
                };
                cpus { cpu@3 { reg = <3>; }; };
            };
            / { added; first { prop = <5>; /delete-property/ none; }; };
            &uart { status = "okay"; sub { }; };
            extra: &soc { /delete-node/ gone; kept { /delete-property/ p2; }; last { }; };
            &{/soc/kept} { p2 = "back"; };
            /delete-node/ &b;
            / { first { again; }; };
            """;

    @Test
    void A_tree_is_printed_as_dtc_prints_it() {
        assertEquals("""
                /dts-v1/;

                /memreserve/\t0x0000000040000000 0x0000000000001000;
                / {
                \t#address-cells = <0x02>;
                \tcompatible = "a\\0b";
                \tbig = <0xffffffff 0x123>;
                \todd = [00 01 ff];
                \tflag;

                \tchild@1 {
                \t\ttext = "say \\"hi\\"\\n\\\\";
                \t};

                \tother {
                \t};
                };
                """, Dts.print(Fdt.of(new FdtWriter().reserve(0x40000000L, 0x1000).write(root -> root
                .u32("#address-cells", 2).strings("compatible", "a", "b").cells("big", -1, 0x123)
                .bytes("odd", (byte) 0, (byte) 1, (byte) -1).empty("flag")
                .node("child@1", c -> c.string("text", "say \"hi\"\n\\")).node("other")))));
    }

    @Test
    void Dtc_prints_the_same_text_sorted_or_not() {
        LibfdtOracle.assumeDtc();
        for (byte[] dtb : trees()) {
            Dts.Option[] form = dtcSeparatesStrings() ? new Dts.Option[] {Dts.Option.SEPARATE_STRINGS} : new Dts.Option[0];
            Dts.Option[] sortedForm = Arrays.copyOf(form, form.length + 1);
            sortedForm[form.length] = Dts.Option.SORTED;

            // The NUL before a digit is where we differ on purpose: dtc 1.6 would read its own "aa\07" back as "aa\a".
            assertEquals(text(LibfdtOracle.dtc(dtb, "-I", "dtb", "-O", "dts")), Dts.print(Fdt.of(dtb), form).replace("\\x00", "\\0"));
            assertEquals(text(LibfdtOracle.dtc(dtb, "-s", "-I", "dtb", "-O", "dts")),
                    Dts.print(Fdt.of(dtb), sortedForm).replace("\\x00", "\\0"));
        }
    }

    @Test
    void What_is_printed_is_read_back_by_us_and_by_dtc() {
        for (byte[] dtb : trees()) {
            for (Dts.Option[] form : new Dts.Option[][] {{}, {Dts.Option.SEPARATE_STRINGS}, {Dts.Option.SORTED}}) {
                String source = Dts.print(Fdt.of(dtb), form);
                assertEquals(List.of(), FdtDiff.between(withoutBootCpuid(dtb), withoutBootCpuid(Dts.compile("printed", source))));
            }
        }
        LibfdtOracle.assumeDtc();
        for (byte[] dtb : trees()) {
            byte[] source = Dts.print(Fdt.of(dtb)).getBytes(StandardCharsets.ISO_8859_1);
            byte[] again = LibfdtOracle.dtc(source, "-I", "dts", "-O", "dtb");
            assertEquals(List.of(), FdtDiff.between(withoutBootCpuid(dtb), withoutBootCpuid(again)));
        }
    }

    @Test
    void A_source_text_becomes_the_bytes_that_dtc_makes_of_it() {
        LibfdtOracle.assumeDtc();
        List<String> sources = new ArrayList<>(List.of(EVERYTHING, "/dts-v1/; / { };", "/dts-v1/; /dts-v1/; / {}; / { a; };"));
        trees().forEach(dtb -> sources.add(Dts.print(Fdt.of(dtb))));
        for (String source : sources) {
            assertSameAsDtc(source, new Dts.Option[0]);
            assertSameAsDtc(source, new Dts.Option[] {Dts.Option.SYMBOLS}, "-@");
        }
    }

    @Test
    void A_plugin_becomes_an_overlay_as_dtc_makes_it_and_applies() {
        String overlay = """
                /dts-v1/; /plugin/;
                &uart { status = "okay"; clocks = <&clk 1 &mine>; mine: mine { peer = <&mine &{/soc}>; }; };
                &{/soc} { added = <&uart>; };
                / { fragment@9 { target-path = "/"; __overlay__ { top; }; }; };
                """;
        String base = "/dts-v1/; / { soc: soc { uart: uart { }; clk: clk { }; }; };";
        FdtEditor tree = FdtEditor.of(Fdt.of(Dts.compile("base", base, Dts.Option.SYMBOLS)), 1000);
        FdtOverlay.apply(tree, Fdt.of(Dts.compile("overlay", overlay.replace("&{/soc}>", "&mine>"))));

        FdtNode uart = tree.node("/soc/uart");
        assertArrayEquals(new int[] {tree.node("/soc/clk").phandle(), 1, tree.node("/soc/uart/mine").phandle()},
                uart.get("clocks").cells());
        assertArrayEquals(new int[] {uart.phandle()}, tree.node("/soc").get("added").cells());
        assertTrue(tree.root().has("top"));
        LibfdtOracle.assumeDtc();
        assertSameAsDtc(overlay, new Dts.Option[0]);
        assertSameAsDtc(overlay, new Dts.Option[] {Dts.Option.SYMBOLS}, "-@");
        assertSameAsDtc("/dts-v1/; /plugin/; / { fragment { target = <&x>; __overlay__ { l: n { p = &l; }; }; }; };", new Dts.Option[0]);
    }

    @Test
    void Expressions_have_the_precedence_and_the_width_of_dtc() {
        FdtNode root = Fdt.of(Dts.compile("text", EVERYTHING)).root();

        assertArrayEquals(new int[] {7, -1, 0xf0, 17, 3, 3, 10, 3, 0, 0}, root.get("expr").cells());
        assertArrayEquals(new int[] {1, 2, 5, 1, 0, 0, 8, 0x1f, 'a', '\n', '\'', 0}, root.get("more").cells());
        assertEquals("1122334455667788ffffffffffffffff0102fdffff00000003", LibfdtOracle.hex(root.get("wide").bytes()));
    }

    @Test
    void Characters_outside_of_ASCII_are_the_bytes_of_the_source() {
        String source = "/dts-v1/; / { /* \u20ac */ model = \"caf\u00e9 \u20ac\"; };";

        assertArrayEquals("caf\u00e9 \u20ac\0".getBytes(StandardCharsets.UTF_8),
                Fdt.of(Dts.compile("t", source)).root().get("model").bytes());
        LibfdtOracle.assumeDtc();
        assertArrayEquals(LibfdtOracle.dtc(source.getBytes(StandardCharsets.UTF_8), "-I", "dts", "-O", "dtb"), Dts.compile("t", source));
    }

    @Test
    void Mistakes_are_told_with_line_and_column() {
        Map<String, String> mistakes = new LinkedHashMap<>();
        mistakes.put("/ { };", "1:1: expected '/dts-v1/', found '/'");
        mistakes.put("/dts-v1/;", "1:10: expected '/', a reference, or '/delete-node/', found the end of the text");
        mistakes.put("/dts-v1/;\n/ { a = <1> };", "2:13: expected ';', found '}'");
        mistakes.put("/dts-v1/;\n/ { a = 1; };", "2:9: expected a string, '<', '[', '/bits/' or a reference, found '1'");
        mistakes.put("/dts-v1/;\n/ { a = <0x1ffffffff>; };", "2:10: expected a value of 32 bits, found 0x1ffffffff");
        mistakes.put("/dts-v1/;\n/ { a = <08>; };", "2:10: expected a number below 2^64, found '08'");
        mistakes.put("/dts-v1/;\n/ { a = <(1 / 0)>; };", "2:13: expected a divisor other than 0");
        mistakes.put("/dts-v1/;\n/ { a = [0]; };", "2:10: expected two hex digits or ']', found '0'");
        mistakes.put("/dts-v1/;\n/ { a = \"x; };", "2:9: expected a closing \", found the end of the text");
        mistakes.put("/dts-v1/;\n/ { a = <'ab'>; };", "2:10: expected one character between quotes, found 2");
        mistakes.put("/dts-v1/;\n/ { n { }; a; };", "2:12: expected properties before nodes");
        mistakes.put("/dts-v1/;\n/ { a; b;\n a; };", "3:2: property 'a' is already in '/'");
        mistakes.put("/dts-v1/;\n/ { n { }; n { }; };", "2:12: node 'n' is already in '/'");
        mistakes.put("/dts-v1/;\n/ { a = <&x>; };", "2:10: expected a label or path of a node, found '&x'");
        mistakes.put("/dts-v1/;\n/ { };\n&x { };", "3:1: expected a label or path of a node, found '&x'");
        mistakes.put("/dts-v1/;\n/ { l: n { }; l: m { }; };", "2:18: label 'l' is already that of '/n'");
        mistakes.put("/dts-v1/;\n/ { n@1@2 { }; };", "2:5: expected at most one '@' in a node name, found 'n@1@2'");
        mistakes.put("/dts-v1/;\n/ { n# { }; };", "2:5: expected letters, digits and ,._+-@ in a name, found '#' in 'n#'");
        mistakes.put("/dts-v1/;\n/ { a { phandle = <5>; }; b { phandle = <5>; }; };", "2:27: phandle 0x5 of '/b' is already in use");
        mistakes.put("/dts-v1/;\n/include/ \"x.dtsi\"",
                "2:1: '/include/' is not supported: expected a source text that is complete in itself");
        mistakes.put("/dts-v1/;\n/* open", "2:1: expected '*/' after this '/*', found the end of the text");
        mistakes.put("/dts-v1/;\n/ { a = /bits/ 24 <1>; };", "2:16: expected elements of 8, 16, 32 or 64 bits, found 24");
        mistakes.put("/dts-v1/;\n/memreserve/ 0x1000 0;\n/ { };", "2:21: expected a reservation of at least one byte, found 0");
        mistakes.put("/dts-v1/; / " + "{ n ".repeat(300), "1:1037: expected nodes at most 256 deep");
        mistakes.put("/dts-v1/; / { a = <" + "(".repeat(5000), "1:71: expected at most 100 operators nested in each other");

        mistakes.forEach((source, sentence) ->
                assertEquals("t:" + sentence, assertThrows(DtsException.class, () -> Dts.compile("t", source)).getMessage()));
    }

    @Test
    void Damaged_source_is_compiled_or_refused_but_never_anything_else() {
        Random random = new Random(7);
        List<String> pieces = List.of("", "", "<", ">", "{", "}", ";", "\"", "'", "&", "(", "\\", "/*", "0", "l:", "\u20ac");
        int compiled = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder source = new StringBuilder(EVERYTHING);
            for (int changes = 1 + random.nextInt(2); changes > 0; changes--) {
                int at = random.nextInt(source.length());
                source.replace(at, Math.min(source.length(), at + random.nextInt(3)), pieces.get(random.nextInt(pieces.size())));
            }
            try {
                Fdt.of(Dts.compile("t", source.toString()));
                compiled++;
            } catch (DtsException e) {
                assertTrue(e.line() >= 1 && e.column() >= 1);
            }
        }
        assertTrue(compiled > 1000 && compiled < 19_000, compiled + " of 20000 were compiled");
    }

    @Test
    void A_tree_deeper_than_can_be_visited_is_refused_when_it_is_printed() {
        Fdt deep = Fdt.of(new FdtWriter().write(root -> nest(root, 300)));

        assertEquals("FDT_ERR_BADSTRUCTURE: expected nodes at most 256 deep",
                assertThrows(FdtException.class, () -> Dts.print(deep)).getMessage());
        assertEquals(300, deep.node("/n".repeat(300)).path().length() / 2);
    }

    private static void nest(FdtWriter.Node node, int depth) {
        if (depth > 0) {
            node.node("n", n -> nest(n, depth - 1));
        }
    }

    private static void assertSameAsDtc(String source, Dts.Option[] options, String... flags) {
        String[] arguments = Arrays.copyOf(flags, flags.length + 4);
        System.arraycopy(new String[] {"-I", "dts", "-O", "dtb"}, 0, arguments, flags.length, 4);
        byte[] theirs = LibfdtOracle.dtc(source.getBytes(StandardCharsets.ISO_8859_1), arguments);
        byte[] ours = Dts.compile("t", source, options);
        assertEquals(Dts.print(Fdt.of(theirs)), Dts.print(Fdt.of(ours)));
        assertArrayEquals(theirs, ours);
    }

    private static List<byte[]> trees() {
        List<byte[]> trees = new ArrayList<>(List.of(Trees.virt(), Trees.kho(), Trees.empty()));
        for (int seed = 0; seed < 10; seed++) {
            trees.add(Trees.random(new Random(seed), 30));
        }
        trees.add(new FdtWriter().reserve(2, 1).reserve(1, 9).reserve(1, 8).write(root -> {
            root.strings("list", "a", "", "9z").strings("octal", "aa", "7").bytes("nuls", new byte[8]).bytes("nul", (byte) 0);
            root.strings("white", "\u0007\b\t\n\u000b\f\r").strings("latin", "\u00e9").strings("half", "a", "b", "");
            root.node("b").node("a");
        }));
        return trees;
    }

    /** The source form has no place for it. */
    private static Fdt withoutBootCpuid(byte[] dtb) {
        byte[] copy = dtb.clone();
        FdtLayout.be32(copy, FdtLayout.OFF_BOOT_CPUID_PHYS, 0);
        return Fdt.of(copy);
    }

    private static String text(byte[] source) {
        return new String(source, StandardCharsets.ISO_8859_1);
    }

    private static boolean dtcSeparatesStrings() {
        byte[] list = new FdtWriter().write(root -> root.strings("list", "a", "b"));
        return text(LibfdtOracle.dtc(list, "-I", "dtb", "-O", "dts")).contains("\"a\", \"b\"");
    }
}
