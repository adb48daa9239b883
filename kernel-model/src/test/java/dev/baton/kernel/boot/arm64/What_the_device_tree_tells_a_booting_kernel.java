package dev.baton.kernel.boot.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtWriter;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

class What_the_device_tree_tells_a_booting_kernel {
    private static BootTree tree(Consumer<FdtWriter.Node> body) {
        return new BootTree(Fdt.of(new FdtWriter().write(root -> {
            root.cells("#address-cells", 2);
            root.cells("#size-cells", 2);
            body.accept(root);
        })));
    }

    private static void pl011(FdtWriter.Node root) {
        root.node("pl011@9000000", n -> n.strings("compatible", "arm,pl011", "arm,primecell").cells("reg", 0, 0x900_0000, 0, 0x1000));
    }

    @Test
    void stdout_by_path_by_alias_and_with_options() {
        for (String stdout : List.of("/pl011@9000000", "serial0", "serial0:115200n8")) {
            BootTree t = tree(root -> {
                pl011(root);
                root.node("aliases", a -> a.string("serial0", "/pl011@9000000"));
                root.node("chosen", c -> c.string("stdout-path", stdout));
            });
            assertEquals(Optional.of(0x900_0000L), t.uart(), stdout);
        }
    }

    @Test
    void no_console_where_stdout_is_missing_dangling_or_something_else() {
        assertEquals(Optional.empty(), tree(What_the_device_tree_tells_a_booting_kernel::pl011).uart());
        assertEquals(Optional.empty(), tree(root -> root.node("chosen", c -> c.string("stdout-path", "/nowhere"))).uart());
        assertEquals(Optional.empty(), tree(root -> {
            root.node("uart@1000", n -> n.string("compatible", "ns16550a").cells("reg", 0, 0x1000, 0, 0x100));
            root.node("chosen", c -> c.string("stdout-path", "/uart@1000"));
        }).uart());
    }

    @Test
    void cpus_in_the_order_of_the_tree_without_disabled_ones() {
        BootTree t = tree(root -> root.node("cpus", cpus -> {
            cpus.cells("#address-cells", 1);
            cpus.cells("#size-cells", 0);
            cpus.node("cpu@100", n -> n.string("device_type", "cpu").cells("reg", 0x100).string("enable-method", "psci"));
            cpus.node("cpu@0", n -> n.string("device_type", "cpu").cells("reg", 0).string("enable-method", "spin-table")
                    .u64("cpu-release-addr", 0x8000_fff8L));
            cpus.node("cpu@1", n -> n.string("device_type", "cpu").cells("reg", 1).string("status", "disabled"));
            cpus.node("cpu@2", n -> n.string("device_type", "cpu").cells("reg", 2).string("enable-method", "spin-table")
                    .cells("cpu-release-addr", 5));
            cpus.node("cpu-map", n -> { });
        }));
        assertEquals(List.of(new BootTree.CpuNode(0x100, "psci", -1), new BootTree.CpuNode(0, "spin-table", 0x8000_fff8L),
                new BootTree.CpuNode(2, "spin-table", -1)), t.cpus());
    }

    @Test
    void the_conduit_of_psci_from_0_2_on() {
        assertEquals(Optional.of("smc"), psci("smc", "arm,psci-1.0", "arm,psci-0.2").psciMethod());
        assertEquals(Optional.of("hvc"), psci("hvc", "arm,psci-0.2").psciMethod());
        assertEquals(Optional.empty(), psci("hvc", "arm,psci").psciMethod());
    }

    private static BootTree psci(String method, String... compatible) {
        return tree(root -> root.node("psci", n -> n.strings("compatible", compatible).string("method", method)));
    }

    @Test
    void the_model_or_else_the_first_compatible() {
        assertEquals("A board", tree(r -> r.string("model", "A board").strings("compatible", "a,b", "c")).machine());
        assertEquals("a,b", tree(r -> r.strings("compatible", "a,b", "c")).machine());
        assertEquals("", tree(r -> { }).machine());
    }
}
