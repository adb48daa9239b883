package dev.baton.images.cpio;

/**
 * The header of a newc member, 110 ASCII characters: a magic and 13 fields of 8 hexadecimal digits.
 *
 * <pre>
 *     0 070701        magic (070702: the check field is a sum of the data bytes)
 *     6 ino        14 mode       22 uid        30 gid        38 nlink      46 mtime      54 filesize
 *    62 devmajor   70 devminor   78 rdevmajor  86 rdevminor  94 namesize  102 check
 *   110 name, ending in a zero byte that namesize counts;   zeros to a multiple of 4 from the archive's start
 *     . filesize bytes of data;                             zeros to a multiple of 4
 *       ... the last member is called TRAILER!!!, zeros follow it
 * </pre>
 *
 * Source: Linux 7.2 Documentation/driver-api/early-userspace/buffer-format.rst, init/initramfs.c.
 */
final class Newc {
    static final int HEADER = 110;
    static final int FIELD = 8;
    static final String MAGIC = "070701";
    static final String MAGIC_WITH_SUM = "070702";
    static final String TRAILER = "TRAILER!!!";
    /** Bytes of a name with its zero, and of a link's target: PATH_MAX of the kernel that unpacks it. */
    static final int PATH_MAX = 4096;
    /** cpio(1) fills its last block. */
    static final int BLOCK = 512;

    /** Fields in their order. */
    enum Field {
        INO, MODE, UID, GID, NLINK, MTIME, FILESIZE, DEVMAJOR, DEVMINOR, RDEVMAJOR, RDEVMINOR, NAMESIZE, CHECK;

        int offset() {
            return MAGIC.length() + ordinal() * FIELD;
        }
    }

    private Newc() {
    }

    /** The next multiple of 4. */
    static long aligned(long offset) {
        return offset + 3 & -4;
    }
}
