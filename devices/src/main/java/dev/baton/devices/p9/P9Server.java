package dev.baton.devices.p9;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;

import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Serves one folder to one client: a request in, its reply out, nothing in between. What is wrong with a request is answered by
 * {@code Rlerror}; requests that are not served are, too.
 */
public final class P9Server implements Stateful {
    /** The longest message either way. */
    public static final int MOST_BYTES = 512 << 10;
    private static final int LEAST_BYTES = 4096;
    private static final int HEADER = 7;
    /** Bytes of a reply to a read before its data, and what Linux leaves for any header: P9_IOHDRSZ. */
    private static final int IO_HEADER = 24;
    private static final int MOST_FIDS = 1 << 14;
    private static final int MOST_NAMES = 16;
    private static final String VERSION = "9P2000.L";

    private static final int RLERROR = 7;
    private static final int TSTATFS = 8;
    private static final int TLOPEN = 12;
    private static final int TLCREATE = 14;
    private static final int TSYMLINK = 16;
    private static final int TRENAME = 20;
    private static final int TREADLINK = 22;
    private static final int TGETATTR = 24;
    private static final int TSETATTR = 26;
    private static final int TREADDIR = 40;
    private static final int TFSYNC = 50;
    private static final int TLOCK = 52;
    private static final int TGETLOCK = 54;
    private static final int TLINK = 70;
    private static final int TMKDIR = 72;
    private static final int TRENAMEAT = 74;
    private static final int TUNLINKAT = 76;
    private static final int TVERSION = 100;
    private static final int TATTACH = 104;
    private static final int TFLUSH = 108;
    private static final int TWALK = 110;
    private static final int TREAD = 116;
    private static final int TWRITE = 118;
    private static final int TCLUNK = 120;
    private static final int TREMOVE = 122;

    private static final int QID_BYTES = 13;
    private static final int QID_FOLDER = 0x80;
    private static final int QID_LINK = 0x02;
    private static final int TYPE_MASK = 0170000;
    private static final int TYPE_FOLDER = 0040000;
    private static final int TYPE_LINK = 0120000;

    // Flags of open(2), as generic Linux numbers them.
    private static final int O_ACCMODE = 3;
    private static final int O_EXCL = 0200;
    private static final int O_TRUNC = 01000;
    private static final int O_APPEND = 02000;

    private static final int AT_REMOVEDIR = 0x200;
    private static final long V9FS_MAGIC = 0x0102_1997;
    private static final int BLOCK = 4096;
    /** Access, modification, change: one for all, since reading a file must not make the next run another. */
    private static final int TIMES = 3;
    /** Of Tgetattr: all but birth time, generation and data version. */
    private static final long BASIC = 0x7ff;
    private static final int SET_MODE = 1;
    private static final int SET_OWNER = 2 | 4;
    private static final int SET_SIZE = 8;
    private static final int SET_ATIME = 0x10;
    private static final int SET_MTIME = 0x20;
    private static final int ATIME_GIVEN = 0x80;
    private static final int MTIME_GIVEN = 0x100;
    private static final int UNLOCKED = 2;

    /** A file that the client has a number for. @param flags of its open, -1 before */
    private record Fid(Path path, int flags) { }

    private final SharedFolder folder;
    private final Map<Integer, Fid> fids = new TreeMap<>();
    private int most = LEAST_BYTES;
    private ByteBuffer in;
    private ByteBuffer out;

    public P9Server(SharedFolder folder) {
        this.folder = folder;
    }

    /** The longest message that the client has agreed to. */
    public int most() {
        return most;
    }

