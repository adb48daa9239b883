package dev.baton.images.arm64;

import static dev.baton.images.ImageFormatException.hex;

import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * {@code Image.gz}: one gzip member, decompressed under a limit.
 *
 * <pre>
 *   0  1f 8b  magic
 *   2  08     method: deflate
 *   3  flags  bit 1 FHCRC, bit 2 FEXTRA, bit 3 FNAME, bit 4 FCOMMENT, bits 7:5 reserved 0 (bit 0 FTEXT is a hint)
 *   4  mtime(4)  xfl(1)  os(1)
 *  10  [xlen(2) extra]  [name 0]  [comment 0]  [header crc(2)]
 *   n  deflate stream
 *   m  crc32(4)  isize(4): length modulo 2^32      then nothing but zero padding
 * </pre>
 *
 * Source: RFC 1952 section 2.3. Written against {@link Inflater}, not GZIPInputStream, to name the offset of what is wrong.
 */
public final class GzipImage {
    private static final int FIXED_HEADER = 10;
    private static final int TRAILER = 8;
    private static final int FHCRC = 2;
    private static final int FEXTRA = 4;
    private static final int FNAME = 8;
    private static final int FCOMMENT = 16;
    private static final int RESERVED = 0xe0;

    /** Deflate cannot compress better than this (RFC 1951: 258 bytes for 2 bits), so a claimed length beyond it is a lie. */
    private static final long MAX_RATIO = 1032;
    private static final int FIRST_BUFFER = 64 << 10;

    private GzipImage() {
    }

    public static boolean probe(ImageFile file) {
        return file.has(0, "\u001f\u008b");
    }

    /**
     * @param limit most bytes to produce
     * @throws ImageFormatException on a header, stream or trailer that is not gzip's, on a longer result, on a further member
     */
    public static ImageFile decompress(ImageFile file, long limit) {
        int start = headerLength(file);
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(file.bytes().array(), start, file.length() - start);
            byte[] out = inflate(file, inflater, start, Math.min(limit, ImageFile.LIMIT));
            checkTrailer(file, start + inflater.getBytesRead(), out);
            return ImageFile.of(file.name(), out);
        } finally {
            inflater.end();
        }
    }

    private static int headerLength(ImageFile file) {
        file.require(0, FIXED_HEADER, "gzip header");
        int method = file.u8(2, "gzip method");
        if (method != 8) {
            throw file.error(2, "gzip method 8 (deflate)", Integer.toString(method));
        }
        int flags = file.u8(3, "gzip flags");
        if ((flags & RESERVED) != 0) {
            throw file.error(3, "gzip flags with bits 7:5 zero", hex(flags));
        }
        int at = FIXED_HEADER;
        if ((flags & FEXTRA) != 0) {
            int length = file.u16(at, "gzip extra length");
            file.require(at + 2, length, "gzip extra field");
            at += 2 + length;
        }
        if ((flags & FNAME) != 0) {
            at = afterZero(file, at, "gzip file name");
        }
        if ((flags & FCOMMENT) != 0) {
            at = afterZero(file, at, "gzip comment");
        }
        return (flags & FHCRC) == 0 ? at : afterHeaderCrc(file, at);
    }

    private static int afterZero(ImageFile file, int at, String what) {
        byte[] b = file.bytes().array();
        for (int i = at; i < b.length; i++) {
            if (b[i] == 0) {
                return i + 1;
            }
        }
        throw file.error(at, what + " ending in a zero byte", "the end of the file");
    }

    private static int afterHeaderCrc(ImageFile file, int at) {
        int stored = file.u16(at, "gzip header CRC");
        int computed = (int) crc(file.bytes().array(), at) & 0xffff;
        if (stored != computed) {
            throw file.error(at, "gzip header CRC " + hex(computed), hex(stored));
        }
        return at + 2;
    }

    private static byte[] inflate(ImageFile file, Inflater inflater, int start, long limit) {
        byte[] out = new byte[(int) Math.min(limit, Math.max(FIRST_BUFFER, claimedLength(file)))];
        byte[] one = new byte[1];
        int length = 0;
        try {
            while (!inflater.finished()) {
                boolean full = length == out.length;
                int n = full ? inflater.inflate(one) : inflater.inflate(out, length, out.length - length);
                if (n == 0 && !inflater.finished()) {
                    throw stopped(file, inflater, start);
                }
                if (full && n == 1) {
                    out = grown(file, start + inflater.getBytesRead(), out, limit);
                    out[length] = one[0];
                }
                length += n;
            }
        } catch (DataFormatException e) {
            throw file.error(start + inflater.getBytesRead(), "a deflate stream", "corrupt data (" + e.getMessage() + ")");
        }
        return length == out.length ? out : Arrays.copyOf(out, length);
    }

    private static ImageFormatException stopped(ImageFile file, Inflater inflater, int start) {
        return inflater.needsDictionary()
                ? file.error(start, "a deflate stream", "one with a preset dictionary")
                : file.error(file.length(), "the rest of the gzip stream", "the end of the file");
    }

    /** The isize field, if it can be true: a hint for the size of the buffer and no more. */
    private static long claimedLength(ImageFile file) {
        if (file.length() < FIXED_HEADER + TRAILER) {
            return 0;
        }
        long isize = Integer.toUnsignedLong(file.u32(file.length() - 4, "gzip isize"));
        return isize <= file.length() * MAX_RATIO ? isize : 0;
    }

    /** Called only when there is a byte more than fits: an image as long as it claims is never copied. */
    private static byte[] grown(ImageFile file, long at, byte[] out, long limit) {
        if (out.length >= limit) {
            throw file.error(at, "at most " + limit + " decompressed bytes", "more");
        }
        return Arrays.copyOf(out, (int) Math.min(limit, out.length * 2L));
    }

    private static void checkTrailer(ImageFile file, long at, byte[] out) {
        file.require(at, TRAILER, "gzip trailer");
        long crc = Integer.toUnsignedLong(file.u32(at, "gzip CRC"));
        long computed = crc(out, out.length);
        if (crc != computed) {
            throw file.error(at, "gzip CRC " + hex(computed), hex(crc));
        }
        long isize = Integer.toUnsignedLong(file.u32(at + 4, "gzip isize"));
        if (isize != out.length) {
            throw file.error(at + 4, "gzip length " + out.length, Long.toString(isize));
        }
        byte[] b = file.bytes().array();
        for (int i = (int) at + TRAILER; i < b.length; i++) {
            if (b[i] != 0) {
                throw file.error(i, "nothing but zero padding after the gzip member", "byte " + hex(b[i] & 0xff));
            }
        }
    }

    private static long crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return crc.getValue();
    }
}
