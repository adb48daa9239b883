package dev.baton.devices.p9;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A folder of the host, and nothing outside of it: names have no slashes, and no symbolic link is followed here, for guests follow
 * them themselves. A guest may put a link where a folder was, so the way to a file is looked at whenever it is used. Files are open
 * only as long as an access takes, and a snapshot holds their names.
 */
public final class SharedFolder {
    private static final LinkOption ITSELF = LinkOption.NOFOLLOW_LINKS;
    private static final int MODE_BITS = 07777;
    /** Types of host file systems whose files are questions to the host's kernel; one, /proc/kmsg, answers when it has something to say. */
    private static final Set<String> OF_THE_KERNEL = Set.of("proc", "sysfs", "debugfs", "tracefs", "securityfs");

    private final Path root;
    private final boolean readOnly;
    /** By device number: files of the kernel are there. */
    private final Map<Long, Boolean> ofTheKernel = new HashMap<>();

    /** @throws IOException if it is no folder */
    public SharedFolder(Path folder, boolean readOnly) throws IOException {
        root = folder.toRealPath();
        if (!Files.isDirectory(root)) {
            throw new IOException("expected a directory");
        }
        this.readOnly = readOnly;
    }

    Path root() {
        return root;
    }

    /** The file that a folder has under a name; {@code ..} of the root is the root. */
    Path child(Path folder, String name) throws Errno {
        if (name.equals("..")) {
            return folder.equals(root) ? root : folder.getParent();
        }
        if (name.isEmpty() || name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
            throw new Errno(Errno.EINVAL);
        }
        try {
            return name.equals(".") ? folder : folder.resolve(name);
        } catch (java.nio.file.InvalidPathException e) {
            throw new Errno(Errno.EINVAL);
        }
    }

    /** A name to be made or removed. */
    private Path entry(Path folder, String name) throws Errno, IOException {
        if (name.equals("..") || name.equals(".")) {
            throw new Errno(Errno.EINVAL);
        }
        mayWrite();
        return inside(child(folder, name));
    }

    private void mayWrite() throws Errno {
        if (readOnly) {
            throw new Errno(Errno.EROFS);
        }
    }

    /** @throws Errno if some folder on the way has become a symbolic link */
    private Path inside(Path file) throws Errno, IOException {
        if (!file.equals(root) && !file.getParent().toRealPath().equals(file.getParent())) {
            throw new Errno(Errno.ELOOP);
        }
        return file;
    }

    /** What stat(2) says; see {@code "unix:*"} of the JDK. */
    Map<String, Object> stat(Path file) throws Errno, IOException {
        return Files.readAttributes(inside(file), "unix:mode,ino,nlink,uid,gid,rdev,size,lastModifiedTime", ITSELF);
    }

    boolean isFolder(Path file) throws Errno, IOException {
        return Files.isDirectory(inside(file), ITSELF);
    }

    /** Names in it, sorted, so that the order does not depend on the host's file system. */
    List<String> list(Path folder) throws Errno, IOException {
        if (!isFolder(folder)) {
            // A link to one, perhaps, that took its place after it was opened.
            throw new Errno(Errno.ENOTDIR);
        }
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(e -> names.add(e.getFileName().toString()));
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        Collections.sort(names);
        return names;
    }

    String link(Path file) throws Errno, IOException {
        try {
            return Files.readSymbolicLink(inside(file)).toString();
        } catch (java.nio.file.NotLinkException e) {
            throw new Errno(Errno.EINVAL);
        }
    }

    private SeekableByteChannel open(Path file, OpenOption... options) throws Errno, IOException {
        Set<OpenOption> all = new HashSet<>(Set.of(options));
        all.add(ITSELF);
        if (Files.exists(inside(file), ITSELF) && !Files.isRegularFile(file, ITSELF)) {
            // A FIFO or a device of the host might never answer.
            throw new Errno(Files.isDirectory(file, ITSELF) ? Errno.EISDIR : Files.isSymbolicLink(file) ? Errno.ELOOP : Errno.EOPNOTSUPP);
        }
        if (isOfTheKernel(file.getParent())) {
            throw new Errno(Errno.EACCES);
        }
        return Files.newByteChannel(file, all);
    }

