package dev.baton.core.fdt;

import static dev.baton.core.fdt.FdtLayout.BEGIN_NODE;
import static dev.baton.core.fdt.FdtLayout.END;
import static dev.baton.core.fdt.FdtLayout.END_NODE;
import static dev.baton.core.fdt.FdtLayout.PROP;
import static dev.baton.core.fdt.FdtLayout.align;
import static dev.baton.core.fdt.FdtLayout.be32;
import static dev.baton.core.fdt.FdtLayout.be64;
import static dev.baton.core.fdt.FdtLayout.tagAlign;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Writes a tree from front to back.
 *
 * <pre>{@code
 * byte[] dtb = new FdtWriter()
 *         .reserve(0x4800_0000L, 0x1_0000)
 *         .write(root -> {
 *             root.u32("#address-cells", 2);
 *             root.node("memory@40000000", memory -> memory.string("device_type", "memory"));
 *         });
 * }</pre>
 *
 * <p>The bytes are those that libfdt's {@code fdt_create}, {@code fdt_add_reservemap_entry}, {@code fdt_begin_node},
 * {@code fdt_property}, {@code fdt_end_node}, {@code fdt_finish} give for the same calls in the same order: reservations at 0x30, names
 * in the strings block in reverse order of first use, and a name that ends another shares its bytes.
 *
 * <p>What libfdt would let pass and readers trip over is refused with {@link FdtException}: a property after a child (BADSTATE), a name
 * used twice in a node (EXISTS), a name with a NUL, a slash or a character that is not Latin-1 (BADVALUE), a node used after its lambda
 * has returned or while that of a child runs (BADSTATE).
 */
public final class FdtWriter {
    /** libfdt aligns the first block to the size of a reservation, not to 8 ({@code fdt_create_with_flags}). */
    private static final int FIRST_BLOCK = align(FdtLayout.HEADER_SIZE, FdtLayout.RESERVATION_SIZE);

    private byte[] b = new byte[1024];
    /** End of what is written from the front. */
    private int end = FIRST_BLOCK;
    private final Strings strings = new Strings();
    private int bootCpuid;
    private Node open;
    private boolean finished;

    /** Adds a memory reservation. @throws FdtException BADVALUE for size 0, which would end the list */
    public FdtWriter reserve(long address, long size) {
        expectUnfinished();
        if (size == 0) {
            throw new FdtException(FdtError.BADVALUE, "expected a reservation of at least one byte at 0x%x, found 0".formatted(address));
        }
        putReservation(address, size);
        return this;
    }

    /** Sets {@code boot_cpuid_phys}; libfdt's sequential writer leaves it 0. */
    public FdtWriter bootCpuid(int cpuid) {
        bootCpuid = cpuid;
        return this;
    }

    /** Writes the root and all that {@code body} puts into it, and gives the finished tree. */
    public byte[] write(Consumer<Node> body) {
        expectUnfinished();
        finished = true;
        putReservation(0, 0);
        int structure = end;
        new Node(null).write("", body);
        putTag(END);
        return finish(structure);
    }

    private void expectUnfinished() {
        if (finished) {
            throw new FdtException(FdtError.BADSTATE, "this writer has written its tree");
        }
    }

    private void putTag(int tag) {
        int at = grab(4);
        be32(b, at, tag);
    }

    private void putReservation(long address, long size) {
        int at = grab(FdtLayout.RESERVATION_SIZE);
        be64(b, at, address);
        be64(b, at + 8, size);
    }

    private byte[] finish(int structure) {
        byte[] dtb = Arrays.copyOf(b, end + strings.size());
        for (int at = structure; at < end;) {
            at = fixName(dtb, at);
        }
        strings.copyTo(dtb, end);
        be32(dtb, FdtLayout.OFF_MAGIC, FdtLayout.MAGIC);
        be32(dtb, FdtLayout.OFF_TOTALSIZE, dtb.length);
        be32(dtb, FdtLayout.OFF_OFF_DT_STRUCT, structure);
        be32(dtb, FdtLayout.OFF_OFF_DT_STRINGS, end);
        be32(dtb, FdtLayout.OFF_OFF_MEM_RSVMAP, FIRST_BLOCK);
        be32(dtb, FdtLayout.OFF_VERSION, FdtLayout.LAST_SUPPORTED_VERSION);
        be32(dtb, FdtLayout.OFF_LAST_COMP_VERSION, FdtLayout.LAST_COMPATIBLE_VERSION);
        be32(dtb, FdtLayout.OFF_BOOT_CPUID_PHYS, bootCpuid);
        be32(dtb, FdtLayout.OFF_SIZE_DT_STRINGS, strings.size());
        be32(dtb, FdtLayout.OFF_SIZE_DT_STRUCT, end - structure);
        return dtb;
    }

