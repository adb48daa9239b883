package dev.baton.core.fdt;

import static dev.baton.core.fdt.FdtLayout.BEGIN_NODE;
import static dev.baton.core.fdt.FdtLayout.END;
import static dev.baton.core.fdt.FdtLayout.END_NODE;
import static dev.baton.core.fdt.FdtLayout.NOP;
import static dev.baton.core.fdt.FdtLayout.PROP;
import static dev.baton.core.fdt.FdtLayout.PROP_NAMEOFF;
import static dev.baton.core.fdt.FdtLayout.be32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A flattened device tree to read: a view of somebody's bytes, which must not change while it is in use. Making one checks the tree
 * whole, as {@code fdt_check_full} does; every question is then answered from the bytes, nothing is built beforehand.
 *
 * <p>What is accepted is what libfdt 1.6.1 accepts, but for three inputs on which that version reads outside the tree or never
 * returns, and which later versions refuse: a property length that wraps around 32 bits, a root without a path in a version below 16,
 * and an alias that is not a path. The buffer's own alignment to 8 bytes is not a question here.
 */
public final class Fdt extends FdtTree {

    private Fdt(byte[] bytes, int offset) {
        this.b = bytes;
        this.base = offset;
    }

    /** A view of the tree at the beginning of {@code bytes}. @throws FdtException if libfdt would not accept it */
    public static Fdt of(byte[] bytes) {
        return of(bytes, 0, bytes.length);
    }

    /**
     * A view of the tree at {@code offset}, which may use {@code length} bytes.
     *
     * @throws FdtException if libfdt would not accept it
     */
    public static Fdt of(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        Fdt fdt = new Fdt(bytes, offset);
        fdt.checkHeader(length);
        fdt.checkReservations();
        fdt.checkStructure();
        return fdt;
    }

    /**
     * The tree at the beginning of a segment, such as guest memory, copied: as many bytes as its header says, if the segment has them.
     * A slice bounds what a lying header can ask for.
     *
     * @throws FdtException if libfdt would not accept it
     */
    public static Fdt copyOf(MemorySegment segment) {
        long wanted = FdtLayout.HEADER_SIZE;
        if (segment.byteSize() >= FdtLayout.HEADER_SIZE) {
            int total = segment.get(BE32, FdtLayout.OFF_TOTALSIZE);
            boolean isTree = segment.get(BE32, FdtLayout.OFF_MAGIC) == FdtLayout.MAGIC;
            wanted = isTree ? Math.max(wanted, total) : wanted;
        }
        return of(segment.asSlice(0, Math.min(wanted, segment.byteSize())).toArray(ValueLayout.JAVA_BYTE));
    }

    private static final ValueLayout.OfInt BE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** The checks of {@code fdt_check_full} up to and with {@code fdt_check_header}, in their order. */
    private void checkHeader(int length) {
        if (length < FdtLayout.V1_SIZE) {
            throw truncated(FdtLayout.V1_SIZE, length);
        }
        readHeader(length);
        int headerSize = FdtLayout.headerSize(version);
        if (length < headerSize) {
            throw truncated(headerSize, length);
        }
        checkVersion();
        if (totalSize < headerSize) {
            throw new FdtException(FdtError.TRUNCATED, "expected a total size from %d to 2147483647 at 0x4, found %d"
                    .formatted(headerSize, Integer.toUnsignedLong(totalSize)));
        }
        checkBlock("memory reservations", headerSize, offReservations, 0);
        checkBlock("structure", headerSize, offStruct, Integer.compareUnsigned(version, 17) < 0 ? 0 : sizeStruct);
        checkBlock("strings", headerSize, offStrings, sizeStrings);
        if (length < totalSize) {
            throw new FdtException(FdtError.TRUNCATED, "expected %d bytes, as the header says, found %d".formatted(totalSize, length));
        }
    }

    private static FdtException truncated(int expected, int found) {
        return new FdtException(FdtError.TRUNCATED, "expected a header of %d bytes at 0x0, found %d".formatted(expected, found));
    }

