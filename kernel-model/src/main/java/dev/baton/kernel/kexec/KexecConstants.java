package dev.baton.kernel.kexec;

/** Numbers of include/linux/kexec.h and include/uapi/linux/kexec.h (7.2), arm64 values where they differ. */
public final class KexecConstants {
    /** Entry: copy what follows to this address. */
    public static final long IND_DESTINATION = 0x1;
    /** Entry: the list goes on in this page. */
    public static final long IND_INDIRECTION = 0x2;
    /** Entry: the list ends. */
    public static final long IND_DONE = 0x4;
    /** Entry: copy this page to the destination, which then moves on by a page. */
    public static final long IND_SOURCE = 0x8;
    public static final long IND_FLAGS = 0xf;

    public static final int KEXEC_ON_CRASH = 0x1;
    public static final int KEXEC_PRESERVE_CONTEXT = 0x2;
    public static final int KEXEC_UPDATE_ELFCOREHDR = 0x4;
    public static final int KEXEC_CRASH_HOTPLUG_SUPPORT = 0x8;
    public static final int KEXEC_ARCH_MASK = 0xffff_0000;
    public static final int KEXEC_ARCH_DEFAULT = 0;
    public static final int KEXEC_ARCH_AARCH64 = 183 << 16;
    /** Without KEXEC_PRESERVE_CONTEXT: arm64 has no CONFIG_KEXEC_JUMP. */
    public static final int KEXEC_FLAGS = KEXEC_ON_CRASH | KEXEC_UPDATE_ELFCOREHDR | KEXEC_CRASH_HOTPLUG_SUPPORT;

    public static final int KEXEC_FILE_UNLOAD = 0x1;
    public static final int KEXEC_FILE_ON_CRASH = 0x2;
    public static final int KEXEC_FILE_NO_INITRAMFS = 0x4;
    public static final int KEXEC_FILE_DEBUG = 0x8;
    public static final int KEXEC_FILE_NO_CMA = 0x10;
    public static final int KEXEC_FILE_FORCE_DTB = 0x20;
    public static final int KEXEC_FILE_FLAGS = 0x3f;

    public static final int KEXEC_SEGMENT_MAX = 16;
    /** {@code kbuf.mem}: place it. */
    public static final long KEXEC_BUF_MEM_UNKNOWN = 0;
    /** {@code KEXEC_DESTINATION_MEMORY_LIMIT} of arm64. */
    public static final long DESTINATION_MEMORY_LIMIT = -1L;

    private KexecConstants() { }
}
