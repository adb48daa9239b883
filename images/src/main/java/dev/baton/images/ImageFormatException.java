package dev.baton.images;

import java.util.regex.Pattern;

/** Bad input, told in one sentence: file, offset or line, what was expected there and what was found. */
public final class ImageFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_SHOWN = 160;
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");

    private final String file;
    private final long position;

    private ImageFormatException(String file, long position, String message) {
        super(message);
        this.file = file;
        this.position = position;
    }

    /** At a byte {@code offset} of {@code file}. */
    public static ImageFormatException at(String file, long offset, String expected, String found) {
        return new ImageFormatException(file, offset, sentence(file, "offset " + hex(offset), expected, found));
    }

    /** At a line of a text file, counted from 1. */
    public static ImageFormatException atLine(String file, long line, String expected, String found) {
        return new ImageFormatException(file, line, sentence(file, "line " + line, expected, found));
    }

    /** The file as a whole: {@code reason} completes the sentence. */
    public static ImageFormatException of(String file, String reason) {
        return new ImageFormatException(file, -1, file + ": " + reason);
    }

    private static String sentence(String file, String where, String expected, String found) {
        return file + ": " + where + ": expected " + shown(expected) + ", found " + shown(found);
    }

    /** What a file says may be anything: control characters become question marks, and a sentence stays a sentence's length. */
    private static String shown(String text) {
        String line = UNPRINTABLE.matcher(text).replaceAll("?");
        return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN) + "...";
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
