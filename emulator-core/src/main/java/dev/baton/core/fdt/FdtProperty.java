package dev.baton.core.fdt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A property of a node. In an {@link FdtEditor} it is good until the next edit. Numbers are big-endian but for the two methods named
 * {@code native}: KHO's trees carry C values as a little-endian kernel has them in memory (kernel/liveupdate/kexec_handover.c).
 *
 * @param tree whose property it is
 * @param offset where its tag is in the structure block
 */
public record FdtProperty(FdtTree tree, int offset) {

    public String name() {
        return tree.propertyName(offset);
    }

    /** Length of the value in bytes. */
    public int length() {
        return tree.propertyLength(offset);
    }

    /** A copy of the value. */
    public byte[] bytes() {
        int at = tree.valueIndex(offset);
        return Arrays.copyOfRange(tree.b, at, at + length());
    }

    /** @throws FdtException BADVALUE unless it is one cell */
    public int u32() {
        expectLength(4, "one cell");
        return FdtLayout.be32(tree.b, tree.valueIndex(offset));
    }

    /** @throws FdtException BADVALUE unless it is two cells */
    public long u64() {
        expectLength(8, "two cells");
        return FdtLayout.be64(tree.b, tree.valueIndex(offset));
    }

    /** A C {@code u32} in the byte order of the kernel that wrote it. @throws FdtException BADVALUE unless it has 4 bytes */
    public int nativeU32() {
        expectLength(4, "a native u32");
        return Integer.reverseBytes(FdtLayout.be32(tree.b, tree.valueIndex(offset)));
    }

    /** A C {@code u64} in the byte order of the kernel that wrote it. @throws FdtException BADVALUE unless it has 8 bytes */
    public long nativeU64() {
        expectLength(8, "a native u64");
        return Long.reverseBytes(FdtLayout.be64(tree.b, tree.valueIndex(offset)));
    }

    private void expectLength(int expected, String what) {
        if (length() != expected) {
            throw bad("%s, %d bytes".formatted(what, expected), "%d".formatted(length()));
        }
    }

    /** All cells. @throws FdtException BADVALUE unless the length is a multiple of 4 */
    public int[] cells() {
        if (length() % 4 != 0) {
            throw bad("a multiple of 4 bytes", "%d".formatted(length()));
        }
        int[] cells = new int[length() / 4];
        buffer().asIntBuffer().get(cells);
        return cells;
    }

    /** A number of {@code cells} cells, 0 to 2, that begins at cell {@code index}. @throws FdtException BADVALUE if it is too short */
    public long number(int index, int cells) {
        if (cells < 0 || cells > 2 || index < 0 || 4L * (index + cells) > length()) {
            throw bad("at most two cells from cell %d on".formatted(index), "%d cells in %d bytes".formatted(cells, length()));
        }
        int at = tree.valueIndex(offset) + 4 * index;
        return switch (cells) {
            case 0 -> 0;
            case 1 -> Integer.toUnsignedLong(FdtLayout.be32(tree.b, at));
            default -> FdtLayout.be64(tree.b, at);
        };
    }

    /** @throws FdtException BADVALUE unless it is exactly one NUL-terminated string */
    public String string() {
        List<String> all = strings();
        if (all.size() != 1) {
            throw bad("one string", "%d".formatted(all.size()));
        }
        return all.getFirst();
    }

    /** All strings of a list; an empty value is an empty list. @throws FdtException BADVALUE unless the last byte is NUL */
    public List<String> strings() {
        byte[] value = bytes();
        if (value.length > 0 && value[value.length - 1] != 0) {
            throw bad("a NUL at the end", "byte 0x%02x".formatted(value[value.length - 1]));
        }
        List<String> strings = new ArrayList<>();
        for (int from = 0, i = 0; i < value.length; i++) {
            if (value[i] == 0) {
                strings.add(new String(value, from, i - from, StandardCharsets.ISO_8859_1));
                from = i + 1;
            }
        }
        return strings;
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(tree.b, tree.valueIndex(offset), length()).slice();
    }

    private FdtException bad(String expected, String found) {
        return new FdtException(FdtError.BADVALUE, "expected property '%s' at structure offset 0x%x to be %s, found %s"
                .formatted(name(), offset, expected, found));
    }
}
