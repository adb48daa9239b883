package dev.baton.core.fdt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.util.List;

class Fdt_diff_Test {

    @Test
    void Equal_trees_have_no_rows_whatever_their_layout_and_order() {
        Fdt one = Fdt.of(new FdtWriter().write(root -> root.u32("a", 1).empty("b").node("x").node("y")));
        Fdt other = Fdt.of(new FdtWriter().write(root -> root.empty("b").u32("a", 1).node("y").node("x")));

        assertEquals(List.of(), FdtDiff.between(one, FdtEditor.of(other, 1000).nop(0, "a").setU32(0, "a", 1)));
    }

    @Test
    void Every_kind_of_difference_is_one_row() {
        Fdt before = Fdt.of(new FdtWriter().reserve(0x1000, 0x10).reserve(0x2000, 0x10).write(root -> {
            root.u32("changed", 1).string("removed", "text").empty("filled");
            root.node("gone", gone -> gone.empty("flag").node("inner"));
            root.node("cpus", cpus -> cpus.node("cpu@0", cpu -> cpu.string("status", "okay")));
        }));
        Fdt after = Fdt.of(new FdtWriter().bootCpuid(1).reserve(0x2000, 0x10).reserve(0x3000, 0x10).write(root -> {
            root.u32("changed", 2).bytes("added", (byte) 1).u32("filled", 3);
            root.node("cpus", cpus -> cpus.node("cpu@0", cpu -> cpu.strings("status", "a", "b")));
            root.node("new@1", n -> n.u64("reg", 5));
        }));

        assertEquals("""
                ~ boot_cpuid_phys = <0x00> -> <0x01>
                - /memreserve/ 0x1000 0x10
                + /memreserve/ 0x3000 0x10
                ~ / changed = <0x01> -> <0x02>
                - / removed = "text"
                ~ / filled -> <0x03>
                + / added = [01]
                - /gone
                - /gone flag
                - /gone/inner
                ~ /cpus/cpu@0 status = "okay" -> "a", "b"
                + /new@1
                + /new@1 reg = <0x00 0x05>
                """.stripTrailing(), String.join("\n", FdtDiff.between(before, after).stream().map(FdtDiff.Row::toString).toList()));
    }
}
