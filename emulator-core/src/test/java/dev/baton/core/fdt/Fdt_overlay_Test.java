package dev.baton.core.fdt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

class Fdt_overlay_Test {
    private static final byte[] BASE = new FdtWriter().write(root -> {
        root.u32("#address-cells", 1);
        root.node("soc", soc -> {
            soc.string("status", "okay").u32("phandle", 7);
            soc.node("uart@1000", uart -> uart.u32("phandle", 3).string("status", "disabled"));
        });
        root.node("clock", clock -> clock.u32("phandle", 5));
        root.node("plain");
        root.node("__symbols__", s -> s.string("soc", "/soc").string("uart", "/soc/uart@1000").string("plain", "/plain")
                .string("no", "/x"));
    });

    @Test
    void A_fragment_is_merged_into_its_target() {
        FdtEditor base = applied(root -> root.node("fragment@0", f -> f.string("target-path", "/soc").node("__overlay__", o -> o
                .string("status", "disabled").node("spi@2000", spi -> spi.u32("reg", 0x2000)).node("uart", u -> u.empty("dma-coherent")))));

        assertEquals("disabled", base.node("/soc").string("status"));
        assertEquals(0x2000, base.node("/soc/spi@2000").u32("reg"));
        assertTrue(base.node("/soc/uart@1000").has("dma-coherent"));
    }

    @Test
    void Labels_of_the_base_become_its_phandles_and_phandles_of_the_overlay_are_moved_above_them() {
        FdtEditor base = applied(root -> {
            root.node("fragment@0", f -> f.cells("target", -1).node("__overlay__", o -> o
                    .node("new", n -> n.u32("phandle", 2).cells("both", 9, -1, 2))));
            root.node("__fixups__", x -> x.strings("soc", "/fragment@0:target:0").strings("uart", "/fragment@0/__overlay__/new:both:4"));
            root.node("__local_fixups__", x -> x.node("fragment@0", f -> f.node("__overlay__", o -> o
                    .node("new", n -> n.cells("both", 8)))));
            root.node("__symbols__", s -> s.string("added", "/fragment@0/__overlay__/new").string("whole", "/fragment@0/__overlay__")
                    .string("gone", "/elsewhere/x"));
        });

        assertEquals(9, base.node("/soc/new").phandle());
        assertArrayEquals(new int[] {9, 3, 9}, base.node("/soc/new").get("both").cells());
        assertEquals("/soc/new", base.node("/__symbols__").string("added"));
        assertEquals("/soc/", base.node("/__symbols__").string("whole"));
        assertEquals(List.of("whole", "added", "soc", "uart", "plain", "no"),
                base.node("/__symbols__").properties().stream().map(FdtProperty::name).toList());
    }

    @Test
    void A_bad_overlay_is_refused_by_name_and_leaves_the_base_alone() {
        refused("FDT_ERR_BADOVERLAY: fragment 'f' has neither 'target' nor 'target-path'",
                root -> root.node("f", f -> f.node("__overlay__")));
        refused("FDT_ERR_NOTFOUND: fragment 'f' is for '/none', which the base has not",
                root -> root.node("f", f -> f.string("target-path", "/none").node("__overlay__")));
        refused("FDT_ERR_NOTFOUND: fragment 'f' is for phandle 0x63, which the base has not",
                root -> root.node("f", f -> f.u32("target", 99).node("__overlay__")));
        refused("FDT_ERR_BADPHANDLE: expected 'target' of 'f' to be a phandle",
                root -> root.node("f", f -> f.u32("target", -1).node("__overlay__")));
        refused("FDT_ERR_NOPHANDLES: phandle 0xfffffff8 of '/n' cannot be raised by 0x7",
                root -> root.node("n", n -> n.u32("phandle", -8)));
        refused("FDT_ERR_NOTFOUND: the base has no label 'absent' in '/__symbols__'",
                root -> root.node("__fixups__", x -> x.string("absent", "/:p:0")));
        refused("FDT_ERR_BADOVERLAY: expected 'path:property:offset' in 'soc' of '/__fixups__', found '/:p'",
                root -> root.node("__fixups__", x -> x.string("soc", "/:p")));
        refused("FDT_ERR_NOSPACE: expected the fixup '/:p:1' inside a value of 4 bytes",
                root -> root.u32("p", 0).node("__fixups__", x -> x.string("soc", "/:p:1")));
        refused("FDT_ERR_NOTFOUND: node '/plain' of the base, label 'plain', has no phandle",
                root -> root.u32("p", 0).node("__fixups__", x -> x.string("plain", "/:p:0")));
        refused("FDT_ERR_BADOVERLAY: expected a reference inside the 4 bytes of 'p', found it at 4294967292",
                root -> root.u32("p", 0).node("__local_fixups__", x -> x.u32("p", -4)));
        refused("FDT_ERR_BADVALUE: expected symbol 's' of the overlay to be one absolute path",
                root -> root.node("__symbols__", s -> s.strings("s", "/a", "/b")));
    }

    @Test
    void An_overlay_without_room_is_refused_and_leaves_the_base_alone() {
        FdtEditor base = FdtEditor.of(Fdt.of(BASE), 40);
        String before = LibfdtOracle.hash(base);
        Fdt overlay = Fdt.of(new FdtWriter().write(root -> root.node("f", f -> f.string("target-path", "/")
                .node("__overlay__", o -> o.u32("a", 1).node("x").node("y")))));

        assertEquals(FdtError.NOSPACE, assertThrows(FdtException.class, () -> FdtOverlay.apply(base, overlay)).error());
        assertEquals(before, LibfdtOracle.hash(base));
    }