    private void checkVersion() {
        int magic = be32(b, base);
        if (magic != FdtLayout.MAGIC) {
            throw new FdtException(FdtError.BADMAGIC, "expected 0xd00dfeed at 0x0, found 0x%08x".formatted(magic));
        }
        int compatible = lastCompatibleVersion();
        if (Integer.compareUnsigned(version, FdtLayout.FIRST_SUPPORTED_VERSION) < 0
                || Integer.compareUnsigned(compatible, FdtLayout.LAST_SUPPORTED_VERSION) > 0
                || Integer.compareUnsigned(version, compatible) < 0) {
            throw new FdtException(FdtError.BADVERSION,
                    "expected version 2 or later at 0x14, readable as 17 or earlier, found version %s, last compatible with %s"
                            .formatted(Integer.toUnsignedString(version), Integer.toUnsignedString(compatible)));
        }
    }

    private void checkBlock(String name, int headerSize, int offset, int size) {
        long begin = Integer.toUnsignedLong(offset);
        long end = begin + Integer.toUnsignedLong(size);
        if (begin < headerSize || end > totalSize) {
            throw new FdtException(FdtError.TRUNCATED, "expected the %s block between 0x%x and 0x%x, found it from 0x%x to 0x%x"
                    .formatted(name, headerSize, totalSize, begin, end));
        }
    }

    private void checkReservations() {
        if (reservationCount() < 0) {
            throw new FdtException(FdtError.TRUNCATED, "expected a memory reservation of size 0 after 0x%x, found none before 0x%x"
                    .formatted(offReservations, totalSize));
        }
    }

    private void checkStructure() {
        int depth = 0;
        boolean rootClosed = false;
        int offset = 0;
        while (true) {
            long t = nextTag(offset);
            int next = nextOf(t);
            if (next < 0) {
                throw badTag(next, offset);
            }
            int tag = tagOf(t);
            if (rootClosed && tag != END) {
                throw badStructure(offset, "the end of the structure block after the root", tag);
            }
            switch (tag) {
                case BEGIN_NODE -> {
                    if (++depth == 1 && !nodeName(offset).isEmpty()) {
                        throw new FdtException(FdtError.BADSTRUCTURE, "expected a root without a name at structure offset 0x%x, found '%s'"
                                .formatted(offset, nodeName(offset)));
                    }
                }
                case END_NODE -> {
                    if (--depth < 0) {
                        throw badStructure(offset, "a node or the end", tag);
                    }
                    rootClosed = depth == 0;
                }
                case PROP -> checkPropertyName(offset);
                case NOP -> {
                }
                default -> {
                    if (depth != 0) {
                        throw badStructure(offset, "%d more ends of nodes".formatted(depth), tag);
                    }
                    return;
                }
            }
            offset = next;
        }
    }

    private void checkPropertyName(int property) {
        int nameOffset = be32(b, structIndex(property) + PROP_NAMEOFF);
        int end = stringEnd(nameOffset);
        if (end < 0) {
            throw failure(end, "expected the name of the property at structure offset 0x%x in the %d bytes of strings, found offset 0x%x"
                    .formatted(property, sizeStrings, nameOffset));
        }
    }

    private FdtException badTag(int error, int offset) {
        if (error == -FdtError.TRUNCATED.code()) {
            return failure(error, "expected a tag at structure offset 0x%x, found the end of the block at 0x%x"
                    .formatted(offset, structLimit()));
        }
        int tag = be32(b, structIndex(offset));
        return switch (tag) {
            case BEGIN_NODE -> failure(error, "expected a NUL after the node name at structure offset 0x%x, found none".formatted(offset));
            case PROP -> failure(error, "the property at structure offset 0x%x is longer than the block".formatted(offset));
            default -> failure(error, "expected a tag (1, 2, 3, 4 or 9) at structure offset 0x%x, found 0x%x".formatted(offset, tag));
        };
    }

    private static FdtException badStructure(int offset, String expected, int tag) {
        return new FdtException(FdtError.BADSTRUCTURE, "expected %s at structure offset 0x%x, found tag %d"
                .formatted(expected, offset, tag));
    }
}
