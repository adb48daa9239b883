package dev.baton.images.elf;

import dev.baton.images.ImageFile;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** A section of zero-terminated names. */
final class StringTable {
    /**
     * Names may share their ends, so their lengths can add up to more than the table; a crafted table could make that the
     * square of its size. No linker comes near this multiple.
     */
    private static final int MAX_SHARING = 64;

    private final ImageFile file;
    private final long offset;
    private final long size;
    private final Map<Integer, String> names = new HashMap<>();
    private long budget;

    StringTable(ImageFile file, SectionHeader section) {
        this.file = file;
        this.offset = section.offset();
        this.size = section.size();
        this.budget = size * MAX_SHARING;
    }

    /** @param owner offset in the file of what refers to the name */
    String at(int name, long owner) {
        String known = names.get(name);
        if (known != null) {
            return known;
        }
        long index = Integer.toUnsignedLong(name);
        if (index >= size) {
            throw file.error(owner, "a name inside the string table of " + size + " bytes", "index " + index);
        }
        String found = read(index);
        names.put(name, found);
        return found;
    }

    private String read(long index) {
        byte[] bytes = file.bytes().array();
        int start = (int) (offset + index);
        int end = (int) (offset + size);
        int i = start;
        while (i < end && bytes[i] != 0) {
            i++;
        }
        if (i == end) {
            throw file.error(start, "a name that ends in a zero byte", "the end of the string table");
        }
        budget -= i - start;
        if (budget < 0) {
            throw file.error(offset, "a string table whose names share no more than their ends",
                    "names " + MAX_SHARING + " times its size");
        }
        return new String(bytes, start, i - start, StandardCharsets.UTF_8);
    }
}
