package dev.baton.kernel.follow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The symbol table that a kernel carries for itself, found in its Image by structure (scripts/kallsyms.c of Linux 5.10 to 7.2):
 *
 * <pre>
 *   num_syms      u32
 *   names         per symbol: length (1 byte, or 2 of 7 bits each if bit 7 of the first is set), then that many token numbers
 *   markers       u32 for every 256th symbol: its offset in names; the first is 0
 *   (seqs         3 bytes for each symbol, here or at the end: not needed)
 *   token_table   256 texts, each ended by NUL; the texts of the digits are themselves, as tokens 0x30 to 0x39
 *   token_index   u16 for each token: its offset in token_table
 *   offsets       u32 for each symbol: from relative_base (6.x), before num_syms until 6.4, after token_index since; since 7.x
 *                 from the place of the entry itself, plus _text
 * </pre>
 *
 * Each of them begins at a multiple of 8 bytes, in 7.x of 4. Values are kept as offsets from the Image's start, which
 * is {@code _text}, so neither the virtual base nor KASLR matters. Without KALLSYMS_ALL, as in Debian's 6.1, {@code _text} is not in the
 * table; then {@code primary_entry} is taken for what it is, the target of the branch in the header (Documentation/arch/arm64/booting.rst:
 * code0, or code1 behind the "MZ" of an EFI image).
 */
final class Kallsyms implements ImageSymbols {
    private static final int TOKENS = 256;
    private static final int EVERY = 256;
    private static final byte[] DIGITS = digits();
    /** Bytes from num_syms to the token table, at most, and for each symbol at least and at most. */
    private static final int FARTHEST = 64 << 20;
    private static final int LEAST = 3;
    private static final int MOST = 64;
    private static final long NOWHERE = Long.MIN_VALUE;
    private static final int B = 0x1400_0000;
    private static final int B_MASK = 0xfc00_0000;

    private byte[] image;
    private ByteBuffer words;
    private int tokenTable;
    private int tokenIndex;
    private int names;
    private int count;
    private long[] sorted;
    private int[] nameAt;

    private Kallsyms(byte[] image) {
        this.image = image;
        words = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** @return null if the image holds no such table */
    static Kallsyms in(byte[] image) {
        Kallsyms k = new Kallsyms(image);
        for (int at = indexOf(image, DIGITS, 0); at >= 0; at = indexOf(image, DIGITS, at + 1)) {
            if (k.tokens(at) && k.names() && k.offsets()) {
                k.drop();
                return k;
            }
        }
        return null;
    }

    /** Names and tokens stay, the rest of the image goes. */
    private void drop() {
        image = Arrays.copyOfRange(image, names, tokenIndex + 2 * TOKENS);
        words = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            nameAt[i] -= names;
        }
        tokenTable -= names;
        tokenIndex -= names;
        names = 0;
    }

    int count() {
        return count;
    }

    @Override
    public String at(long offset) {
        int i = Arrays.binarySearch(sorted, offset);
        if (i < 0) {
            i = -i - 2;
        }
        if (i < 0) {
            return "";
        }
        while (i > 0 && sorted[i - 1] == sorted[i]) {
            i--;
        }
        long past = offset - sorted[i];
        return name(i) + (past == 0 ? "" : "+0x" + Long.toHexString(past));
    }

    /** Offset of a symbol from the Image's start; -1 if there is none of that name. */
    long offset(String name) {
        for (int i = 0; i < count; i++) {
            if (name(i).equals(name)) {
                return sorted[i];
            }
        }
        return -1;
    }

    // Finding it ----------------------------------------------------------------------------------------------------------

