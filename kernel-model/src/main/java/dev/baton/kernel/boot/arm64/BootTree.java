package dev.baton.kernel.boot.arm64;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtNode;
import dev.baton.core.fdt.FdtProperty;
import dev.baton.kernel.mm.PhysRange;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The questions that an arm64 kernel asks of its device tree at boot. drivers/of/fdt.c, arch/arm64/kernel/smp.c. */
final class BootTree {
    /** Bits of MPIDR that name a CPU: Aff3 and Aff2 to Aff0. */
    static final long MPIDR_HWID = 0xff_00ff_ffffL;

    /**
     * A CPU node.
     *
     * @param hwid          {@code reg}
     * @param enableMethod  {@code psci}, {@code spin-table} or ""
     * @param releaseAddress {@code cpu-release-addr}, -1 if the property is missing or malformed
     */
    record CpuNode(long hwid, String enableMethod, long releaseAddress) { }

    private final Fdt fdt;

    BootTree(Fdt fdt) {
        this.fdt = fdt;
    }

    Fdt fdt() {
        return fdt;
    }

    /** {@code of_flat_dt_get_machine_name}. */
    String machine() {
        return text(fdt.root(), "model").or(() -> text(fdt.root(), "compatible")).orElse("");
    }

    String bootargs() {
        return chosen().flatMap(c -> text(c, "bootargs")).orElse("");
    }

    private Optional<FdtNode> chosen() {
        return fdt.root().child("chosen");
    }

    /** Strings of a list after the first are ignored, as the kernel does. */
    private static Optional<String> text(FdtNode node, String property) {
        return node.property(property).map(p -> {
            byte[] b = p.bytes();
            int n = 0;
            while (n < b.length && b[n] != 0) {
                n++;
            }
            return new String(b, 0, n, java.nio.charset.StandardCharsets.UTF_8);
        });
    }

    private static boolean available(FdtNode n) {
        return text(n, "status").map(s -> s.equals("okay") || s.equals("ok")).orElse(true);
    }

    private static List<PhysRange> ranges(FdtProperty p, FdtNode parent) {
        int addressCells = parent.addressCells();
        int sizeCells = parent.sizeCells();
        int stride = addressCells + sizeCells;
        List<PhysRange> ranges = new ArrayList<>();
        for (int i = 0; (i + stride) * 4 <= p.length(); i += stride) {
            ranges.add(PhysRange.of(p.number(i, addressCells), p.number(i + addressCells, sizeCells)));
        }
        return ranges;
    }

    /** The node that {@code stdout-path} names, by path or alias, options cut off. */
    Optional<FdtNode> stdout() {
        return chosen().flatMap(c -> text(c, "stdout-path")).map(s -> s.split(":", 2)[0])
                .flatMap(s -> s.startsWith("/") ? Optional.of(s) : fdt.root().child("aliases").flatMap(a -> text(a, s)))
                .flatMap(fdt::findNode);
    }

    /** Physical address of the PL011 behind {@link #stdout}; empty if stdout is something else. */
    Optional<Long> uart() {
        return stdout().filter(n -> n.property("compatible").map(p -> p.strings().contains("arm,pl011")).orElse(false))
                .flatMap(n -> n.parent().map(parent -> ranges(n.get("reg"), parent)))
                .filter(r -> !r.isEmpty()).map(r -> r.getFirst().start());
    }

    /** {@code hvc} or {@code smc} of a PSCI 0.2 or later node; empty without one. */
    Optional<String> psciMethod() {
        for (String compatible : List.of("arm,psci-1.0", "arm,psci-0.2")) {
            List<FdtNode> nodes = fdt.findCompatible(compatible);
            if (!nodes.isEmpty()) {
                return text(nodes.getFirst(), "method");
            }
        }
        return Optional.empty();
    }

    /** {@code of_parse_and_init_cpus}: in the order of the tree. */
    List<CpuNode> cpus() {
        List<CpuNode> cpus = new ArrayList<>();
        fdt.root().child("cpus").ifPresent(parent -> {
            for (FdtNode n : parent.children()) {
                if (text(n, "device_type").filter("cpu"::equals).isPresent() && available(n) && n.has("reg")) {
                    cpus.add(new CpuNode(n.get("reg").number(0, parent.addressCells()), text(n, "enable-method").orElse(""),
                            releaseAddress(n)));
                }
            }
        });
        return cpus;
    }

    private static long releaseAddress(FdtNode n) {
        return n.property("cpu-release-addr").filter(p -> p.length() == 8).map(FdtProperty::u64).orElse(-1L);
    }
}
