package dev.baton.core.fdt;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Random;

/** Trees that several tests use. */
final class Trees {
    private Trees() {
    }

    /** QEMU's {@code virt} board; README.md beside the file says how it was made. */
    static byte[] virt() {
        return resource("qemu72-virt-gicv3.dtb");
    }

    static byte[] resource(String name) {
        try (InputStream in = Trees.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] empty() {
        return new FdtWriter().write(root -> { });
    }

    /** The shape of KHO's root tree: a compatible, and nodes whose properties are C values as the kernel has them in memory. */
    static byte[] kho() {
        return new FdtWriter().write(root -> {
            root.string("compatible", "kho-v1");
            root.nativeU64("preserved-memory-map", 0x4765_4000L);
            root.node("memblock", memblock -> memblock.nativeU64("fdt", 0x4770_0000L));
            root.node("LUO", luo -> luo.nativeU64("fdt", 0x4770_1000L).nativeU64("sessions", 3));
        });
    }

    /** A tree of random shape: {@code nodes} nodes under the root, up to four deep, with properties of every kind. */
    static byte[] random(Random random, int nodes) {
        return new FdtWriter().reserve(0x4000_0000L, 0x1000).write(root -> {
            root.u32("#address-cells", 2).u32("#size-cells", 1 + random.nextInt(2));
            root.strings("compatible", "baton,test", "linux,dummy-virt");
            fill(root, random, nodes, 1);
        });
    }

    private static void fill(FdtWriter.Node parent, Random random, int nodes, int depth) {
        int left = nodes;
        while (left > 0) {
            int inside = depth < 4 ? random.nextInt(left) : 0;
            int number = left;
            parent.node("n%d@%x".formatted(depth, number), node -> {
                node.u32("phandle", depth << 20 | number | random.nextInt(1 << 8) << 8);
                node.cells("reg", random.nextInt(), random.nextInt());
                node.bytes("bytes", bytes(random, random.nextInt(9)));
                node.strings("compatible", "vendor,device-" + random.nextInt(20), "vendor,any");
                if (random.nextBoolean()) {
                    node.empty("dma-coherent");
                }
                fill(node, random, inside, depth + 1);
            });
            left -= inside + 1;
        }
    }

    static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
