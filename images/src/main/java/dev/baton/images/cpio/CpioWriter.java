package dev.baton.images.cpio;

import dev.baton.core.machine.Bytes;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes a newc archive. The same calls give the same bytes: owner and time are 0, inode numbers count from 1. Members come
 * in the order of the calls; the kernel wants a directory before what is in it.
 */
public final class CpioWriter {
    private static final int PERMISSIONS = 07777;

    private final List<CpioEntry> entries = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    /** @param permissions such as {@code 0755} */
    public CpioWriter directory(String path, int permissions) {
        return add(path, CpioEntry.S_IFDIR | permissions & PERMISSIONS, 2, 0, 0, Bytes.of());
    }

    public CpioWriter file(String path, int permissions, Bytes data) {
        return add(path, CpioEntry.S_IFREG | permissions & PERMISSIONS, 1, 0, 0, data);
    }

    public CpioWriter symlink(String path, String target) {
        Bytes data = Bytes.wrap(target.getBytes(StandardCharsets.UTF_8));
        if (data.length() == 0 || data.length() >= Newc.PATH_MAX) {
            throw new IllegalArgumentException(path + ": a link target has 1 to " + (Newc.PATH_MAX - 1) + " bytes, not " + data.length());
        }
        return add(path, CpioEntry.S_IFLNK | 0777, 1, 0, 0, data);
    }

    /** A character device such as {@code dev/console}, 5, 1. */
    public CpioWriter characterDevice(String path, int permissions, int major, int minor) {
        return add(path, CpioEntry.S_IFCHR | permissions & PERMISSIONS, 1, major, minor, Bytes.of());
    }

    private CpioWriter add(String path, int mode, int nlink, int major, int minor, Bytes data) {
        return add(new CpioEntry(path, entries.size() + 1, mode, 0, 0, nlink, 0, 0, 0, major, minor, data));
    }

    /** Any member, with the numbers it has. */
    public CpioWriter add(CpioEntry entry) {
        int length = entry.name().getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length >= Newc.PATH_MAX || entry.name().indexOf(0) >= 0 || entry.name().equals(Newc.TRAILER)) {
            throw new IllegalArgumentException("not a name for a cpio member: " + length + " bytes");
        }
        if (!names.add(entry.name())) {
            throw new IllegalArgumentException(entry.name() + ": twice in one archive");
        }
        entries.add(entry);
        return this;
    }

    public byte[] write() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (CpioEntry e : entries) {
            member(out, e);
        }
        member(out, new CpioEntry(Newc.TRAILER, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, Bytes.of()));
        out.writeBytes(new byte[-out.size() & Newc.BLOCK - 1]);
        return out.toByteArray();
    }

    private static void member(ByteArrayOutputStream out, CpioEntry e) {
        byte[] name = (e.name() + "\0").getBytes(StandardCharsets.UTF_8);
        int[] fields = {e.ino(), e.mode(), e.uid(), e.gid(), e.nlink(), e.mtime(), e.data().length(), e.devMajor(), e.devMinor(),
            e.rdevMajor(), e.rdevMinor(), name.length, 0};
        StringBuilder header = new StringBuilder(Newc.MAGIC);
        for (int f : fields) {
            header.append(String.format("%08X", f));
        }
        out.writeBytes(header.toString().getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(name);
        pad(out);
        out.writeBytes(e.data().array());
        pad(out);
    }

    private static void pad(ByteArrayOutputStream out) {
        out.writeBytes(new byte[-out.size() & 3]);
    }
}
