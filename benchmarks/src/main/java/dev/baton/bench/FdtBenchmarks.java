package dev.baton.bench;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtEditor;
import dev.baton.core.fdt.FdtNode;
import dev.baton.core.fdt.FdtProperty;
import dev.baton.core.fdt.FdtWriter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Device trees: Baton's own code and libfdt in C, each operation side by side. Read the median (p0.50): an operation takes
 * microseconds, so whatever else runs on the machine falls between samples, while it would be in a mean.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class FdtBenchmarks {
    private static final int PATHS = 16;
    private static final int ROOM = 1 << 20;

    /** QEMU's {@code virt} board, 7.7 KB and 58 nodes; or a tree of 1,000 nodes on three levels. */
    @Param({"virt", "thousand"})
    String tree;

    private byte[] dtb;
    private Fdt fdt;
    private FdtEditor editor;
    private String[] paths;

    private MemorySegment nativeDtb;
    private MemorySegment nativeBuffer;
    private MemorySegment nativeOutput;
    private MemorySegment nativePaths;

    @Setup
    public void makeTrees() {
        dtb = tree.equals("virt") ? virt() : thousandNodes();
        fdt = Fdt.of(dtb);
        editor = FdtEditor.openInto(fdt, dtb.length + 4096);
        paths = everyNthPath();
        Arena arena = Arena.global();
        nativeDtb = arena.allocate(dtb.length, 8);
        MemorySegment.copy(dtb, 0, nativeDtb, ValueLayout.JAVA_BYTE, 0, dtb.length);
        byte[] opened = editor.toBytes();
        nativeBuffer = arena.allocate(opened.length, 8);
        MemorySegment.copy(opened, 0, nativeBuffer, ValueLayout.JAVA_BYTE, 0, opened.length);
        nativeOutput = arena.allocate(ROOM, 8);
        byte[] list = (String.join("\0", paths) + "\0").getBytes(StandardCharsets.ISO_8859_1);
        nativePaths = arena.allocate(list.length);
        MemorySegment.copy(list, 0, nativePaths, ValueLayout.JAVA_BYTE, 0, list.length);
        expectSameResults();
    }

    private void expectSameResults() {
        boolean same = parseLibfdt() == 0 && lookup() == lookupLibfdt() && edit() == editLibfdt()
                && rewrite().length == rewriteLibfdt();
        if (!same) {
            throw new IllegalStateException("libfdt and Baton do not agree about the tree '" + tree + "'");
        }
    }

    /** Checks a tree whole and makes it ready for questions: what {@code fdt_check_full} does. */
    @Benchmark
    public Fdt parse() {
        return Fdt.of(dtb);
    }

    @Benchmark
    public int parseLibfdt() {
        return Libfdt.parse(nativeDtb, dtb.length);
    }

    /** Sixteen paths, evenly spread over the tree. */
    @Benchmark
    public int lookup() {
        int sum = 0;
        for (String path : paths) {
            sum += fdt.pathOffset(path);
        }
        return sum;
    }

    @Benchmark
    public int lookupLibfdt() {
        return Libfdt.lookup(nativeDtb, nativePaths, PATHS);
    }

    /** Finds {@code /chosen}, adds a property to it and removes it. */
    @Benchmark
    public int edit() {
        int chosen = editor.pathOffset("/chosen");
        editor.setU64(chosen, "linux,initrd-start", 0x4800_0000L);
        editor.delete(chosen, "linux,initrd-start");
        return 0;
    }

    @Benchmark
    public int editLibfdt() {
        return Libfdt.edit(nativeBuffer);
    }

    /** Reads a whole tree and writes it with the sequential writer. */
    @Benchmark
    public byte[] rewrite() {
        return new FdtWriter().write(root -> copy(fdt.root(), root));
    }

    private static void copy(FdtNode from, FdtWriter.Node to) {
        for (FdtProperty property : from.properties()) {
            to.copy(property);
        }
        for (FdtNode child : from.children()) {
            to.node(child.name(), copied -> copy(child, copied));
        }
    }

    @Benchmark
    public int rewriteLibfdt() {
        return Libfdt.rewrite(nativeDtb, nativeOutput, ROOM);
    }

    /** The cost of the call into C that is in every libfdt figure. */
    @Benchmark
    public int downcall() {
        return Libfdt.nothing(nativeDtb, 1);
    }

    private String[] everyNthPath() {
        List<String> all = new ArrayList<>();
        for (int n = fdt.nextNode(-1); n >= 0; n = fdt.nextNode(n)) {
            all.add(fdt.pathOf(n));
        }
        String[] some = new String[PATHS];
        for (int i = 0; i < PATHS; i++) {
            some[i] = all.get((i + 1) * (all.size() - 1) / PATHS);
        }
        return some;
    }

    private static byte[] virt() {
        try (InputStream in = FdtBenchmarks.class.getResourceAsStream("qemu72-virt-gicv3.dtb")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Root, {@code /chosen}, 18 buses, and 980 devices on them. */
    private static byte[] thousandNodes() {
        return new FdtWriter().write(root -> {
            root.u32("#address-cells", 2).u32("#size-cells", 2).string("compatible", "baton,thousand");
            for (int bus = 0; bus < 18; bus++) {
                int first = bus * 980 / 18;
                int end = (bus + 1) * 980 / 18;
                root.node("bus@%x".formatted(bus << 24), node -> {
                    node.strings("compatible", "simple-bus").u32("#address-cells", 1).u32("#size-cells", 1).empty("ranges");
                    for (int device = first; device < end; device++) {
                        device(node, device);
                    }
                });
            }
            root.node("chosen", chosen -> chosen.string("stdout-path", "/bus@0/device@0"));
        });
    }

    private static void device(FdtWriter.Node bus, int device) {
        bus.node("device@%x".formatted(device << 12), node -> node
                .strings("compatible", "vendor,device-%d".formatted(device % 40), "vendor,device")
                .cells("reg", device << 12, 0x1000)
                .cells("interrupts", 0, device, 4)
                .u32("phandle", 0x100 + device)
                .string("status", "okay"));
    }
}
