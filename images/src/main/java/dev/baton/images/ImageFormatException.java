package dev.baton.images;

/** Bad input, told in one sentence: file, offset or line, what was expected there and what was found. */
public final class ImageFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long position;

    private ImageFormatException(String file, long position, String message) {
        super(message);
        this.file = file;
        this.position = position;
    }

    /** At a byte {@code offset} of {@code file}. */
    public static ImageFormatException at(String file, long offset, String expected, String found) {
        return new ImageFormatException(file, offset, file + ": offset " + hex(offset) + ": expected " + expected + ", found " + found);
    }

    /** At a line of a text file, counted from 1. */
    public static ImageFormatException atLine(String file, long line, String expected, String found) {
        return new ImageFormatException(file, line, file + ": line " + line + ": expected " + expected + ", found " + found);
    }

    /** The file as a whole: {@code reason} completes the sentence. */
    public static ImageFormatException of(String file, String reason) {
        return new ImageFormatException(file, -1, file + ": " + reason);
    }

    public String file() {
        return file;
    }

    /** Byte offset or line, -1 when the sentence is about the whole file. */
    public long position() {
        return position;
    }

    /** Unsigned hexadecimal as in all our messages. */
    public static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }
}