    @Test
    void Random_overlays_leave_the_bytes_and_the_results_that_libfdt_leaves() {
        LibfdtOracle.assumePresent();
        int applied = 0;
        List<String> calls = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int seed = 0; seed < 400; seed++) {
            byte[] dtbo = randomOverlay(new Random(seed));
            FdtEditor base = FdtEditor.openInto(Fdt.of(BASE), 4096);
            int result = 0;
            try {
                FdtOverlay.apply(base, Fdt.of(dtbo));
                applied++;
            } catch (FdtException e) {
                result = -e.error().code();
            }
            calls.add("open 4096 " + LibfdtOracle.hex(BASE));
            calls.add("overlay " + LibfdtOracle.hex(dtbo));
            expected.add(result + " " + (result == 0 ? LibfdtOracle.hash(base) : "0"));
        }
        List<String> answers = LibfdtOracle.script(calls);
        for (int seed = 0; seed < expected.size(); seed++) {
            assertEquals(answers.get(2 * seed + 1), expected.get(seed), "seed " + seed);
        }
        assertTrue(applied > 100 && applied < 390, applied + " of 400 were applied: both ways must be tried");
    }

    @Test
    void A_damaged_overlay_is_applied_or_refused_but_never_anything_else() {
        Random random = new Random(5);
        int applied = 0;
        int refused = 0;
        byte[][] overlays = new byte[50][];
        Arrays.setAll(overlays, seed -> randomOverlay(new Random(seed)));
        for (int i = 0; i < 20_000; i++) {
            byte[] dtbo = overlays[i % overlays.length].clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                int at = 0x40 + random.nextInt(dtbo.length - 0x40);
                dtbo[at] = (byte) (random.nextBoolean() ? random.nextInt(5) : random.nextInt());
            }
            FdtEditor base = FdtEditor.openInto(Fdt.of(BASE), 4096);
            try {
                FdtOverlay.apply(base, Fdt.of(dtbo));
                applied++;
            } catch (FdtException e) {
                refused++;
            }
            base.view();
        }
        assertTrue(applied > 1000 && refused > 1000, applied + " were applied, " + refused + " refused");
    }

    /** Fragments with every kind of target and reference, one of them wrong now and then. */
    private static byte[] randomOverlay(Random random) {
        int fragments = 1 + random.nextInt(3);
        Map<String, List<String>> fixups = new TreeMap<>();
        return new FdtWriter().write(root -> {
            for (int i = 0; i < fragments; i++) {
                fragment(root, i, random, fixups);
            }
            if (random.nextInt(40) == 0) {
                fixups.put("uart", List.of(random.nextBoolean() ? "/fragment@0" : "/fragment@9:target:0"));
            }
            root.node("__fixups__", x -> fixups.forEach((label, places) -> x.strings(label, places.toArray(String[]::new))));
            root.node("__local_fixups__", x -> x.node("fragment@0", f -> f.node("__overlay__", o -> o
                    .cells("refs", 0, random.nextInt(30) == 0 ? 9 : 8))));
            root.node("__symbols__", s -> {
                s.string("s0", "/fragment@0/__overlay__" + (random.nextBoolean() ? "" : "/n@0/deep"));
                s.string("s1", random.nextInt(30) == 0 ? "/fragment@7/__overlay__/x" : "/fragment@0/other");
                if (random.nextInt(30) == 0) {
                    s.string("s2", "relative");
                }
            });
        });
    }

    private static void fragment(FdtWriter.Node root, int i, Random random, Map<String, List<String>> fixups) {
        String[] labels = {"soc", "uart", "soc", "uart", "soc", "uart", "soc", "uart", "plain", "no", "absent"};
        String label = labels[random.nextInt(random.nextInt(8) == 0 ? labels.length : 8)];
        root.node("fragment@" + i, f -> {
            switch (random.nextInt(12)) {
                case 0 -> f.u32("target", random.nextInt(8));
                case 1 -> f.string("target-path", random.nextInt(3) == 0 ? "/absent" : "/");
                case 2, 3, 4 -> f.string("target-path", random.nextBoolean() ? "/soc" : "/plain");
                default -> {
                    f.u32("target", -1);
                    fixups.computeIfAbsent(label, l -> new ArrayList<>()).add("/fragment@%d:target:0".formatted(i));
                }
            }
            f.node("__overlay__", o -> {
                o.cells("refs", 1, -1, 2);
                fixups.computeIfAbsent(label, l -> new ArrayList<>()).add("/fragment@%d/__overlay__:refs:4".formatted(i));
                o.bytes("value", Trees.bytes(random, random.nextInt(10)));
                o.node("n@" + random.nextInt(3), n -> n.u32("phandle", 1 + random.nextInt(50)).string("status", "okay").node("deep"));
            });
        });
    }

    private static FdtEditor applied(Consumer<FdtWriter.Node> overlay) {
        FdtEditor base = FdtEditor.of(Fdt.of(BASE), 1000);
        FdtOverlay.apply(base, Fdt.of(new FdtWriter().write(overlay)));
        base.view();
        return base;
    }

    private static void refused(String sentence, Consumer<FdtWriter.Node> overlay) {
        FdtEditor base = FdtEditor.of(Fdt.of(BASE), 1000);
        String before = LibfdtOracle.hash(base);
        FdtException e = assertThrows(FdtException.class, () -> FdtOverlay.apply(base, Fdt.of(new FdtWriter().write(overlay))));
        assertEquals(sentence, e.getMessage());
        assertEquals(before, LibfdtOracle.hash(base));
    }
}