    /** Name offsets are negative, from the end of the strings block, until its size is known. */
    private int fixName(byte[] dtb, int at) {
        switch (be32(dtb, at)) {
            case PROP:
                be32(dtb, at + FdtLayout.PROP_NAMEOFF, strings.size() + be32(dtb, at + FdtLayout.PROP_NAMEOFF));
                return at + FdtLayout.PROP_HEADER + tagAlign(be32(dtb, at + FdtLayout.PROP_LEN));
            case BEGIN_NODE:
                int nul = at + FdtLayout.NODE_NAME;
                while (dtb[nul] != 0) {
                    nul++;
                }
                return tagAlign(nul + 1);
            default:
                return at + 4;
        }
    }

    private int grab(int length) {
        if (length > Integer.MAX_VALUE - 64 - end) {
            throw new FdtException(FdtError.NOSPACE, "a tree is at most 2147483647 bytes");
        }
        if (end + length > b.length) {
            b = Arrays.copyOf(b, Math.max(end + length, 2 * b.length));
        }
        int at = end;
        end += length;
        return at;
    }

    /** The bytes of a name. @throws FdtException BADVALUE */
    static byte[] nameBytes(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == 0 || c > 0xff) {
                throw new FdtException(FdtError.BADVALUE, "expected names of Latin-1 characters without NUL, found U+%04X in '%s'"
                        .formatted((int) c, name));
            }
        }
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Strings with their terminators. @throws FdtException BADVALUE when one has a NUL or is not Latin-1 */
    static byte[] stringList(String... list) {
        int length = 0;
        for (String s : list) {
            length += s.length() + 1;
        }
        byte[] value = new byte[length];
        int at = 0;
        for (String s : list) {
            byte[] bytes = nameBytes(s);
            System.arraycopy(bytes, 0, value, at, bytes.length);
            at += bytes.length + 1;
        }
        return value;
    }

    static byte[] cellBytes(int... cells) {
        byte[] value = new byte[4 * cells.length];
        for (int i = 0; i < cells.length; i++) {
            be32(value, 4 * i, cells[i]);
        }
        return value;
    }

    static byte[] cellBytes64(long... numbers) {
        byte[] value = new byte[8 * numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            be64(value, 8 * i, numbers[i]);
        }
        return value;
    }

    /** A node that is being written. */
    public final class Node {
        private final Node parent;
        /** Null while there are none. */
        private Set<String> children;
        private String name;

        private Node(Node parent) {
            this.parent = parent;
        }

        private void write(String ownName, Consumer<Node> body) {
            name = ownName;
            byte[] bytes = nameBytes(ownName);
            int at = grab(4 + tagAlign(bytes.length + 1));
            be32(b, at, BEGIN_NODE);
            System.arraycopy(bytes, 0, b, at + 4, bytes.length);
            open = this;
            body.accept(this);
            open = parent;
            putTag(END_NODE);
        }

        /** Adds a child, with all that {@code body} puts into it. */
        public Node node(String childName, Consumer<Node> body) {
            expectOpen();
            if (childName.isEmpty() || childName.indexOf('/') >= 0) {
                throw new FdtException(FdtError.BADVALUE, "expected a node name of at least one character without '/', found '%s'"
                        .formatted(childName));
            }
            if (children == null) {
                children = new HashSet<>();
            }
            if (!children.add(childName)) {
                throw new FdtException(FdtError.EXISTS, "node '%s' already has a child '%s'".formatted(name, childName));
            }
            new Node(this).write(childName, body);
            return this;
        }

        /** Adds a child without content. */
        public Node node(String childName) {
            return node(childName, child -> { });
        }

        /** A property with these bytes. */
        public Node bytes(String property, byte... value) {
            int at = property(property, value.length);
            System.arraycopy(value, 0, b, at, value.length);
            return this;
        }

        /** A property with the name and the value that it has in another tree. */
        public Node copy(FdtProperty original) {
            int at = property(original.name(), original.length());
            System.arraycopy(original.tree().b, original.tree().valueIndex(original.offset()), b, at, original.length());
            return this;
        }

        /** Where in the array a value of that length goes. */
        private int property(String property, int length) {
            expectOpen();
            if (children != null) {
                throw new FdtException(FdtError.BADSTATE, "property '%s' of node '%s' must precede its children"
                        .formatted(property, name));
            }
            Name known = strings.name(property);
            if (known.lastUser == this) {
                throw new FdtException(FdtError.EXISTS, "node '%s' already has a property '%s'".formatted(name, property));
            }
            known.lastUser = this;
            int at = grab(FdtLayout.PROP_HEADER + tagAlign(length));
            be32(b, at, PROP);
            be32(b, at + FdtLayout.PROP_LEN, length);
            be32(b, at + FdtLayout.PROP_NAMEOFF, known.offset);
            return at + FdtLayout.PROP_HEADER;
        }

        /** A property without a value, which is true by being there. */
        public Node empty(String property) {
            return bytes(property);
        }

        /** One cell. */
        public Node u32(String property, int value) {
            return bytes(property, cellBytes(value));
        }

        /** Two cells. */
        public Node u64(String property, long value) {
            return bytes(property, cellBytes64(value));
        }

        /** Cells. */
        public Node cells(String property, int... cells) {
            return bytes(property, cellBytes(cells));
        }

        /** Pairs of cells. */
        public Node u64s(String property, long... numbers) {
            return bytes(property, cellBytes64(numbers));
        }

        /** A C {@code u32} as a little-endian kernel has it in memory. */
        public Node nativeU32(String property, int value) {
            return u32(property, Integer.reverseBytes(value));
        }

        /** A C {@code u64} as a little-endian kernel has it in memory. */
        public Node nativeU64(String property, long value) {
            return u64(property, Long.reverseBytes(value));
        }

        /** One string with its terminator. */
        public Node string(String property, String value) {
            return bytes(property, stringList(value));
        }

        /** A list of strings, each with its terminator. */
        public Node strings(String property, String... values) {
            return bytes(property, stringList(values));
        }

        private void expectOpen() {
            if (open != this) {
                throw new FdtException(FdtError.BADSTATE, "node '%s' is %s".formatted(name, open == null ? "finished"
                        : "not the one being written, which is '" + open.name + "'"));
            }
        }
    }

    /** A property name that is in the strings block. */
    private static final class Name {
        /** From the end of the block, negative. */
        int offset;
        /** The node that had a property of this name last, to notice a second one: a node's properties are written in one go. */
        Node lastUser;
    }

    /**
     * The strings block, which grows downwards as in fdt_sw.c. The search of libfdt goes from its lowest byte, so of two places that
     * hold a name the one in the later string counts; {@link #names} follows that when a string is added.
     */
    private static final class Strings {
        private byte[] s = new byte[256];
        private int size;
        private final Map<String, Name> names = new HashMap<>();

        int size() {
            return size;
        }

        Name name(String name) {
            Name known = names.get(name);
            return known != null ? known : add(name);
        }

        private Name add(String name) {
            if (name.isEmpty() || name.indexOf('/') >= 0) {
                throw new FdtException(FdtError.BADVALUE, "expected a property name of at least one character without '/', found '%s'"
                        .formatted(name));
            }
            byte[] bytes = nameBytes(name);
            if (bytes.length + 1 > s.length - size) {
                byte[] grown = new byte[2 * s.length + bytes.length + 1];
                System.arraycopy(s, s.length - size, grown, grown.length - size, size);
                s = grown;
            }
            size += bytes.length + 1;
            System.arraycopy(bytes, 0, s, s.length - size, bytes.length);
            for (int i = 0; i < bytes.length; i++) {
                names.computeIfAbsent(name.substring(i), x -> new Name()).offset = i - size;
            }
            return names.get(name);
        }

        void copyTo(byte[] target, int at) {
            System.arraycopy(s, s.length - size, target, at, size);
        }
    }
}
