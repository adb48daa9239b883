package dev.baton.devices.p9;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** A request that fails, with an error number of Linux's. */
final class Errno extends Exception {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EIO = 5;
    static final int EBADF = 9;
    static final int EACCES = 13;
    static final int EEXIST = 17;
    static final int ENOTDIR = 20;
    static final int EISDIR = 21;
    static final int EINVAL = 22;
    static final int ENFILE = 23;
    static final int EROFS = 30;
    static final int ENOTEMPTY = 39;
    static final int ELOOP = 40;
    static final int EOPNOTSUPP = 95;

    private static final long serialVersionUID = 1;

    private final int number;

    Errno(int number) {
        super("errno " + number, null, false, false);
        this.number = number;
    }

    int number() {
        return number;
    }

    static int of(IOException e) {
        return switch (e) {
            case NoSuchFileException n -> ENOENT;
            case AccessDeniedException a -> EACCES;
            case FileAlreadyExistsException x -> EEXIST;
            case DirectoryNotEmptyException d -> ENOTEMPTY;
            case NotDirectoryException d -> ENOTDIR;
            case FileSystemLoopException l -> ELOOP;
            case FileSystemException f -> byReason(f.getReason());
            default -> EIO;
        };
    }

    /** What the JDK has no class for, it tells in the words of strerror(3). */
    private static int byReason(String reason) {
        return switch (reason == null ? "" : reason) {
            case "Not a directory" -> ENOTDIR;
            case "Is a directory" -> EISDIR;
            case "Operation not permitted" -> EPERM;
            case "Read-only file system" -> EROFS;
            default -> reason != null && reason.startsWith("Too many levels of symbolic links") ? ELOOP : EIO;
        };
    }
}