    private static byte[] digits() {
        StringBuilder s = new StringBuilder("\0");
        for (char c = '0'; c <= '9'; c++) {
            s.append(c).append('\0');
        }
        return s.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static int indexOf(byte[] in, byte[] what, int from) {
        for (int i = from; i <= in.length - what.length; i++) {
            if (in[i] == what[0] && Arrays.equals(in, i, i + what.length, what, 0, what.length)) {
                return i;
            }
        }
        return -1;
    }

    /** {@code at}: the NUL before token 0x30. The index that follows the table tells where it begins. */
    private boolean tokens(int at) {
        int end = at + 1;
        for (int token = '0'; token < TOKENS; token++) {
            end = afterNul(end);
            if (end < 0) {
                return false;
            }
        }
        for (int index = end + 1 & -2; index <= end + 8 && index + 2 * TOKENS <= image.length; index += 2) {
            int start = at + 1 - u16(index + 2 * '0');
            if (start >= 0 && u16(index) == 0 && isIndex(start, index)) {
                tokenTable = start;
                tokenIndex = index;
                return true;
            }
        }
        return false;
    }

    private boolean isIndex(int table, int index) {
        int at = table;
        for (int token = 0; token < TOKENS; token++) {
            if (u16(index + 2 * token) != at - table) {
                return false;
            }
            at = afterNul(at);
            if (at < 0) {
                return false;
            }
        }
        return true;
    }

    private int afterNul(int at) {
        int i = at;
        while (i < image.length && image[i] != 0) {
            i++;
        }
        return i < image.length && i - at < TOKENS ? i + 1 : -1;
    }

    /** Their number stands before them; the markers that follow them must tell where each 256th begins. */
    private boolean names() {
        int lowest = Math.max(0, tokenTable - FARTHEST);
        for (int at = (tokenTable & -4) - 8; at >= lowest; at -= 4) {
            int n = words.getInt(at);
            if (n >= EVERY && fits(n, at) && (walks(at + 4, n) || words.getInt(at + 4) == 0 && walks(at + 8, n))) {
                return true;
            }
        }
        return false;
    }

    private boolean fits(int n, int at) {
        return LEAST * (long) n <= tokenTable - at && tokenTable - at <= MOST * (long) n;
    }

    private boolean walks(int from, int n) {
        int[] starts = new int[n];
        int at = from;
        for (int i = 0; i < n; i++) {
            starts[i] = at;
            at += headerOf(at) + lengthOf(at);
            if (at >= tokenTable) {
                return false;
            }
        }
        names = from;
        count = n;
        nameAt = starts;
        return marked(at + 3 & -4) || marked(at + 7 & -8);
    }

    private boolean marked(int markers) {
        for (int i = 0; i < count; i += EVERY) {
            int marker = markers + i / EVERY * 4;
            if (marker + 4 > tokenTable || words.getInt(marker) != nameAt[i] - names) {
                return false;
            }
        }
        return true;
    }

    private int headerOf(int at) {
        return (image[at] & 0x80) != 0 ? 2 : 1;
    }

    private int lengthOf(int at) {
        return (image[at] & 0x80) != 0 ? image[at] & 0x7f | (image[at + 1] & 0x7f) << 7 : image[at] & 0xff;
    }

    private boolean offsets() {
        int after = tokenIndex + 2 * TOKENS;
        int before = (names - 16 - 4 * count) & -8;
        return relative(after + 3 & -4, false) || relative(after + 7 & -8, false) || before > 0 && relative(before, false)
                || relative(after + 3 & -4, true);
    }

    /** @param own each entry is relative to its own place */
    private boolean relative(int at, boolean own) {
        if (at + 4L * count > image.length) {
            return false;
        }
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = own ? words.getInt(at + 4 * i) + at + 4L * i : words.getInt(at + 4 * i) & 0xffff_ffffL;
            if (i > 0 && values[i] < values[i - 1]) {
                return false;
            }
        }
        return fromText(values, own);
    }

    /** @param placed values are offsets from the Image's start, whether the table has a name for it or not */
    private boolean fromText(long[] values, boolean placed) {
        long text = value("_text", values);
        long entry = value("primary_entry", values);
        long branch = branch();
        boolean entered = entry != NOWHERE && branch >= 0;
        if (text == NOWHERE && !entered && !placed) {
            return false;
        }
        long start = placed ? 0 : text != NOWHERE ? text : entry - branch;
        // What tells offsets from one place from offsets from each place: both may ascend.
        if (text != NOWHERE && text != start || entered && entry - start != branch) {
            return false;
        }
        sorted = new long[count];
        for (int j = 0; j < count; j++) {
            sorted[j] = values[j] - start;
        }
        return true;
    }

    private long value(String name, long[] values) {
        for (int i = 0; i < count; i++) {
            if (name(i).equals(name)) {
                return values[i];
            }
        }
        return NOWHERE;
    }

    /** Target of the header's branch, as offset; -1 if there is none. */
    private long branch() {
        for (int at = 0; at <= 4; at += 4) {
            int word = words.getInt(at);
            if ((word & B_MASK) == B) {
                return at + (word << 6 >> 4);
            }
        }
        return -1;
    }

    /** Type letter and name; the letter is not told. */
    private String name(int symbol) {
        StringBuilder text = new StringBuilder();
        int at = nameAt[symbol];
        int length = lengthOf(at);
        at += headerOf(at);
        for (int i = 0; i < length; i++) {
            int token = tokenTable + u16(tokenIndex + 2 * (image[at + i] & 0xff));
            for (int c = token; image[c] != 0; c++) {
                text.append((char) (image[c] & 0xff));
            }
        }
        return text.length() > 1 ? text.substring(1) : "";
    }

    private int u16(int at) {
        return words.getShort(at) & 0xffff;
    }
}
