package dev.baton.kernel.boot.arm64;

/**
 * Virtual memory of a modelled kernel (48 bits, 4 KiB pages) and the descriptors it uses. Arm ARM D8.3,
 * arch/arm64/include/asm/memory.h.
 */
final class KernelLayout {
    /** The linear map: physical address minus memstart, plus this. */
    static final long PAGE_OFFSET = 0xffff_0000_0000_0000L;
    /** First address after the linear map: PAGE_END. */
    static final long PAGE_END = 0xffff_8000_0000_0000L;
    /** The image is mapped from here; guest side: abi.inc. */
    static final long KIMAGE_VADDR = 0xffff_8000_8000_0000L;
    /** 2 MiB aligned; two blocks for the DTB, then one table of pages. */
    static final long FIXMAP = 0xffff_ffff_f800_0000L;
    static final long FIXMAP_PAGES = FIXMAP + (4 << 20);

    static final long PAGE = 4096;
    static final long PMD = 2 << 20;
    /** ARM64_MEMSTART_ALIGN with 4 KiB pages. */
    static final long MEMSTART_ALIGN = 1 << 30;

    static final int TABLE = 0x3;
    static final int PAGE_DESCRIPTOR = 0x3;
    static final int BLOCK_DESCRIPTOR = 0x1;
    static final long ADDRESS = 0x0000_ffff_ffff_f000L;
    static final long AP_READ_ONLY = 1 << 7;
    private static final long ACCESSED_INNER_SHAREABLE = 1 << 10 | 3 << 8;
    private static final long UXN = 1L << 54;
    private static final long PXN = 1L << 53;
    /** AttrIndx in MAIR_EL1 as guest code writes it: 0 Normal write-back, 3 Device-nGnRnE, 4 Device-nGnRE. */
    private static final long DEVICE_NGNRE = 4 << 2;

    /** PAGE_KERNEL without the descriptor type. */
    static final long KERNEL = ACCESSED_INNER_SHAREABLE | UXN | PXN;
    static final long KERNEL_RO = KERNEL | AP_READ_ONLY;
    /** PAGE_KERNEL_ROX. */
    static final long KERNEL_ROX = ACCESSED_INNER_SHAREABLE | UXN | AP_READ_ONLY;
    /** PROT_DEVICE_nGnRE. */
    static final long DEVICE = KERNEL | DEVICE_NGNRE;

    private KernelLayout() {
    }
}
