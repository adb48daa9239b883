package dev.baton.core.fdt;

/** What can be wrong with a tree or a request, by libfdt's names and numbers (libfdt.h, FDT_ERR_*). */
public enum FdtError {
    /** 1: the requested node or property does not exist. */
    NOTFOUND,
    /** 2: a node of that name is already there. */
    EXISTS,
    /** 3: the buffer, or the property, is too small for the new content. */
    NOSPACE,
    /** 4: an offset does not lead to what the call needs there, or leaves its block. */
    BADOFFSET,
    /** 5: the path is neither absolute nor begins with an alias. */
    BADPATH,
    /** 6: the phandle is 0, -1, or not one cell. */
    BADPHANDLE,
    /** 7: the call does not fit the state of the tree, such as writing to a finished one. */
    BADSTATE,
    /** 8: a block, or the whole tree, ends before its content does. */
    TRUNCATED,
    /** 9: the tree does not begin with 0xd00dfeed. */
    BADMAGIC,
    /** 10: the version is older, or the last compatible version newer, than can be read. */
    BADVERSION,
    /** 11: the tags of the structure block do not form a tree. */
    BADSTRUCTURE,
    /** 12: the blocks are not in the order that editing in place needs. */
    BADLAYOUT,
    /** 13: a state that should be impossible. */
    INTERNAL,
    /** 14: {@code #address-cells} or {@code #size-cells} has a wrong length or value. */
    BADNCELLS,
    /** 15: a property's value is not what its name calls for. */
    BADVALUE,
    /** 16: the overlay is well formed as a tree, but not as an overlay. */
    BADOVERLAY,
    /** 17: no phandle value is left. */
    NOPHANDLES,
    /** 18: unknown flags. */
    BADFLAGS,
    /** 19: the tree, or a block in it, is not aligned. */
    ALIGNMENT;

    private static final FdtError[] VALUES = values();

    /** libfdt's number, 1 to 19; libfdt's functions return it negated. */
    public int code() {
        return ordinal() + 1;
    }

    /** libfdt's spelling, such as {@code FDT_ERR_NOTFOUND}. */
    public String libfdtName() {
        return "FDT_ERR_" + name();
    }

    /** The error that a negative result of an offset method stands for. */
    public static FdtError ofResult(int negative) {
        return VALUES[-negative - 1];
    }
}