    private boolean isOfTheKernel(Path of) throws IOException {
        Long device = (Long) Files.getAttribute(of, "unix:dev", ITSELF);
        Boolean known = ofTheKernel.get(device);
        if (known == null) {
            known = OF_THE_KERNEL.contains(Files.getFileStore(of).type());
            ofTheKernel.put(device, known);
        }
        return known;
    }

    /** That it can be read, or written. */
    void check(Path file, boolean write) throws Errno, IOException {
        if (write) {
            mayWrite();
        }
        open(file, write ? StandardOpenOption.WRITE : StandardOpenOption.READ).close();
    }

    /** @return how many bytes there were */
    int read(Path file, long offset, ByteBuffer into) throws Errno, IOException {
        try (SeekableByteChannel c = open(file, StandardOpenOption.READ)) {
            c.position(offset);
            int first = into.position();
            while (into.hasRemaining() && c.read(into) > 0) { }
            return into.position() - first;
        }
    }

    int write(Path file, long offset, boolean append, ByteBuffer from) throws Errno, IOException {
        mayWrite();
        int n = from.remaining();
        try (SeekableByteChannel c = open(file, StandardOpenOption.WRITE)) {
            c.position(append ? c.size() : offset);
            while (from.hasRemaining()) {
                c.write(from);
            }
        }
        return n;
    }

    void create(Path folder, String name, int mode, boolean exclusive) throws Errno, IOException {
        Path file = entry(folder, name);
        boolean fresh = !Files.exists(file, ITSELF);
        open(file, StandardOpenOption.WRITE, exclusive ? StandardOpenOption.CREATE_NEW : StandardOpenOption.CREATE).close();
        if (fresh) {
            mode(file, mode);
        }
    }

    void makeFolder(Path folder, String name, int mode) throws Errno, IOException {
        mode(Files.createDirectory(entry(folder, name)), mode);
    }

    void makeLink(Path folder, String name, String target) throws Errno, IOException {
        Path link = entry(folder, name);
        try {
            Files.createSymbolicLink(link, Path.of(target));
        } catch (java.nio.file.InvalidPathException e) {
            throw new Errno(Errno.EINVAL);
        }
    }

    void makeHardLink(Path folder, String name, Path existing) throws Errno, IOException {
        Path link = entry(folder, name);
        if (Files.isSymbolicLink(inside(existing))) {
            throw new Errno(Errno.EPERM);
        }
        Files.createLink(link, existing);
    }

    /** Like rename(2), which puts one file in the place of another. */
    Path move(Path file, Path folder, String name) throws Errno, IOException {
        Path to = entry(folder, name);
        Files.move(inside(file), to, StandardCopyOption.ATOMIC_MOVE);
        return to;
    }

    void remove(Path file, Boolean asFolder) throws Errno, IOException {
        mayWrite();
        boolean is = isFolder(file);
        if (file.equals(root) || asFolder != null && asFolder != is) {
            throw new Errno(file.equals(root) ? Errno.EPERM : is ? Errno.EISDIR : Errno.ENOTDIR);
        }
        Files.delete(file);
    }

    /** Permission bits; those that the JDK cannot set, set-user-ID and such, stay away. */
    void mode(Path file, int mode) throws Errno, IOException {
        mayWrite();
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values();
        for (int i = 0; i < all.length; i++) {
            if ((mode & MODE_BITS & 0400 >>> i) != 0) {
                set.add(all[i]);
            }
        }
        if (Files.isSymbolicLink(inside(file))) {
            throw new Errno(Errno.EOPNOTSUPP);
        }
        Files.setPosixFilePermissions(file, set);
    }

    /** Grows with zeros, as ftruncate(2) does. */
    void size(Path file, long size) throws Errno, IOException {
        mayWrite();
        if (size < 0) {
            throw new Errno(Errno.EINVAL);
        }
        try (SeekableByteChannel c = open(file, StandardOpenOption.WRITE)) {
            if (size > c.size()) {
                c.position(size - 1).write(ByteBuffer.allocate(1));
            } else {
                c.truncate(size);
            }
        }
    }

    /** @param access null leaves it, as with {@code modified} */
    void times(Path file, FileTime access, FileTime modified) throws Errno, IOException {
        mayWrite();
        Files.getFileAttributeView(inside(file), BasicFileAttributeView.class, ITSELF).setTimes(modified, access, null);
    }
}
