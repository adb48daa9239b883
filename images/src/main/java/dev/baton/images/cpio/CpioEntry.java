package dev.baton.images.cpio;

import dev.baton.core.machine.Bytes;

/**
 * One member of a cpio archive. Numbers are unsigned 32 bits.
 *
 * @param name path without a leading slash, as archives for initramfs have it
 * @param mode type and permission bits of {@code st_mode}
 * @param data contents of a regular file, target of a symbolic link, else empty
 */
public record CpioEntry(String name, int ino, int mode, int uid, int gid, int nlink, int mtime, int devMajor, int devMinor,
                        int rdevMajor, int rdevMinor, Bytes data) {
    /** Mask of the type in {@link #mode}. */
    public static final int S_IFMT = 0170000;
    public static final int S_IFREG = 0100000;
    public static final int S_IFDIR = 0040000;
    public static final int S_IFLNK = 0120000;
    public static final int S_IFCHR = 0020000;

    public boolean is(int type) {
        return (mode & S_IFMT) == type;
    }
}
