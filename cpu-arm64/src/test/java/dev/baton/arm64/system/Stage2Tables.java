package dev.baton.arm64.system;

import dev.baton.core.mem.Ram;

/** Stage 2 tables for tests, with concatenated first tables where the start level needs them. */
final class Stage2Tables extends TableWalk {
    static final long AF = 1L << 10;
    static final long READ = 1L << 6;
    static final long WRITE = 1L << 7;
    static final long WRITE_BACK = 0xfL << 2;
    static final long DBM = 1L << 51;
    /** Normal Write-Back, readable, writable, executable. */
    static final long NORMAL = AF | 3L << 8 | READ | WRITE | WRITE_BACK;

    /** @param base of the first table, aligned to all of it */
    Stage2Tables(Ram ram, int pageBits, int inputBits, int first, long base) {
        super(ram, pageBits, inputBits, first, base, true);
    }

    Stage2Tables page(long ipa, long pa, long flags) {
        put(descriptor(ipa, 3), pa | flags | 3);
        return this;
    }

    Stage2Tables block(long ipa, int level, long pa, long flags) {
        put(descriptor(ipa, level), pa | flags | 1);
        return this;
    }

    /** VTCR_EL2: 48-bit output, cacheable walks. */
    long vtcr() {
        long tg0 = pageBits == 12 ? 0 : pageBits == 14 ? 2 : 1;
        long sl0 = pageBits == 12 ? 2 - firstLevel() : 3 - firstLevel();
        return 64 - inputBits | sl0 << 6 | 1 << 8 | 1 << 10 | 3 << 12 | tg0 << 14 | 5 << 16;
    }

    /** Turns stage 2 on, with VMID 1. */
    Stage2Tables enable(Bare b) {
        b.set("VTCR_EL2", vtcr());
        b.set("VTTBR_EL2", root | 1L << 48);
        b.set("HCR_EL2", 1L << 31 | 1);
        return this;
    }
}