    /**
     * @param request a message with its header
     * @param room    bytes that the reply may have
     * @return the reply; empty if the room is none for any
     */
    public byte[] answer(byte[] request, int room) {
        if (room < HEADER + 4) {
            return new byte[0];
        }
        in = ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN);
        int tag = request.length < HEADER ? 0xffff : in.getShort(5) & 0xffff;
        out = ByteBuffer.allocate(Math.min(room, MOST_BYTES)).order(ByteOrder.LITTLE_ENDIAN).position(HEADER);
        int type;
        try {
            int size = in.getInt();
            int asked = in.get() & 0xff;
            in.getShort();
            if (size < HEADER || size > request.length) {
                throw new Errno(Errno.EINVAL);
            }
            in.limit(size);
            serve(asked);
            type = asked + 1;
        } catch (Errno e) {
            type = error(e.number());
        } catch (IOException e) {
            type = error(Errno.of(e));
        } catch (BufferUnderflowException | BufferOverflowException e) {
            type = error(Errno.EINVAL);
        } catch (SecurityException | UnsupportedOperationException e) {
            type = error(Errno.EOPNOTSUPP);
        }
        int length = out.position();
        out.putInt(0, length).put(4, (byte) type).putShort(5, (short) tag);
        return java.util.Arrays.copyOf(out.array(), length);
    }

    private int error(int number) {
        out.clear().position(HEADER).putInt(number);
        return RLERROR;
    }

    private void serve(int type) throws Errno, IOException {
        switch (type) {
            case TVERSION -> version();
            case TATTACH -> attach();
            case TWALK -> walk();
            case TGETATTR -> getAttributes();
            case TLOPEN -> open();
            case TREAD -> read();
            case TREADDIR -> readFolder();
            case TREADLINK -> string(folder.link(fid().path));
            case TCLUNK -> forget(in.getInt());
            case TSTATFS -> statFileSystem();
            case TFLUSH, TFSYNC -> { }
            case TLOCK -> out.put((byte) 0);
            case TGETLOCK -> getLock();
            default -> change(type);
        }
    }

    /** What changes the folder. */
    private void change(int type) throws Errno, IOException {
        switch (type) {
            case TWRITE -> write();
            case TLCREATE -> create();
            case TSETATTR -> setAttributes();
            case TMKDIR -> {
                Path at = fid().path;
                String name = string();
                folder.makeFolder(at, name, in.getInt());
                qid(folder.child(at, name));
            }
            case TSYMLINK -> {
                Path at = fid().path;
                String name = string();
                folder.makeLink(at, name, string());
                qid(folder.child(at, name));
            }
            case TLINK -> {
                Path at = fid().path;
                Path existing = fid().path;
                folder.makeHardLink(at, string(), existing);
            }
            case TRENAME -> rename();
            case TRENAMEAT -> {
                Path from = fid().path;
                Path file = folder.child(from, string());
                moved(file, folder.move(file, fid().path, string()));
            }
            case TUNLINKAT -> {
                Path at = fid().path;
                Path file = folder.child(at, string());
                folder.remove(file, (in.getInt() & AT_REMOVEDIR) != 0);
            }
            case TREMOVE -> {
                int n = in.getInt();
                Path file = fid(n).path;
                forget(n);
                folder.remove(file, null);
            }
            default -> throw new Errno(Errno.EOPNOTSUPP);
        }
    }

    // Fields ------------------------------------------------------------------------------------------------------------

    private String string() {
        byte[] b = new byte[in.getShort() & 0xffff];
        in.get(b);
        return new String(b, StandardCharsets.UTF_8);
    }

    private void string(String s) {
        byte[] b = s.getBytes(StandardCharsets.UTF_8);
        out.putShort((short) b.length).put(b);
    }

    private Fid fid() throws Errno {
        return fid(in.getInt());
    }

    private Fid fid(int n) throws Errno {
        Fid f = fids.get(n);
        if (f == null) {
            throw new Errno(Errno.EBADF);
        }
        return f;
    }

    private void keep(int n, Fid f) throws Errno {
        if (fids.size() >= MOST_FIDS && !fids.containsKey(n)) {
            throw new Errno(Errno.ENFILE);
        }
        fids.put(n, f);
    }

    private void forget(int n) throws Errno {
        fid(n);
        fids.remove(n);
    }

    private void qid(Path file) throws Errno, IOException {
        qid(folder.stat(file));
    }

    private void qid(Map<String, Object> stat) {
        int type = (Integer) stat.get("mode") & TYPE_MASK;
        out.put((byte) (type == TYPE_FOLDER ? QID_FOLDER : type == TYPE_LINK ? QID_LINK : 0));
        out.putInt(0).putLong((Long) stat.get("ino"));
    }

    // The session -------------------------------------------------------------------------------------------------------

    private void version() throws Errno {
        int asked = in.getInt();
        String version = string();
        if (asked < LEAST_BYTES) {
            throw new Errno(Errno.EINVAL);
        }
        fids.clear();
        most = Math.min(asked, MOST_BYTES);
        out.putInt(most);
        string(version.equals(VERSION) ? VERSION : "unknown");
    }

    private void attach() throws Errno, IOException {
        keep(in.getInt(), new Fid(folder.root(), -1));
        qid(folder.root());
    }

    /** A walk that gets somewhere, but not all the way, says how far it got and keeps nothing. */
    private void walk() throws Errno, IOException {
        Path at = fid().path;
        int to = in.getInt();
        int names = in.getShort() & 0xffff;
        int count = out.position();
        if (names > MOST_NAMES) {
            throw new Errno(Errno.EINVAL);
        }
        out.putShort((short) 0);
        int done = 0;
        try {
            for (; done < names; done++) {
                if (!folder.isFolder(at)) {
                    throw new Errno(Errno.ENOTDIR);
                }
                Path next = folder.child(at, string());
                qid(next);
                at = next;
            }
        } catch (Errno e) {
            partly(done, e.number());
        } catch (IOException e) {
            partly(done, Errno.of(e));
        }
        if (done == names) {
            keep(to, new Fid(at, -1));
        }
        out.putShort(count, (short) done);
    }

    private static void partly(int done, int number) throws Errno {
        if (done == 0) {
            throw new Errno(number);
        }
    }

    // Attributes --------------------------------------------------------------------------------------------------------

    private void getAttributes() throws Errno, IOException {
        Map<String, Object> stat = folder.stat(fid().path);
        long size = (Long) stat.get("size");
        out.putLong(BASIC);
        qid(stat);
        out.putInt((Integer) stat.get("mode")).putInt((Integer) stat.get("uid")).putInt((Integer) stat.get("gid"));
        out.putLong(((Integer) stat.get("nlink")).longValue()).putLong((Long) stat.get("rdev")).putLong(size).putLong(BLOCK);
        out.putLong((size + 511) / 512);
        Instant modified = ((FileTime) stat.get("lastModifiedTime")).toInstant();
        for (int i = 0; i < TIMES; i++) {
            out.putLong(modified.getEpochSecond()).putLong(modified.getNano());
        }
        out.putLong(0).putLong(0).putLong(0).putLong(0);
    }

    private void setAttributes() throws Errno, IOException {
        Path file = fid().path;
        int valid = in.getInt();
        int mode = in.getInt();
        in.getLong();
        long size = in.getLong();
        FileTime access = time((valid & ATIME_GIVEN) != 0);
        FileTime modified = time((valid & MTIME_GIVEN) != 0);
        if ((valid & SET_OWNER) != 0 && (valid & ~(SET_OWNER | 0x40)) == 0) {
            throw new Errno(Errno.EPERM);
        }
        if ((valid & SET_MODE) != 0) {
            folder.mode(file, mode);
        }
        if ((valid & SET_SIZE) != 0) {
            folder.size(file, size);
        }
        if ((valid & (SET_ATIME | SET_MTIME)) != 0) {
            folder.times(file, (valid & SET_ATIME) != 0 ? access : null, (valid & SET_MTIME) != 0 ? modified : null);
        }
    }

    /** Now, which is the host's now, as in what it writes itself, if the client gives no time. */
    private FileTime time(boolean given) {
        long seconds = in.getLong();
        long nanoseconds = in.getLong();
        if (!given) {
            return FileTime.fromMillis(System.currentTimeMillis());
        }
        return FileTime.from(Math.addExact(Math.multiplyExact(clamp(seconds), 1_000_000_000L), nanoseconds % 1_000_000_000L),
                TimeUnit.NANOSECONDS);
    }

    private static long clamp(long seconds) {
        return Math.clamp(seconds, 0, Integer.toUnsignedLong(-1));
    }

    /** The folder's file system is nobody's business: much room, and none of it taken. */
    private void statFileSystem() throws Errno {
        fid();
        long blocks = 1 << 20;
        out.putInt((int) V9FS_MAGIC).putInt(BLOCK).putLong(blocks).putLong(blocks).putLong(blocks).putLong(blocks).putLong(blocks);
        out.putLong(0).putInt(255);
    }

    private void getLock() throws Errno {
        fid();
        in.get();
        out.put((byte) UNLOCKED).putLong(in.getLong()).putLong(in.getLong()).putInt(in.getInt());
        string(string());
    }

    // Files -------------------------------------------------------------------------------------------------------------

    private void open() throws Errno, IOException {
        int n = in.getInt();
        Path file = fid(n).path;
        int flags = in.getInt();
        boolean writes = (flags & O_ACCMODE) != 0;
        if (folder.isFolder(file)) {
            folder.list(file);
        } else {
            folder.check(file, writes);
        }
        if (writes && (flags & O_TRUNC) != 0) {
            folder.size(file, 0);
        }
        keep(n, new Fid(file, flags));
        qid(file);
        out.putInt(most - IO_HEADER);
    }

    private void create() throws Errno, IOException {
        int n = in.getInt();
        Path at = fid(n).path;
        String name = string();
        int flags = in.getInt();
        folder.create(at, name, in.getInt(), (flags & O_EXCL) != 0);
        Path file = folder.child(at, name);
        if ((flags & O_TRUNC) != 0) {
            folder.size(file, 0);
        }
        keep(n, new Fid(file, flags));
        qid(file);
        out.putInt(most - IO_HEADER);
    }

    private Fid opened(boolean toWrite) throws Errno {
        Fid f = fid();
        if (f.flags < 0 || toWrite && (f.flags & O_ACCMODE) == 0) {
            throw new Errno(Errno.EBADF);
        }
        return f;
    }

    /** How much of {@code count} has room in the reply, behind the count itself. */
    private int room(int count) throws Errno {
        if (count < 0) {
            throw new Errno(Errno.EINVAL);
        }
        return Math.min(count, Math.min(out.remaining() - 4, most - IO_HEADER));
    }

    private void read() throws Errno, IOException {
        Fid f = opened(false);
        long offset = in.getLong();
        int room = room(in.getInt());
        if (offset < 0 || room < 0) {
            throw new Errno(Errno.EINVAL);
        }
        int at = out.position();
        out.putInt(0);
        int n = folder.read(f.path, offset, out.slice(at + 4, room));
        out.putInt(at, n).position(at + 4 + n);
    }

    private void write() throws Errno, IOException {
        Fid f = opened(true);
        long offset = in.getLong();
        int count = in.getInt();
        if (offset < 0 || count < 0 || count > in.remaining()) {
            throw new Errno(Errno.EINVAL);
        }
        out.putInt(folder.write(f.path, offset, (f.flags & O_APPEND) != 0, in.slice(in.position(), count)));
    }

    /** An entry's offset is the number of the one after it. What is gone by now is left out. */
    private void readFolder() throws Errno, IOException {
        Fid f = opened(false);
        long offset = in.getLong();
        int at = out.position();
        int end = at + 4 + room(in.getInt());
        List<String> names = folder.list(f.path);
        out.putInt(0);
        for (long i = Math.max(0, offset); i < names.size() + 2L; i++) {
            String name = i == 0 ? "." : i == 1 ? ".." : names.get((int) i - 2);
            int length = QID_BYTES + 8 + 1 + 2 + name.getBytes(StandardCharsets.UTF_8).length;
            if (out.position() + length > end) {
                break;
            }
            try {
                Map<String, Object> stat = folder.stat(folder.child(f.path, name));
                qid(stat);
                out.putLong(i + 1).put((byte) (((Integer) stat.get("mode") & TYPE_MASK) >>> 12));
                string(name);
            } catch (java.nio.file.NoSuchFileException gone) {
                continue;
            }
        }
        out.putInt(at, out.position() - at - 4);
    }

    private void rename() throws Errno, IOException {
        Path file = fid().path;
        Path at = fid().path;
        moved(file, folder.move(file, at, string()));
    }

    /** Numbers of what was moved, and of what is below it, go with it. */
    private void moved(Path from, Path to) {
        fids.replaceAll((n, f) -> f.path.startsWith(from) ? new Fid(to.resolve(from.relativize(f.path)), f.flags) : f);
    }

    // State -------------------------------------------------------------------------------------------------------------

    /** As before the first message. */
    public void reset() {
        fids.clear();
        most = LEAST_BYTES;
    }

    @Override
    public void save(StateWriter w) {
        w.u32(most).u32(fids.size());
        fids.forEach((n, f) -> w.u32(n).u32(f.flags).text(folder.root().relativize(f.path).toString()));
    }

    @Override
    public void load(StateReader r) {
        fids.clear();
        most = r.u32();
        for (int n = r.u32(); n > 0; n--) {
            int number = r.u32();
            int flags = r.u32();
            Path path = folder.root().resolve(r.text()).normalize();
            if (!path.startsWith(folder.root())) {
                throw new IllegalArgumentException("snapshot: expected a file of the shared folder, found " + path);
            }
            fids.put(number, new Fid(path, flags));
        }
    }
}
