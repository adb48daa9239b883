package dev.baton.images;

import dev.baton.core.machine.Bytes;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file read whole, under the name that messages call it by. All fields are little-endian; every access is checked against
 * the end of the file and fails with an {@link ImageFormatException}.
 */
public record ImageFile(String name, Bytes bytes) {
    /** No kernel, initrd or symbol file is longer; what is longer is refused before it is read. */
    public static final long LIMIT = 1L << 30;

    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);

    private static VarHandle view(Class<?> type) {
        return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.LITTLE_ENDIAN);
    }

    /** Takes {@code bytes} over without copying. */
    public static ImageFile of(String name, byte[] bytes) {
        return new ImageFile(name, Bytes.wrap(bytes));
    }

    /** @throws ImageFormatException if {@code path} is not a readable regular file of at most {@link #LIMIT} bytes */
    public static ImageFile read(Path path) {
        String name = path.toString();
        try {
            if (!Files.exists(path)) {
                throw ImageFormatException.of(name, "expected a file, found none of that name");
            }
            if (!Files.isRegularFile(path)) {
                String found = Files.isDirectory(path) ? "a directory" : "a special file";
                throw ImageFormatException.of(name, "expected a regular file, found " + found);
            }
            if (Files.size(path) > LIMIT) {
                throw ImageFormatException.of(name, "expected at most " + LIMIT + " bytes, found " + Files.size(path));
            }
            return of(name, Files.readAllBytes(path));
        } catch (NoSuchFileException e) {
            throw ImageFormatException.of(name, "expected a file, found none of that name");
        } catch (IOException e) {
            throw ImageFormatException.of(name, "expected a readable file, found: " + e.getMessage());
        }
    }

    public int length() {
        return bytes.length();
    }

    /** True if the file has the bytes of {@code ascii} at {@code offset}; false beyond its end. */
    public boolean has(long offset, String ascii) {
        byte[] want = ascii.getBytes(StandardCharsets.ISO_8859_1);
        if (offset < 0 || offset > length() - want.length) {
            return false;
        }
        int at = (int) offset;
        return java.util.Arrays.equals(bytes.array(), at, at + want.length, want, 0, want.length);
    }

    /** Fails unless [offset, offset + n) lies inside the file; {@code what} names it in the sentence. Both are unsigned. */
    public void require(long offset, long n, String what) {
        long length = length();
        if (Long.compareUnsigned(offset, length) > 0) {
            throw error(offset, what + " inside the file", "the end of the file at " + ImageFormatException.hex(length));
        }
        if (Long.compareUnsigned(n, length - offset) > 0) {
            throw error(offset, Long.toUnsignedString(n) + " bytes of " + what,
                    "only " + (length - offset) + " before the end of the file");
        }
    }

    public int u8(long offset, String what) {
        require(offset, 1, what);
        return bytes.array()[(int) offset] & 0xff;
    }

    public int u16(long offset, String what) {
        require(offset, 2, what);
        return (short) SHORT.get(bytes.array(), (int) offset) & 0xffff;
    }

    /** The 32 bits as an int; see {@link Integer#toUnsignedLong}. */
    public int u32(long offset, String what) {
        require(offset, 4, what);
        return (int) INT.get(bytes.array(), (int) offset);
    }

    /** The 64 bits as a long. */
    public long u64(long offset, String what) {
        require(offset, 8, what);
        return (long) LONG.get(bytes.array(), (int) offset);
    }

    /** A copy of [offset, offset + n). */
    public Bytes slice(long offset, long n, String what) {
        require(offset, n, what);
        return Bytes.wrap(java.util.Arrays.copyOfRange(bytes.array(), (int) offset, (int) (offset + n)));
    }

    public ImageFormatException error(long offset, String expected, String found) {
        return ImageFormatException.at(name, offset, expected, found);
    }
}
