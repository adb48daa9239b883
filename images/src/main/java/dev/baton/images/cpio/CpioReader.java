package dev.baton.images.cpio;

import static dev.baton.images.ImageFormatException.hex;

import dev.baton.core.machine.Bytes;
import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;
import dev.baton.images.cpio.Newc.Field;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads newc archives, also several one after another as an initrd may hold them. Compressed parts are not unpacked. */
public final class CpioReader {
    private final ImageFile file;
    private final List<CpioEntry> entries = new ArrayList<>();
    private long at;

    private CpioReader(ImageFile file) {
        this.file = file;
    }

    public static boolean probe(ImageFile file) {
        return file.has(0, Newc.MAGIC) || file.has(0, Newc.MAGIC_WITH_SUM);
    }

    /**
     * All members in their order, without trailers.
     *
     * @throws ImageFormatException on anything that is not a whole newc archive
     */
    public static List<CpioEntry> read(ImageFile file) {
        CpioReader reader = new CpioReader(file);
        do {
            reader.archive();
        } while (reader.another());
        return List.copyOf(reader.entries);
    }

    private void archive() {
        while (member()) {
            at = padded("data");
        }
    }

    /** One member; false at the trailer. */
    private boolean member() {
        long start = at;
        boolean summed = magic();
        long size = Integer.toUnsignedLong(field(Field.FILESIZE));
        String name = name(start);
        long sum = Integer.toUnsignedLong(field(start, Field.CHECK));
        if (name.equals(Newc.TRAILER)) {
            if (size != 0) {
                throw file.error(start + Field.FILESIZE.offset(), "a trailer without data", size + " bytes");
            }
            return false;
        }
        file.require(at, size, "data of " + name);
        int mode = field(start, Field.MODE);
        if ((mode & CpioEntry.S_IFMT) == CpioEntry.S_IFLNK && size >= Newc.PATH_MAX) {
            throw file.error(start + Field.FILESIZE.offset(), "the target of link " + name + " shorter than " + Newc.PATH_MAX,
                    size + " bytes");
        }
        Bytes data = file.slice(at, size, "data");
        // cpio(1) leaves the check of anything but a regular file 0, and the kernel checks no other.
        if (summed && (mode & CpioEntry.S_IFMT) == CpioEntry.S_IFREG) {
            checkSum(start, data, sum);
        }
        entries.add(new CpioEntry(name, field(start, Field.INO), mode, field(start, Field.UID), field(start, Field.GID),
                field(start, Field.NLINK), field(start, Field.MTIME), field(start, Field.DEVMAJOR), field(start, Field.DEVMINOR),
                field(start, Field.RDEVMAJOR), field(start, Field.RDEVMINOR), data));
        at += size;
        return true;
    }

    private boolean magic() {
        file.require(at, Newc.HEADER, "cpio header");
        boolean summed = file.has(at, Newc.MAGIC_WITH_SUM);
        if (!summed && !file.has(at, Newc.MAGIC)) {
            throw file.error(at, "cpio magic 070701 or 070702", shown(at, Newc.MAGIC.length()));
        }
        return summed;
    }

    private int field(Field f) {
        return field(at, f);
    }

    private int field(long member, Field f) {
        int value = 0;
        for (int i = 0; i < Newc.FIELD; i++) {
            int digit = Character.digit(file.u8(member + f.offset() + i, "cpio field"), 16);
            if (digit < 0) {
                throw file.error(member + f.offset(), "8 hexadecimal digits of cpio " + f.name().toLowerCase(Locale.ROOT),
                        shown(member + f.offset(), Newc.FIELD));
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** Reads the name and leaves {@link #at} on the data. */
    private String name(long member) {
        long size = Integer.toUnsignedLong(field(member, Field.NAMESIZE));
        if (size < 2 || size > Newc.PATH_MAX) {
            throw file.error(member + Field.NAMESIZE.offset(), "cpio namesize of 2 to " + Newc.PATH_MAX, Long.toString(size));
        }
        long start = member + Newc.HEADER;
        file.require(start, size, "cpio name");
        byte[] bytes = file.bytes().array();
        for (long i = start; i < start + size; i++) {
            boolean last = i == start + size - 1;
            if ((bytes[(int) i] == 0) != last) {
                throw file.error(i, last ? "a zero byte after the cpio name" : "a cpio name of " + (size - 1) + " bytes", last ? "byte "
                        + hex(bytes[(int) i] & 0xff) : "a zero byte in it");
            }
        }
        at = start + size;
        at = padded("name");
        return new String(bytes, (int) start, (int) size - 1, StandardCharsets.UTF_8);
    }

    private void checkSum(long member, Bytes data, long expected) {
        int sum = 0;
        for (byte b : data.array()) {
            sum += b & 0xff;
        }
        if (Integer.toUnsignedLong(sum) != expected) {
            throw file.error(member + Field.CHECK.offset(), "cpio check " + hex(Integer.toUnsignedLong(sum)), hex(expected));
        }
    }

    private long padded(String what) {
        long end = Newc.aligned(at);
        file.require(at, end - at, "padding after cpio " + what);
        return end;
    }

    /** After a trailer: zeros to the end of the file, or to another archive at a multiple of 4. */
    private boolean another() {
        byte[] bytes = file.bytes().array();
        int i = (int) at;
        while (i < bytes.length && bytes[i] == 0) {
            i++;
        }
        if (i == bytes.length) {
            return false;
        }
        at = i;
        if (i % 4 != 0) {
            throw file.error(i, "zeros or another archive at a multiple of 4 after the cpio trailer", "byte " + hex(bytes[i] & 0xff));
        }
        return true;
    }

    private String shown(long offset, int n) {
        StringBuilder text = new StringBuilder("'");
        for (int i = 0; i < n; i++) {
            int c = file.u8(offset + i, "cpio header");
            text.append(c > 0x20 && c < 0x7f ? (char) c : '?');
        }
        return text.append('\'').toString();
    }
}
