package dev.baton.core.fdt;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Device tree source: printed from a tree as {@code dtc -I dtb -O dts} does, and compiled as {@code dtc -I dts -O dtb} does. */
public final class Dts {

    /** How to print or compile. */
    public enum Option {
        /** Print reservations, properties and nodes in the order of their addresses and names: {@code dtc -s}. */
        SORTED,
        /** Print a list of strings as {@code "a", "b"}, as dtc since 1.7, and not as {@code "a\0b"}, as dtc 1.6 and before. */
        SEPARATE_STRINGS,
        /** Compile labels into {@code __symbols__}: {@code dtc -@}. */
        SYMBOLS
    }

    private Dts() {
    }

    /**
     * The source text of a tree. Values are shown as strings, cells or bytes by dtc's rule: strings if all characters are printable or
     * white space, the last byte is NUL and at most half of the bytes are; else cells if the length is a multiple of 4.
     *
     * <p>One thing is not as dtc 1.6 prints it, since dtc would read it back as something else: a NUL before an octal digit.
     *
     * @throws FdtException BADSTRUCTURE if nodes are nested too deep; BADOFFSET if there is no root
     */
    public static String print(FdtTree tree, Option... options) {
        return new DtsPrinter(tree, set(options)).print();
    }

    /**
     * The tree that a source text describes, in the bytes that dtc gives. {@code /include/}, {@code /incbin/},
     * {@code /omit-if-no-ref/} and the preprocessor are not understood.
     *
     * @param file a name for messages
     * @throws DtsException at the first thing that is wrong
     */
    public static byte[] compile(String file, String source, Option... options) {
        return compile(file, source.getBytes(StandardCharsets.UTF_8), options);
    }

    /** As {@link #compile(String, String, Option...)}, of the bytes of a file; those of strings become values as they are. */
    public static byte[] compile(String file, byte[] source, Option... options) {
        return new DtsParser(file, new String(source, StandardCharsets.ISO_8859_1)).parse().compile(set(options).contains(Option.SYMBOLS));
    }

    private static Set<Option> set(Option... options) {
        EnumSet<Option> set = EnumSet.noneOf(Option.class);
        set.addAll(List.of(options));
        return set;
    }
}
