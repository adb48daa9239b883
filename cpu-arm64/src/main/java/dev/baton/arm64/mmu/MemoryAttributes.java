package dev.baton.arm64.mmu;

/** Memory types as MAIR bytes, and how stage 2 changes them (Arm ARM, "Combining the stage 1 and stage 2 attributes"). */
final class MemoryAttributes {
    static final int DEVICE_NGNRNE = 0x00;
    static final int NORMAL_NON_CACHEABLE = 0x44;
    static final int NORMAL_WRITE_THROUGH = 0xaa;
    static final int NORMAL_WRITE_BACK = 0xff;
    static final int OUTER_SHAREABLE = 2;

    private MemoryAttributes() { }

    static boolean device(int attr) {
        return attr >>> 4 == 0;
    }

    /** Write-Back in either cache is the cached view. */
    static boolean writeBack(int attr) {
        return !device(attr) && (writeBackNibble(attr >>> 4) || writeBackNibble(attr & 15));
    }

    /** 0b11RW, and the transient 0b01RW with RW not 0. */
    private static boolean writeBackNibble(int nibble) {
        return nibble >= 12 || nibble > 4 && nibble < 8;
    }

    /**
     * @param attr    of stage 1, a MAIR byte
     * @param memAttr of stage 2
     * @param fwb     HCR_EL2.FWB
     */
    static int combine(int attr, int memAttr, boolean fwb) {
        return fwb ? forced(attr, memAttr) : stricter(attr, memAttr);
    }

    /** S2CombineS1MemAttrs: Device wins, the least gathering of two; then Non-cacheable, Write-Through, Write-Back. */
    private static int stricter(int attr, int memAttr) {
        boolean device = memAttr < 4;
        if (device || device(attr)) {
            int second = memAttr << 2;
            return !device ? attr : device(attr) ? Math.min(attr & 0xc, second) : second;
        }
        return nibble(attr >>> 4, memAttr >>> 2) << 4 | nibble(attr & 15, memAttr & 3);
    }

    /** @param two of stage 2: 1 Non-cacheable, 2 Write-Through, 3 Write-Back; the allocation hints are stage 1's */
    private static int nibble(int one, int two) {
        if (one == 4 || two <= 1) {
            return 4;
        }
        boolean through = two == 2 || !writeBackNibble(one);
        return through ? 8 | one & 3 : one;
    }

    /** AArch64.S2ApplyFWBMemAttrs: stage 2 decides alone, except where it leaves stage 1 as it is or only forbids caching. */
    private static int forced(int attr, int memAttr) {
        return switch (memAttr & 7) {
            case 7 -> attr;
            case 6 -> writeBack(attr) ? attr : NORMAL_WRITE_BACK;
            case 5 -> device(attr) ? attr : NORMAL_NON_CACHEABLE;
            default -> (memAttr & 3) << 2;
        };
    }

    /** Combined shareability: Outer beats Inner beats none; what is not cacheable is Outer Shareable. */
    static int shareability(int attr, int one, int two) {
        if (device(attr) || attr == NORMAL_NON_CACHEABLE) {
            return OUTER_SHAREABLE;
        }
        return one == 2 || two == 2 ? 2 : one == 3 || two == 3 ? 3 : 0;
    }
}
