package dev.baton.images.guest;

/** Offsets in {@code struct kimage} and {@code struct kern_reloc_arg} that relocation code reads, bytes. Guest side: {@code abi.inc}. */
public final class KimageLayout {
    public static final int HEAD = 0;
    public static final int START = 24;
    /** {@code arch.kern_reloc_arg} of the series that had one; C code only. */
    public static final int KERN_RELOC_ARG = 0x200;
    public static final int DTB_MEM = 0x208;
    /** {@code arch.kern_reloc}, physical; C code only. */
    public static final int KERN_RELOC = 0x210;
    public static final int EL2_VECTORS = 0x218;
    /** {@code arch.ttbr0}; C code only. */
    public static final int TTBR0 = 0x220;
    public static final int TTBR1 = 0x228;
    public static final int ZERO_PAGE = 0x230;
    public static final int PHYS_OFFSET = 0x238;

    public static final int RELOC_ARG_HEAD = 0;
    public static final int RELOC_ARG_ENTRY = 8;
    public static final int RELOC_ARG_ARG0 = 16;
    /** The structure as the series began with it: head, entry, four arguments. */
    public static final int RELOC_ARG_SIZE = 48;

    private KimageLayout() {
    }
}
